#include "sklearn_stored/centroid.h"

#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "plan_neighbors/neighbor_answers.h"
#include "plan_preparation/scale.h"
#include "plan_scores/link.h"
#include "sklearn_stored/neighbor_search.h"
#include "sklearn_values/matrix.h"

namespace sklearn {
namespace {

using plan::Builder;
using plan::Form;
using plan::Method;
using plan::Port;

// Since 1.6: centroids in units of the spread within the classes, with the shares of these.
struct Discriminant {
  NeighborIndexPtr index;
  std::vector<double> spread;
  std::vector<double> offsets;
  bool decides_predict = false;  // Where the classes are not of one size.
};

class NearestCentroid final : public Estimator {
 public:
  NearestCentroid(NeighborIndexPtr index, data::Labels labels,
                  std::optional<Discriminant> discriminant)
      : index_(std::move(index)),
        labels_(std::move(labels)),
        discriminant_(std::move(discriminant)) {}

  bool has(Method method) const override {
    if (method == Method::Predict) return true;
    const bool scores = method == Method::DecisionFunction || method == Method::PredictProba ||
                        method == Method::PredictLogProba;
    return scores && discriminant_ && index_->metric().kind == plan::MetricKind::Euclidean;
  }
  std::vector<data::Labels> classes() const override { return {labels_}; }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    const std::size_t count = index_->rows();
    TRY_ASSIGN(const Port rows, emit_rows(*index_, builder, input));
    if (method == Method::Predict && !(discriminant_ && discriminant_->decides_predict)) {
      const Port scores = score(builder, rows, *this->index_, index_, false, {});
      return builder.add(std::make_shared<plan::Link>(plan::LinkKind::ArgMax, count), scores,
                         Form::Dense, 1);
    }
    const Port scaled = builder.add(std::make_shared<plan::CenterScale>(
                                        rows.width, std::vector<double>(), discriminant_->spread),
                                    rows, Form::Dense, rows.width);
    const Port scores = score(builder, scaled, *discriminant_->index, discriminant_->index, true,
                              discriminant_->offsets);
    if (method == Method::Predict) {
      return builder.add(std::make_shared<plan::Link>(plan::LinkKind::ArgMax, count), scores,
                         Form::Dense, 1);
    }
    if (method == Method::DecisionFunction) {
      if (count != 2) return scores;
      return builder.add(std::make_shared<plan::SecondLessFirst>(), scores, Form::Dense, 1);
    }
    const auto link =
        method == Method::PredictProba ? plan::LinkKind::Softmax : plan::LinkKind::LogSoftmax;
    return builder.add(std::make_shared<plan::Link>(link, count), scores, Form::Dense, count);
  }

  static Port score(Builder& builder, const Port& rows, const plan::NeighborIndex& index,
                    const NeighborIndexPtr& shared, bool squared, std::vector<double> offsets) {
    const Port distances =
        builder.add(std::make_shared<plan::MeasureAll>(shared), rows, Form::Dense, index.rows());
    return builder.add(std::make_shared<plan::CentroidScores>(squared, std::move(offsets)),
                       distances, Form::Dense, index.rows());
  }

  NeighborIndexPtr index_;
  data::Labels labels_;
  std::optional<Discriminant> discriminant_;
};

base::Result<std::optional<Discriminant>> read_discriminant(const Object& object,
                                                            plan::Matrix centroids,
                                                            const plan::Metric& metric) {
  if (!object.has("class_prior_") || !object.has("within_class_std_dev_")) {
    return std::optional<Discriminant>();
  }
  Discriminant read;
  TRY_ASSIGN(const auto priors, object.doubles("class_prior_", centroids.rows));
  TRY_ASSIGN(read.spread, object.doubles("within_class_std_dev_", centroids.columns));
  const double even = 1 / static_cast<double>(centroids.rows);
  for (const double prior : priors) {
    read.offsets.push_back(2 * std::log(prior));
    // numpy.isclose
    if (!(std::abs(prior - even) <= 1e-8 + 1e-5 * even)) read.decides_predict = true;
  }
  for (std::size_t f = 0; f < centroids.columns; ++f) {
    if (read.spread[f] == 0) read.spread[f] = 1;
    for (std::size_t k = 0; k < centroids.rows; ++k) centroids.row(k)[f] /= read.spread[f];
  }
  read.index = plan::make_brute_index(metric, std::move(centroids));
  return std::optional<Discriminant>(std::move(read));
}

}  // namespace

Made read_nearest_centroid(const Object& object, Reader& reader) {
  TRY_ASSIGN(plan::Matrix centroids, read_matrix(object, "centroids_", reader));
  TRY_ASSIGN(data::Labels labels, object.labels("classes_"));
  if (centroids.rows == 0 || data::label_count(labels) != centroids.rows) {
    return object.unexpected("centroids_", fmt::format("{} rows", data::label_count(labels)),
                             std::to_string(centroids.rows));
  }
  TRY_ASSIGN(const auto metric, read_metric(object, "metric", std::nullopt, centroids.columns));
  TRY_ASSIGN(auto discriminant, read_discriminant(object, centroids, metric));
  return std::make_unique<NearestCentroid>(plan::make_brute_index(metric, std::move(centroids)),
                                           std::move(labels), std::move(discriminant));
}

}  // namespace sklearn
