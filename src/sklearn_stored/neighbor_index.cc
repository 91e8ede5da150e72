#include "sklearn_stored/neighbor_index.h"

#include <array>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "pickle/numbers.h"
#include "pickle/sparse.h"
#include "plan_neighbors/neighbor_tree.h"
#include "sklearn_stored/kernel_options.h"
#include "sklearn_values/matrix.h"

namespace sklearn {
namespace {

using plan::MetricKind;

struct NamedMetric {
  std::string_view name;
  MetricKind kind;
};

constexpr NamedMetric kNamedMetrics[] = {
    {"euclidean", MetricKind::Euclidean},
    {"l2", MetricKind::Euclidean},
    {"sqeuclidean", MetricKind::SquaredEuclidean},
    {"manhattan", MetricKind::Manhattan},
    {"cityblock", MetricKind::Manhattan},
    {"l1", MetricKind::Manhattan},
    {"chebyshev", MetricKind::Chebyshev},
    {"infinity", MetricKind::Chebyshev},
    {"minkowski", MetricKind::Minkowski},
    {"wminkowski", MetricKind::Minkowski},
    {"p", MetricKind::Minkowski},
    {"seuclidean", MetricKind::SEuclidean},
    {"mahalanobis", MetricKind::Mahalanobis},
    {"cosine", MetricKind::Cosine},
    {"correlation", MetricKind::Correlation},
    {"hamming", MetricKind::Hamming},
    {"canberra", MetricKind::Canberra},
    {"braycurtis", MetricKind::BrayCurtis},
    {"haversine", MetricKind::Haversine},
    {"jaccard", MetricKind::Jaccard},
    {"dice", MetricKind::Dice},
    {"russellrao", MetricKind::RussellRao},
    {"rogerstanimoto", MetricKind::RogersTanimoto},
    {"sokalmichener", MetricKind::RogersTanimoto},
    {"sokalsneath", MetricKind::SokalSneath},
    {"yule", MetricKind::Yule},
};

std::optional<MetricKind> find_metric(std::string_view name) {
  for (const NamedMetric& each : kNamedMetrics) {
    if (each.name == name) return each.kind;
  }
  return std::nullopt;
}

std::optional<pickle::Value> find_parameter(std::optional<pickle::Value> parameters,
                                            std::string_view name) {
  if (!parameters) return std::nullopt;
  const auto found = parameters->find(name);
  return found && !found->is_none() ? found : std::nullopt;
}

// `count` numbers of the parameter.
base::Result<std::vector<double>> read_weights(const Object& object, std::string_view name,
                                               std::optional<pickle::Value> value,
                                               std::size_t count) {
  if (!value) {
    return object.unsupported("metric_params", fmt::format("\"{}\"", name), "none");
  }
  auto weights = doubles_of(*value);
  if (!weights.ok() || weights->size() != count) {
    return object.unexpected(fmt::format("metric_params[{}]", name),
                             fmt::format("{} numbers", count), *value);
  }
  return weights;
}

base::Result<plan::Metric> read_minkowski(const Object& object,
                                          std::optional<pickle::Value> parameters,
                                          std::size_t features, bool weights_inside) {
  plan::Metric metric{.kind = MetricKind::Minkowski, .p = 2, .weights = {}};
  auto p = find_parameter(parameters, "p");
  if (!p) p = object.find("p");
  if (p) {
    const auto number = p->as_float();
    if (!number || !(*number > 0)) return object.unexpected("p", "a number above 0", *p);
    metric.p = *number;
  }
  if (const auto w = find_parameter(parameters, "w")) {
    TRY_ASSIGN(metric.weights, read_weights(object, "w", w, features));
    if (weights_inside) {
      for (double& each : metric.weights) each = std::pow(each, metric.p);
    }
    return metric;
  }
  if (metric.p == 1) metric.kind = MetricKind::Manhattan;
  if (metric.p == 2) metric.kind = MetricKind::Euclidean;
  if (std::isinf(metric.p)) metric.kind = MetricKind::Chebyshev;
  return metric;
}

}  // namespace

base::Result<plan::Metric> read_metric(const Object& object, std::string_view attribute,
                                       std::optional<pickle::Value> parameters,
                                       std::size_t features) {
  TRY_ASSIGN(const pickle::Value value, object.get(attribute));
  const auto name = value.as_string();
  const auto kind = name ? find_metric(*name) : std::nullopt;
  if (!kind)
    return object.unsupported(attribute, "a metric that is known by name", describe(value));
  if (*kind == MetricKind::Minkowski) {
    return read_minkowski(object, parameters, features, *name == "wminkowski");
  }
  plan::Metric metric{.kind = *kind, .p = 2, .weights = {}};
  if (*kind == MetricKind::Cosine) metric.least_norm = least_norm_of(object);
  if (*kind == MetricKind::SEuclidean) {
    TRY_ASSIGN(metric.weights,
               read_weights(object, "V", find_parameter(parameters, "V"), features));
  }
  if (*kind == MetricKind::Mahalanobis) {
    const auto inverse = find_parameter(parameters, "VI");
    TRY_ASSIGN(metric.weights, read_weights(object, "VI", inverse, features * features));
  }
  if (*kind == MetricKind::Haversine && features != 2) {
    return object.unexpected(attribute, "two features of haversine", std::to_string(features));
  }
  return metric;
}

plan::NeighborSort neighbor_sort_of(const Object& object) {
  return object.release() >= Release{1, 8} ? plan::NeighborSort::Intro : plan::NeighborSort::Quick;
}

namespace {

// Where in a tree's state its parts are.
constexpr std::size_t kTreeData = 0;
constexpr std::size_t kTreeOrder = 1;
constexpr std::size_t kTreeNodes = 2;
constexpr std::size_t kTreeBounds = 3;
constexpr std::size_t kTreeMetric = 11;
constexpr std::size_t kTreeWeights = 12;

base::Error tree_part_error(const Object& owner, std::string_view expected, pickle::Value got) {
  return owner.unexpected("_tree", expected, describe(got));
}

base::Result<std::vector<plan::NeighborTree::Node>> read_tree_nodes(const Object& owner,
                                                                    pickle::Value value) {
  const pickle::Array* array = value.array();
  if (array == nullptr) return tree_part_error(owner, "nodes", value);
  TRY_ASSIGN(const auto first, pickle::field_int64s(*array, "idx_start"));
  TRY_ASSIGN(const auto last, pickle::field_int64s(*array, "idx_end"));
  TRY_ASSIGN(const auto leaf, pickle::field_int64s(*array, "is_leaf"));
  TRY_ASSIGN(const auto radius, pickle::field_doubles(*array, "radius"));
  if (last.size() != first.size() || leaf.size() != first.size() || radius.size() != first.size()) {
    return tree_part_error(owner, "nodes", value);
  }
  std::vector<plan::NeighborTree::Node> nodes;
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (first[i] < 0 || last[i] < 0) return tree_part_error(owner, "nodes of rows", value);
    nodes.push_back({.first = static_cast<std::size_t>(first[i]),
                     .last = static_cast<std::size_t>(last[i]),
                     .leaf = leaf[i] != 0,
                     .radius = radius[i]});
  }
  return nodes;
}

// The class of the tree's metric, with what its state says: (p, a vector, a matrix).
base::Result<plan::Metric> read_tree_metric(const Object& owner, pickle::Value value,
                                            std::size_t features) {
  struct NamedClass {
    std::string_view name;
    MetricKind kind;
  };
  constexpr NamedClass kClasses[] = {{"EuclideanDistance", MetricKind::Euclidean},
                                     {"ManhattanDistance", MetricKind::Manhattan},
                                     {"ChebyshevDistance", MetricKind::Chebyshev},
                                     {"MinkowskiDistance", MetricKind::Minkowski},
                                     {"SEuclideanDistance", MetricKind::SEuclidean},
                                     {"HammingDistance", MetricKind::Hamming},
                                     {"CanberraDistance", MetricKind::Canberra},
                                     {"BrayCurtisDistance", MetricKind::BrayCurtis},
                                     {"HaversineDistance", MetricKind::Haversine}};
  const pickle::Record* record = value.record();
  std::string_view name;
  if (record != nullptr && !record->args.empty()) name = record->args[0].name();
  if (name.ends_with("64")) name.remove_suffix(2);
  for (const NamedClass& each : kClasses) {
    if (each.name != name) continue;
    plan::Metric metric{.kind = each.kind, .p = 2, .weights = {}};
    const auto state = record->state ? record->state->items() : std::span<const pickle::Value>();
    if (each.kind == MetricKind::Minkowski) {
      const auto p = state.empty() ? std::nullopt : state[0].as_float();
      if (!p || !(*p > 0)) return tree_part_error(owner, "the p of a metric", value);
      metric.p = *p;
    }
    const bool weighed = each.kind == MetricKind::SEuclidean || each.kind == MetricKind::Minkowski;
    if (weighed && state.size() > 1) {
      auto weights = doubles_of(state[1]);
      if (weights.ok() && weights->size() == features && features > 1) {
        metric.weights = *std::move(weights);
      }
    }
    if (each.kind == MetricKind::SEuclidean && metric.weights.size() != features) {
      return tree_part_error(owner, "the variances of a metric", value);
    }
    if (each.kind == MetricKind::Haversine && features != 2) {
      return tree_part_error(owner, "two features of haversine", value);
    }
    return metric;
  }
  return owner.unsupported("_tree", "a metric that is known by name",
                           name.empty() ? describe(value) : std::string(name));
}

base::Result<PickledTree> read_tree_parts(const Object& owner, std::span<const pickle::Value> parts,
                                          std::optional<plan::Metric> metric) {
  const pickle::Array* data = parts[kTreeData].array();
  if (data == nullptr || data->shape.size() != 2 || data->elements() == 0) {
    return tree_part_error(owner, "rows", parts[kTreeData]);
  }
  plan::NeighborTree tree;
  tree.rows.rows = data->shape[0];
  tree.rows.columns = data->shape[1];
  TRY_ASSIGN(tree.rows.values, doubles_of(parts[kTreeData]));
  const pickle::Array* order = parts[kTreeOrder].array();
  if (order == nullptr) return tree_part_error(owner, "the order of rows", parts[kTreeOrder]);
  TRY_ASSIGN(tree.order, pickle::to_int64s(*order));
  TRY_ASSIGN(tree.nodes, read_tree_nodes(owner, parts[kTreeNodes]));
  const pickle::Array* bounds = parts[kTreeBounds].array();
  if (bounds == nullptr || bounds->shape.size() != 3 || bounds->shape[0] < 1 ||
      bounds->shape[0] > 2) {
    return tree_part_error(owner, "bounds of nodes", parts[kTreeBounds]);
  }
  TRY_ASSIGN(tree.lower, doubles_of(parts[kTreeBounds]));
  if (bounds->shape[0] == 2) {
    const auto half = static_cast<std::ptrdiff_t>(tree.lower.size() / 2);
    tree.upper.assign(tree.lower.begin() + half, tree.lower.end());
    tree.lower.resize(static_cast<std::size_t>(half));
  }
  if (metric) {
    tree.metric = *std::move(metric);
  } else {
    TRY_ASSIGN(tree.metric, read_tree_metric(owner, parts[kTreeMetric], tree.rows.columns));
  }
  PickledTree read;
  if (parts.size() > kTreeWeights && parts[kTreeWeights].array() != nullptr) {
    TRY_ASSIGN(read.weights, doubles_of(parts[kTreeWeights]));
    if (read.weights.size() != tree.rows.rows) {
      return tree_part_error(owner, "a weight for each row", parts[kTreeWeights]);
    }
  }
  read.tree = std::move(tree);
  return read;
}

base::Result<std::span<const pickle::Value>> tree_parts(const Object& owner, pickle::Value value) {
  const pickle::Record* record = value.record();
  if (record == nullptr || !record->state || record->state->items().size() < kTreeMetric + 1) {
    return tree_part_error(owner, "a fitted tree", value);
  }
  return record->state->items();
}

}  // namespace

base::Result<PickledTree> read_neighbor_tree(const Object& owner, pickle::Value tree) {
  TRY_ASSIGN(const auto parts, tree_parts(owner, tree));
  return read_tree_parts(owner, parts, std::nullopt);
}

base::Result<NeighborIndexPtr> tree_index(const Object& owner, plan::NeighborTree tree) {
  auto index = plan::make_tree_index(std::move(tree));
  if (!index.ok()) return std::move(index).error().within(owner.title());
  return index;
}

base::Result<NeighborIndexPtr> read_neighbor_index(const Object& object, Reader& reader) {
  const auto parameters = object.find("effective_metric_params_");
  TRY_ASSIGN(const std::string method, object.text("_fit_method"));
  if (method != "brute") {
    TRY_ASSIGN(const pickle::Value value, object.get("_tree"));
    TRY_ASSIGN(const auto parts, tree_parts(object, value));
    const pickle::Array* data = parts[kTreeData].array();
    const std::size_t features = data != nullptr && data->shape.size() == 2 ? data->shape[1] : 0;
    TRY_ASSIGN(auto metric, read_metric(object, "effective_metric_", parameters, features));
    TRY_ASSIGN(PickledTree tree, read_tree_parts(object, parts, std::move(metric)));
    return tree_index(object, std::move(tree.tree));
  }
  TRY_ASSIGN(const pickle::Value rows, object.get("_fit_X"));
  if (pickle::is_sparse(rows)) {
    TRY_ASSIGN(const plan::SparseMatrix sparse, read_csr(object, "_fit_X", reader));
    TRY_ASSIGN(const auto metric,
               read_metric(object, "effective_metric_", parameters, sparse.columns));
    if (!plan::has_sparse_index(metric.kind)) {
      return object.unsupported("effective_metric_",
                                "euclidean, manhattan or cosine for sparse rows",
                                std::string(plan::metric_name(metric.kind)));
    }
    return plan::make_sparse_index(metric, sparse);
  }
  TRY_ASSIGN(plan::Matrix dense, read_matrix(object, "_fit_X", reader));
  TRY_ASSIGN(auto metric, read_metric(object, "effective_metric_", parameters, dense.columns));
  return plan::make_brute_index(std::move(metric), std::move(dense));
}

}  // namespace sklearn
