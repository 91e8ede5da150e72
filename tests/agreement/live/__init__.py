"""Runs inside the environment of one release; Python 3.6 and newer."""
