#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "forest/ensemble.h"

namespace forest {

// What `objective=binary sigmoid:1` says. Parameters keep their order; one without a value
// (`regression sqrt`) has an empty one.
struct LightGbmObjective {
  struct Parameter {
    std::string name;
    std::string value;
  };

  std::string name;  // Empty: the model names no objective, so an answer is its raw score.
  std::vector<Parameter> parameters;

  std::optional<std::string_view> find(std::string_view parameter) const;
};

// The linear models of a tree's leaves: leaf i answers constants[i] and, for k in [begins[i],
// begins[i + 1]), coefficients[k] times feature features[k], added in that order; its leaf value
// where one of those is NaN. A value within kZeroThreshold of zero is zero.
struct LinearLeaves {
  std::vector<double> constants;
  std::vector<std::size_t> begins;
  std::vector<std::uint32_t> features;
  std::vector<double> coefficients;
};

// A booster read from LightGBM's text model. Its raw scores are the ensemble's sums. Where
// `average_output` is set (boosting=rf), predict() divides them by `iterations` before it applies
// the objective; predict(raw_score=True) does not.
struct LightGbmModel {
  Ensemble ensemble;    // Has passed check(); outputs = trees in an iteration.
  std::string version;  // "v2", "v3", "v4"; empty in the oldest files.
  LightGbmObjective objective;
  std::size_t num_class = 1;
  std::size_t iterations = 0;
  std::vector<std::string> feature_names;  // ensemble.features of them.
  std::vector<bool> categorical_features;  // ensemble.features of them.
  bool average_output = false;
  // Of linear trees: one for each tree, and trees are numbered by their leaves. Else empty, and
  // then the ensemble's sums are raw scores.
  std::vector<LinearLeaves> linear;
  std::string pandas_categorical;  // JSON, not looked into: the categories of each such column.
};

struct LightGbmOptions {
  // Only the first iterations count, as for a booster with a best_iteration. 0: all.
  std::size_t iterations_max = 0;
};

// Reads the text that Booster.save_model and model_to_string write (releases 2.0 to 4.7), to the
// bit as LightGBM 3 and later read it. Time and memory are linear in the text. Refuses whatever is
// cut short, said twice, missing or does not fit together.
base::Result<LightGbmModel> parse_lightgbm(std::string_view text, LightGbmOptions options = {});

}  // namespace forest
