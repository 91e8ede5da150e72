#include "sklearn/preprocessing.h"

#include <utility>
#include <vector>

#include <fmt/format.h>

#include "plan/scale.h"

namespace sklearn {
namespace {

using plan::Builder;
using plan::Form;
using plan::Method;
using plan::Port;

class StandardScaler final : public Estimator {
 public:
  StandardScaler(std::size_t width, std::vector<double> mean, std::vector<double> scale)
      : width_(width), mean_(std::move(mean)), scale_(std::move(scale)) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port port, builder.numeric(input, width_));
    if (port.form == Form::Sparse) return scale_sparse(builder, port);
    return builder.add(std::make_shared<plan::CenterScale>(width_, mean_, scale_), port,
                       Form::Dense, width_, port.names);
  }

  // inplace_column_scale(X, 1 / scale_)
  base::Result<Port> scale_sparse(Builder& builder, const Port& port) const {
    if (!mean_.empty()) {
      return base::Error(base::Code::Unsupported,
                         "\"with_mean\": expected False for sparse features, got True");
    }
    if (scale_.empty()) return port;
    std::vector<double> factors;
    for (const double scale : scale_) factors.push_back(1 / scale);
    return builder.add(std::make_shared<plan::Multiply>(Form::Sparse, std::move(factors)), port,
                       Form::Sparse, width_, port.names);
  }

  std::size_t width_;
  std::vector<double> mean_;
  std::vector<double> scale_;
};

// func=None: what goes in comes out.
class Identity final : public Estimator {
 public:
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder&, const Port& input) const override { return input; }
};

Made read_standard_scaler(const Object& object, Reader&) {
  TRY_ASSIGN(const bool with_mean, object.flag("with_mean"));
  TRY_ASSIGN(const bool with_std, object.flag("with_std"));
  std::vector<double> mean;
  std::vector<double> scale;
  if (with_mean) {
    TRY_ASSIGN(mean, object.doubles("mean_"));
  }
  if (with_std) {
    TRY_ASSIGN(scale, object.doubles("scale_"));
  }
  std::size_t width = with_mean ? mean.size() : scale.size();
  if (!with_mean && !with_std) {
    TRY_ASSIGN(const auto features, object.integer("n_features_in_"));
    if (features < 0 || features > 0x7FFFFFFF) {
      return object.unexpected("n_features_in_", "a number of features", std::to_string(features));
    }
    width = static_cast<std::size_t>(features);
  }
  if (with_mean && with_std && mean.size() != scale.size()) {
    return object.unexpected("scale_", fmt::format("{} numbers", mean.size()),
                             std::to_string(scale.size()));
  }
  return std::make_unique<StandardScaler>(width, std::move(mean), std::move(scale));
}

Made read_function_transformer(const Object& object, Reader&) {
  if (const auto function = object.find("func")) {
    return object.unsupported("func", "None", describe(*function));
  }
  return std::make_unique<Identity>();
}

constexpr Entry kPreprocessing[] = {
    {"sklearn.preprocessing", "FunctionTransformer", read_function_transformer},
    {"sklearn.preprocessing", "StandardScaler", read_standard_scaler},
};

}  // namespace

std::span<const Entry> preprocessing_entries() { return kPreprocessing; }

}  // namespace sklearn
