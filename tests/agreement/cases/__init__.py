"""Fitted models with rows to score, one module for each family of estimators."""
