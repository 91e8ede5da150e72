#include "sklearn_trees/ada_boost.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "plan/constant.h"
#include "plan_scores/decide.h"
#include "plan_scores/link.h"
#include "plan_scores/mix.h"
#include "plan_scores/vote.h"
#include "plan_trees/groups.h"
#include "sklearn_trees/tree.h"
#include "sklearn_trees/tree_sum.h"
#include "sklearn_values/members.h"

namespace sklearn {
namespace {

using pickle::Value;
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
  bool early = false;  // Up to 0.21 probabilities are made in another way.
  // Where all are trees, in place of the members: what each has to say, in its leaves.
  std::shared_ptr<const forest::Forest> forest;
};

// What it checks itself, and trees what they compare.
base::Result<Port> boost_input(const Boost& boost, Builder& builder, const Port& from) {
  return builder.finite(from, boost.width, {.nan = false, .float32_only = boost.forest != nullptr});
}

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
    TRY_ASSIGN(const Port input, boost_input(boost_, builder, from));
    if (count_ == 1) return one_class(method, builder, input);
    if (boost_.early && method == Method::PredictProba) return early_shares(builder, input);
    if (boost_.early && method == Method::PredictLogProba) {
      TRY_ASSIGN(const Port shares, early_shares(builder, input));
      return emit_log(builder, shares);
    }
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

  base::Result<Port> votes_of_all(Builder& builder, const Port& input) const {
    const double sum = std::accumulate(boost_.weights.begin(), boost_.weights.end(), 0.0);
    if (boost_.forest != nullptr) return tree_votes(builder, input, sum);
    return boost_.real ? real_votes(builder, input, sum) : discrete_votes(builder, input, sum);
  }

  // softmax(votes / (classes - 1)), where SAMME's votes are the members' own probabilities.
  base::Result<Port> early_shares(Builder& builder, const Port& input) const {
    Port votes;
    if (boost_.real) {
      TRY_ASSIGN(votes, votes_of_all(builder, input));
    } else {
      TRY_ASSIGN(votes, weighted_shares(builder, input));
    }
    const auto divisor = static_cast<double>(count_ - 1);
    const Port part =
        builder.add(std::make_shared<plan::Divide>(count_, divisor), votes, Form::Dense, count_);
    return builder.add(std::make_shared<plan::Link>(plan::LinkKind::Softmax, count_), part,
                       Form::Dense, count_);
  }

  base::Result<Port> weighted_shares(Builder& builder, const Port& input) const {
    std::vector<Port> ports;
    std::vector<plan::Mix::Part> parts;
    for (std::size_t i = 0; i < boost_.members.size(); ++i) {
      TRY_ASSIGN(Port port, boost_.members[i]->emit(Method::PredictProba, builder, input));
      TRY_ASSIGN(port, builder.dense(port));
      if (port.width != count_) {
        return base::Error(base::Code::Unsupported,
                           fmt::format("estimators_: expected probabilities of {} classes, got {}",
                                       count_, port.width));
      }
      ports.push_back(std::move(port));
      parts.push_back({.width = count_, .weight = boost_.weights[i], .targets = {}});
    }
    const double sum = std::accumulate(boost_.weights.begin(), boost_.weights.end(), 0.0);
    return builder.add(std::make_shared<plan::Mix>(count_, std::move(parts), sum), ports,
                       Form::Dense, count_);
  }

  // One column for two classes, above zero for the second.
  base::Result<Port> decide(Builder& builder, const Port& input) const {
    TRY_ASSIGN(const Port votes, votes_of_all(builder, input));
    if (count_ > 2) return votes;
    return builder.add(
        std::make_shared<plan::Combine>(2, std::vector<std::vector<double>>{{-1.0, 1.0}}), votes,
        Form::Dense, 1);
  }

  base::Result<Port> tree_votes(Builder& builder, const Port& input, double sum) const {
    const Port votes = emit_tree_sum(builder, input, boost_.forest);
    return builder.add(std::make_shared<plan::Divide>(count_, sum), votes, Form::Dense, count_);
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
    TRY_ASSIGN(const Port input, boost_input(boost_, builder, from));
    std::vector<Port> ports;
    if (boost_.forest != nullptr) ports.push_back(emit_tree_sum(builder, input, boost_.forest));
    for (const EstimatorPtr& member : boost_.members) {
      TRY_ASSIGN(Port port, emit_values(*member, builder, input));
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

base::Result<Boost> read_boost(const Object& object, std::size_t members) {
  Boost boost;
  TRY_ASSIGN(boost.width, find_features(object));
  TRY_ASSIGN(boost.weights, object.doubles("estimator_weights_"));
  // There is a weight for each of n_estimators, also where the fit ended before.
  if (members == 0 || boost.weights.size() < members) {
    return object.unexpected("estimator_weights_", fmt::format("{} numbers", members),
                             std::to_string(boost.weights.size()));
  }
  return boost;
}

// Up to 1.2 a member's choice gains its weight; from 1.3 the others also lose their part of it.
void read_says(const Object& object, std::size_t members, Boost& boost) {
  const auto count = static_cast<double>(data::label_count(boost.classes));
  for (std::size_t i = 0; i < members; ++i) {
    const double weight = boost.weights[i];
    const bool others_lose = object.release() >= Release{1, 3};
    boost.says.push_back({weight, others_lose ? -1 / (count - 1) * weight : 0});
  }
}

// Where the classes of each tree are among all; nothing where one lacks some.
base::Result<std::vector<std::vector<std::uint32_t>>> read_boosted_places(
    const Object& object, std::span<const Value> items, const Boost& boost, Reader& reader) {
  std::vector<std::vector<std::uint32_t>> all;
  bool whole = true;
  TRY(for_each_tree(object, items, [&](const Object& tree, std::size_t) -> base::Result<void> {
    TRY_ASSIGN(const TreeTask task, read_tree_task(tree, reader, true));
    TRY_ASSIGN(all.emplace_back(), label_positions(task.classes.front(), boost.classes));
    whole = whole && all.back().size() == data::label_count(boost.classes);
    return {};
  }));
  if (!whole) all.clear();
  return all;
}

// What a tree says is the same for all rows in a leaf: SAMME's votes of the largest class,
// SAMME.R's logarithms of the shares.
base::Result<void> read_boosted_classifiers(const Object& object, std::span<const Value> items,
                                            Boost& boost, Reader& reader) {
  TRY_ASSIGN(const auto places, read_boosted_places(object, items, boost, reader));
  if (places.empty() || !boost.width) return {};
  const std::size_t count = data::label_count(boost.classes);
  TRY_ASSIGN(
      TreeSum sum,
      TreeSum::start({.features = *boost.width, .outputs = count, .width = count}, object, items));
  TRY(for_each_tree(object, items, [&](const Object& tree, std::size_t i) -> base::Result<void> {
    const bool counts = tree.release() < Release{1, 4};
    std::vector<double> shares(count);
    const auto leaf = [&](std::span<const double> own, std::span<double> to) {
      if (!boost.real) {
        const auto largest = std::max_element(own.begin(), own.end()) - own.begin();
        std::fill(to.begin(), to.end(), boost.says[i].miss);
        to[places[i][static_cast<std::size_t>(largest)]] = boost.says[i].hit;
        return;
      }
      std::copy(own.begin(), own.end(), shares.begin());
      if (counts) plan::put_shares(own.data(), count, shares.data());
      plan::samme_share(shares.data(), count, to.data());
    };
    return sum.add({.tree = tree, .own_width = count, .features = {}}, leaf);
  }));
  boost.forest = std::move(sum).finish();
  return {};
}

// Each tree's answer in a column of its own.
base::Result<void> read_boosted_regressors(const Object& object, std::span<const Value> items,
                                           Boost& boost) {
  if (!boost.width) return {};
  TRY_ASSIGN(TreeSum sum,
             TreeSum::start({.features = *boost.width, .outputs = items.size(), .width = 1}, object,
                            items));
  const auto leaf = [](std::span<const double> own, std::span<double> to) { to[0] = own[0]; };
  TRY(for_each_tree(object, items, [&](const Object& tree, std::size_t i) {
    return sum.add(
        {.tree = tree, .own_width = 1, .features = {}, .output = static_cast<std::uint32_t>(i)},
        leaf);
  }));
  boost.forest = std::move(sum).finish();
  return {};
}

Made read_ada_boost_classifier(const Object& object, Reader& reader) {
  TRY_ASSIGN(const auto items, object.list("estimators_"));
  TRY_ASSIGN(Boost boost, read_boost(object, items.size()));
  TRY_ASSIGN(boost.classes, object.labels("classes_"));
  if (data::label_count(boost.classes) == 0) {
    return object.unexpected("classes_", "at least one class", "none");
  }
  // SAMME.R is gone from 1.6 on, the choice from 1.8 on; 'deprecated' stood for SAMME in between.
  TRY_ASSIGN(const std::string algorithm, object.text_or("algorithm", "SAMME"));
  if (algorithm != "SAMME" && algorithm != "SAMME.R" && algorithm != "deprecated") {
    return object.unexpected("algorithm", "SAMME or SAMME.R", algorithm);
  }
  boost.real = algorithm == "SAMME.R" && object.release() < Release{1, 6};
  read_says(object, items.size(), boost);
  boost.early = object.release() < Release{0, 22};
  if ((boost.real || !boost.early) && are_single_trees(object, items, true)) {
    TRY(read_boosted_classifiers(object, items, boost, reader));
  }
  if (boost.forest == nullptr) {
    TRY_ASSIGN(boost.members, read_members(object, "estimators_", reader));
    if (!all_read(boost.members)) return unread();
  }
  return std::make_unique<AdaBoostClassifier>(std::move(boost));
}

Made read_ada_boost_regressor(const Object& object, Reader& reader) {
  TRY_ASSIGN(const auto items, object.list("estimators_"));
  TRY_ASSIGN(Boost boost, read_boost(object, items.size()));
  boost.weights.resize(items.size());
  if (are_single_trees(object, items, false)) {
    TRY(read_boosted_regressors(object, items, boost));
  }
  if (boost.forest == nullptr) {
    TRY_ASSIGN(boost.members, read_members(object, "estimators_", reader));
    if (!all_read(boost.members)) return unread();
  }
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
