#include "sklearn_stored/cluster.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "plan/builder.h"
#include "plan/constant.h"
#include "plan_neighbors/centers.h"
#include "sklearn_values/arrays.h"
#include "sklearn_values/matrix.h"

namespace sklearn {
namespace {

using pickle::Value;
using plan::BisectCenters;
using plan::Builder;
using plan::Form;
using plan::Method;
using plan::PoolFeatures;
using plan::Port;

base::Result<Port> finite_rows(Builder& builder, const Port& input, std::size_t features) {
  TRY_ASSIGN(const Port spread, builder.dense(input, features));
  return builder.finite(spread, features);
}

// Clusters by the nearest center. Predicts the number of a cluster; some also give the distances.
class CenterClusters final : public Estimator {
 public:
  struct Fitted {
    std::shared_ptr<const plan::Centers> centers;
    std::vector<double> labels;
    std::shared_ptr<const plan::Step> predict;  // Null: the nearest center's label.
    bool transforms = true;
    std::vector<std::string> names;
  };
  explicit CenterClusters(Fitted fitted) : fitted_(std::move(fitted)) {}
  bool has(Method method) const override {
    return method == Method::Predict || (method == Method::Transform && fitted_.transforms);
  }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port port, finite_rows(builder, input, fitted_.centers->features()));
    if (method == Method::Transform) {
      return builder.add(std::make_shared<plan::CenterDistances>(fitted_.centers), port,
                         Form::Dense, fitted_.centers->count(), fitted_.names);
    }
    if (fitted_.predict != nullptr) return builder.add(fitted_.predict, port, Form::Dense, 1);
    return builder.add(std::make_shared<plan::NearestCenter>(fitted_.centers, fitted_.labels), port,
                       Form::Dense, 1);
  }

  Fitted fitted_;
};

// Affinity propagation that did not converge has no centers and answers -1.
class NoClusters final : public Estimator {
 public:
  explicit NoClusters(std::size_t features) : features_(features) {}
  bool has(Method method) const override { return method == Method::Predict; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port port, finite_rows(builder, input, features_));
    return builder.add(std::make_shared<plan::Constant>(std::vector<double>{-1}), port, Form::Dense,
                       1);
  }

  std::size_t features_;
};

class FeatureAgglomeration final : public Estimator {
 public:
  FeatureAgglomeration(PoolFeatures::Pool pool, std::vector<std::size_t> groups, std::size_t count,
                       std::vector<std::string> names)
      : pool_(pool), groups_(std::move(groups)), count_(count), names_(std::move(names)) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port port, finite_rows(builder, input, groups_.size()));
    return builder.add(std::make_shared<PoolFeatures>(pool_, groups_, count_), port, Form::Dense,
                       count_, names_);
  }

  PoolFeatures::Pool pool_;
  std::vector<std::size_t> groups_;
  std::size_t count_;
  std::vector<std::string> names_;
};

base::Result<CenterClusters::Fitted> read_centers(const Object& object, Reader& reader,
                                                  const char* attribute) {
  TRY_ASSIGN(const auto matrix, read_matrix(object, attribute, reader));
  if (matrix.rows == 0 || matrix.columns == 0) {
    return object.unexpected(attribute, "at least one center", "none");
  }
  CenterClusters::Fitted fitted;
  fitted.centers = std::make_shared<const plan::Centers>(matrix);
  for (std::size_t i = 0; i < matrix.rows; ++i) fitted.labels.push_back(static_cast<double>(i));
  fitted.names = prefixed_names(object, matrix.rows);
  return fitted;
}

Made read_k_means(const Object& object, Reader& reader) {
  TRY_ASSIGN(auto fitted, read_centers(object, reader, "cluster_centers_"));
  return std::make_unique<CenterClusters>(std::move(fitted));
}

Made read_mean_shift(const Object& object, Reader& reader) {
  TRY_ASSIGN(auto fitted, read_centers(object, reader, "cluster_centers_"));
  fitted.transforms = false;
  return std::make_unique<CenterClusters>(std::move(fitted));
}

Made read_birch(const Object& object, Reader& reader) {
  TRY_ASSIGN(auto fitted, read_centers(object, reader, "subcluster_centers_"));
  TRY_ASSIGN(fitted.labels, object.doubles("subcluster_labels_", fitted.labels.size()));
  return std::make_unique<CenterClusters>(std::move(fitted));
}

Made read_affinity_propagation(const Object& object, Reader& reader) {
  if (!object.has("cluster_centers_")) {
    return object.unsupported("affinity", "\"euclidean\"", "others, which keep no centers");
  }
  TRY_ASSIGN(const auto matrix, read_matrix(object, "cluster_centers_", reader));
  if (matrix.rows == 0) return std::make_unique<NoClusters>(matrix.columns);
  return read_mean_shift(object, reader);
}

// A node of _bisecting_tree that waits for its place.
struct BisectWaiting {
  Value value;
  std::uint32_t place;
};

base::Result<std::vector<BisectCenters::Node>> read_bisecting_tree(
    const Object& object, Reader& reader, const std::vector<double>& mean) {
  TRY_ASSIGN(const Value root, object.get("_bisecting_tree"));
  std::vector<BisectCenters::Node> nodes(1);
  std::vector<BisectWaiting> waiting = {{root, 0}};
  while (!waiting.empty()) {
    const auto [value, place] = waiting.back();
    waiting.pop_back();
    const auto left = value.find("left");
    const auto right = value.find("right");
    if (!left || !right || left->is_none() || right->is_none()) {
      const auto label = value.find("label");
      const auto number = label ? label->as_float() : std::nullopt;
      if (!number) return object.unexpected("_bisecting_tree", "a label of each leaf", value);
      nodes[place].label = *number;
      continue;
    }
    for (const Value child : {*left, *right}) {
      const auto center = child.find("center");
      auto numbers = center ? doubles_of(*center) : base::Result<std::vector<double>>({});
      if (!numbers.ok() || numbers->size() != mean.size() || !reader.spend(mean.size() + 64)) {
        return object.unexpected(
            "_bisecting_tree", fmt::format("centers of {} numbers, and not too many", mean.size()),
            child);
      }
      for (std::size_t c = 0; c < mean.size(); ++c) (*numbers)[c] += mean[c];
      const auto next = static_cast<std::uint32_t>(nodes.size());
      (child.same(*left) ? nodes[place].left : nodes[place].right) = next;
      nodes.push_back({.center = *std::move(numbers)});
      waiting.push_back({child, next});
    }
    if (nodes[place].right == 0) {
      return object.unexpected("_bisecting_tree", "two children of their own", value);
    }
  }
  return nodes;
}

Made read_bisecting_k_means(const Object& object, Reader& reader) {
  TRY_ASSIGN(auto fitted, read_centers(object, reader, "cluster_centers_"));
  const std::size_t features = fitted.centers->features();
  std::vector<double> mean(features, 0.0);
  if (object.has("_X_mean")) {
    TRY_ASSIGN(mean, object.doubles("_X_mean", features));
  }
  TRY_ASSIGN(auto nodes, read_bisecting_tree(object, reader, mean));
  fitted.predict = std::make_shared<BisectCenters>(features, std::move(nodes));
  return std::make_unique<CenterClusters>(std::move(fitted));
}

base::Result<PoolFeatures::Pool> read_pool(const Object& object) {
  const auto function = object.find("pooling_func");
  const std::string_view name = function ? function->name() : std::string_view();
  const bool numpy = function && function->module().starts_with("numpy");
  if (numpy && name == "mean") return PoolFeatures::Pool::Mean;
  if (numpy && name == "sum") return PoolFeatures::Pool::Sum;
  if (numpy && (name == "min" || name == "amin")) return PoolFeatures::Pool::Min;
  if (numpy && (name == "max" || name == "amax")) return PoolFeatures::Pool::Max;
  return object.unsupported("pooling_func", "numpy.mean, sum, min or max",
                            function ? describe(*function) : "none");
}

Made read_feature_agglomeration(const Object& object, Reader&) {
  TRY_ASSIGN(const auto pool, read_pool(object));
  TRY_ASSIGN(const auto labels, object.integers("labels_"));
  std::vector<std::size_t> groups;
  std::size_t count = 0;
  for (const std::int64_t label : labels) {
    if (label < 0 || static_cast<std::size_t>(label) >= labels.size()) {
      return object.unexpected("labels_", fmt::format("labels below {}", labels.size()),
                               std::to_string(label));
    }
    groups.push_back(static_cast<std::size_t>(label));
    count = std::max(count, groups.back() + 1);
  }
  if (groups.empty()) return object.unexpected("labels_", "a label for each feature", "none");
  return std::make_unique<FeatureAgglomeration>(pool, std::move(groups), count,
                                                prefixed_names(object, count));
}

constexpr Entry kCluster[] = {
    {"sklearn.cluster", "AffinityPropagation", read_affinity_propagation},
    {"sklearn.cluster", "Birch", read_birch, true},
    {"sklearn.cluster", "BisectingKMeans", read_bisecting_k_means, true},
    {"sklearn.cluster", "FeatureAgglomeration", read_feature_agglomeration, true},
    {"sklearn.cluster", "KMeans", read_k_means, true},
    {"sklearn.cluster", "MeanShift", read_mean_shift},
    {"sklearn.cluster", "MiniBatchKMeans", read_k_means, true},
};

}  // namespace

std::span<const Entry> cluster_entries() { return kCluster; }

}  // namespace sklearn
