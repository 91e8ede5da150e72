#include "plan/elementwise.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>

#include <fmt/format.h>

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
void map_each(const Matrix& from, Matrix& to, F function) {
  const double* x = from.values.data();
  double* y = to.values.data();
  for (std::size_t i = 0; i < to.values.size(); ++i) y[i] = function(x[i]);
}

void apply_function(Function function, const Matrix& from, Matrix& to) {
  switch (function) {
    case Function::Log: return map_each(from, to, [](double x) { return std::log(x); });
    case Function::LogFloored:
      return map_each(from, to, [](double x) {
        return std::log(x == 0 ? std::numeric_limits<double>::min() : x);
      });
    case Function::Exp: return map_each(from, to, [](double x) { return std::exp(x); });
    case Function::Expit:
      return map_each(from, to, [](double x) { return 1 / (1 + std::exp(-x)); });
    case Function::Tanh: return map_each(from, to, [](double x) { return std::tanh(x); });
    case Function::Relu: return map_each(from, to, [](double x) { return x < 0 ? 0 : x; });
    case Function::AboveZero: return map_each(from, to, [](double x) { return x > 0 ? 1.0 : 0.0; });
    case Function::AboveHalf:
      return map_each(from, to, [](double x) { return x > 0.5 ? 1.0 : 0.0; });
    case Function::Inlier: return map_each(from, to, [](double x) { return x >= 0 ? 1.0 : -1.0; });
  }
}

}  // namespace

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
  apply_function(function_, in[0].dense, out.dense);
  return {};
}

}  // namespace plan
