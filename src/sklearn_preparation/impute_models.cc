#include "sklearn_preparation/impute_models.h"

#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "plan_neighbors/impute_nearest.h"
#include "plan_preparation/impute_in_turn.h"
#include "sklearn_preparation/scalers.h"
#include "sklearn_values/feature_names.h"
#include "sklearn_values/missing.h"

namespace sklearn {
namespace {

using pickle::Value;
using plan::Builder;
using plan::Form;
using plan::ImputeInTurn;
using plan::ImputeNearest;
using plan::Method;
using plan::Port;

using Positions = std::vector<std::size_t>;

class KNNImputer final : public Estimator {
 public:
  KNNImputer(Missing missing, ImputeNearest::Fitted fitted, Positions indicated)
      : missing_(std::move(missing)),
        fitted_(std::move(fitted)),
        indicated_(std::move(indicated)) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port spread, builder.dense(input, fitted_.width));
    TRY_ASSIGN(const Port port, builder.finite(spread, fitted_.width, missing_.allowed()));
    const Port filled = builder.add(std::make_shared<ImputeNearest>(fitted_), port, Form::Dense,
                                    fitted_.kept.size(), picked(port.names, fitted_.kept));
    return with_indicators(builder, filled, port, missing_, indicated_);
  }

  Missing missing_;
  ImputeNearest::Fitted fitted_;
  Positions indicated_;
};

// Stored rows, with NaN where one is missing, and which features come out.
base::Result<void> read_stored_rows(const Object& object, const Missing& missing,
                                    ImputeNearest::Fitted& fitted) {
  TRY_ASSIGN(const Table table, object.table("_fit_X"));
  TRY_ASSIGN(fitted.rows, object.doubles("_fit_X"));
  fitted.width = table.columns;
  for (double& x : fitted.rows) {
    if (missing.number.is(x)) x = std::nan("");
  }
  TRY_ASSIGN(const bool keep_empty, object.flag_or("keep_empty_features", false));
  fitted.empty.assign(fitted.width, std::nan(""));
  for (std::size_t c = 0; c < fitted.width; ++c) {
    bool held = false;
    for (std::size_t i = c; i < fitted.rows.size(); i += fitted.width) {
      held = held || !std::isnan(fitted.rows[i]);
    }
    if (!held) fitted.empty[c] = 0;
    if (held || keep_empty) fitted.kept.push_back(c);
  }
  return {};
}

Made read_knn_imputer(const Object& object, Reader&) {
  TRY_ASSIGN(const Missing missing, read_missing(object));
  if (missing.text) {
    return object.unexpected("missing_values", "NaN or a number", *missing.text);
  }
  TRY_ASSIGN(const Value metric, object.get("metric"));
  if (metric.as_string() != "nan_euclidean") {
    return object.unsupported("metric", "\"nan_euclidean\"", describe(metric));
  }
  TRY_ASSIGN(const Value weights, object.get("weights"));
  if (weights.as_string() != "uniform" && weights.as_string() != "distance") {
    return object.unsupported("weights", "\"uniform\" or \"distance\"", describe(weights));
  }
  TRY_ASSIGN(const auto neighbours, object.integer("n_neighbors"));
  if (neighbours < 1) {
    return object.unexpected("n_neighbors", "1 or more", std::to_string(neighbours));
  }
  ImputeNearest::Fitted fitted{.width = 0, .missing = missing.number};
  fitted.neighbours = static_cast<std::size_t>(neighbours);
  fitted.by_distance = weights.as_string() == "distance";
  fitted.known_alone = object.release() >= Release{1, 6};
  TRY(read_stored_rows(object, missing, fitted));
  TRY_ASSIGN(auto indicated, read_indicated(object, fitted.width));
  return std::make_unique<KNNImputer>(missing, std::move(fitted), std::move(indicated));
}

// One of imputation_sequence_.
struct ReadTurn {
  std::size_t feature = 0;
  Positions from;
  EstimatorPtr estimator;
  double low = 0;
  double high = 0;
};

class IterativeImputer final : public Estimator {
 public:
  struct Fitted {
    Missing missing;
    EstimatorPtr initial;
    std::size_t width = 0;
    Positions sources;  // As ImputeInTurn has them.
    std::vector<ReadTurn> turns;
    Positions indicated;
  };
  explicit IterativeImputer(Fitted fitted) : fitted_(std::move(fitted)) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port spread, builder.dense(input, fitted_.width));
    TRY_ASSIGN(const Port port, builder.finite(spread, fitted_.width, fitted_.missing.allowed()));
    TRY_ASSIGN(Port filled, fitted_.initial->emit(method, builder, port));
    TRY_ASSIGN(filled, builder.dense(filled, fitted_.sources.size()));
    if (!fitted_.turns.empty()) {
      ImputeInTurn::Fitted turns{fitted_.missing.number, fitted_.sources, {}};
      for (const ReadTurn& turn : fitted_.turns) {
        TRY_ASSIGN(auto predict, compile(turn));
        turns.turns.push_back({turn.feature, turn.from, std::move(predict), turn.low, turn.high});
      }
      const Port both[] = {port, filled};
      filled = builder.add(std::make_shared<ImputeInTurn>(std::move(turns)), both, Form::Dense,
                           filled.width, filled.names);
    }
    return with_indicators(builder, filled, port, fitted_.missing, fitted_.indicated);
  }

  // What predicts the feature of one turn, as a plan of its own.
  static base::Result<std::shared_ptr<const plan::Plan>> compile(const ReadTurn& turn) {
    Builder builder;
    TRY_ASSIGN(const Port input, builder.declare(Builder::input(), turn.from.size()));
    TRY_ASSIGN(const Port answer, turn.estimator->emit(Method::Predict, builder, input));
    TRY_ASSIGN(const Port dense, builder.dense(answer, 1));
    TRY_ASSIGN(plan::Plan plan, std::move(builder).finish(dense, {}));
    return std::make_shared<const plan::Plan>(std::move(plan));
  }

  Fitted fitted_;
};

// Of each feature that comes out, which it was, or none where it had no value when fitted: those
// are dropped, or kept as first filled.
base::Result<Positions> read_sources(const Object& object, std::size_t width) {
  std::vector<double> empty;
  if (object.has("_is_empty_feature")) {
    TRY_ASSIGN(empty, object.doubles("_is_empty_feature", width));
  } else {
    TRY_ASSIGN(const Value value, object.get("initial_imputer_"));
    TRY_ASSIGN(const Object initial, Object::of(value, object.release()));
    TRY_ASSIGN(empty, initial.doubles("statistics_", width));
    for (double& each : empty) each = std::isnan(each) ? 1 : 0;
  }
  TRY_ASSIGN(const bool keep_empty, object.flag_or("keep_empty_features", false));
  Positions sources;
  for (std::size_t c = 0; c < width; ++c) {
    if (empty[c] == 0) sources.push_back(c);
    if (empty[c] != 0 && keep_empty) sources.push_back(ImputeInTurn::kNone);
  }
  return sources;
}

// The bound of each feature: one number for all of them, or one each.
base::Result<std::vector<double>> read_bounds(const Object& object, const char* attribute,
                                              std::size_t width) {
  TRY_ASSIGN(auto bounds, object.doubles(attribute));
  if (bounds.size() == 1) bounds.resize(width, bounds.front());
  if (bounds.size() >= width) return bounds;
  return object.unexpected(attribute, fmt::format("{} numbers", width),
                           std::to_string(bounds.size()));
}

base::Result<ReadTurn> read_turn(const Object& object, Value value, std::size_t width) {
  const pickle::Record* record = value.record();
  const auto triple = record != nullptr ? record->args : value.items();
  if (triple.size() != 3 || !triple[0].as_int()) {
    return object.unexpected("imputation_sequence_", "(feature, features, estimator)", value);
  }
  const auto position = [&](double at) { return at >= 0 && at < static_cast<double>(width); };
  const auto from = doubles_of(triple[1]);
  const auto feature = static_cast<double>(*triple[0].as_int());
  if (!from.ok() || !position(feature)) {
    return object.unexpected("imputation_sequence_", fmt::format("positions below {}", width),
                             triple[1]);
  }
  ReadTurn turn;
  turn.feature = static_cast<std::size_t>(feature);
  for (const double at : *from) {
    if (!position(at)) {
      return object.unexpected("imputation_sequence_", fmt::format("positions below {}", width),
                               fmt::format("{}", at));
    }
    turn.from.push_back(static_cast<std::size_t>(at));
  }
  return turn;
}

base::Result<std::vector<ReadTurn>> read_turns(const Object& object, Reader& reader,
                                               std::size_t width) {
  std::vector<ReadTurn> turns;
  TRY_ASSIGN(const auto rounds, object.integer("n_iter_"));
  if (rounds == 0) return turns;
  TRY_ASSIGN(const auto lows, read_bounds(object, "_min_value", width));
  TRY_ASSIGN(const auto highs, read_bounds(object, "_max_value", width));
  TRY_ASSIGN(const auto items, object.list("imputation_sequence_"));
  for (std::size_t i = 0; i < items.size(); ++i) {
    TRY_ASSIGN(ReadTurn turn, read_turn(object, items[i], width));
    const pickle::Record* record = items[i].record();
    const Value estimator = (record != nullptr ? record->args : items[i].items())[2];
    turn.estimator = reader.read(estimator, fmt::format("imputation_sequence_[{}]", i));
    if (turn.estimator != nullptr && !turn.estimator->classes().empty()) {
      return object.unsupported("imputation_sequence_", "estimators of numbers",
                                turn.estimator->title());
    }
    turn.low = lows[turn.feature];
    turn.high = highs[turn.feature];
    if (!reader.spend(turn.from.size())) {
      return object.unsupported("imputation_sequence_", "fewer features in all", "more");
    }
    turns.push_back(std::move(turn));
  }
  return turns;
}

Made read_iterative_imputer(const Object& object, Reader& reader) {
  IterativeImputer::Fitted fitted;
  TRY_ASSIGN(fitted.missing, read_missing(object));
  if (fitted.missing.text) {
    return object.unexpected("missing_values", "NaN or a number", *fitted.missing.text);
  }
  TRY_ASSIGN(const bool sample, object.flag_or("sample_posterior", false));
  if (sample) return object.unsupported("sample_posterior", "False", "True");
  TRY_ASSIGN(const Value value, object.get("initial_imputer_"));
  fitted.initial = reader.read(value, "initial_imputer_");
  TRY_ASSIGN(const Object initial, Object::of(value, object.release()));
  TRY_ASSIGN(const auto statistics, initial.doubles("statistics_"));
  fitted.width = statistics.size();
  TRY_ASSIGN(fitted.sources, read_sources(object, fitted.width));
  TRY_ASSIGN(fitted.turns, read_turns(object, reader, fitted.sources.size()));
  TRY_ASSIGN(fitted.indicated, read_indicated(object, fitted.width));
  return std::make_unique<IterativeImputer>(std::move(fitted));
}

constexpr Entry kImputeModels[] = {
    {"sklearn.impute", "IterativeImputer", read_iterative_imputer},
    {"sklearn.impute", "KNNImputer", read_knn_imputer},
};

}  // namespace

std::span<const Entry> impute_model_entries() { return kImputeModels; }

}  // namespace sklearn
