#include "sklearn_linear/topics.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "plan_scores/factorize.h"
#include "plan_scores/topics.h"
#include "sklearn_values/arrays.h"
#include "sklearn_values/matrix.h"

namespace sklearn {
namespace {

using plan::Builder;
using plan::Factorize;
using plan::Form;
using plan::Method;
using plan::Port;

class Factorization final : public Estimator {
 public:
  Factorization(std::shared_ptr<const Factorize> step, std::size_t features, std::size_t topics)
      : step_(std::move(step)), features_(features), topics_(topics) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port checked, builder.finite(input, features_));
    TRY_ASSIGN(const Port rows, builder.dense(checked));
    return builder.add(step_, rows, Form::Dense, topics_);
  }

  std::shared_ptr<const Factorize> step_;
  std::size_t features_;
  std::size_t topics_;
};

base::Result<double> read_beta_loss(const Object& object) {
  TRY_ASSIGN(const pickle::Value value, object.get("beta_loss"));
  if (const auto number = value.as_float()) return *number;
  if (value.as_string() == "frobenius") return 2.0;
  if (value.as_string() == "kullback-leibler") return 1.0;
  if (value.as_string() == "itakura-saito") return 0.0;
  return object.unsupported("beta_loss", "a number or the name of a loss", describe(value));
}

base::Result<std::size_t> read_rounds(const Object& object, std::string_view attribute) {
  constexpr std::int64_t kRoundsMax = 100'000;
  TRY_ASSIGN(const std::int64_t rounds, object.integer(attribute));
  if (rounds < 0 || rounds > kRoundsMax) {
    return object.unexpected(attribute, fmt::format("at most {} rounds", kRoundsMax),
                             std::to_string(rounds));
  }
  return static_cast<std::size_t>(rounds);
}

// Penalties of the weights: alpha_W for each feature since 1.0, unless its alpha (before 1.2) is
// what was set.
base::Result<void> read_penalties(const Object& object, std::size_t features,
                                  Factorize::Options& options) {
  double alpha = 0;
  const auto given = object.find("alpha_W");
  const auto other = object.find("alpha_H");
  const bool scaled = (given && given->as_float() && *given->as_float() != 0) ||
                      (other && !(other->as_string() == "same"));
  const auto old = object.find("alpha");
  if (scaled || (given && !(old && old->as_float()))) {
    TRY_ASSIGN(alpha, object.number("alpha_W"));
    alpha *= static_cast<double>(features);
  } else if (old && old->as_float()) {
    TRY_ASSIGN(const std::string which, object.text_or("regularization", "both"));
    if (which == "both" || which == "transformation") alpha = *old->as_float();
  }
  TRY_ASSIGN(const double ratio, object.number("l1_ratio"));
  options.l1 = alpha * ratio;
  options.l2 = alpha * (1 - ratio);
  return {};
}

Made make_factorization(const Object& object, Reader& reader, Factorize::Options options) {
  TRY_ASSIGN(plan::Matrix components, read_matrix(object, "components_", reader));
  if (components.rows == 0 || !reader.spend(components.rows * components.rows)) {
    return object.unexpected("components_", "components", std::to_string(components.rows));
  }
  TRY(read_penalties(object, components.columns, options));
  TRY_ASSIGN(options.beta_loss, read_beta_loss(object));
  TRY_ASSIGN(options.tolerance, object.number("tol"));
  const std::size_t topics = components.rows;
  const std::size_t features = components.columns;
  return std::make_unique<Factorization>(
      std::make_shared<Factorize>(std::move(components), options), features, topics);
}

Made read_nmf(const Object& object, Reader& reader) {
  Factorize::Options options;
  TRY_ASSIGN(const std::string solver, object.text("solver"));
  if (solver != "cd" && solver != "mu") {
    return object.unsupported("solver", "cd or mu", solver);
  }
  options.solver =
      solver == "cd" ? Factorize::Solver::CoordinateDescent : Factorize::Solver::Multiplicative;
  TRY_ASSIGN(const bool shuffle, object.flag_or("shuffle", false));
  if (shuffle && solver == "cd") {
    return object.unsupported("shuffle", "False, for an answer that is no chance", "True");
  }
  TRY_ASSIGN(options.rounds, read_rounds(object, "max_iter"));
  return make_factorization(object, reader, options);
}

Made read_mini_batch_nmf(const Object& object, Reader& reader) {
  Factorize::Options options{.solver = Factorize::Solver::Online};
  TRY_ASSIGN(
      options.rounds,
      read_rounds(object, object.has("transform_max_iter") ? "transform_max_iter" : "max_iter"));
  return make_factorization(object, reader, options);
}

class DirichletTopics final : public Estimator {
 public:
  DirichletTopics(plan::Matrix words, plan::Topics::Options options, std::vector<std::string> names)
      : words_(std::move(words)), options_(options), names_(std::move(names)) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port rows, builder.finite(input, words_.rows));
    return builder.add(std::make_shared<plan::Topics>(rows.form, words_, options_), rows,
                       Form::Dense, words_.columns, names_);
  }

  plan::Matrix words_;
  plan::Topics::Options options_;
  std::vector<std::string> names_;
};

Made read_latent_dirichlet_allocation(const Object& object, Reader& reader) {
  TRY_ASSIGN(const plan::Matrix topics, read_matrix(object, "exp_dirichlet_component_", reader));
  if (topics.rows == 0) return object.unexpected("exp_dirichlet_component_", "topics", "none");
  plan::Topics::Options options;
  TRY_ASSIGN(options.prior, object.number("doc_topic_prior_"));
  TRY_ASSIGN(options.rounds, read_rounds(object, "max_doc_update_iter"));
  TRY_ASSIGN(options.tolerance, object.number("mean_change_tol"));
  return std::make_unique<DirichletTopics>(transposed(topics), options,
                                           prefixed_names(object, topics.rows));
}

constexpr Entry kTopics[] = {
    {"sklearn.decomposition", "LatentDirichletAllocation", read_latent_dirichlet_allocation, true},
    {"sklearn.decomposition", "MiniBatchNMF", read_mini_batch_nmf, true},
    {"sklearn.decomposition", "NMF", read_nmf, true},
};

}  // namespace

std::span<const Entry> topics_entries() { return kTopics; }

}  // namespace sklearn
