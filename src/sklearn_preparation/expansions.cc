#include "sklearn_preparation/expansions.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "plan_preparation/discretize.h"
#include "plan_preparation/polynomial.h"
#include "sklearn_preparation/scalers.h"
#include "sklearn_values/feature_names.h"

namespace sklearn {
namespace {

using pickle::Value;
using plan::Builder;
using plan::Discretize;
using plan::Form;
using plan::Method;
using plan::Port;

constexpr std::int64_t kDegreeMax = 1000;

// "x0^2 x3" of the features of one product, ascending.
std::string product_name(const std::vector<std::string>& names,
                         const std::vector<std::size_t>& factors) {
  std::string text;
  for (std::size_t i = 0; i < factors.size();) {
    std::size_t power = 0;
    const std::size_t factor = factors[i];
    for (; i < factors.size() && factors[i] == factor; ++i) ++power;
    if (!text.empty()) text += ' ';
    text += names[factor];
    if (power > 1) text += fmt::format("^{}", power);
  }
  return text;
}

// The next product of as many factors; false behind the last.
bool next_product(std::vector<std::size_t>& factors, const plan::PolynomialShape& shape) {
  const std::size_t step = shape.interaction_only ? 1 : 0;
  for (std::size_t i = factors.size(); i-- > 0;) {
    if (factors[i] + 1 + step * (factors.size() - 1 - i) >= shape.features) continue;
    ++factors[i];
    for (std::size_t k = i + 1; k < factors.size(); ++k) factors[k] = factors[k - 1] + step;
    return true;
  }
  return false;
}

// In the order in which the products come out.
// Names of products of many factors are long.
constexpr std::size_t kProductNamesBytesMax = std::size_t{4} << 20U;

std::vector<std::string> product_names(const std::vector<std::string>& names,
                                       const plan::PolynomialShape& shape) {
  std::vector<std::string> all;
  std::size_t bytes = 0;
  if (names.size() != shape.features) return all;
  if (shape.bias) all.emplace_back("1");
  for (std::size_t d = std::max<std::size_t>(1, shape.degree_min); d <= shape.degree_max; ++d) {
    if (shape.features == 0 || (shape.interaction_only && d > shape.features)) break;
    std::vector<std::size_t> factors(d, 0);
    for (std::size_t k = 0; k < d && shape.interaction_only; ++k) factors[k] = k;
    do {
      all.push_back(product_name(names, factors));
      bytes += all.back().size();
      if (bytes > kProductNamesBytesMax) return {};
    } while (next_product(factors, shape));
  }
  return all;
}

class PolynomialFeatures final : public Estimator {
 public:
  explicit PolynomialFeatures(const plan::PolynomialShape& shape) : shape_(shape) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port port, builder.finite(input, shape_.features));
    const std::size_t outputs = shape_.counts().outputs;
    auto names = outputs <= plan::kNamedFeaturesMax ? product_names(names_of(port), shape_)
                                                    : std::vector<std::string>();
    if (port.form == Form::Sparse) {
      return builder.add(std::make_shared<plan::SparsePolynomial>(shape_), port, Form::Sparse,
                         outputs, std::move(names));
    }
    return builder.add(std::make_shared<plan::Polynomial>(shape_), port, Form::Dense, outputs,
                       std::move(names));
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
    const Port indicators =
        builder.add(std::move(step), port, Form::Sparse, outputs, names(port, outputs));
    return dense_ ? builder.dense(indicators) : indicators;
  }

  // <feature>_<bin>, whose number is a float.
  std::vector<std::string> names(const Port& port, std::size_t outputs) const {
    std::vector<std::string> names;
    if (outputs > plan::kNamedFeaturesMax) return names;
    const auto inputs = names_of(port);
    for (std::size_t f = 0; f < features_.size() && f < inputs.size(); ++f) {
      for (std::size_t k = 0; k < features_[f].bins; ++k) {
        names.push_back(fmt::format("{}_{}.0", inputs[f], k));
      }
    }
    return names;
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

// One edge alone is that of a constant feature, all of which is bin 0; no column stands for it.
base::Result<std::vector<Discretize::Feature>> read_bins(const Object& object, bool one_hot) {
  TRY_ASSIGN(const auto items, object.list("bin_edges_"));
  std::vector<Discretize::Feature> features;
  for (const Value item : items) {
    auto edges = doubles_of(item);
    if (edges.ok() && edges->size() == 1 && !one_hot) {
      features.push_back({{}, 1});
      continue;
    }
    if (!edges.ok() || edges->size() < 2) {
      return object.unexpected("bin_edges_", "two edges or more for each feature", item);
    }
    features.push_back({{edges->begin() + 1, edges->end() - 1}, edges->size() - 1});
  }
  return features;
}

Made read_k_bins_discretizer(const Object& object, Reader&) {
  TRY_ASSIGN(const std::string encode, object.text("encode"));
  TRY_ASSIGN(auto features, read_bins(object, encode != "ordinal"));
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
