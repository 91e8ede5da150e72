#include "sklearn_trees/bagging.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

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

using Places = std::vector<std::uint32_t>;

struct Bag {
  Members members;
  // Which features each member sees; empty: all, in their order.
  std::vector<std::vector<std::size_t>> features;
  std::optional<std::size_t> width;
  // Of a classifier, and for each member where its classes are among them; a bootstrap sample may
  // lack some.
  data::Labels classes;
  std::vector<Places> places;
  // Where all are trees, in place of the members: all of them at once.
  std::shared_ptr<const forest::Forest> forest;
  bool nan_allowed = false;
};

class Bagging final : public Estimator {
 public:
  Bagging(Bag bag, bool classifier) : bag_(std::move(bag)), classifier_(classifier) {}

  bool has(Method method) const override {
    switch (method) {
      case Method::Predict: return true;
      case Method::PredictProba:
      case Method::PredictLogProba: return classifier_;
      case Method::DecisionFunction: return classifier_ && all_have(method);
      default: return false;
    }
  }
  std::vector<data::Labels> classes() const override {
    return classifier_ ? std::vector{bag_.classes} : std::vector<data::Labels>();
  }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& from) const override {
    Port input = from;
    if (bag_.width) {
      TRY_ASSIGN(input, builder.declare(from, *bag_.width));
    }
    if (!classifier_) return mean_of(Method::Predict, builder, input);
    switch (method) {
      case Method::DecisionFunction: return mean_of(method, builder, input);
      case Method::PredictLogProba:
        if (bag_.forest == nullptr && all_have(method)) return log_mean(builder, input);
        break;
      default: break;
    }
    TRY_ASSIGN(const Port shares, probabilities(builder, input));
    if (method == Method::Predict) return emit_arg_max(builder, shares);
    return method == Method::PredictLogProba ? emit_log(builder, shares) : shares;
  }

  bool all_have(Method method) const {
    return bag_.forest == nullptr &&
           std::all_of(bag_.members.begin(), bag_.members.end(),
                       [&](const EstimatorPtr& each) { return each->has(method); });
  }

  base::Result<Port> ask(std::size_t i, Method method, Builder& builder, const Port& input) const {
    Port port = input;
    if (!bag_.features[i].empty()) {
      TRY_ASSIGN(port, builder.select(input, bag_.features[i]));
    }
    // A regressor of classifiers takes the mean of their labels.
    if (!classifier_) return emit_values(*bag_.members[i], builder, port);
    TRY_ASSIGN(port, bag_.members[i]->emit(method, builder, port));
    return builder.dense(port);
  }

  base::Result<Port> mean_of_trees(Builder& builder, const Port& input) const {
    TRY_ASSIGN(const Port features,
               builder.finite(input, bag_.width,
                              {.nan = bag_.nan_allowed, .float32_only = true, .dense_only = true}));
    const Port sum = emit_tree_sum(builder, features, bag_.forest);
    const auto count = static_cast<double>(bag_.forest->trees());
    return builder.add(std::make_shared<plan::Divide>(sum.width, count), sum, Form::Dense,
                       sum.width);
  }

  // The sum in the order of the members, divided by their number.
  base::Result<Port> mean_of(Method method, Builder& builder, const Port& input) const {
    if (bag_.forest != nullptr) return mean_of_trees(builder, input);
    std::vector<Port> ports;
    std::vector<plan::Mix::Part> parts;
    for (std::size_t i = 0; i < bag_.members.size(); ++i) {
      TRY_ASSIGN(ports.emplace_back(), ask(i, method, builder, input));
      if (ports.back().width != ports.front().width) {
        return base::Error(base::Code::Unsupported,
                           fmt::format("estimators_: expected answers of {} columns, got {}",
                                       ports.front().width, ports.back().width));
      }
      parts.push_back({.width = ports.back().width, .weight = 1, .targets = {}});
    }
    return add_mean(builder, ports, std::move(parts), ports.front().width);
  }

  base::Result<Port> add_mean(Builder& builder, const std::vector<Port>& ports,
                              std::vector<plan::Mix::Part> parts, std::size_t width) const {
    const auto count = static_cast<double>(bag_.members.size());
    return builder.add(std::make_shared<plan::Mix>(width, std::move(parts), count), ports,
                       Form::Dense, width);
  }

  // One whose classes are all of them answers for each; one that lacks some only for those it has.
  base::Result<plan::Mix::Part> part_of(std::size_t i, const Port& port) const {
    const std::size_t count = data::label_count(bag_.classes);
    if (port.width != bag_.places[i].size()) {
      return base::Error(base::Code::Unsupported,
                         fmt::format("estimators_[{}]: expected a column for each of {} classes, "
                                     "got {}",
                                     i, bag_.places[i].size(), port.width));
    }
    plan::Mix::Part part{.width = port.width, .weight = 1, .targets = {}};
    if (port.width != count) part.targets = bag_.places[i];
    return part;
  }

  base::Result<Port> probabilities(Builder& builder, const Port& input) const {
    if (bag_.forest != nullptr) return mean_of_trees(builder, input);
    const std::size_t count = data::label_count(bag_.classes);
    std::vector<Port> ports;
    std::vector<plan::Mix::Part> parts;
    for (std::size_t i = 0; i < bag_.members.size(); ++i) {
      const bool votes = !bag_.members[i]->has(Method::PredictProba);
      const Method method = votes ? Method::Predict : Method::PredictProba;
      TRY_ASSIGN(Port port, ask(i, method, builder, input));
      if (votes) {
        std::vector<plan::Vote::Voter> voter = {{.classes = bag_.places[i], .hit = 1, .miss = 0}};
        port = builder.add(std::make_shared<plan::Vote>(count, std::move(voter), 1.0), port,
                           Form::Dense, count);
        parts.push_back({.width = count, .weight = 1, .targets = {}});
      } else {
        TRY_ASSIGN(parts.emplace_back(), part_of(i, port));
      }
      ports.push_back(std::move(port));
    }
    return add_mean(builder, ports, std::move(parts), count);
  }

  base::Result<Port> log_mean(Builder& builder, const Port& input) const {
    const std::size_t count = data::label_count(bag_.classes);
    std::vector<Port> ports;
    std::vector<plan::Mix::Part> parts;
    for (std::size_t i = 0; i < bag_.members.size(); ++i) {
      TRY_ASSIGN(ports.emplace_back(), ask(i, Method::PredictLogProba, builder, input));
      TRY_ASSIGN(parts.emplace_back(), part_of(i, ports.back()));
    }
    return builder.add(std::make_shared<plan::LogMean>(count, std::move(parts)), ports, Form::Dense,
                       count);
  }

  Bag bag_;
  bool classifier_;
};

bool is_in_order(const std::vector<std::size_t>& features, std::optional<std::size_t> width) {
  if (!width || features.size() != *width) return false;
  for (std::size_t i = 0; i < features.size(); ++i) {
    if (features[i] != i) return false;
  }
  return true;
}

using Features = std::vector<std::vector<std::size_t>>;

base::Result<Features> read_member_features(const Object& object, const Bag& bag,
                                            std::size_t members) {
  Features all(members);
  if (!object.has("estimators_features_")) return all;
  TRY_ASSIGN(const auto value, object.get("estimators_features_"));
  // A matrix where each sees as many features, as ensembles that were put together by hand have.
  TRY_ASSIGN(const auto items, object.list("estimators_features_"));
  if (items.size() != all.size()) {
    return object.unexpected("estimators_features_", fmt::format("{} lists", all.size()), value);
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto numbers = doubles_of(items[i]);
    if (!numbers.ok()) {
      return object.unexpected("estimators_features_", "positions of features", items[i]);
    }
    for (const double number : *numbers) {
      if (!(number >= 0 && number < static_cast<double>(Builder::kInputColumnsMax))) {
        return object.unexpected("estimators_features_", "positions of features", items[i]);
      }
      all[i].push_back(static_cast<std::size_t>(number));
    }
    if (is_in_order(all[i], bag.width)) all[i].clear();
  }
  return all;
}

// The members were fitted with the places of the classes for classes.
base::Result<void> read_places(const Object& object, Bag& bag) {
  TRY_ASSIGN(bag.classes, object.labels("classes_"));
  std::vector<std::int64_t> all(data::label_count(bag.classes));
  std::iota(all.begin(), all.end(), 0);
  for (std::size_t i = 0; i < bag.members.size(); ++i) {
    const auto classes = bag.members[i]->classes();
    if (classes.size() != 1) {
      return object.unsupported("estimators_", "classifiers of one output",
                                bag.members[i]->title());
    }
    TRY_ASSIGN(bag.places.emplace_back(), label_positions(classes.front(), all));
  }
  return {};
}

// Whether the members see all features between them, so that checking those that any sees is
// checking all.
bool see_all(const Bag& bag) {
  std::vector<bool> seen(*bag.width);
  for (const auto& features : bag.features) {
    if (features.empty()) return true;
    for (const std::size_t each : features) {
      if (each < seen.size()) seen[each] = true;
    }
  }
  return std::find(seen.begin(), seen.end(), false) == seen.end();
}

// Leaves of trees that know few of many classes would hold mostly zeros.
constexpr std::size_t kSparseClassesMax = 16;

// Where the classes of each tree are among all, unless the trees are not worth a forest.
base::Result<bool> read_tree_places(const Object& object, std::span<const Value> items, Bag& bag,
                                    Reader& reader) {
  TRY_ASSIGN(bag.classes, object.labels("classes_"));
  const std::size_t count = data::label_count(bag.classes);
  std::vector<std::int64_t> all(count);
  std::iota(all.begin(), all.end(), 0);
  bool worth = true;
  TRY(for_each_tree(object, items, [&](const Object& tree, std::size_t) -> base::Result<void> {
    TRY_ASSIGN(const TreeTask task, read_tree_task(tree, reader, true));
    TRY_ASSIGN(bag.places.emplace_back(), label_positions(task.classes.front(), all));
    worth = worth && (bag.places.back().size() == count || count <= kSparseClassesMax);
    return {};
  }));
  return worth;
}

// The mean of trees' answers is that of a forest: the sum in the order of the trees.
base::Result<void> read_bagged_trees(const Object& object, std::span<const Value> items, Bag& bag) {
  const bool classifier = !bag.places.empty();
  const std::size_t width = classifier ? data::label_count(bag.classes) : 1;
  TRY_ASSIGN(TreeSum sum, TreeSum::start({.features = *bag.width, .outputs = width, .width = width},
                                         object, items));
  TRY(for_each_tree(object, items, [&](const Object& tree, std::size_t i) -> base::Result<void> {
    if (i == 0) bag.nan_allowed = tree_takes_nan(tree);
    const Places own = classifier ? bag.places[i] : Places{0};
    const bool counts = classifier && tree.release() < Release{1, 4};
    std::vector<double> shares(own.size());
    const auto leaf = [&](std::span<const double> values, std::span<double> to) {
      std::copy(values.begin(), values.end(), shares.begin());
      if (counts) plan::put_shares(values.data(), values.size(), shares.data());
      for (std::size_t k = 0; k < own.size(); ++k) to[own[k]] = shares[k];
    };
    return sum.add({.tree = tree, .own_width = own.size(), .features = bag.features[i]}, leaf);
  }));
  bag.forest = std::move(sum).finish();
  return {};
}

Made read_bagging(const Object& object, Reader& reader, bool classifier) {
  Bag bag;
  TRY_ASSIGN(bag.width, find_features(object));
  TRY_ASSIGN(const auto items, object.list("estimators_"));
  TRY_ASSIGN(bag.features, read_member_features(object, bag, items.size()));
  bool trees =
      !items.empty() && bag.width && are_single_trees(object, items, classifier) && see_all(bag);
  if (trees && classifier) {
    TRY_ASSIGN(trees, read_tree_places(object, items, bag, reader));
  }
  if (trees) {
    TRY(read_bagged_trees(object, items, bag));
    return std::make_unique<Bagging>(std::move(bag), classifier);
  }
  bag.places.clear();
  TRY_ASSIGN(bag.members, read_members(object, "estimators_", reader));
  if (!all_read(bag.members)) return unread();
  if (classifier) TRY(read_places(object, bag));
  return std::make_unique<Bagging>(std::move(bag), classifier);
}

Made read_bagging_classifier(const Object& object, Reader& reader) {
  return read_bagging(object, reader, true);
}

Made read_bagging_regressor(const Object& object, Reader& reader) {
  return read_bagging(object, reader, false);
}

constexpr Entry kBagging[] = {
    {"imblearn", "BalancedBaggingClassifier", read_bagging_classifier},
    {"imblearn", "EasyEnsembleClassifier", read_bagging_classifier},
    {"sklearn.ensemble", "BaggingClassifier", read_bagging_classifier},
    {"sklearn.ensemble", "BaggingRegressor", read_bagging_regressor},
};

}  // namespace

std::span<const Entry> bagging_entries() { return kBagging; }

}  // namespace sklearn
