// What the readers of estimators that keep rows take, and what they refuse.
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "data/frame.h"
#include "fitted/test_pickle.h"
#include "pickle/document.h"
#include "sklearn/model.h"

namespace sklearn {
namespace {

namespace write = fitted::test_pickle;

std::string stored_refusal(const std::string& value) {
  const std::string file = write::file(value);
  const auto document = pickle::Document::read(base::as_bytes(file));
  if (!document.ok()) return document.error().message();
  const auto model = Model::read(document->root(), {});
  return model.ok() ? "accepted" : model.error().message();
}

write::Attributes altered(write::Attributes attributes, const std::string& name,
                          const std::string& value) {
  std::erase_if(attributes, [&](const auto& each) { return each.first == name; });
  if (!value.empty()) attributes.emplace_back(name, value);
  return attributes;
}

const write::Attributes kSvc = {{"kernel", write::text("rbf")},
                                {"_gamma", write::number(0.5)},
                                {"coef0", write::number(0)},
                                {"degree", write::integer(3)},
                                {"probability", write::flag(false)},
                                {"support_vectors_", write::array({2, 1}, {1, -1})},
                                {"_dual_coef_", write::array({1, 2}, {1, -1})},
                                {"_intercept_", write::array({1}, {0})},
                                {"_n_support", write::list({write::integer(1), write::integer(1)})},
                                {"classes_", write::list({write::text("a"), write::text("b")})}};

std::string svc(const write::Attributes& attributes) {
  return stored_refusal(write::object("sklearn.svm._classes", "SVC", attributes));
}

TEST(StoredReadersTest, ReadASupportVectorMachine) {
  EXPECT_EQ(svc(kSvc), "accepted");
  EXPECT_EQ(svc(altered(kSvc, "kernel", write::text("precomputed"))),
            "model: sklearn.svm.SVC \"kernel\": expected linear, poly, rbf or sigmoid, got "
            "\"precomputed\"");
  EXPECT_EQ(svc(altered(kSvc, "_dual_coef_", write::array({1, 1}, {1}))),
            "model: sklearn.svm.SVC \"_dual_coef_\": expected 1 x 2 numbers, got 1 x 1");
  EXPECT_EQ(svc(altered(kSvc, "_n_support", write::list({write::integer(1), write::integer(2)}))),
            "model: sklearn.svm.SVC \"_n_support\": expected counts of 2 classes of 2 support "
            "vectors, got [1, 2]");
  EXPECT_EQ(svc(altered(kSvc, "_n_support", write::list({write::integer(-1), write::integer(3)}))),
            "model: sklearn.svm.SVC \"_n_support\": expected counts of 2 classes of 2 support "
            "vectors, got [-1, 3]");
  EXPECT_EQ(svc(altered(kSvc, "probability", write::flag(true))),
            "model: sklearn.svm.SVC \"probA_\": expected this attribute of a fitted estimator, got "
            "none");
}

const write::Attributes kNeighbours = {
    {"n_neighbors", write::integer(2)},
    {"weights", write::text("uniform")},
    {"effective_metric_", write::text("euclidean")},
    {"effective_metric_params_", write::dict({})},
    {"_fit_method", write::text("brute")},
    {"_fit_X", write::array({2, 1}, {1, -1})},
    {"_y", write::list({write::integer(0), write::integer(1)})},
    {"classes_", write::list({write::text("a"), write::text("b")})}};

std::string neighbours(const write::Attributes& attributes) {
  return stored_refusal(
      write::object("sklearn.neighbors._classification", "KNeighborsClassifier", attributes));
}

TEST(StoredReadersTest, ReadNeighbours) {
  const std::string name = "model: sklearn.neighbors.KNeighborsClassifier ";
  EXPECT_EQ(neighbours(kNeighbours), "accepted");
  EXPECT_EQ(neighbours(altered(kNeighbours, "n_neighbors", write::integer(3))),
            name + "\"n_neighbors\": expected 1 to 2 neighbours, got 3");
  EXPECT_EQ(
      neighbours(altered(kNeighbours, "_y", write::list({write::integer(0), write::integer(2)}))),
      name + "\"_y\": expected indices of classes, got 2");
  EXPECT_EQ(neighbours(altered(kNeighbours, "weights", write::global("m", "f"))),
            name + "\"weights\": expected uniform or distance, got m.f");
  EXPECT_EQ(neighbours(altered(kNeighbours, "effective_metric_", write::text("precomputed"))),
            name +
                "\"effective_metric_\": expected a metric that is known by name, got "
                "\"precomputed\"");
  EXPECT_EQ(neighbours(altered(kNeighbours, "_fit_method", write::text("kd_tree"))),
            name + "\"_tree\": expected this attribute of a fitted estimator, got none");
}

std::string process(const std::string& kernel) {
  return stored_refusal(write::object("sklearn.gaussian_process._gpr", "GaussianProcessRegressor",
                                      {{"X_train_", write::array({2, 1}, {1, -1})},
                                       {"alpha_", write::array({2}, {1, -1})},
                                       {"kernel_", kernel}}));
}

std::string kernel_object(const std::string& name, const write::Attributes& attributes) {
  return write::object("sklearn.gaussian_process.kernels", name, attributes);
}

TEST(StoredReadersTest, ReadAGaussianProcess) {
  const std::string rbf = kernel_object("RBF", {{"length_scale", write::number(1)}});
  EXPECT_EQ(process(rbf), "accepted");
  EXPECT_EQ(process(kernel_object("Sum", {{"k1", rbf}, {"k2", rbf}})), "accepted");
  EXPECT_EQ(process(kernel_object("Mine", {})),
            "model: sklearn.gaussian_process.GaussianProcessRegressor: "
            "sklearn.gaussian_process.Mine: this kernel is not one that can be run");
  EXPECT_EQ(process(kernel_object("RBF", {{"length_scale", write::array({2}, {1, 2})}})),
            "model: sklearn.gaussian_process.GaussianProcessRegressor: "
            "sklearn.gaussian_process.RBF \"length_scale\": expected 1 or 1 numbers, got 2");
  // A kernel within a kernel, deeper than any that is read, and nothing of it shared.
  std::string nested = rbf;
  for (unsigned depth = 0; depth < 40; ++depth) {
    nested = kernel_object("Sum", {{"k1", nested}, {"k2", rbf}});
  }
  EXPECT_EQ(process(nested),
            "model: sklearn.gaussian_process.GaussianProcessRegressor: "
            "sklearn.gaussian_process.Sum \"kernel_\": expected at most 32 deep, got more");
}

const write::Attributes kKernelPca = {
    {"kernel", write::text("linear")},
    {"X_fit_", write::array({2, 1}, {1, -1})},
    {"_centerer",
     write::object("sklearn.preprocessing._data", "KernelCenterer",
                   {{"K_fit_rows_", write::array({2}, {0, 0})}, {"K_fit_all_", write::number(0)}})},
    {"eigenvectors_", write::array({2, 1}, {0.5, -0.5})},
    {"eigenvalues_", write::array({1}, {0})}};

std::string kernel_pca(const write::Attributes& attributes) {
  return stored_refusal(
      write::object("sklearn.decomposition._kernel_pca", "KernelPCA", attributes));
}

TEST(StoredReadersTest, ReadAKernelPcaWithoutComponents) {
  EXPECT_EQ(kernel_pca(kKernelPca), "accepted");
  const auto none = altered(altered(kKernelPca, "eigenvectors_", write::array({2, 0}, {})),
                            "eigenvalues_", write::array({0}, {}));
  EXPECT_EQ(kernel_pca(none), "accepted");
  EXPECT_EQ(kernel_pca(altered(none, "eigenvectors_", write::array({0, 2}, {}))),
            "model: sklearn.decomposition.KernelPCA \"eigenvalues_\": expected 2 numbers, got 0");
  EXPECT_EQ(kernel_pca(altered(kKernelPca, "eigenvectors_", write::array({1, 1}, {1}))),
            "model: sklearn.decomposition.KernelPCA \"eigenvectors_\": expected 2 rows, got 1");
}

// Before 0.21 scikit-learn divides by the root of a component's variance where that is zero too.
TEST(StoredReadersTest, DividesByNoVarianceAsItsReleaseDoes) {
  const auto answer = [](const std::string& release) {
    const std::string file =
        write::file(write::object("sklearn.decomposition._kernel_pca", "KernelPCA",
                                  altered(kKernelPca, "_sklearn_version", write::text(release))));
    const auto document = pickle::Document::read(base::as_bytes(file));
    const auto plan = Model::read(document->root(), {})->compile(plan::Method::Transform);
    plan::Plan::Scratch scratch(*plan);
    data::Frame rows(plan->signature());
    rows.add_row();
    rows.set_number(0, 0, 3);
    return (*plan->run(rows, scratch))->dense.values;
  };
  EXPECT_EQ(answer("0.21.3"), std::vector<double>{0});
  EXPECT_EQ(answer("0.20.4"), std::vector<double>{std::numeric_limits<double>::infinity()});
}

}  // namespace
}  // namespace sklearn
