#include "sklearn_preparation/distributions.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "plan_preparation/power.h"
#include "plan_preparation/quantile.h"
#include "sklearn_preparation/scalers.h"

namespace sklearn {
namespace {

using plan::Builder;
using plan::Form;
using plan::Method;
using plan::Port;
using plan::Power;
using plan::Quantile;

class PowerTransformer final : public Estimator {
 public:
  struct Fitted {
    Power::Kind forward = Power::Kind::YeoJohnson;
    Power::Kind inverse = Power::Kind::InverseYeoJohnson;
    std::vector<double> lambdas;
    EstimatorPtr scaler;  // Null: not standardised.
    plan::Allowed allowed;
  };
  explicit PowerTransformer(Fitted fitted) : fitted_(std::move(fitted)) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    const std::size_t width = fitted_.lambdas.size();
    TRY_ASSIGN(const Port spread, builder.dense(input, width));
    TRY_ASSIGN(const Port port, builder.finite(spread, width, fitted_.allowed));
    const Port powers =
        builder.add(std::make_shared<Power>(fitted_.forward, fitted_.lambdas, port.names), port,
                    Form::Dense, width, port.names);
    if (fitted_.scaler == nullptr) return powers;
    return fitted_.scaler->emit(method, builder, powers);
  }
  base::Result<Port> inverse_steps(Builder& builder, const Port& input) const override {
    Port port = input;
    if (fitted_.scaler != nullptr) {
      TRY_ASSIGN(port, fitted_.scaler->emit_inverse(builder, port));
    }
    TRY_ASSIGN(port, builder.dense(port, fitted_.lambdas.size()));
    return builder.add(std::make_shared<Power>(fitted_.inverse, fitted_.lambdas, port.names), port,
                       Form::Dense, port.width, port.names);
  }

  Fitted fitted_;
};

class QuantileTransformer final : public Estimator {
 public:
  explicit QuantileTransformer(Quantile::Fitted fitted) : fitted_(std::move(fitted)) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    return transform(builder, input, false);
  }
  base::Result<Port> inverse_steps(Builder& builder, const Port& input) const override {
    return transform(builder, input, true);
  }
  base::Result<Port> transform(Builder& builder, const Port& input, bool inverse) const {
    TRY_ASSIGN(Port port, builder.finite(input, fitted_.width, {.nan = true}));
    TRY_ASSIGN(port, builder.settled(port));
    return builder.add(std::make_shared<Quantile>(port.form, inverse, fitted_), port, port.form,
                       port.width, port.names);
  }

  Quantile::Fitted fitted_;
};

Made read_power_transformer(const Object& object, Reader& reader) {
  PowerTransformer::Fitted fitted;
  fitted.allowed = nan_allowed(object);
  TRY_ASSIGN(fitted.lambdas, object.doubles("lambdas_"));
  TRY_ASSIGN(const std::string method, object.text("method"));
  if (method == "box-cox") {
    fitted.forward = Power::Kind::BoxCox;
    fitted.inverse = Power::Kind::InverseBoxCox;
  } else if (method != "yeo-johnson") {
    return object.unsupported("method", "\"box-cox\" or \"yeo-johnson\"", method);
  } else if (object.release() >= Release{1, 7}) {
    fitted.forward = Power::Kind::YeoJohnsonExpm1;
  }
  TRY_ASSIGN(const bool standardize, object.flag("standardize"));
  if (standardize) {
    TRY_ASSIGN(const auto scaler, object.get("_scaler"));
    fitted.scaler = reader.read(scaler, "_scaler");
  }
  return std::make_unique<PowerTransformer>(std::move(fitted));
}

// quantiles_: quantiles x features, to features x quantiles.
std::vector<double> by_feature(const std::vector<double>& quantiles, std::size_t width) {
  std::vector<double> turned(quantiles.size());
  const std::size_t count = quantiles.size() / width;
  for (std::size_t k = 0; k < count; ++k) {
    for (std::size_t c = 0; c < width; ++c) turned[c * count + k] = quantiles[k * width + c];
  }
  return turned;
}

Made read_quantile_transformer(const Object& object, Reader&) {
  Quantile::Fitted fitted;
  TRY_ASSIGN(fitted.references, object.doubles("references_"));
  TRY_ASSIGN(const Table table, object.table("quantiles_"));
  if (table.rows != fitted.references.size()) {
    return object.unexpected("quantiles_", fmt::format("{} rows", fitted.references.size()),
                             std::to_string(table.rows));
  }
  TRY_ASSIGN(const auto quantiles, object.doubles("quantiles_"));
  fitted.width = table.columns;
  fitted.quantiles = by_feature(quantiles, table.columns);
  TRY_ASSIGN(const std::string distribution, object.text("output_distribution"));
  fitted.normal = distribution == "normal";
  fitted.clipped = object.release() < Release{0, 21};
  if (!fitted.normal && distribution != "uniform") {
    return object.unsupported("output_distribution", "\"uniform\" or \"normal\"", distribution);
  }
  return std::make_unique<QuantileTransformer>(std::move(fitted));
}

constexpr Entry kDistributions[] = {
    {"sklearn.preprocessing", "PowerTransformer", read_power_transformer},
    {"sklearn.preprocessing", "QuantileTransformer", read_quantile_transformer},
};

}  // namespace

std::span<const Entry> distribution_entries() { return kDistributions; }

}  // namespace sklearn
