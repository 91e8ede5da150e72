#include "sklearn_stored/density.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "plan_neighbors/neighbor_answers.h"
#include "plan_neighbors/tree_density.h"
#include "plan_preparation/scale.h"
#include "plan_scores/sign.h"
#include "sklearn_stored/neighbor_search.h"
#include "sklearn_values/matrix.h"

namespace sklearn {
namespace {

using plan::Builder;
using plan::Form;
using plan::Method;
using plan::Port;

class DensityOfKernels final : public Estimator {
 public:
  explicit DensityOfKernels(std::shared_ptr<const plan::TreeDensity> density)
      : density_(std::move(density)) {}
  bool has(Method method) const override { return method == Method::ScoreSamples; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port rows, builder.finite(input, density_->features()));
    TRY_ASSIGN(const Port dense, builder.dense(rows));
    return builder.add(density_, dense, Form::Dense, 1);
  }

  std::shared_ptr<const plan::TreeDensity> density_;
};

base::Result<plan::TreeDensity::Shape> read_density_kernel(const Object& object) {
  using Shape = plan::TreeDensity::Shape;
  constexpr std::pair<std::string_view, Shape> kKernels[] = {{"gaussian", Shape::Gaussian},
                                                             {"tophat", Shape::TopHat},
                                                             {"epanechnikov", Shape::Epanechnikov},
                                                             {"exponential", Shape::Exponential},
                                                             {"linear", Shape::Linear},
                                                             {"cosine", Shape::Cosine}};
  TRY_ASSIGN(const std::string name, object.text("kernel"));
  for (const auto& [known, kernel] : kKernels) {
    if (known == name) return kernel;
  }
  return object.unsupported("kernel", "a kernel that is known", name);
}

class LocalOutlierFactor final : public Estimator {
 public:
  LocalOutlierFactor(NeighborSearch search, std::shared_ptr<const plan::OutlierFactor> factor,
                     double offset)
      : search_(std::move(search)), factor_(std::move(factor)), offset_(offset) {}
  bool has(Method method) const override {
    return method == Method::Predict || method == Method::DecisionFunction ||
           method == Method::ScoreSamples || method == Method::KNeighbors;
  }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port neighbors, search_.emit(builder, input));
    if (method == Method::KNeighbors) return neighbors;
    const Port scores = builder.add(factor_, neighbors, Form::Dense, 1);
    if (method == Method::ScoreSamples) return scores;
    const Port decision = builder.add(
        std::make_shared<plan::CenterScale>(1, std::vector<double>{offset_}, std::vector<double>()),
        scores, Form::Dense, 1);
    if (method == Method::DecisionFunction) return decision;
    return builder.add(std::make_shared<plan::Sign>(plan::Sign::Zero::IsInlier), decision,
                       Form::Dense, 1);
  }

  NeighborSearch search_;
  std::shared_ptr<const plan::OutlierFactor> factor_;
  double offset_;
};

}  // namespace

Made read_kernel_density(const Object& object, Reader&) {
  TRY_ASSIGN(const pickle::Value value, object.get("tree_"));
  TRY_ASSIGN(PickledTree tree, read_neighbor_tree(object, value));
  plan::TreeDensity::Options options;
  TRY_ASSIGN(options.kernel, read_density_kernel(object));
  TRY_ASSIGN(options.bandwidth,
             object.number(object.has("bandwidth_") ? "bandwidth_" : "bandwidth"));
  TRY_ASSIGN(options.absolute, object.number("atol"));
  TRY_ASSIGN(options.relative, object.number("rtol"));
  TRY_ASSIGN(options.breadth_first, object.flag_or("breadth_first", true));
  options.weights = std::move(tree.weights);
  auto density = plan::TreeDensity::make(std::move(tree.tree), std::move(options));
  if (!density.ok()) return std::move(density).error().within(object.title());
  return std::make_unique<DensityOfKernels>(*std::move(density));
}

Made read_local_outlier_factor(const Object& object, Reader& reader) {
  TRY_ASSIGN(const bool novelty, object.flag_or("novelty", false));
  if (!novelty) return object.unsupported("novelty", "True, to be asked about new rows", "False");
  TRY_ASSIGN(NeighborSearch search, read_nearest_search(object, reader, "n_neighbors_"));
  const std::size_t rows = search.index->rows();
  TRY_ASSIGN(auto density, object.doubles("_lrd", rows));
  TRY_ASSIGN(const auto fitted, object.doubles("_distances_fit_X_"));
  if (fitted.size() != rows * search.count) {
    return object.unexpected("_distances_fit_X_", fmt::format("{} x {}", rows, search.count),
                             std::to_string(fitted.size()));
  }
  std::vector<double> reach;
  for (std::size_t i = 1; i <= rows; ++i) reach.push_back(fitted[i * search.count - 1]);
  TRY_ASSIGN(const double offset, object.number("offset_"));
  return std::make_unique<LocalOutlierFactor>(
      std::move(search),
      std::make_shared<plan::OutlierFactor>(std::move(reach), std::move(density)), offset);
}

}  // namespace sklearn
