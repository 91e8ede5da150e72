#include "sklearn/ada_boost.h"

#include <memory>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "plan/constant.h"
#include "plan/decide.h"
#include "plan/link.h"
#include "plan/mix.h"
#include "plan/vote.h"
#include "sklearn/members.h"

namespace sklearn {
namespace {

using plan::Builder;
using plan::Form;
using plan::Method;
using plan::Port;

// How much one member's choice counts for the class and against the others.
struct Say {
  double hit = 1;
  double miss = 0;
};

struct Boost {
  Members members;
  std::vector<double> weights;
  std::optional<std::size_t> width;
  data::Labels classes;
  bool real = false;  // SAMME.R: by probabilities, all with one weight.
  std::vector<Say> says;
};

class AdaBoostClassifier final : public Estimator {
 public:
  explicit AdaBoostClassifier(Boost boost)
      : boost_(std::move(boost)), count_(data::label_count(boost_.classes)) {}

  bool has(Method method) const override {
    return method == Method::Predict || method == Method::PredictProba ||
           method == Method::PredictLogProba || method == Method::DecisionFunction;
  }
  std::vector<data::Labels> classes() const override { return {boost_.classes}; }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& from) const override {
    TRY_ASSIGN(const Port input, builder.finite(from, boost_.width));
    if (count_ == 1) return one_class(method, builder, input);
    TRY_ASSIGN(const Port decision, decide(builder, input));
    if (method == Method::DecisionFunction) return decision;
    if (method == Method::Predict) {
      const auto kind = count_ == 2 ? plan::LinkKind::AboveZero : plan::LinkKind::ArgMax;
      return builder.add(std::make_shared<plan::Link>(kind, decision.width), decision, Form::Dense,
                         1);
    }
    const Port shares = probabilities(builder, decision);
    return method == Method::PredictLogProba ? emit_log(builder, shares) : shares;
  }

  // Of one class all are sure.
  base::Result<Port> one_class(Method method, Builder& builder, const Port& input) const {
    const std::vector<double> value = {method == Method::PredictProba ? 1.0 : 0.0};
    return builder.add(std::make_shared<plan::Constant>(value), input, Form::Dense, 1);
  }

  // One column for two classes, above zero for the second.
  base::Result<Port> decide(Builder& builder, const Port& input) const {
    const double sum = std::accumulate(boost_.weights.begin(), boost_.weights.end(), 0.0);
    TRY_ASSIGN(const Port votes,
               boost_.real ? real_votes(builder, input, sum) : discrete_votes(builder, input, sum));
    if (count_ > 2) return votes;
    return builder.add(
        std::make_shared<plan::Combine>(2, std::vector<std::vector<double>>{{-1.0, 1.0}}), votes,
        Form::Dense, 1);
  }

  base::Result<Port> real_votes(Builder& builder, const Port& input, double sum) const {
    std::vector<Port> ports;
    std::vector<plan::Mix::Part> parts(boost_.members.size(),
                                       {.width = count_, .weight = 1, .targets = {}});
    for (const EstimatorPtr& member : boost_.members) {
      TRY_ASSIGN(Port port, member->emit(Method::PredictProba, builder, input));
      if (port.width != count_) {
        return base::Error(base::Code::Unsupported,
                           fmt::format("estimators_: expected probabilities of {} classes, got {}",
                                       count_, port.width));
      }
      TRY_ASSIGN(port, builder.dense(port));
      ports.push_back(
          builder.add(std::make_shared<plan::SammeShare>(count_), port, Form::Dense, count_));
    }
    return builder.add(std::make_shared<plan::Mix>(count_, std::move(parts), sum), ports,
                       Form::Dense, count_);
  }

  base::Result<Port> discrete_votes(Builder& builder, const Port& input, double sum) const {
    std::vector<Port> ports;
    std::vector<plan::Vote::Voter> voters;
    for (std::size_t i = 0; i < boost_.members.size(); ++i) {
      const Estimator& member = *boost_.members[i];
      TRY_ASSIGN(ports.emplace_back(), member.emit(Method::Predict, builder, input));
      const auto classes = member.classes();
      if (classes.size() != 1 || ports.back().width != 1) {
        return base::Error(base::Code::Unsupported,
                           "estimators_: expected classifiers of one output");
      }
      plan::Vote::Voter voter{
          .classes = {}, .hit = boost_.says[i].hit, .miss = boost_.says[i].miss};
      TRY_ASSIGN(voter.classes, label_positions(classes.front(), boost_.classes));
      voters.push_back(std::move(voter));
    }
    return builder.add(std::make_shared<plan::Vote>(count_, std::move(voters), sum), ports,
                       Form::Dense, count_);
  }

  // softmax(decision / (classes - 1)); of two classes softmax([-decision, decision] / 2).
  Port probabilities(Builder& builder, const Port& decision) const {
    const bool pair = count_ == 2;
    const double divisor = pair ? 2 : static_cast<double>(count_ - 1);
    const Port part = builder.add(std::make_shared<plan::Divide>(decision.width, divisor), decision,
                                  Form::Dense, decision.width);
    const auto kind = pair ? plan::LinkKind::SoftmaxPair : plan::LinkKind::Softmax;
    return builder.add(std::make_shared<plan::Link>(kind, part.width), part, Form::Dense, count_);
  }

  Boost boost_;
  std::size_t count_;
};

class AdaBoostRegressor final : public Estimator {
 public:
  explicit AdaBoostRegressor(Boost boost) : boost_(std::move(boost)) {}

  bool has(Method method) const override { return method == Method::Predict; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& from) const override {
    TRY_ASSIGN(const Port input, builder.finite(from, boost_.width));
    std::vector<Port> ports;
    for (const EstimatorPtr& member : boost_.members) {
      TRY_ASSIGN(Port port, member->emit(Method::Predict, builder, input));
      TRY_ASSIGN(port, builder.dense(port));
      if (port.width != 1) {
        return base::Error(base::Code::Unsupported,
                           "estimators_: expected regressors of one output");
      }
      ports.push_back(std::move(port));
    }
    return builder.add(std::make_shared<plan::WeightedMedian>(boost_.weights), ports, Form::Dense,
                       1);
  }

  Boost boost_;
};

base::Result<Boost> read_boost(const Object& object, Reader& reader) {
  Boost boost;
  TRY_ASSIGN(boost.width, find_features(object));
  TRY_ASSIGN(boost.members, read_members(object, "estimators_", reader));
  TRY_ASSIGN(boost.weights, object.doubles("estimator_weights_"));
  // There is a weight for each of n_estimators, also where the fit ended before.
  if (boost.weights.size() < boost.members.size()) {
    return object.unexpected("estimator_weights_", fmt::format("{} numbers", boost.members.size()),
                             std::to_string(boost.weights.size()));
  }
  return boost;
}

// Up to 1.2 a member's choice gains its weight; from 1.3 the others also lose their part of it.
void read_says(const Object& object, Boost& boost) {
  const auto count = static_cast<double>(data::label_count(boost.classes));
  for (std::size_t i = 0; i < boost.members.size(); ++i) {
    const double weight = boost.weights[i];
    const bool others_lose = object.release() >= Release{1, 3};
    boost.says.push_back({weight, others_lose ? -1 / (count - 1) * weight : 0});
  }
}

Made read_ada_boost_classifier(const Object& object, Reader& reader) {
  TRY_ASSIGN(Boost boost, read_boost(object, reader));
  TRY_ASSIGN(boost.classes, object.labels("classes_"));
  if (data::label_count(boost.classes) == 0) {
    return object.unexpected("classes_", "at least one class", "none");
  }
  // Gone from 1.8 on; 'deprecated' stood for SAMME from 1.6 on.
  TRY_ASSIGN(const std::string algorithm, object.text_or("algorithm", "SAMME"));
  if (algorithm != "SAMME" && algorithm != "SAMME.R" && algorithm != "deprecated") {
    return object.unexpected("algorithm", "SAMME or SAMME.R", algorithm);
  }
  boost.real = algorithm == "SAMME.R";
  if (!all_read(boost.members)) return unread();
  read_says(object, boost);
  return std::make_unique<AdaBoostClassifier>(std::move(boost));
}

Made read_ada_boost_regressor(const Object& object, Reader& reader) {
  TRY_ASSIGN(Boost boost, read_boost(object, reader));
  boost.weights.resize(boost.members.size());
  if (!all_read(boost.members)) return unread();
  return std::make_unique<AdaBoostRegressor>(std::move(boost));
}

constexpr Entry kAdaBoost[] = {
    {"imblearn", "RUSBoostClassifier", read_ada_boost_classifier},
    {"sklearn.ensemble", "AdaBoostClassifier", read_ada_boost_classifier},
    {"sklearn.ensemble", "AdaBoostRegressor", read_ada_boost_regressor},
};

}  // namespace

std::span<const Entry> ada_boost_entries() { return kAdaBoost; }

}  // namespace sklearn
