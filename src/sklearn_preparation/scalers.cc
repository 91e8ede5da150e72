#include "sklearn_preparation/scalers.h"

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "plan_preparation/normalize.h"
#include "plan_preparation/scale.h"

namespace sklearn {

using plan::Builder;
using plan::Form;
using plan::Method;
using plan::Port;

base::Result<std::optional<std::size_t>> read_width(const Object& object) {
  for (const char* attribute : {"n_features_in_", "n_input_features_"}) {
    if (!object.has(attribute)) continue;
    TRY_ASSIGN(const auto width, object.integer(attribute));
    if (width < 0 || width > 0x7FFFFFFF) {
      return object.unexpected(attribute, "a number of features", std::to_string(width));
    }
    return std::optional(static_cast<std::size_t>(width));
  }
  return std::optional<std::size_t>();
}

plan::Allowed nan_allowed(const Object& object) {
  return {.nan = object.release() >= Release{0, 20}};
}

namespace {

struct Range {
  double low = 0;
  double high = 1;
};

Port add_clip(Builder& builder, const Port& port, const std::optional<Range>& range) {
  if (!range) return port;
  return builder.add(std::make_shared<plan::Clip>(port.form, port.width, range->low, range->high),
                     port, port.form, port.width, port.names);
}

// (x - center) / scale, either of them perhaps absent: StandardScaler, RobustScaler, MaxAbsScaler.
class CenteringScaler final : public Estimator {
 public:
  struct Fitted {
    std::optional<std::size_t> width;
    std::vector<double> center;
    std::vector<double> scale;
    std::optional<Range> clip;
    plan::Allowed allowed;
  };
  explicit CenteringScaler(Fitted fitted) : fitted_(std::move(fitted)) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(Port port, builder.finite(input, fitted_.width, fitted_.allowed));
    TRY_ASSIGN(port, builder.settled(port));
    const bool nothing = fitted_.center.empty() && fitted_.scale.empty();
    if (port.form == Form::Sparse) {
      TRY_ASSIGN(port, scale_sparse(builder, port));
    } else if (!nothing) {
      port = builder.add(
          std::make_shared<plan::CenterScale>(port.width, fitted_.center, fitted_.scale), port,
          Form::Dense, port.width, port.names);
    }
    return add_clip(builder, port, fitted_.clip);
  }

  // inplace_column_scale(X, 1 / scale_)
  base::Result<Port> scale_sparse(Builder& builder, const Port& port) const {
    if (!fitted_.center.empty()) {
      return base::Error(base::Code::Unsupported,
                         "\"with_mean\": expected False for sparse features, got True");
    }
    if (fitted_.scale.empty()) return port;
    std::vector<double> factors;
    for (const double scale : fitted_.scale) factors.push_back(1 / scale);
    return builder.add(std::make_shared<plan::Multiply>(Form::Sparse, std::move(factors)), port,
                       Form::Sparse, port.width, port.names);
  }

  base::Result<Port> inverse_steps(Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port port, builder.dense(input, fitted_.width));
    std::vector<double> factors = fitted_.scale;
    std::vector<double> offsets = fitted_.center;
    factors.resize(port.width, 1);
    if (offsets.empty()) {
      return builder.add(std::make_shared<plan::Multiply>(Form::Dense, std::move(factors)), port,
                         Form::Dense, port.width, port.names);
    }
    return builder.add(std::make_shared<plan::MultiplyAdd>(std::move(factors), std::move(offsets)),
                       port, Form::Dense, port.width, port.names);
  }

  Fitted fitted_;
};

// x * scale_ + min_
class MinMaxScaler final : public Estimator {
 public:
  struct Fitted {
    std::vector<double> scale;
    std::vector<double> min;
    std::optional<Range> clip;
    plan::Allowed allowed;
  };
  explicit MinMaxScaler(Fitted fitted) : fitted_(std::move(fitted)) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    const std::size_t width = fitted_.scale.size();
    TRY_ASSIGN(const Port spread, builder.dense(input, width));
    TRY_ASSIGN(const Port port, builder.finite(spread, width, fitted_.allowed));
    const Port scaled = builder.add(std::make_shared<plan::MultiplyAdd>(fitted_.scale, fitted_.min),
                                    port, Form::Dense, width, port.names);
    return add_clip(builder, scaled, fitted_.clip);
  }
  base::Result<Port> inverse_steps(Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port port, builder.dense(input, fitted_.scale.size()));
    return builder.add(std::make_shared<plan::CenterScale>(port.width, fitted_.min, fitted_.scale),
                       port, Form::Dense, port.width, port.names);
  }

  Fitted fitted_;
};

// A step that was fitted with nothing, dense or sparse.
class Normalizer final : public Estimator {
 public:
  Normalizer(std::optional<std::size_t> width, plan::NormalizeRows::Norm norm, double least)
      : width_(width), norm_(norm), least_(least) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port port, builder.finite(input, width_));
    const double least = port.form == Form::Dense ? least_ : 0;
    return builder.add(std::make_shared<plan::NormalizeRows>(port.form, port.width, norm_, least),
                       port, port.form, port.width, port.names);
  }

  std::optional<std::size_t> width_;
  plan::NormalizeRows::Norm norm_;
  double least_;  // Of dense rows.
};

class Binarizer final : public Estimator {
 public:
  Binarizer(std::optional<std::size_t> width, double threshold)
      : width_(width), threshold_(threshold) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(Port port, builder.finite(input, width_));
    if (threshold_ < 0) {
      TRY_ASSIGN(port, builder.settled(port));
    }
    if (port.form == Form::Sparse && threshold_ < 0) {
      return base::Error(
          base::Code::Unsupported,
          fmt::format("\"threshold\": expected 0 or more for sparse features, got {}", threshold_));
    }
    return builder.add(std::make_shared<plan::Binarize>(port.form, port.width, threshold_), port,
                       port.form, port.width, port.names);
  }

  std::optional<std::size_t> width_;
  double threshold_;
};

class KernelCenterer final : public Estimator {
 public:
  KernelCenterer(std::vector<double> means, double mean) : means_(std::move(means)), mean_(mean) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port spread, builder.dense(input, means_.size()));
    TRY_ASSIGN(const Port port, builder.finite(spread, means_.size()));
    return builder.add(std::make_shared<plan::CenterKernel>(means_, mean_), port, Form::Dense,
                       port.width);
  }

  std::vector<double> means_;
  double mean_;
};

// The scaler with the attributes of center and scale that it says it uses.
base::Result<CenteringScaler::Fitted> read_centering(const Object& object, const char* center,
                                                     const char* scale) {
  CenteringScaler::Fitted fitted;
  fitted.allowed = nan_allowed(object);
  TRY_ASSIGN(fitted.width, read_width(object));
  if (center != nullptr) {
    TRY_ASSIGN(fitted.center, object.doubles(center));
    fitted.width = fitted.center.size();
  }
  if (scale != nullptr) {
    TRY_ASSIGN(fitted.scale, object.doubles(scale));
    fitted.width = fitted.scale.size();
    if (center != nullptr && fitted.center.size() != fitted.scale.size()) {
      return object.unexpected(scale, fmt::format("{} numbers", fitted.center.size()),
                               std::to_string(fitted.scale.size()));
    }
  }
  return fitted;
}

Made read_standard_scaler(const Object& object, Reader&) {
  TRY_ASSIGN(const bool with_mean, object.flag("with_mean"));
  TRY_ASSIGN(const bool with_std, object.flag("with_std"));
  TRY_ASSIGN(auto fitted,
             read_centering(object, with_mean ? "mean_" : nullptr, with_std ? "scale_" : nullptr));
  return std::make_unique<CenteringScaler>(std::move(fitted));
}

Made read_robust_scaler(const Object& object, Reader&) {
  TRY_ASSIGN(const bool with_centering, object.flag("with_centering"));
  TRY_ASSIGN(const bool with_scaling, object.flag("with_scaling"));
  TRY_ASSIGN(auto fitted, read_centering(object, with_centering ? "center_" : nullptr,
                                         with_scaling ? "scale_" : nullptr));
  return std::make_unique<CenteringScaler>(std::move(fitted));
}

Made read_max_abs_scaler(const Object& object, Reader&) {
  TRY_ASSIGN(auto fitted, read_centering(object, nullptr, "scale_"));
  TRY_ASSIGN(const bool clip, object.flag_or("clip", false));
  if (clip) fitted.clip = Range{-1, 1};
  return std::make_unique<CenteringScaler>(std::move(fitted));
}

Made read_min_max_scaler(const Object& object, Reader&) {
  MinMaxScaler::Fitted fitted;
  fitted.allowed = nan_allowed(object);
  TRY_ASSIGN(fitted.scale, object.doubles("scale_"));
  TRY_ASSIGN(fitted.min, object.doubles("min_", fitted.scale.size()));
  TRY_ASSIGN(const bool clip, object.flag_or("clip", false));
  if (clip) {
    TRY_ASSIGN(const auto range, object.doubles("feature_range", 2));
    fitted.clip = Range{range[0], range[1]};
  }
  return std::make_unique<MinMaxScaler>(std::move(fitted));
}

Made read_normalizer(const Object& object, Reader&) {
  TRY_ASSIGN(const auto width, read_width(object));
  TRY_ASSIGN(const std::string norm, object.text("norm"));
  using Norm = plan::NormalizeRows::Norm;
  const double least = least_norm_of(object);
  if (norm == "l1") return std::make_unique<Normalizer>(width, Norm::L1, least);
  if (norm == "l2") return std::make_unique<Normalizer>(width, Norm::L2, least);
  if (norm != "max") return object.unsupported("norm", "\"l1\", \"l2\" or \"max\"", norm);
  return std::make_unique<Normalizer>(
      width, object.release() < Release{0, 23} ? Norm::SignedMax : Norm::Max, least);
}

Made read_binarizer(const Object& object, Reader&) {
  TRY_ASSIGN(const auto width, read_width(object));
  TRY_ASSIGN(const double threshold, object.number("threshold"));
  return std::make_unique<Binarizer>(width, threshold);
}

Made read_kernel_centerer(const Object& object, Reader&) {
  TRY_ASSIGN(auto means, object.doubles("K_fit_rows_"));
  TRY_ASSIGN(const double mean, object.number("K_fit_all_"));
  if (means.empty()) return object.unexpected("K_fit_rows_", "at least one number", "none");
  return std::make_unique<KernelCenterer>(std::move(means), mean);
}

constexpr Entry kScalers[] = {
    {"sklearn.preprocessing", "Binarizer", read_binarizer},
    {"sklearn.preprocessing", "KernelCenterer", read_kernel_centerer, true},
    {"sklearn.preprocessing", "MaxAbsScaler", read_max_abs_scaler},
    {"sklearn.preprocessing", "MinMaxScaler", read_min_max_scaler},
    {"sklearn.preprocessing", "Normalizer", read_normalizer},
    {"sklearn.preprocessing", "RobustScaler", read_robust_scaler},
    {"sklearn.preprocessing", "StandardScaler", read_standard_scaler},
};

}  // namespace

std::span<const Entry> scaler_entries() { return kScalers; }

double least_norm_of(const Object& object) {
  return object.release() >= Release{1, 0} ? 10 * std::numeric_limits<double>::epsilon() : 0;
}

}  // namespace sklearn
