#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sklearn_values/words.h"

namespace sklearn {

// What estimators that are made of others need of these.
using Members = std::vector<EstimatorPtr>;

// The estimators of a list or an array, null where one cannot be run, which the reader remembers.
base::Result<Members> read_members(const Object& object, std::string_view attribute,
                                   Reader& reader);

// Whether none is null. Who has one that is cannot be asked anything, and is made by unread().
bool all_read(const Members& members);

// In place of an estimator of which a part cannot be run: it has no method, and nobody runs it.
Made unread();

// One that answers as its only part does, in the methods that it passes on.
Made pass_on(EstimatorPtr part, std::vector<plan::Method> methods);

bool is_classifier(const Estimator& estimator);

// The labels as numbers, as y holds them; refuses texts.
base::Result<std::vector<double>> label_numbers(const data::Labels& labels);
// For each of `labels` where it stands in `all`; refuses one that is not there.
base::Result<std::vector<std::uint32_t>> label_positions(const data::Labels& labels,
                                                         const data::Labels& all);

// predict, with the labels of a classifier as numbers and not as their indices.
base::Result<plan::Port> emit_values(const Estimator& estimator, plan::Builder& builder,
                                     const plan::Port& input);

// One column of an answer.
plan::Port column_of(plan::Builder& builder, const plan::Port& from, std::size_t column);

// scikit-learn's _predict_binary: of a regressor predict, of a classifier decision_function or else
// the second column of predict_proba.
base::Result<plan::Port> emit_binary_score(const Estimator& estimator, plan::Builder& builder,
                                           const plan::Port& input);
// Above which the score means the second class.
double binary_threshold(const Estimator& estimator);

// log(x) of each number: predict_log_proba of those who take the logarithm of predict_proba.
plan::Port emit_log(plan::Builder& builder, const plan::Port& from);

// The index of the largest column.
plan::Port emit_arg_max(plan::Builder& builder, const plan::Port& from);

// n_features_in_ or what it was called before; of an ensemble that does not say it, what its first
// estimator says. Nothing where nobody does.
base::Result<std::optional<std::size_t>> find_features(const Object& object);

}  // namespace sklearn
