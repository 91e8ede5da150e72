#include "sklearn_stored/process_kernel.h"

#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sklearn_stored/kernel_options.h"

namespace sklearn {
namespace {

constexpr int kKernelDepthMax = 32;

struct KernelReading {
  const plan::Matrix& rows;
  Reader& reader;
  int depth = 0;
  bool first_leaf = true;
};

using MadeKernel = base::Result<plan::ProcessKernelPtr>;

// Every leaf has a copy of the rows; pickles share what is below.
base::Result<void> pay_for_leaf(const Object& kernel, KernelReading& reading) {
  const bool first = std::exchange(reading.first_leaf, false);
  if (first || reading.reader.spend(reading.rows.values.size())) return {};
  return kernel.unsupported("kernel_", "fewer kernels over as many rows", "more");
}

MadeKernel read_stationary(const Object& kernel, plan::Stationary::Kind kind,
                           const KernelReading& reading) {
  using Shape = plan::Stationary::Kind;
  plan::Stationary options{.kind = kind};
  TRY_ASSIGN(options.length_scale, kernel.doubles("length_scale"));
  const bool each = kind == Shape::Rbf || kind == Shape::Matern;
  if (options.length_scale.size() != 1 &&
      (!each || options.length_scale.size() != reading.rows.columns)) {
    return kernel.unexpected("length_scale", fmt::format("1 or {} numbers", reading.rows.columns),
                             std::to_string(options.length_scale.size()));
  }
  if (kind == Shape::Matern) {
    TRY_ASSIGN(options.nu, kernel.number("nu"));
    // Beyond it the Bessel function takes long and says nothing that infinity does not.
    constexpr double kNuMax = 1000;
    if (!(options.nu > 0) || (options.nu > kNuMax && !std::isinf(options.nu))) {
      return kernel.unexpected("nu", fmt::format("a number above 0, to {}, or infinity", kNuMax),
                               fmt::format("{}", options.nu));
    }
  }
  if (kind == Shape::RationalQuadratic) {
    TRY_ASSIGN(options.alpha, kernel.number("alpha"));
  }
  if (kind == Shape::ExpSineSquared) {
    TRY_ASSIGN(options.periodicity, kernel.number("periodicity"));
  }
  return plan::make_stationary_kernel(std::move(options), reading.rows);
}

MadeKernel read_pairwise(const Object& kernel, const KernelReading& reading) {
  KernelAttributes attributes{.kernel = "metric"};
  TRY_ASSIGN(attributes.gamma, kernel.number("gamma"));
  if (const auto more = kernel.find("pairwise_kernels_kwargs")) {
    if (!more->entries().empty()) {
      return kernel.unsupported("pairwise_kernels_kwargs", "None", describe(*more));
    }
  }
  TRY_ASSIGN(const auto options, read_kernel_options(kernel, attributes, reading.rows.columns));
  return plan::make_pairwise_kernel(options, reading.rows);
}

MadeKernel read_leaf(const Object& kernel, KernelReading& reading) {
  using Shape = plan::Stationary::Kind;
  const std::string_view name = kernel.class_name();
  TRY(pay_for_leaf(kernel, reading));
  if (name == "ConstantKernel" || name == "WhiteKernel") {
    const bool noise = name == "WhiteKernel";
    TRY_ASSIGN(const double value, kernel.number(noise ? "noise_level" : "constant_value"));
    return plan::make_constant_kernel(value, reading.rows.rows, noise);
  }
  if (name == "RBF") return read_stationary(kernel, Shape::Rbf, reading);
  if (name == "Matern") return read_stationary(kernel, Shape::Matern, reading);
  if (name == "RationalQuadratic")
    return read_stationary(kernel, Shape::RationalQuadratic, reading);
  if (name == "ExpSineSquared") return read_stationary(kernel, Shape::ExpSineSquared, reading);
  if (name == "DotProduct") {
    TRY_ASSIGN(const double sigma_0, kernel.number("sigma_0"));
    return plan::make_dot_product_kernel(sigma_0, reading.rows);
  }
  if (name == "PairwiseKernel") return read_pairwise(kernel, reading);
  return base::Error(base::Code::Unsupported,
                     fmt::format("{}: this kernel is not one that can be run", kernel.title()));
}

// NOLINTNEXTLINE(misc-no-recursion): to kKernelDepthMax.
MadeKernel read_kernel_tree(pickle::Value value, Release release, KernelReading& reading) {
  TRY_ASSIGN(const Object kernel, Object::of(value, release));
  if (kernel.package() != "sklearn.gaussian_process") {
    return base::Error(base::Code::Unsupported,
                       fmt::format("{}: this kernel is not one that can be run", kernel.title()));
  }
  const std::string_view name = kernel.class_name();
  const bool combined = name == "Sum" || name == "Product";
  if (!combined && name != "Exponentiation") return read_leaf(kernel, reading);
  if (reading.depth >= kKernelDepthMax || !reading.reader.spend(1 + reading.rows.rows)) {
    return kernel.unsupported("kernel_", fmt::format("at most {} deep", kKernelDepthMax), "more");
  }
  ++reading.depth;
  TRY_ASSIGN(const pickle::Value first, kernel.get(combined ? "k1" : "kernel"));
  TRY_ASSIGN(auto a, read_kernel_tree(first, release, reading));
  if (!combined) {
    --reading.depth;
    TRY_ASSIGN(const double exponent, kernel.number("exponent"));
    return plan::make_kernel_power(std::move(a), exponent);
  }
  TRY_ASSIGN(const pickle::Value second, kernel.get("k2"));
  TRY_ASSIGN(auto b, read_kernel_tree(second, release, reading));
  --reading.depth;
  return name == "Sum" ? plan::make_kernel_sum(std::move(a), std::move(b))
                       : plan::make_kernel_product(std::move(a), std::move(b));
}

}  // namespace

base::Result<plan::ProcessKernelPtr> read_process_kernel(const Object& object,
                                                         const plan::Matrix& rows, Reader& reader) {
  TRY_ASSIGN(const pickle::Value value, object.get("kernel_"));
  KernelReading reading{.rows = rows, .reader = reader};
  auto kernel = read_kernel_tree(value, object.release(), reading);
  if (!kernel.ok()) return std::move(kernel).error().within(object.title());
  return kernel;
}

}  // namespace sklearn
