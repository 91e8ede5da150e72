#include "sklearn_stored/svm.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "plan_kernels/one_vs_one.h"
#include "plan_preparation/scale.h"
#include "plan_scores/link.h"
#include "plan_scores/logarithm.h"
#include "plan_scores/sign.h"
#include "sklearn_stored/svm_machine.h"

namespace sklearn {
namespace {

using plan::Builder;
using plan::Form;
using plan::Method;
using plan::PairAnswer;
using plan::Port;

struct SvcOptions {
  bool one_vs_rest = true;  // decision_function_shape
  bool break_ties = false;
  // Up to 0.20 one class against the rest was scaled by the largest of all rows of a call.
  bool scaled_by_call = false;
  std::vector<double> slopes;  // probA_ and probB_: none where it was fitted without.
  std::vector<double> offsets;
};

class SupportVectorClassifier final : public Estimator {
 public:
  SupportVectorClassifier(SvmMachine machine, data::Labels labels, SvcOptions options)
      : machine_(std::move(machine)), labels_(std::move(labels)), options_(std::move(options)) {}

  bool has(Method method) const override {
    if (method == Method::PredictProba || method == Method::PredictLogProba) {
      return !options_.slopes.empty();
    }
    if (method == Method::DecisionFunction) return !is_scaled_by_call();
    return method == Method::Predict;
  }
  std::vector<data::Labels> classes() const override { return {labels_}; }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    const bool many = data::label_count(labels_) > 2;
    if (method == Method::Predict && options_.break_ties && !options_.one_vs_rest) {
      return base::Error(base::Code::Unsupported,
                         "\"break_ties\": expected False where decision_function_shape is ovo, "
                         "got True");
    }
    TRY_ASSIGN(const Port pairs, machine_.emit(builder, input));
    if (method == Method::PredictProba) return answer(builder, pairs, PairAnswer::Probabilities);
    if (method == Method::PredictLogProba) {
      const Port shares = answer(builder, pairs, PairAnswer::Probabilities);
      return builder.add(std::make_shared<plan::Logarithm>(shares.width), shares, Form::Dense,
                         shares.width);
    }
    if (method == Method::DecisionFunction) {
      // libsvm's sign of two classes is the other way round.
      if (!many) return negated(builder, pairs);
      return options_.one_vs_rest ? answer(builder, pairs, PairAnswer::OneVsRest) : pairs;
    }
    if (!many || !options_.break_ties) return answer(builder, pairs, PairAnswer::Vote);
    const Port scores = answer(builder, pairs, PairAnswer::OneVsRest);
    return builder.add(std::make_shared<plan::Link>(plan::LinkKind::ArgMax, scores.width), scores,
                       Form::Dense, 1);
  }

  bool is_scaled_by_call() const {
    return options_.scaled_by_call && options_.one_vs_rest && data::label_count(labels_) > 2;
  }

  Port answer(Builder& builder, const Port& pairs, PairAnswer kind) const {
    auto step = std::make_shared<plan::OneVsOne>(kind, data::label_count(labels_), options_.slopes,
                                                 options_.offsets);
    const std::size_t width = step->outputs();
    return builder.add(std::move(step), pairs, Form::Dense, width);
  }

  static Port negated(Builder& builder, const Port& pairs) {
    return builder.add(std::make_shared<plan::MultiplyAll>(Form::Dense, 1, -1.0), pairs,
                       Form::Dense, 1);
  }

  SvmMachine machine_;
  data::Labels labels_;
  SvcOptions options_;
};

class SupportVectorRegressor final : public Estimator {
 public:
  explicit SupportVectorRegressor(SvmMachine machine) : machine_(std::move(machine)) {}
  bool has(Method method) const override { return method == Method::Predict; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    return machine_.emit(builder, input);
  }

  SvmMachine machine_;
};

class OneClassSvm final : public Estimator {
 public:
  OneClassSvm(SvmMachine machine, double offset) : machine_(std::move(machine)), offset_(offset) {}
  bool has(Method method) const override {
    return method == Method::Predict || method == Method::DecisionFunction ||
           method == Method::ScoreSamples;
  }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port decision, machine_.emit(builder, input));
    if (method == Method::DecisionFunction) return decision;
    if (method == Method::Predict) {
      return builder.add(std::make_shared<plan::Sign>(plan::Sign::Zero::IsOutlier), decision,
                         Form::Dense, 1);
    }
    return builder.add(std::make_shared<plan::CenterScale>(1, std::vector<double>{-offset_},
                                                           std::vector<double>()),
                       decision, Form::Dense, 1);
  }

  SvmMachine machine_;
  double offset_;
};

// The probabilities of a classifier that was fitted with probability=True.
base::Result<void> read_platt(const Object& object, std::size_t pairs, SvcOptions& options) {
  const auto fitted = object.find("probability");
  if (!fitted || fitted->as_bool() != true) return {};
  const bool old = !object.has("_probA");
  TRY_ASSIGN(options.slopes, object.doubles(old ? "probA_" : "_probA", pairs));
  TRY_ASSIGN(options.offsets, object.doubles(old ? "probB_" : "_probB", pairs));
  return {};
}

Made read_svc(const Object& object, Reader& reader) {
  TRY_ASSIGN(data::Labels labels, object.labels("classes_"));
  const std::size_t classes = data::label_count(labels);
  constexpr std::size_t kClassesMax = 10'000;
  if (classes < 2 || classes > kClassesMax) {
    return object.unexpected("classes_", fmt::format("2 to {} classes", kClassesMax),
                             std::to_string(classes));
  }
  TRY_ASSIGN(SvmMachine machine, read_svm_machine(object, reader, classes));
  SvcOptions options;
  TRY_ASSIGN(const std::string shape, object.text_or("decision_function_shape", "ovr"));
  if (shape != "ovr" && shape != "ovo") {
    return object.unexpected("decision_function_shape", "ovr or ovo", shape);
  }
  options.one_vs_rest = shape == "ovr";
  options.scaled_by_call = object.release() < Release{0, 21};
  TRY_ASSIGN(options.break_ties, object.flag_or("break_ties", false));
  TRY(read_platt(object, machine.outputs, options));
  return std::make_unique<SupportVectorClassifier>(std::move(machine), std::move(labels),
                                                   std::move(options));
}

Made read_svr(const Object& object, Reader& reader) {
  TRY_ASSIGN(SvmMachine machine, read_svm_machine(object, reader, 0));
  return std::make_unique<SupportVectorRegressor>(std::move(machine));
}

Made read_one_class_svm(const Object& object, Reader& reader) {
  TRY_ASSIGN(SvmMachine machine, read_svm_machine(object, reader, 0));
  // offset_ came with 0.20.
  TRY_ASSIGN(const auto intercept, object.doubles("_intercept_", 1));
  double offset = -intercept.front();
  if (object.has("offset_")) {
    TRY_ASSIGN(const auto given, object.doubles("offset_", 1));
    offset = given.front();
  }
  return std::make_unique<OneClassSvm>(std::move(machine), offset);
}

constexpr Entry kSvm[] = {
    {"sklearn.svm", "NuSVC", read_svc},
    {"sklearn.svm", "NuSVR", read_svr},
    {"sklearn.svm", "OneClassSVM", read_one_class_svm},
    {"sklearn.svm", "SVC", read_svc},
    {"sklearn.svm", "SVR", read_svr},
};

}  // namespace

std::span<const Entry> svm_entries() { return kSvm; }

}  // namespace sklearn
