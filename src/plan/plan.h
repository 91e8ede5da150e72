#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/frame.h"
#include "data/signature.h"
#include "plan/buffer.h"
#include "plan/step.h"

namespace plan {

// scikit-learn's words for what can be asked of a fitted estimator.
enum class Method : std::uint8_t {
  Predict,
  PredictProba,
  DecisionFunction,
  Transform,
  PredictLogProba,
  ScoreSamples,
  // The leaf of each tree that a row ends in.
  Apply,
  // The distances to the nearest stored rows, ascending, and then their indices.
  KNeighbors,
};

inline constexpr std::array kMethods = {
    Method::Predict,   Method::PredictProba,    Method::DecisionFunction,
    Method::Transform, Method::PredictLogProba, Method::ScoreSamples,
    Method::Apply,     Method::KNeighbors};

std::string_view method_name(Method method);
base::Result<Method> parse_method(std::string_view name);

// What comes out for each row.
struct Output {
  Form form = Form::Dense;         // Dense or Sparse
  std::vector<std::string> names;  // One for each column.
  // predict of a classifier: each cell is an index into these (one set for each column).
  std::vector<data::Labels> classes;
  // The only column is one dimension in scikit-learn, whichever method it is of: apply of a tree.
  bool flat = false;
};

// A fitted pipeline as a list of steps, for one method. Immutable and shared by threads; each
// thread runs it with a Scratch of its own, and allocates nothing once that is warm.
class Plan {
 public:
  class Scratch : public plan::Scratch {
   public:
    explicit Scratch(const Plan& plan) : plan::Scratch(plan.instructions_, plan.slots_) {}

   private:
    friend class Plan;
    Buffer joined_;  // What the windows of a large request left.
  };

  Plan(data::Signature signature, std::vector<Instruction> instructions, std::size_t slots,
       std::size_t result, Output output)
      : signature_(std::move(signature)),
        instructions_(std::move(instructions)),
        slots_(slots),
        result_(result),
        output_(std::move(output)) {}

  // What is left in the returned buffer (its member output().form) is valid until the scratch is
  // used again. Of a request of many cells some rows are taken after others, so that what the steps
  // leave to each other stays near and small. Precondition: `frame` was made for signature().
  base::Result<const Buffer*> run(const data::Frame& frame, Scratch& scratch) const;

  const data::Signature& signature() const { return signature_; }
  const std::vector<Instruction>& instructions() const { return instructions_; }
  const Output& output() const { return output_; }
  std::size_t slots() const { return slots_; }
  std::size_t result() const { return result_; }
  // About how long one row takes, in microseconds.
  double row_us() const;
  // One line a step, in the order in which they run.
  std::vector<std::string> describe() const;

 private:
  data::Signature signature_;
  std::vector<Instruction> instructions_;
  std::size_t slots_;
  std::size_t result_;
  Output output_;
};

}  // namespace plan
