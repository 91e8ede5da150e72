#include "plan/plan.h"

#include <array>

#include <fmt/format.h>

#include "base/text.h"

namespace plan {
namespace {

constexpr std::array<std::string_view, 4> kMethodNames = {"predict", "predict_proba",
                                                          "decision_function", "transform"};

}  // namespace

std::string_view method_name(Method method) {
  return kMethodNames.at(static_cast<std::size_t>(method));
}

base::Result<Method> parse_method(std::string_view name) {
  for (std::size_t i = 0; i < kMethodNames.size(); ++i) {
    if (kMethodNames.at(i) == name) return static_cast<Method>(i);
  }
  return base::Error(base::Code::Invalid, fmt::format("method {}: expected {}", base::quote(name),
                                                      fmt::join(kMethodNames, ", ")));
}

base::Result<const Buffer*> Plan::run(const data::Frame& frame, Scratch& scratch) const {
  TRY(plan::run(instructions_, frame, scratch));
  return &scratch[result_];
}

double Plan::row_us() const {
  double sum = 0;
  for (const Instruction& each : instructions_) sum += each.step->row_ns();
  return sum / 1000;
}

std::vector<std::string> Plan::describe() const {
  std::vector<std::string> lines;
  lines.reserve(instructions_.size());
  for (const Instruction& each : instructions_) {
    std::string from;
    for (const std::size_t slot : each.inputs) from += fmt::format(" %{}", slot);
    lines.push_back(fmt::format("%{} = {}{}{}", each.output, each.step->describe(),
                                from.empty() ? "" : " of", from));
  }
  return lines;
}

}  // namespace plan
