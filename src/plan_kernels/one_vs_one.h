#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "plan/step.h"

namespace plan {

// From the decisions between two classes each, libsvm's signs (above zero is for the first of a
// pair) and order ((0, 1), (0, 2), ..., (1, 2), ...), to answers for the classes.
enum class PairAnswer : std::uint8_t {
  // The class with most votes, the first of equals.
  Vote,
  // One column for each class: votes, and within them the sum of confidences
  // (sklearn.utils.multiclass._ovr_decision_function).
  OneVsRest,
  // One column for each class: libsvm's coupling of Platt's probabilities of each pair (method 2 of
  // Wu, Lin and Weng), iterated as often as libsvm does.
  Probabilities,
};

class OneVsOne final : public Step {
 public:
  // `slopes` and `offsets`: probA and probB of each pair, for Probabilities alone.
  OneVsOne(PairAnswer answer, std::size_t classes, std::vector<double> slopes = {},
           std::vector<double> offsets = {})
      : answer_(answer),
        classes_(classes),
        slopes_(std::move(slopes)),
        offsets_(std::move(offsets)) {}
  std::size_t outputs() const { return answer_ == PairAnswer::Vote ? 1 : classes_; }

  std::string describe() const override;
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State* state) const override;
  double row_ns() const override;

 private:
  void vote(const double* decisions, std::vector<double>& votes, double* out) const;
  void one_vs_rest(const double* decisions, std::vector<double>& sums, double* out) const;
  void couple(const double* decisions, std::vector<double>& memory, double* out) const;

  PairAnswer answer_;
  std::size_t classes_;
  std::vector<double> slopes_;
  std::vector<double> offsets_;
};

}  // namespace plan
