// What the readers of estimators that encode or embed rows take, and what they refuse; and what is
// refused because it answers for no row but those of its fit.
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "fitted/test_pickle.h"
#include "pickle/document.h"
#include "sklearn/model.h"

namespace sklearn {
namespace {

namespace write = fitted::test_pickle;

std::string embedding_refusal(const std::string& module, const std::string& name,
                              const write::Attributes& attributes) {
  const std::string file = write::file(write::object(module, name, attributes));
  const auto document = pickle::Document::read(base::as_bytes(file));
  if (!document.ok()) return document.error().message();
  const auto model = Model::read(document->root(), {});
  return model.ok() ? "accepted" : model.error().message();
}

write::Attributes embedding_with(write::Attributes attributes, const std::string& name,
                                 const std::string& value) {
  std::erase_if(attributes, [&](const auto& each) { return each.first == name; });
  if (!value.empty()) attributes.emplace_back(name, value);
  return attributes;
}

const write::Attributes kCoder = {{"dictionary", write::array({2, 3}, {1, 0, 0, 0, 1, 0})},
                                  {"transform_algorithm", write::text("omp")},
                                  {"transform_n_nonzero_coefs", write::integer(2)},
                                  {"transform_alpha", write::none()},
                                  {"transform_max_iter", write::integer(1000)},
                                  {"split_sign", write::flag(false)},
                                  {"positive_code", write::flag(false)},
                                  {"_sklearn_version", write::text("1.9.1")}};

std::string coder(const std::string& name, const std::string& value) {
  return embedding_refusal("sklearn.decomposition._dict_learning", "SparseCoder",
                           embedding_with(kCoder, name, value));
}

TEST(EmbeddingReadersTest, ReadASparseCoder) {
  const std::string prefix = "model: sklearn.decomposition.SparseCoder ";
  EXPECT_EQ(coder("n_jobs", write::none()), "accepted");
  for (const char* name : {"threshold", "lars", "lasso_lars", "lasso_cd"}) {
    EXPECT_EQ(coder("transform_algorithm", write::text(name)), "accepted");
  }
  EXPECT_EQ(coder("transform_algorithm", write::text("lasso")),
            prefix +
                "\"transform_algorithm\": expected lasso_lars, lasso_cd, lars, omp or "
                "threshold, got \"lasso\"");
  EXPECT_EQ(coder("transform_n_nonzero_coefs", write::integer(3)),
            prefix + "\"transform_n_nonzero_coefs\": expected 1 to 2 atoms, got 3");
  EXPECT_EQ(coder("transform_n_nonzero_coefs", write::integer(0)),
            prefix + "\"transform_n_nonzero_coefs\": expected 1 to 2 atoms, got 0");
  EXPECT_EQ(coder("positive_code", write::flag(true)),
            prefix + "\"positive_code\": expected False for omp, got True");
  EXPECT_EQ(coder("dictionary", write::array({2, 1}, {1, -1})),
            prefix +
                "\"transform_algorithm\": expected threshold or lasso_cd where two atoms are "
                "alike, between which a rounding would choose, got omp");
  EXPECT_EQ(coder("dictionary", write::array({1, 2}, {1, HUGE_VAL})),
            prefix + "\"dictionary\": expected finite numbers, got others");
}

TEST(EmbeddingReadersTest, RefuseHowLongALassoIsLookedFor) {
  const auto lasso = embedding_with(kCoder, "transform_algorithm", write::text("lasso_cd"));
  EXPECT_EQ(embedding_refusal("sklearn.decomposition._dict_learning", "SparseCoder",
                              embedding_with(lasso, "transform_max_iter", write::integer(100'001))),
            "model: sklearn.decomposition.SparseCoder \"transform_max_iter\": expected at most "
            "100000 rounds, got 100001");
}

// A small file must not make much work, nor much memory.
TEST(EmbeddingReadersTest, RefuseWhatAFewAtomsWouldCost) {
  const auto of_atoms = [](std::int64_t atoms, const char* algorithm, std::int64_t rounds) {
    auto attributes = embedding_with(kCoder, "transform_algorithm", write::text(algorithm));
    attributes = embedding_with(attributes, "transform_max_iter", write::integer(rounds));
    std::vector<double> values;
    for (std::int64_t k = 0; k < atoms; ++k) values.push_back(1 + static_cast<double>(k));
    attributes = embedding_with(attributes, "dictionary", write::array({atoms, 1}, values));
    return embedding_refusal("sklearn.decomposition._dict_learning", "SparseCoder", attributes);
  };
  const std::string prefix =
      "model: sklearn.decomposition.SparseCoder \"transform_algorithm\": expected ";
  EXPECT_EQ(of_atoms(4096, "lasso_cd", 1000), prefix + "threshold for 4096 atoms, got lasso_cd");
  EXPECT_EQ(of_atoms(4096, "threshold", 1000), "accepted");
  EXPECT_EQ(of_atoms(447, "lasso_cd", 100'000), "accepted");
  EXPECT_EQ(of_atoms(448, "lasso_cd", 100'000),
            prefix + "one of at most 2e+10 multiplications a row, got 2.00704e+10 with 448 atoms");
  EXPECT_EQ(coder("dictionary", write::array({2, 2}, {1e200, 1, -1, 1e200})),
            prefix + "threshold for atoms of such magnitude, got products that are not finite");
}

TEST(EmbeddingReadersTest, RefuseComponentsWhoseSquareIsLarge) {
  EXPECT_EQ(
      embedding_refusal("sklearn.decomposition._sparse_pca", "SparsePCA",
                        {{"components_", write::array({1025, 1}, std::vector<double>(1025))},
                         {"ridge_alpha", write::number(0.01)},
                         {"mean_", write::array({1}, {0})},
                         {"_sklearn_version", write::text("1.9.1")}}),
      "model: sklearn.decomposition.SparsePCA \"components_\": expected at most 1024 of them, "
      "got 1025");
}

TEST(EmbeddingReadersTest, RefuseNeighboursWhoseSquareIsLarge) {
  const auto embedding = [](std::int64_t count) {
    const std::int64_t rows = 1025;
    std::vector<double> values;
    for (std::int64_t k = 0; k < rows; ++k) values.push_back(static_cast<double>(k));
    const std::string neighbors =
        write::object("sklearn.neighbors._unsupervised", "NearestNeighbors",
                      {{"n_neighbors", write::integer(count)},
                       {"effective_metric_", write::text("euclidean")},
                       {"effective_metric_params_", write::dict({})},
                       {"_fit_method", write::text("brute")},
                       {"_fit_X", write::array({rows, 1}, values)}});
    return embedding_refusal("sklearn.manifold._locally_linear", "LocallyLinearEmbedding",
                             {{"nbrs_", neighbors},
                              {"n_neighbors", write::integer(count)},
                              {"embedding_", write::array({rows, 1}, values)},
                              {"reg", write::number(1e-3)}});
  };
  EXPECT_EQ(embedding(1024), "accepted");
  EXPECT_EQ(embedding(1025),
            "model: sklearn.manifold.LocallyLinearEmbedding \"n_neighbors\": expected at most 1024 "
            "neighbours, got 1025");
}

const write::Attributes kPropagation = {
    {"kernel", write::text("rbf")},
    {"gamma", write::number(20)},
    {"X_", write::array({2, 1}, {0, 1})},
    {"label_distributions_", write::array({2, 2}, {1, 0, 0, 1})},
    {"classes_", write::list({write::text("a"), write::text("b")})}};

TEST(EmbeddingReadersTest, ReadPropagatedLabels) {
  const auto refusal = [](const std::string& name, const std::string& value) {
    return embedding_refusal("sklearn.semi_supervised._label_propagation", "LabelSpreading",
                             embedding_with(kPropagation, name, value));
  };
  const std::string prefix = "model: sklearn.semi_supervised.LabelSpreading ";
  EXPECT_EQ(refusal("alpha", write::number(0.2)), "accepted");
  EXPECT_EQ(refusal("kernel", write::global("numpy", "dot")),
            prefix + "\"kernel\": expected rbf or knn, got numpy.dot");
  EXPECT_EQ(refusal("label_distributions_", write::array({1, 2}, {1, 0})),
            prefix + "\"label_distributions_\": expected 2 x 2 numbers, got 1 x 2");
}

TEST(EmbeddingReadersTest, RefuseASparsePcaThatMixesRows) {
  EXPECT_EQ(embedding_refusal("sklearn.decomposition.sparse_pca", "SparsePCA",
                              {{"components_", write::array({1, 2}, {1, 0})},
                               {"ridge_alpha", write::number(0.01)},
                               {"normalize_components", write::flag(false)},
                               {"_sklearn_version", write::text("0.21.3")}}),
            "model: sklearn.decomposition.SparsePCA \"normalize_components\": expected True, "
            "without which transform divides by the norm over all rows that come together, got "
            "False");
}

TEST(EmbeddingReadersTest, RefuseWhatAnswersForNoNewRow) {
  const std::string prefix =
      "expected an estimator that answers for new rows, got one that has no ";
  EXPECT_EQ(embedding_refusal("sklearn.manifold._t_sne", "TSNE", {{"n_components", "N"}}),
            "model: sklearn.manifold.TSNE: " + prefix + "predict or transform, only fit_transform");
  EXPECT_EQ(embedding_refusal("sklearn.cluster._dbscan", "DBSCAN", {{"eps", "N"}}),
            "model: sklearn.cluster.DBSCAN: " + prefix + "predict or transform, only fit_predict");
  EXPECT_EQ(embedding_refusal("sklearn.covariance._robust_covariance", "MinCovDet", {{"a", "N"}}),
            "model: sklearn.covariance.MinCovDet: " + prefix +
                "predict or transform, only score and mahalanobis");
}

}  // namespace
}  // namespace sklearn
