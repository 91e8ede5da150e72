#include "sklearn_stored/kernel_options.h"

#include <utility>

#include "sklearn_preparation/scalers.h"

namespace sklearn {
namespace {

using plan::KernelKind;

constexpr std::pair<std::string_view, KernelKind> kNamedKernels[] = {
    {"linear", KernelKind::Linear},
    {"poly", KernelKind::Polynomial},
    {"polynomial", KernelKind::Polynomial},
    {"rbf", KernelKind::Rbf},
    {"sigmoid", KernelKind::Sigmoid},
    {"laplacian", KernelKind::Laplacian},
    {"cosine", KernelKind::Cosine},
    {"chi2", KernelKind::Chi2},
    {"additive_chi2", KernelKind::AdditiveChi2}};

}  // namespace

base::Result<plan::KernelOptions> read_kernel_options(const Object& object,
                                                      const KernelAttributes& attributes,
                                                      std::size_t features) {
  TRY_ASSIGN(const pickle::Value value, object.get(attributes.kernel));
  const auto name = value.as_string();
  for (const auto& [known, kind] : kNamedKernels) {
    if (name != known) continue;
    const double usual = kind == KernelKind::Chi2 ? 1 : 1 / static_cast<double>(features);
    return plan::KernelOptions{.kind = kind,
                               .gamma = attributes.gamma.value_or(usual),
                               .coef0 = attributes.coef0,
                               .degree = attributes.degree,
                               .least_norm = least_norm_of(object)};
  }
  return object.unsupported(attributes.kernel, "a kernel that is known by name", describe(value));
}

base::Result<plan::KernelOptions> read_kernel_options(const Object& object, std::size_t features,
                                                      std::string_view gamma) {
  KernelAttributes attributes;
  if (object.has(gamma)) {
    TRY_ASSIGN(attributes.gamma, object.number(gamma));
  }
  if (object.has("degree")) {
    TRY_ASSIGN(attributes.degree, object.number("degree"));
  }
  if (object.has("coef0")) {
    TRY_ASSIGN(attributes.coef0, object.number("coef0"));
  }
  return read_kernel_options(object, attributes, features);
}

}  // namespace sklearn
