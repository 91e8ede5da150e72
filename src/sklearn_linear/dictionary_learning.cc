#include "sklearn_linear/dictionary_learning.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "plan_scores/sparse_code.h"
#include "sklearn_values/arrays.h"
#include "sklearn_values/matrix.h"

namespace sklearn {
namespace {

using plan::Builder;
using plan::CoordinateDescent;
using plan::Form;
using plan::Method;
using plan::Port;
using plan::SparseCode;

constexpr std::int64_t kCodingRoundsMax = 100'000;
// Multiplications for one row: of a thousand rounds with all atoms that a file may have.
constexpr double kCodingWorkMax = 2e10;

class DictionaryCode final : public Estimator {
 public:
  DictionaryCode(std::shared_ptr<const SparseCode> step, std::size_t features)
      : step_(std::move(step)), features_(features) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port checked, builder.finite(input, features_));
    TRY_ASSIGN(const Port rows, builder.dense(checked));
    return builder.add(step_, rows, Form::Dense, step_->outputs());
  }

  std::shared_ptr<const SparseCode> step_;
  std::size_t features_;
};

base::Result<plan::Matrix> read_dictionary(const Object& object, Reader& reader) {
  const char* attribute = object.has("components_") ? "components_" : "dictionary";
  TRY_ASSIGN(plan::Matrix dictionary, read_matrix(object, attribute, reader));
  if (dictionary.rows == 0 || dictionary.columns == 0) {
    return object.unexpected(attribute, "atoms", "none");
  }
  const auto finite = [](double each) { return std::isfinite(each); };
  if (!std::all_of(dictionary.values.begin(), dictionary.values.end(), finite)) {
    return object.unexpected(attribute, "finite numbers", "others");
  }
  return dictionary;
}

// transform_alpha, or from 1.2 on the alpha of the fit.
base::Result<double> read_coding_alpha(const Object& object) {
  if (object.has("transform_alpha")) return object.number("transform_alpha");
  if (object.release() >= Release{1, 2} && object.has("alpha")) return object.number("alpha");
  return 1.0;
}

// How many atoms a row may have; more than there are is nothing to lars alone.
base::Result<std::size_t> read_nonzero(const Object& object, const plan::Matrix& dictionary,
                                       bool may_be_more) {
  constexpr const char* kName = "transform_n_nonzero_coefs";
  const std::size_t atoms = dictionary.rows;
  if (!object.has(kName)) {
    return std::min(std::max<std::size_t>(dictionary.columns / 10, 1), atoms);
  }
  TRY_ASSIGN(const double count, object.number(kName));
  if (may_be_more && count > static_cast<double>(atoms)) return atoms;
  if (!(count >= 1) || count >= static_cast<double>(atoms) + 1) {
    return object.unsupported(kName, fmt::format("1 to {} atoms", atoms), fmt::format("{}", count));
  }
  return static_cast<std::size_t>(count);
}

// Before 0.22 there was no such attribute, and `absent` were what they looked for it in.
base::Result<std::size_t> read_coding_rounds(const Object& object, std::size_t absent) {
  if (object.release() < Release{0, 22} || !object.has("transform_max_iter")) return absent;
  TRY_ASSIGN(const std::int64_t rounds, object.integer("transform_max_iter"));
  if (rounds < 0 || rounds > kCodingRoundsMax) {
    return object.unexpected("transform_max_iter",
                             fmt::format("at most {} rounds", kCodingRoundsMax),
                             std::to_string(rounds));
  }
  return static_cast<std::size_t>(rounds);
}

CoordinateDescent::Screening screening_of(Release release) {
  if (release < Release{1, 8}) return CoordinateDescent::Screening::Never;
  return release < Release{1, 9} ? CoordinateDescent::Screening::All
                                 : CoordinateDescent::Screening::Remaining;
}

base::Result<void> read_least_angle(const Object& object, const plan::Matrix& dictionary,
                                    bool lasso, SparseCode::Options& options) {
  constexpr std::size_t kStepsOfOld = 500;
  options.algorithm = SparseCode::Algorithm::LeastAngle;
  options.angle.lasso = lasso;
  options.angle.positive = options.positive;
  options.angle.samples = static_cast<double>(dictionary.columns);
  if (!lasso) {
    TRY_ASSIGN(options.angle.steps, read_nonzero(object, dictionary, true));
    return {};
  }
  options.angle.alpha_min = options.alpha / options.angle.samples;
  TRY_ASSIGN(options.angle.steps, read_coding_rounds(object, kStepsOfOld));
  return {};
}

base::Result<void> read_descent(const Object& object, const plan::Matrix& dictionary,
                                SparseCode::Options& options) {
  constexpr std::size_t kRoundsOfOld = 1000;
  options.algorithm = SparseCode::Algorithm::CoordinateDescent;
  const auto samples = static_cast<double>(dictionary.columns);
  options.descent.alpha = options.alpha / samples * samples;
  options.descent.tolerance = object.release() < Release{1, 8} ? 1e-4 : 1e-8;
  options.descent.positive = options.positive;
  options.descent.screening = screening_of(object.release());
  TRY_ASSIGN(options.descent.rounds, read_coding_rounds(object, kRoundsOfOld));
  return {};
}

// How much a row costs at most, since nothing but its end ends it.
base::Result<void> check_work(const Object& object, const SparseCode::Options& options,
                              std::size_t atoms) {
  using Algorithm = SparseCode::Algorithm;
  const auto all = static_cast<double>(atoms);
  double work = 0;
  if (options.algorithm == Algorithm::MatchingPursuit) {
    work = all * static_cast<double>(options.nonzero) * static_cast<double>(options.nonzero);
  } else if (options.algorithm == Algorithm::LeastAngle) {
    work = static_cast<double>(options.angle.steps) * all * all;
  } else if (options.algorithm == Algorithm::CoordinateDescent) {
    work = static_cast<double>(options.descent.rounds) * all * all;
  }
  if (work <= kCodingWorkMax) return {};
  return object.unsupported(
      "transform_algorithm",
      fmt::format("one of at most {:g} multiplications a row", kCodingWorkMax),
      fmt::format("{:g} with {} atoms", work, atoms));
}

base::Result<SparseCode::Options> read_coding(const Object& object, const plan::Matrix& dictionary,
                                              Reader& reader) {
  SparseCode::Options options;
  TRY_ASSIGN(const std::string name, object.text("transform_algorithm"));
  TRY_ASSIGN(options.split_sign, object.flag("split_sign"));
  TRY_ASSIGN(options.positive, object.flag_or("positive_code", false));
  TRY_ASSIGN(options.alpha, read_coding_alpha(object));
  const bool takes_no_sign =
      name == "omp" || (name == "lars" && object.release() >= Release{0, 22});
  if (options.positive && takes_no_sign) {
    return object.unsupported("positive_code", fmt::format("False for {}", name), "True");
  }
  // All but one keep atoms x atoms numbers, which the file need not hold.
  if (name != "threshold" && !reader.spend(dictionary.rows * dictionary.rows)) {
    return object.unsupported("transform_algorithm",
                              fmt::format("threshold for {} atoms", dictionary.rows), name);
  }
  if (name == "threshold") {
    options.algorithm = SparseCode::Algorithm::Threshold;
  } else if (name == "omp") {
    TRY_ASSIGN(options.nonzero, read_nonzero(object, dictionary, false));
    options.unit_atoms = object.release() < Release{0, 20};
  } else if (name == "lars" || name == "lasso_lars") {
    TRY(read_least_angle(object, dictionary, name == "lasso_lars", options));
  } else if (name == "lasso_cd") {
    TRY(read_descent(object, dictionary, options));
  } else {
    return object.unsupported("transform_algorithm", "lasso_lars, lasso_cd, lars, omp or threshold",
                              base::quote(name));
  }
  TRY(check_work(object, options, dictionary.rows));
  return options;
}

Made read_sparse_coding(const Object& object, Reader& reader) {
  TRY_ASSIGN(plan::Matrix dictionary, read_dictionary(object, reader));
  TRY_ASSIGN(const SparseCode::Options options, read_coding(object, dictionary, reader));
  const std::size_t features = dictionary.columns;
  auto step = std::make_shared<SparseCode>(std::move(dictionary), options);
  if (!step->has_finite_products()) {
    return object.unsupported("transform_algorithm", "threshold for atoms of such magnitude",
                              "products that are not finite");
  }
  const bool chooses = options.algorithm == SparseCode::Algorithm::MatchingPursuit ||
                       options.algorithm == SparseCode::Algorithm::LeastAngle;
  if (chooses && step->has_equal_atoms()) {
    TRY_ASSIGN(const std::string name, object.text("transform_algorithm"));
    return object.unsupported(
        "transform_algorithm",
        "threshold or lasso_cd where two atoms are alike, between which a rounding would choose",
        name);
  }
  return std::make_unique<DictionaryCode>(std::move(step), features);
}

constexpr Entry kDictionaryLearning[] = {
    {"sklearn.decomposition", "DictionaryLearning", read_sparse_coding, true},
    {"sklearn.decomposition", "MiniBatchDictionaryLearning", read_sparse_coding, true},
    {"sklearn.decomposition", "SparseCoder", read_sparse_coding, true},
};

}  // namespace

std::span<const Entry> dictionary_learning_entries() { return kDictionaryLearning; }

}  // namespace sklearn
