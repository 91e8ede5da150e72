#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "plan/step.h"
#include "plan_kernels/stored_rows.h"
#include "plan_preparation/impute.h"

namespace plan {

// Puts the mean of the nearest stored rows that have the feature where it is missing
// (KNNImputer.transform). Nearness is over the features that both rows have. Of rows equally near,
// the first stored are taken.
class ImputeNearest final : public Step {
 public:
  struct Fitted {
    std::size_t width = 0;
    MissingNumber missing;
    std::vector<double> rows;  // Row by row; NaN where one is missing.
    std::size_t neighbours = 1;
    bool by_distance = false;  // Weights are 1 / distance, else all the same.
    // Rows of which the distance is unknown, as they have nothing in common, do not count.
    bool known_alone = true;
    std::vector<std::size_t> kept;  // Features that come out,
    std::vector<double> empty;      // and what all of their rows are, or NaN for what they have.
  };
  // Preconditions: at least one row and one neighbour; a value for each feature in `empty`.
  explicit ImputeNearest(Fitted fitted);
  std::string describe() const override;
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State* state) const override;
  double row_ns() const override { return static_cast<double>(fitted_.rows.size()); }

 private:
  // The stored rows for sums over many of them at once, with 0 where one is missing.
  struct Sums {
    StoredRows values;
    StoredRows squares;
    StoredRows missing;  // 1 where it is.
    StoredRows present;
  };
  static Sums sums_of(const Fitted& fitted);
  static std::vector<double> lengths_of(const Fitted& fitted);

  std::size_t count() const { return fitted_.rows.size() / fitted_.width; }
  void measure(State& state) const;
  double impute(std::size_t feature, State& state) const;
  // Of weight and stored row.
  double weighted_mean(std::size_t feature,
                       const std::vector<std::pair<double, std::size_t>>& donors) const;

  Fitted fitted_;
  Sums sums_;
  std::vector<double> lengths_;  // Of the stored rows, squared.
  std::vector<double> means_;    // Of the features, over the rows that have them.
};

}  // namespace plan
