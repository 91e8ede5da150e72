#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "plan/step.h"

namespace plan {

// From the sum over an isolation forest's trees of how deep a row's leaf lies to what its methods
// answer.
class IsolationScore final : public Step {
 public:
  enum class Answer : std::uint8_t {
    Score,     // Minus the anomaly score: -(2 ** -x).
    Decision,  // The score minus the offset.
    Side,      // 1, or -1 for an outlier.
  };
  struct Settings {
    // How deep: x = depths / mean_of / by if `mean_of` is not zero, else x = depths / by.
    double mean_of = 0;
    double by = 1;
    bool one_where_by_is_zero = false;
    double offset = 0;
    bool from_half = false;  // The decision is 0.5 - 2 ** -x (scikit-learn 0.19).
    // Where an outlier's decision lies.
    double threshold = 0;
    bool threshold_is_outlier = false;
    bool operator==(const Settings&) const = default;
  };

  IsolationScore(Answer answer, const Settings& settings) : answer_(answer), settings_(settings) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 25; }
  bool same_as(const Step& other) const override;

 private:
  double answer_of(double depths) const;

  Answer answer_;
  Settings settings_;
};

}  // namespace plan
