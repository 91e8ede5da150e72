#include "sklearn_linear/random_projection.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sklearn_linear/linear_scores.h"
#include "sklearn_linear/projection.h"
#include "sklearn_values/arrays.h"

namespace sklearn {
namespace {

using plan::Builder;
using plan::Method;
using plan::Port;

class RandomProjection final : public Estimator {
 public:
  RandomProjection(Projection projection, std::vector<std::string> names)
      : projection_(std::move(projection)), names_(std::move(names)) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port features, builder.finite(input, projection_.features()));
    return projection_.of(builder, features, names_);
  }

  Projection projection_;
  std::vector<std::string> names_;
};

Made read_random_projection(const Object& object, Reader& reader) {
  TRY_ASSIGN(auto components, LinearScores::read_coefficients(object, reader, "components_"));
  const std::size_t count = components->outputs();
  return std::make_unique<RandomProjection>(Projection(std::move(components)),
                                            prefixed_names(object, count));
}

constexpr Entry kRandomProjection[] = {
    {"sklearn.random_projection", "GaussianRandomProjection", read_random_projection, true},
    {"sklearn.random_projection", "SparseRandomProjection", read_random_projection, true},
};

}  // namespace

std::span<const Entry> random_projection_entries() { return kRandomProjection; }

}  // namespace sklearn
