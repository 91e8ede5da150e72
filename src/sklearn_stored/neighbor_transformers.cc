#include "sklearn_stored/neighbor_transformers.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "plan_neighbors/neighbor_answers.h"
#include "sklearn_linear/projection.h"
#include "sklearn_stored/neighbor_search.h"
#include "sklearn_values/arrays.h"

namespace sklearn {
namespace {

using plan::Builder;
using plan::Form;
using plan::Method;
using plan::Port;

// Neighbours as a sparse matrix.
class NeighborsTransformer final : public Estimator {
 public:
  NeighborsTransformer(NeighborSearch search, bool distances)
      : search_(std::move(search)), distances_(distances) {}
  bool has(Method method) const override {
    return method == Method::Transform || method == Method::KNeighbors;
  }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    NeighborSearch search = search_;
    if (method == Method::KNeighbors) return search.emit(builder, input);
    // A row of the fit would be its own nearest, so that one more is looked for.
    const std::size_t stored = search.index->rows();
    search.count += distances_ ? 1 : 0;
    if (search.count > stored) {
      return base::Error(base::Code::Unsupported,
                         fmt::format("\"n_neighbors\": expected fewer than {} rows, got {}", stored,
                                     search_.count));
    }
    TRY_ASSIGN(const Port neighbors, search.emit(builder, input));
    return builder.add(std::make_shared<plan::NeighborGraph>(stored, distances_), neighbors,
                       Form::Sparse, stored);
  }

  NeighborSearch search_;
  bool distances_;
};

class RadiusTransformer final : public Estimator {
 public:
  RadiusTransformer(NeighborSearch search, bool distances)
      : search_(std::move(search)), distances_(distances) {
    search_.distances = distances;
  }
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port distances, search_.emit(builder, input));
    return builder.add(std::make_shared<plan::RadiusGraph>(distances_), distances, Form::Sparse,
                       search_.index->rows());
  }

  NeighborSearch search_;
  bool distances_;
};

class NeighborhoodComponents final : public Estimator {
 public:
  NeighborhoodComponents(Projection projection, std::vector<std::string> names)
      : projection_(std::move(projection)), names_(std::move(names)) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port checked, builder.finite(input, projection_.features()));
    TRY_ASSIGN(const Port rows, builder.dense(checked));
    return projection_.of(builder, rows, names_);
  }

  Projection projection_;
  std::vector<std::string> names_;
};

}  // namespace

Made read_neighbors_transformer(const Object& object, Reader& reader) {
  TRY_ASSIGN(NeighborSearch search, read_nearest_search(object, reader));
  TRY_ASSIGN(const std::string mode, object.text("mode"));
  return std::make_unique<NeighborsTransformer>(std::move(search), mode == "distance");
}

Made read_radius_transformer(const Object& object, Reader& reader) {
  TRY_ASSIGN(NeighborSearch search, read_radius_search(object, reader));
  TRY_ASSIGN(const std::string mode, object.text("mode"));
  return std::make_unique<RadiusTransformer>(std::move(search), mode == "distance");
}

Made read_neighborhood_components(const Object& object, Reader&) {
  TRY_ASSIGN(const Numbers components, numbers_of(object, "components_"));
  auto names = prefixed_names(object, components.rows);
  return std::make_unique<NeighborhoodComponents>(Projection(by_output(components)),
                                                  std::move(names));
}

}  // namespace sklearn
