#include "sklearn_stored/manifold.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "plan_neighbors/embedding.h"
#include "sklearn_stored/kernel_methods.h"
#include "sklearn_stored/neighbor_search.h"
#include "sklearn_values/arrays.h"
#include "sklearn_values/matrix.h"

namespace sklearn {
namespace {

using plan::Builder;
using plan::Form;
using plan::Method;
using plan::Port;

// The parts of an estimator are of its release.
base::Result<Object> part_of_embedding(const Object& object, std::string_view attribute) {
  TRY_ASSIGN(const pickle::Value value, object.get(attribute));
  return Object::of(value, object.release());
}

class IsomapEmbedding final : public Estimator {
 public:
  IsomapEmbedding(NeighborSearch search, std::shared_ptr<const plan::Geodesic> step,
                  std::size_t width)
      : search_(std::move(search)), step_(std::move(step)), width_(width) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port neighbors, search_.emit(builder, input));
    return builder.add(step_, neighbors, Form::Dense, width_);
  }

  NeighborSearch search_;
  std::shared_ptr<const plan::Geodesic> step_;
  std::size_t width_;
};

// Within a radius where n_neighbors is None, which it may be from 1.1 on.
base::Result<NeighborSearch> read_isomap_search(const Object& object, Reader& reader) {
  TRY_ASSIGN(const Object neighbors, part_of_embedding(object, "nbrs_"));
  if (object.has("n_neighbors")) return read_nearest_search(neighbors, reader);
  return read_radius_search(neighbors, reader);
}

Made read_isomap(const Object& object, Reader& reader) {
  TRY_ASSIGN(NeighborSearch search, read_isomap_search(object, reader));
  const std::size_t rows = search.index->rows();
  if (rows == 0) return object.unexpected("nbrs_", "rows", "none");
  TRY_ASSIGN(const Object kernel_pca, part_of_embedding(object, "kernel_pca_"));
  TRY_ASSIGN(KernelProjection projection, read_kernel_projection(kernel_pca, rows, reader));
  if (projection.vectors.columns == 0) {
    return object.unexpected("kernel_pca_", "at least one component", "none");
  }
  plan::Geodesic::Fitted fitted{.means = std::move(projection.row_means),
                                .mean = projection.mean,
                                .vectors = std::move(projection.vectors),
                                .within_radius = search.count == 0};
  TRY_ASSIGN(fitted.distances, read_matrix(object, "dist_matrix_", rows, rows));
  const std::size_t width = fitted.vectors.columns;
  return std::make_unique<IsomapEmbedding>(
      std::move(search), std::make_shared<plan::Geodesic>(std::move(fitted)), width);
}

// The products of the neighbours with each other are kept, and solved for each row.
constexpr std::int64_t kWeighedNeighborsMax = 1024;

class LocalEmbedding final : public Estimator {
 public:
  LocalEmbedding(NeighborSearch search, std::shared_ptr<const plan::Barycenter> step,
                 std::size_t width)
      : search_(std::move(search)), step_(std::move(step)), width_(width) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port rows, emit_rows(*search_.index, builder, input));
    TRY_ASSIGN(const Port neighbors, search_.emit(builder, input));
    const Port both[] = {rows, neighbors};
    return builder.add(step_, both, Form::Dense, width_);
  }

  NeighborSearch search_;
  std::shared_ptr<const plan::Barycenter> step_;
  std::size_t width_;
};

Made read_local_embedding(const Object& object, Reader& reader) {
  TRY_ASSIGN(const Object neighbors, part_of_embedding(object, "nbrs_"));
  TRY_ASSIGN(NeighborSearch search, read_nearest_search(neighbors, reader));
  const std::size_t rows = search.index->rows();
  const std::size_t features = search.index->features();
  TRY_ASSIGN(const std::int64_t count, object.integer("n_neighbors"));
  if (count < 1 || static_cast<std::uint64_t>(count) > rows) {
    return object.unexpected("n_neighbors", fmt::format("1 to {} neighbours", rows),
                             std::to_string(count));
  }
  if (count > kWeighedNeighborsMax) {
    return object.unsupported("n_neighbors",
                              fmt::format("at most {} neighbours", kWeighedNeighborsMax),
                              std::to_string(count));
  }
  search.count = static_cast<std::size_t>(count);
  plan::Barycenter::Fitted fitted;
  fitted.neighbors = search.count;
  TRY_ASSIGN(fitted.rows, read_matrix(neighbors, "_fit_X", rows, features));
  TRY_ASSIGN(fitted.embedding, read_matrix(object, "embedding_", reader));
  if (fitted.embedding.rows != rows || fitted.embedding.columns == 0) {
    return object.unexpected("embedding_", fmt::format("{} rows", rows),
                             std::to_string(fitted.embedding.rows));
  }
  TRY_ASSIGN(fitted.regularization, object.number("reg"));
  const std::size_t width = fitted.embedding.columns;
  return std::make_unique<LocalEmbedding>(
      std::move(search), std::make_shared<plan::Barycenter>(std::move(fitted)), width);
}

constexpr Entry kManifold[] = {
    {"sklearn.manifold", "Isomap", read_isomap, true},
    {"sklearn.manifold", "LocallyLinearEmbedding", read_local_embedding, true},
};

}  // namespace

std::span<const Entry> manifold_entries() { return kManifold; }

}  // namespace sklearn
