#include "sklearn_wrappers/importances.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "boosters/catboost_importances.h"
#include "boosters/lightgbm_importances.h"
#include "boosters/xgboost_importances.h"
#include "pickle/numbers.h"
#include "sklearn_values/members.h"

namespace sklearn {
namespace {

using pickle::Value;
using Scores = std::vector<double>;

// Parts within parts of an ensemble that are followed.
constexpr unsigned kImportanceDepthMax = 8;
// Features of all trees: many trees can cost a file little, and so can many features.
constexpr std::size_t kImportanceWorkMax = 300'000'000;

// What is left of it, and how deep a part is.
struct Work {
  std::size_t left = kImportanceWorkMax;
  unsigned depth = 0;

  bool take(std::size_t features) {
    if (features > left) return false;
    left -= features;
    return true;
  }
};

template <typename T>
T pairwise_sum(std::span<const T> values) {
  constexpr std::size_t kLanes = 8;
  constexpr std::size_t kBlock = 128;
  const std::size_t count = values.size();
  if (count < kLanes) return std::accumulate(values.begin(), values.end(), T{0});
  if (count > kBlock) {
    const std::size_t half = count / 2 - count / 2 % kLanes;
    return pairwise_sum(values.first(half)) + pairwise_sum(values.subspan(half));
  }
  T lanes[kLanes];
  std::copy_n(values.begin(), kLanes, lanes);
  std::size_t i = kLanes;
  for (; i + kLanes <= count; i += kLanes) {
    for (std::size_t k = 0; k < kLanes; ++k) lanes[k] += values[i + k];
  }
  T sum = ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) +
          ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
  for (; i < count; ++i) sum += values[i];
  return sum;
}

double pairwise_sum(const Scores& values) { return pairwise_sum(std::span<const double>(values)); }

void divide_by_sum(Scores& values) {
  const double sum = pairwise_sum(values);
  for (double& each : values) each /= sum;
}

// tree_.compute_feature_importances: by how much the splits of each feature made nodes purer.
struct TreeNodes {
  pickle::Viewed<std::int64_t> left;
  pickle::Viewed<std::int64_t> right;
  pickle::Viewed<std::int64_t> feature;
  pickle::Viewed<double> impurity;
  pickle::Viewed<double> samples;
  std::size_t count = 0;
};

base::Result<TreeNodes> read_split_nodes(const Object& object) {
  TRY_ASSIGN(const Value tree, object.get("tree_"));
  const auto value = tree.find("nodes");
  const pickle::Array* array = value ? value->array() : nullptr;
  if (array == nullptr || array->elements() == 0) {
    return object.unexpected("tree_", "a sklearn.tree._tree.Tree with nodes", tree);
  }
  TreeNodes nodes;
  nodes.count = static_cast<std::size_t>(array->elements());
  TRY_ASSIGN(nodes.left, pickle::view_int64s(*array, "left_child"));
  TRY_ASSIGN(nodes.right, pickle::view_int64s(*array, "right_child"));
  TRY_ASSIGN(nodes.feature, pickle::view_int64s(*array, "feature"));
  TRY_ASSIGN(nodes.impurity, pickle::view_doubles(*array, "impurity"));
  TRY_ASSIGN(nodes.samples, pickle::view_doubles(*array, "weighted_n_node_samples"));
  return nodes;
}

base::Result<Scores> tree_importances(const Object& object, std::size_t features, bool normalize) {
  TRY_ASSIGN(const TreeNodes nodes, read_split_nodes(object));
  const auto inside = [&](std::int64_t at, std::size_t count) {
    return at >= 0 && static_cast<std::uint64_t>(at) < count;
  };
  const auto weight = [&](std::size_t i) {
    return nodes.samples.numbers[i] * nodes.impurity.numbers[i];
  };
  Scores importances(features);
  for (std::size_t i = 0; i < nodes.count; ++i) {
    const std::int64_t left = nodes.left.numbers[i];
    if (left == -1) continue;
    const std::int64_t right = nodes.right.numbers[i];
    const std::int64_t feature = nodes.feature.numbers[i];
    if (!inside(left, nodes.count) || !inside(right, nodes.count) || !inside(feature, features)) {
      return object.unexpected("tree_", "children and features that there are",
                               fmt::format("those of node {}", i));
    }
    importances[static_cast<std::size_t>(feature)] += weight(i) -
                                                      weight(static_cast<std::size_t>(left)) -
                                                      weight(static_cast<std::size_t>(right));
  }
  for (double& each : importances) each /= nodes.samples.numbers[0];
  if (normalize && pairwise_sum(importances) > 0) divide_by_sum(importances);
  return importances;
}

bool is_single_leaf(const Object& object) {
  const auto tree = object.find("tree_");
  const auto nodes = tree ? tree->find("nodes") : std::nullopt;
  return nodes && nodes->array() != nullptr && nodes->array()->elements() <= 1;
}

// The trees of a forest, or of all stages of gradient boosting.
base::Result<Scores> mean_importances(const Object& object, std::size_t features, bool normalize,
                                      Work& work) {
  TRY_ASSIGN(const auto items, object.list("estimators_"));
  Scores sum(features);
  double count = 0;
  for (const Value item : items) {
    TRY_ASSIGN(const Object tree, Object::of(item, object.release()));
    if (is_single_leaf(tree)) continue;
    if (!work.take(features)) {
      return object.unsupported("estimators_", "fewer trees of so many features",
                                std::to_string(items.size()));
    }
    TRY_ASSIGN(const auto part, tree_importances(tree, features, normalize));
    for (std::size_t k = 0; k < features; ++k) sum[k] += part[k];
    ++count;
  }
  if (count == 0) return sum;
  for (double& each : sum) each /= count;
  divide_by_sum(sum);
  return sum;
}

base::Result<Scores> split_importances(const Object& object, Work& work);

base::Result<Scores> member_importances(const Object& member, Work& work) {
  if (member.package() != "xgboost") return split_importances(member, work);
  TRY_ASSIGN(auto part, boosters::xgboost_importances(member, "feature_importances_"));
  if (work.take(part.values.size())) return std::move(part.values);
  return member.unsupported("_Booster", "fewer features in so many models",
                            std::to_string(part.values.size()));
}

base::Result<Scores> boosted_importances(const Object& object, std::size_t features, Work& work) {
  TRY_ASSIGN(const auto items, object.list("estimators_"));
  TRY_ASSIGN(const auto weights, object.doubles("estimator_weights_"));
  Scores sum(features);
  for (std::size_t i = 0; i < std::min(items.size(), weights.size()); ++i) {
    TRY_ASSIGN(const Object member, Object::of(items[i], object.release()));
    ++work.depth;
    TRY_ASSIGN(const auto part, member_importances(member, work));
    --work.depth;
    if (part.size() != features) {
      return object.unexpected("estimators_", fmt::format("{} features", features),
                               std::to_string(part.size()));
    }
    for (std::size_t k = 0; k < features; ++k) sum[k] += weights[i] * part[k];
  }
  const double norm = pairwise_sum(weights);
  for (double& each : sum) each /= norm;
  return sum;
}

// feature_importances_ of estimators that compute it when they are asked.
base::Result<Scores> split_importances(const Object& object, Work& work) {
  const std::string_view name = object.class_name();
  if (object.package() == "lightgbm") return boosters::lightgbm_importances(object);
  if (object.package() == "catboost") return boosters::catboost_importances(object);
  TRY_ASSIGN(const auto features, find_features(object));
  const bool known = object.package().starts_with("sklearn.") || object.package() == "imblearn";
  if (known && features && work.depth < kImportanceDepthMax) {
    if (name.find("AdaBoost") != name.npos || name.find("RUSBoost") != name.npos) {
      return boosted_importances(object, *features, work);
    }
    const bool boosting = name.starts_with("GradientBoosting");
    if (boosting && object.release() >= Release{0, 20}) {
      return mean_importances(object, *features, false, work);
    }
    if (!boosting && object.has("estimators_"))
      return mean_importances(object, *features, true, work);
    if (object.has("tree_") && work.take(*features)) {
      return tree_importances(object, *features, true);
    }
  }
  return base::Error(base::Code::Unsupported,
                     fmt::format("{} \"feature_importances_\": expected coef_ or trees to compute "
                                 "it from, got neither",
                                 object.title()));
}

// numpy.linalg.norm(axis=0, ord=order) of the rows of a matrix; of one row alone its magnitudes.
Scores norms(const std::vector<double>& values, std::size_t rows, double order) {
  const std::size_t columns = values.size() / rows;
  Scores out(columns);
  for (std::size_t c = 0; c < columns; ++c) {
    double sum = order == -HUGE_VAL ? HUGE_VAL : 0;
    for (std::size_t i = 0; i < rows; ++i) {
      const double x = std::abs(values[i * columns + c]);
      if (std::isinf(order)) {
        sum = order > 0 ? std::max(sum, x) : std::min(sum, x);
      } else {
        sum += order == 1 ? x : order == 2 ? x * x : std::pow(x, order);
      }
    }
    const bool root = order != 1 && !std::isinf(order);
    out[c] = !root ? sum : order == 2 ? std::sqrt(sum) : std::pow(sum, 1 / order);
  }
  return out;
}

base::Result<Scores> attribute_norms(const Object& object, std::string_view attribute,
                                     double order) {
  TRY_ASSIGN(const Table table, object.table(attribute));
  TRY_ASSIGN(const auto values, object.doubles(attribute));
  TRY_ASSIGN(const Value value, object.get(attribute));
  const bool flat = value.array() != nullptr && value.array()->shape.size() == 1;
  return norms(values, table.rows, flat ? 1 : order);
}

// coef_ of a support vector machine with a linear kernel, which its dual coefficients tell.
base::Result<Scores> kernel_norms(const Object& object) {
  TRY_ASSIGN(const std::string kernel, object.text("kernel"));
  TRY_ASSIGN(const Table dual, object.table("dual_coef_"));
  if (kernel != "linear" || dual.rows != 1) {
    return object.unsupported("coef_", "a linear kernel for two classes", kernel);
  }
  TRY_ASSIGN(const auto weights, object.doubles("dual_coef_"));
  TRY_ASSIGN(const Table vectors, object.table("support_vectors_"));
  TRY_ASSIGN(const auto values, object.doubles("support_vectors_"));
  if (vectors.rows != weights.size()) {
    return object.unexpected("support_vectors_", fmt::format("{} rows", weights.size()),
                             std::to_string(vectors.rows));
  }
  Scores out(vectors.columns);
  for (std::size_t i = 0; i < vectors.rows; ++i) {
    for (std::size_t c = 0; c < vectors.columns; ++c) {
      out[c] += weights[i] * values[i * vectors.columns + c];
    }
  }
  return norms(out, 1, 1);
}

base::Result<Scores> kept_importances(const Object& object, std::string_view getter, double order) {
  if (getter != "auto" && getter != "coef_" && getter != "feature_importances_") {
    return attribute_norms(object, getter, order);
  }
  if (getter != "feature_importances_" && object.has("coef_")) {
    return attribute_norms(object, "coef_", order);
  }
  if (getter != "feature_importances_" && object.has("dual_coef_")) return kernel_norms(object);
  Work work;
  return split_importances(object, work);
}

base::Result<Importances> own_importances(const Object& object, std::string_view getter,
                                          double order) {
  const bool known = getter == "auto" || getter == "coef_" || getter == "feature_importances_";
  if (object.package() != "xgboost" || !known) {
    TRY_ASSIGN(auto values, kept_importances(object, getter, order));
    return Importances{.values = std::move(values)};
  }
  TRY_ASSIGN(auto part, boosters::xgboost_importances(object, getter));
  // A row alone is no matrix, whose norm would be taken.
  return Importances{.values = norms(part.values, part.rows, part.rows == 1 ? 1 : order),
                     .single = part.single};
}

// The part of an estimator that a word of a path means: a step of a pipeline, or an attribute.
base::Result<Object> part_of_path(const Object& object, std::string_view word) {
  if (const auto steps = object.find("steps")) {
    for (const Value item : steps->items()) {
      const auto pair = item.items();
      if (pair.size() == 2 && pair[0].as_string() == word) {
        return Object::of(pair[1], object.release());
      }
    }
  }
  TRY_ASSIGN(const Value value, object.get(word));
  return Object::of(value, object.release());
}

}  // namespace

base::Result<Importances> read_importances(const Object& object, std::string_view getter,
                                           double norm_order) {
  Object at = object;
  for (unsigned depth = 0; depth < kImportanceDepthMax; ++depth) {
    const std::size_t dot = getter.find('.');
    if (dot == getter.npos) return own_importances(at, getter, norm_order);
    const std::string_view word = getter.substr(0, dot);
    getter = getter.substr(dot + 1);
    if (word == "named_steps") continue;
    TRY_ASSIGN(at, part_of_path(at, word));
  }
  return object.unsupported("importance_getter", "a path of few parts", getter);
}

bool has_l1_penalty(const Object& object) {
  const std::string_view name = object.class_name();
  const auto penalty = object.find("penalty");
  if ((penalty && penalty->as_string() == "l1") || name.find("Lasso") != name.npos) return true;
  const auto is_one = [](double x) { return std::abs(x - 1) <= 1e-8 + 1e-5; };
  const auto is_one_in = [&](const char* attribute) {
    const auto numbers = object.doubles(attribute);
    return numbers.ok() && std::all_of(numbers->begin(), numbers->end(), is_one);
  };
  if (object.release() >= Release{1, 1}) {
    if (name == "ElasticNet") return is_one_in("l1_ratio");
    if (name == "ElasticNetCV") return is_one_in("l1_ratio_");
  }
  if (object.release() >= Release{1, 8}) {
    if (name == "LogisticRegression") return is_one_in("l1_ratio");
    if (name == "LogisticRegressionCV") return is_one_in("l1_ratio_");
  }
  return false;
}

bool takes_missing(const Object& object) {
  const std::string_view name = object.class_name();
  const Release release = object.release();
  if (name.starts_with("CatBoost")) {
    const auto mode = object.find("nan_mode");
    return release >= Release{0, 22} && !(mode && mode->as_string() == "Forbidden");
  }
  if (name.starts_with("XGB")) {
    return release >= Release{0, 24} ||
           (release >= Release{0, 22} && boosters::xgboost_says_missing(object));
  }
  for (const char* lenient : {"HistGradientBoosting", "LGBM"}) {
    if (name.starts_with(lenient)) return release >= Release{0, 22};
  }
  if (object.has("monotonic_cst")) return false;
  if (name.starts_with("DecisionTree")) return release >= Release{1, 3};
  if (name.starts_with("RandomForest")) return release >= Release{1, 4};
  if (name.starts_with("ExtraTree")) return release >= Release{1, 6};
  return false;
}

std::vector<std::size_t> ascending(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return values[a] < values[b] || (std::isnan(values[b]) && !std::isnan(values[a]));
  });
  return order;
}

std::vector<bool> best_by_importance(const std::vector<double>& scores, std::size_t count) {
  std::vector<double> negative = scores;
  for (double& each : negative) each = -each;
  const auto order = ascending(negative);
  std::vector<bool> mask(scores.size());
  for (std::size_t i = 0; i < std::min(count, order.size()); ++i) mask[order[i]] = true;
  return mask;
}

double mean_of(const Importances& importances) {
  const Scores& values = importances.values;
  const auto count = static_cast<double>(values.size());
  if (!importances.single) return pairwise_sum(values) / count;
  const std::vector<float> singles(values.begin(), values.end());
  const float sum = pairwise_sum(std::span<const float>(singles));
  return static_cast<double>(static_cast<float>(static_cast<double>(sum) / count));
}

double median_of(Importances importances) {
  Scores& values = importances.values;
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  const double median =
      values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
  return importances.single ? static_cast<double>(static_cast<float>(median)) : median;
}

std::optional<double> parse_scale(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  double number = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace sklearn
