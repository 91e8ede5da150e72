#include "plan_scores/elementwise.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>

#include <fmt/format.h>

#include "plan_dense/product.h"

namespace plan {
namespace {

constexpr std::array<std::string_view, 9> kFunctionNames = {
    "log",
    "log, of zero that of the smallest number",
    "exp",
    "expit",
    "tanh",
    "relu",
    "whether above 0",
    "whether above 0.5",
    "1 unless below 0, -1"};

template <typename F>
void map_each(double* values, std::size_t count, F function) {
  for (std::size_t i = 0; i < count; ++i) values[i] = function(values[i]);
}

}  // namespace

void apply_each(Function function, double* values, std::size_t count) {
  switch (function) {
    case Function::Log: return log_each(values, count);
    case Function::LogFloored:
      map_each(values, count,
               [](double x) { return x == 0 ? std::numeric_limits<double>::min() : x; });
      return log_each(values, count);
    case Function::Exp: return map_each(values, count, [](double x) { return std::exp(x); });
    case Function::Expit: return expit_each(values, count);
    case Function::Tanh: return tanh_each(values, count);
    case Function::Relu: return map_each(values, count, [](double x) { return x < 0 ? 0 : x; });
    case Function::AboveZero:
      return map_each(values, count, [](double x) { return x > 0 ? 1.0 : 0.0; });
    case Function::AboveHalf:
      return map_each(values, count, [](double x) { return x > 0.5 ? 1.0 : 0.0; });
    case Function::Inlier:
      return map_each(values, count, [](double x) { return x >= 0 ? 1.0 : -1.0; });
  }
}

std::string Elementwise::describe() const {
  return fmt::format("{} of {} columns", kFunctionNames.at(static_cast<std::size_t>(function_)),
                     width_);
}

double Elementwise::row_ns() const {
  const bool transcendental = function_ <= Function::Tanh;
  return 5 + static_cast<double>(width_) * (transcendental ? 8 : 0.5);
}

bool Elementwise::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const Elementwise*>(&other);
  return as != nullptr && as->function_ == function_ && as->width_ == width_;
}

base::Result<void> Elementwise::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), width_);
  std::copy(in[0].dense.values.begin(), in[0].dense.values.end(), out.dense.values.begin());
  apply_each(function_, out.dense.values.data(), out.dense.values.size());
  return {};
}

}  // namespace plan
