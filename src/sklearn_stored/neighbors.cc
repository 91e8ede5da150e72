#include "sklearn_stored/neighbors.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "pickle/numbers.h"
#include "plan_neighbors/neighbor_answers.h"
#include "sklearn_stored/centroid.h"
#include "sklearn_stored/density.h"
#include "sklearn_stored/neighbor_index.h"
#include "sklearn_stored/neighbor_search.h"
#include "sklearn_stored/neighbor_transformers.h"
#include "sklearn_values/matrix.h"

namespace sklearn {
namespace {

using plan::Builder;
using plan::Form;
using plan::Method;
using plan::NeighborWeights;
using plan::Port;

base::Result<NeighborWeights> read_neighbor_weights(const Object& object) {
  const auto value = object.find("weights");
  if (!value || value->as_string() == "uniform") return NeighborWeights::Uniform;
  if (value->as_string() == "distance") return NeighborWeights::Distance;
  return object.unsupported("weights", "uniform or distance", describe(*value));
}

// classes_ and _y: of one output, or of several.
struct NeighborClasses {
  std::vector<data::Labels> labels;
  plan::NeighborLabels codes;
};

base::Result<NeighborClasses> read_neighbor_classes(const Object& object, std::size_t rows) {
  NeighborClasses read;
  TRY_ASSIGN(const bool several, object.flag_or("outputs_2d_", false));
  if (several) {
    TRY_ASSIGN(const auto values, object.list("classes_"));
    for (const pickle::Value& value : values) {
      auto labels = labels_of(value);
      if (!labels.ok()) return object.unexpected("classes_", "labels of one type", value);
      read.labels.push_back(*std::move(labels));
    }
  } else {
    TRY_ASSIGN(auto labels, object.labels("classes_"));
    read.labels.push_back(std::move(labels));
  }
  TRY_ASSIGN(const auto codes, object.integers("_y"));
  const std::size_t outputs = read.labels.size();
  if (outputs == 0 || codes.size() != rows * outputs) {
    return object.unexpected("_y", fmt::format("{} numbers", rows * outputs),
                             std::to_string(codes.size()));
  }
  read.codes.rows = rows;
  read.codes.codes.resize(codes.size());
  for (const data::Labels& labels : read.labels) {
    read.codes.classes.push_back(data::label_count(labels));
  }
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const std::size_t output = i % outputs;
    if (codes[i] < 0 || static_cast<std::uint64_t>(codes[i]) >= read.codes.classes[output]) {
      return object.unexpected("_y", "indices of classes", std::to_string(codes[i]));
    }
    read.codes.codes[output * rows + i / outputs] = static_cast<std::uint32_t>(codes[i]);
  }
  return read;
}

// Of each output the class of rows without neighbours; a class that is none of them is their
// number.
base::Result<std::vector<std::uint32_t>> read_outliers(const Object& object,
                                                       const std::vector<data::Labels>& classes) {
  const auto value =
      object.has("outlier_label_") ? object.find("outlier_label_") : object.find("outlier_label");
  std::vector<std::uint32_t> outliers;
  if (!value) return outliers;
  std::vector<std::string> texts;
  if (const auto labels = labels_of(*value); labels.ok()) {
    for (std::size_t k = 0; k < data::label_count(*labels); ++k) {
      texts.push_back(data::label_text(*labels, k));
    }
  } else if (const auto text = value->as_string()) {
    texts.emplace_back(*text);
  } else if (const auto integer = value->as_int()) {
    texts.push_back(std::to_string(*integer));
  }
  if (texts.size() == 1) texts.resize(classes.size(), texts.front());
  if (texts.size() != classes.size()) {
    return object.unexpected("outlier_label_", "a label for each output", *value);
  }
  for (std::size_t k = 0; k < classes.size(); ++k) {
    const std::size_t count = data::label_count(classes[k]);
    std::size_t at = 0;
    while (at < count && data::label_text(classes[k], at) != texts[k]) ++at;
    outliers.push_back(static_cast<std::uint32_t>(at));
  }
  return outliers;
}

class NeighborsClassifier final : public Estimator {
 public:
  // `count`: of the nearest; nothing for all within a radius.
  NeighborsClassifier(NeighborSearch search, NeighborClasses classes,
                      plan::NeighborVote::Options options)
      : search_(std::move(search)), classes_(std::move(classes)), options_(std::move(options)) {}

  bool has(Method method) const override {
    return method == Method::Predict || method == Method::PredictProba ||
           (method == Method::KNeighbors && !options_.within_radius);
  }
  std::vector<data::Labels> classes() const override { return classes_.labels; }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port neighbors, search_.emit(builder, input));
    if (method == Method::KNeighbors) return neighbors;
    plan::NeighborVote::Options options = options_;
    options.shares = method == Method::PredictProba;
    for (std::size_t k = 0; k < options.outlier.size(); ++k) {
      if (!options.shares && options.outlier[k] >= classes_.codes.classes[k]) {
        return base::Error(base::Code::Unsupported,
                           "\"outlier_label\": expected one of classes_, got another");
      }
    }
    auto step = std::make_shared<plan::NeighborVote>(classes_.codes, std::move(options));
    const std::size_t width = step->outputs();
    return builder.add(std::move(step), neighbors, Form::Dense, width);
  }

  NeighborSearch search_;
  NeighborClasses classes_;
  plan::NeighborVote::Options options_;
};

Made read_neighbors_classifier(const Object& object, Reader& reader, bool radius) {
  TRY_ASSIGN(NeighborSearch search,
             radius ? read_radius_search(object, reader) : read_nearest_search(object, reader));
  TRY_ASSIGN(NeighborClasses classes, read_neighbor_classes(object, search.index->rows()));
  plan::NeighborVote::Options options{.within_radius = radius};
  TRY_ASSIGN(options.weights, read_neighbor_weights(object));
  search.distances = options.weights == NeighborWeights::Distance;
  if (radius) {
    TRY_ASSIGN(options.outlier, read_outliers(object, classes.labels));
  }
  return std::make_unique<NeighborsClassifier>(std::move(search), std::move(classes),
                                               std::move(options));
}

class NeighborsRegressor final : public Estimator {
 public:
  NeighborsRegressor(NeighborSearch search, plan::Matrix targets, NeighborWeights weights)
      : search_(std::move(search)), targets_(std::move(targets)), weights_(weights) {}
  bool has(Method method) const override {
    return method == Method::Predict || (method == Method::KNeighbors && search_.count > 0);
  }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port neighbors, search_.emit(builder, input));
    if (method == Method::KNeighbors) return neighbors;
    return builder.add(std::make_shared<plan::NeighborMean>(targets_, weights_, search_.count == 0),
                       neighbors, Form::Dense, targets_.columns);
  }

  NeighborSearch search_;
  plan::Matrix targets_;
  NeighborWeights weights_;
};

// _y: rows x outputs, or one number for each row.
base::Result<plan::Matrix> read_targets(const Object& object, std::size_t rows) {
  TRY_ASSIGN(auto numbers, object.doubles("_y"));
  if (rows == 0 || numbers.empty() || numbers.size() % rows != 0) {
    return object.unexpected("_y", fmt::format("numbers for {} rows", rows),
                             std::to_string(numbers.size()));
  }
  return plan::Matrix{rows, numbers.size() / rows, std::move(numbers)};
}

Made read_neighbors_regressor(const Object& object, Reader& reader, bool radius) {
  TRY_ASSIGN(NeighborSearch search,
             radius ? read_radius_search(object, reader) : read_nearest_search(object, reader));
  TRY_ASSIGN(plan::Matrix targets, read_targets(object, search.index->rows()));
  TRY_ASSIGN(const NeighborWeights weights, read_neighbor_weights(object));
  return std::make_unique<NeighborsRegressor>(std::move(search), std::move(targets), weights);
}

// NearestNeighbors, KDTree, BallTree.
class NeighborsAlone final : public Estimator {
 public:
  explicit NeighborsAlone(NeighborSearch search) : search_(std::move(search)) {}
  bool has(Method method) const override { return method == Method::KNeighbors; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    return search_.emit(builder, input);
  }

  NeighborSearch search_;
};

Made read_nearest_neighbors(const Object& object, Reader& reader) {
  TRY_ASSIGN(NeighborSearch search, read_nearest_search(object, reader));
  return std::make_unique<NeighborsAlone>(std::move(search));
}

// The query of a tree is for one neighbour unless it says otherwise.
Made read_bare_tree(const Object& object, Reader&) {
  TRY_ASSIGN(PickledTree tree, read_neighbor_tree(object, object.value()));
  TRY_ASSIGN(NeighborIndexPtr index, tree_index(object, std::move(tree.tree)));
  return std::make_unique<NeighborsAlone>(
      NeighborSearch{.index = std::move(index), .count = 1, .sort = neighbor_sort_of(object)});
}

constexpr Entry kNeighbors[] = {
    {"sklearn.neighbors", "KNeighborsClassifier",
     [](const Object& object, Reader& reader) {
       return read_neighbors_classifier(object, reader, false);
     }},
    {"sklearn.neighbors", "KNeighborsRegressor",
     [](const Object& object, Reader& reader) {
       return read_neighbors_regressor(object, reader, false);
     }},
    {"sklearn.neighbors", "KNeighborsTransformer", read_neighbors_transformer, true},
    {"sklearn.neighbors", "KernelDensity", read_kernel_density},
    {"sklearn.neighbors", "LocalOutlierFactor", read_local_outlier_factor},
    {"sklearn.neighbors", "NearestCentroid", read_nearest_centroid},
    {"sklearn.neighbors", "NearestNeighbors", read_nearest_neighbors},
    {"sklearn.neighbors", "NeighborhoodComponentsAnalysis", read_neighborhood_components, true},
    {"sklearn.neighbors", "RadiusNeighborsClassifier",
     [](const Object& object, Reader& reader) {
       return read_neighbors_classifier(object, reader, true);
     }},
    {"sklearn.neighbors", "RadiusNeighborsRegressor",
     [](const Object& object, Reader& reader) {
       return read_neighbors_regressor(object, reader, true);
     }},
    {"sklearn.neighbors", "RadiusNeighborsTransformer", read_radius_transformer, true},
    // KDTree and BallTree.
    {"sklearn.neighbors", "newObj", read_bare_tree},
};

}  // namespace

std::span<const Entry> neighbors_entries() { return kNeighbors; }

}  // namespace sklearn
