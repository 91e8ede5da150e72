#include "plan_preparation/float32.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

namespace plan {
namespace {

constexpr std::array<std::string_view, 7> kLink32Names = {
    "identity", "expit", "exp", "softmax", "above zero", "above a half", "two classes"};

// Beyond it exp of a float is infinite.
constexpr float kExpMax = 88.7F;

float expit32(float x) {
  const float denominator = std::exp(std::min(-x, kExpMax)) + 1.0F;
  return 1.0F / denominator;
}

void softmax32(const double* from, double* to, std::size_t count) {
  const auto most = static_cast<float>(*std::max_element(from, from + count));
  double sum = 0;
  for (std::size_t k = 0; k < count; ++k) {
    const float power = std::exp(static_cast<float>(from[k]) - most);
    to[k] = static_cast<double>(power);
    sum += to[k];
  }
  const auto divisor = static_cast<float>(sum);
  for (std::size_t k = 0; k < count; ++k) {
    to[k] = static_cast<double>(static_cast<float>(to[k]) / divisor);
  }
}

}  // namespace

std::string Link32::describe() const {
  return fmt::format("{} {} columns in float32", kLink32Names.at(static_cast<std::size_t>(kind_)),
                     inputs_);
}

double Link32::row_ns() const {
  const bool transcendental =
      kind_ == Link32Kind::Expit || kind_ == Link32Kind::Exp || kind_ == Link32Kind::Softmax;
  return 5 + static_cast<double>(inputs_) * (transcendental ? 6 : 1);
}

bool Link32::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const Link32*>(&other);
  return as != nullptr && as->kind_ == kind_ && as->inputs_ == inputs_;
}

base::Result<void> Link32::run(const Inputs& in, Buffer& out, State*) const {
  out.dense.resize(in.rows(), outputs());
  const std::vector<double>& from = in[0].dense.values;
  std::vector<double>& to = out.dense.values;
  const auto each = [&](auto function) {
    for (std::size_t i = 0; i < to.size(); ++i) {
      to[i] = static_cast<double>(function(static_cast<float>(from[i])));
    }
  };
  switch (kind_) {
    case Link32Kind::Identity: std::copy_n(from.begin(), to.size(), to.begin()); break;
    case Link32Kind::Expit: each(expit32); break;
    case Link32Kind::Exp: each([](float x) { return std::exp(x); }); break;
    case Link32Kind::Positive: each([](float x) { return x > 0.0F ? 1.0F : 0.0F; }); break;
    case Link32Kind::Half: each([](float x) { return x > 0.5F ? 1.0F : 0.0F; }); break;
    case Link32Kind::Softmax:
      for (std::size_t i = 0; i < in.rows(); ++i) {
        softmax32(in[0].dense.row(i), out.dense.row(i), inputs_);
      }
      break;
    case Link32Kind::Pair:
      for (std::size_t i = 0; i < in.rows(); ++i) {
        to[2 * i] = static_cast<double>(1.0F - static_cast<float>(from[i]));
        to[2 * i + 1] = from[i];
      }
      break;
  }
  return {};
}

std::string Linear32::describe() const {
  return fmt::format("linear {} -> {} in float32", coefficients_.size() / intercepts_.size(),
                     intercepts_.size());
}

base::Result<void> Linear32::run(const Inputs& in, Buffer& out, State*) const {
  const std::size_t outputs = intercepts_.size();
  const std::size_t features = coefficients_.size() / outputs;
  out.dense.resize(in.rows(), outputs);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    const double* row = in[0].dense.row(i);
    for (std::size_t k = 0; k < outputs; ++k) {
      float sum = intercepts_[k];
      for (std::size_t f = 0; f < features; ++f) {
        const auto x = static_cast<float>(row[f]);
        if (!std::isnan(x)) sum += x * coefficients_[f * outputs + k];
      }
      out.dense.row(i)[k] = static_cast<double>(sum);
    }
  }
  return {};
}

std::string Shift32::describe() const {
  return fmt::format("shift {} columns in float32", constants_.size());
}

base::Result<void> Shift32::run(const Inputs& in, Buffer& out, State*) const {
  const std::size_t width = constants_.size();
  out.dense.resize(in.rows(), width);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    for (std::size_t k = 0; k < width; ++k) {
      const float shifted = static_cast<float>(in[0].dense.row(i)[k]) + constants_[k];
      out.dense.row(i)[k] = static_cast<double>(shifted);
    }
  }
  return {};
}

std::string MarkMissing::describe() const {
  return fmt::format("{} is missing in {} columns", value_, width_);
}

base::Result<void> MarkMissing::run(const Inputs& in, Buffer& out, State*) const {
  const auto mark = [&](std::vector<double>& values) {
    for (double& x : values) {
      if (static_cast<float>(x) == value_) x = data::kMissingNumber;
    }
  };
  if (form_ == Form::Dense) {
    out.dense.resize(in.rows(), width_);
    std::copy(in[0].dense.values.begin(), in[0].dense.values.end(), out.dense.values.begin());
    mark(out.dense.values);
  } else {
    out.sparse = in[0].sparse;
    mark(out.sparse.values);
  }
  return {};
}

}  // namespace plan
