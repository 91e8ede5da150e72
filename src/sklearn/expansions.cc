#include "sklearn/expansions.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "plan/discretize.h"
#include "plan/polynomial.h"
#include "sklearn/scalers.h"

namespace sklearn {
namespace {

using pickle::Value;
using plan::Builder;
using plan::Discretize;
using plan::Form;
using plan::Method;
using plan::Port;

constexpr std::int64_t kDegreeMax = 1000;

class PolynomialFeatures final : public Estimator {
 public:
  explicit PolynomialFeatures(const plan::PolynomialShape& shape) : shape_(shape) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port port, builder.finite(input, shape_.features));
    const std::size_t outputs = shape_.counts().outputs;
    if (port.form == Form::Sparse) {
      return builder.add(std::make_shared<plan::SparsePolynomial>(shape_), port, Form::Sparse,
                         outputs);
    }
    return builder.add(std::make_shared<plan::Polynomial>(shape_), port, Form::Dense, outputs);
  }

  plan::PolynomialShape shape_;
};

class KBinsDiscretizer final : public Estimator {
 public:
  KBinsDiscretizer(std::vector<Discretize::Feature> features, Discretize::Options options,
                   bool dense)
      : features_(std::move(features)), options_(options), dense_(dense) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port spread, builder.dense(input, features_.size()));
    TRY_ASSIGN(const Port port, builder.finite(spread, features_.size()));
    auto step = std::make_shared<Discretize>(features_, options_);
    const std::size_t outputs = step->outputs();
    if (!options_.one_hot) {
      return builder.add(std::move(step), port, Form::Dense, outputs, port.names);
    }
    const Port indicators = builder.add(std::move(step), port, Form::Sparse, outputs);
    return dense_ ? builder.dense(indicators) : indicators;
  }

  std::vector<Discretize::Feature> features_;
  Discretize::Options options_;
  bool dense_;
};

// degree, which may be a pair, or what newer releases made of it.
base::Result<void> read_degrees(const Object& object, plan::PolynomialShape& shape) {
  std::int64_t least = 0;
  std::int64_t most = 0;
  if (object.has("_max_degree")) {
    TRY_ASSIGN(least, object.integer("_min_degree"));
    TRY_ASSIGN(most, object.integer("_max_degree"));
  } else {
    TRY_ASSIGN(most, object.integer("degree"));
  }
  if (least < 0 || most < least || most > kDegreeMax) {
    return object.unexpected("degree", fmt::format("degrees from 0 to {}", kDegreeMax),
                             fmt::format("({}, {})", least, most));
  }
  shape.degree_min = static_cast<std::size_t>(least);
  shape.degree_max = static_cast<std::size_t>(most);
  return {};
}

Made read_polynomial_features(const Object& object, Reader&) {
  plan::PolynomialShape shape;
  TRY(read_degrees(object, shape));
  TRY_ASSIGN(shape.interaction_only, object.flag("interaction_only"));
  TRY_ASSIGN(shape.bias, object.flag("include_bias"));
  TRY_ASSIGN(const auto width, read_width(object));
  if (!width) return object.unexpected("n_features_in_", "a number of features", "none");
  shape.features = *width;
  if (shape.counts().outputs == 0) {
    return object.unsupported("degree",
                              fmt::format("1 to {} products", plan::PolynomialShape::kProductsMax),
                              fmt::format("others of {} features", shape.features));
  }
  return std::make_unique<PolynomialFeatures>(shape);
}

base::Result<std::vector<Discretize::Feature>> read_bins(const Object& object) {
  TRY_ASSIGN(const auto items, object.list("bin_edges_"));
  std::vector<Discretize::Feature> features;
  for (const Value item : items) {
    auto edges = doubles_of(item);
    if (!edges.ok() || edges->size() < 2) {
      return object.unexpected("bin_edges_", "two edges or more for each feature", item);
    }
    features.push_back({{edges->begin() + 1, edges->end() - 1}, edges->size() - 1});
  }
  return features;
}

Made read_k_bins_discretizer(const Object& object, Reader&) {
  TRY_ASSIGN(auto features, read_bins(object));
  TRY_ASSIGN(const std::string encode, object.text("encode"));
  if (encode != "onehot" && encode != "onehot-dense" && encode != "ordinal") {
    return object.unsupported("encode", "\"onehot\", \"onehot-dense\" or \"ordinal\"", encode);
  }
  const auto dtype = object.find("dtype");
  const Discretize::Options options{.one_hot = encode != "ordinal",
                                    .tolerant = object.release() < Release{1, 1},
                                    .float32 = dtype && dtype->name() == "float32"};
  return std::make_unique<KBinsDiscretizer>(std::move(features), options, encode == "onehot-dense");
}

constexpr Entry kExpansions[] = {
    {"sklearn.preprocessing", "KBinsDiscretizer", read_k_bins_discretizer},
    {"sklearn.preprocessing", "PolynomialFeatures", read_polynomial_features},
};

}  // namespace

std::span<const Entry> expansion_entries() { return kExpansions; }

}  // namespace sklearn
