#include "sklearn/fit_only.h"

#include <fmt/format.h>

namespace sklearn {
namespace {

Made refuse_fit_only(const Object& object, std::string_view instead) {
  return base::Error(base::Code::Unsupported,
                     fmt::format("{}: expected an estimator that answers for new rows, got one "
                                 "that has no predict or transform, only {}",
                                 object.title(), instead));
}

Made refuse_fit_predict(const Object& object, Reader&) {
  return refuse_fit_only(object, "fit_predict");
}

Made refuse_fit_transform(const Object& object, Reader&) {
  return refuse_fit_only(object, "fit_transform");
}

Made refuse_covariance(const Object& object, Reader&) {
  return refuse_fit_only(object, "score and mahalanobis");
}

Made refuse_biclusters(const Object& object, Reader&) {
  return refuse_fit_only(object, "biclusters_");
}

Made refuse_pictures(const Object& object, Reader&) {
  return base::Error(
      base::Code::Unsupported,
      fmt::format("{}: expected an estimator of rows, got one of pictures", object.title()));
}

constexpr Entry kFitOnly[] = {
    {"sklearn.cluster", "AgglomerativeClustering", refuse_fit_predict},
    {"sklearn.cluster", "DBSCAN", refuse_fit_predict},
    {"sklearn.cluster", "HDBSCAN", refuse_fit_predict},
    {"sklearn.cluster", "OPTICS", refuse_fit_predict},
    {"sklearn.cluster", "SpectralBiclustering", refuse_biclusters},
    {"sklearn.cluster", "SpectralClustering", refuse_fit_predict},
    {"sklearn.cluster", "SpectralCoclustering", refuse_biclusters},
    {"sklearn.covariance", "EmpiricalCovariance", refuse_covariance},
    {"sklearn.covariance", "GraphLasso", refuse_covariance},
    {"sklearn.covariance", "GraphLassoCV", refuse_covariance},
    {"sklearn.covariance", "GraphicalLasso", refuse_covariance},
    {"sklearn.covariance", "GraphicalLassoCV", refuse_covariance},
    {"sklearn.covariance", "LedoitWolf", refuse_covariance},
    {"sklearn.covariance", "MinCovDet", refuse_covariance},
    {"sklearn.covariance", "OAS", refuse_covariance},
    {"sklearn.covariance", "ShrunkCovariance", refuse_covariance},
    {"sklearn.feature_extraction", "PatchExtractor", refuse_pictures},
    {"sklearn.manifold", "ClassicalMDS", refuse_fit_transform},
    {"sklearn.manifold", "MDS", refuse_fit_transform},
    {"sklearn.manifold", "SpectralEmbedding", refuse_fit_transform},
    {"sklearn.manifold", "TSNE", refuse_fit_transform},
};

}  // namespace

std::span<const Entry> fit_only_entries() { return kFitOnly; }

}  // namespace sklearn
