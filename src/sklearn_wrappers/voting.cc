#include "sklearn_wrappers/voting.h"

#include <array>
#include <memory>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "plan_scores/mix.h"
#include "plan_scores/vote.h"
#include "sklearn_values/members.h"

namespace sklearn {
namespace {

using plan::Builder;
using plan::Form;
using plan::Method;
using plan::Port;

// What both have: members, their names, and a weight for each or none.
struct Voters {
  Members members;
  std::vector<std::string> names;  // votingclassifier_<name>
  std::vector<double> weights;
};

// ("name", estimator or 'drop') of `estimators`, of which only those that vote have a weight.
base::Result<Voters> read_voters(const Object& object, Reader& reader, std::string_view prefix) {
  Voters voters;
  TRY_ASSIGN(voters.members, read_members(object, "estimators_", reader));
  TRY_ASSIGN(const auto items, object.list("estimators"));
  std::vector<double> given;
  if (object.has("weights")) {
    TRY_ASSIGN(given, object.doubles("weights", items.size()));
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto pair = items[i].items();
    if (pair.size() != 2 || !pair[0].as_string()) {
      return object.unexpected("estimators", "pairs of name and estimator", items[i]);
    }
    if (pair[1].is_none() || pair[1].as_string() == "drop") continue;
    voters.names.push_back(fmt::format("{}_{}", prefix, *pair[0].as_string()));
    if (!given.empty()) voters.weights.push_back(given[i]);
  }
  if (voters.names.size() != voters.members.size()) {
    return object.unexpected("estimators", fmt::format("{} voters", voters.members.size()),
                             std::to_string(voters.names.size()));
  }
  return voters;
}

// numpy.average of what the members answer.
base::Result<Port> average(Builder& builder, const Voters& voters, std::span<const Port> ports) {
  std::vector<plan::Mix::Part> parts;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    if (ports[i].width != ports.front().width) {
      return base::Error(base::Code::Corrupt,
                         fmt::format("estimators_: expected answers of {} columns, got {}",
                                     ports.front().width, ports[i].width));
    }
    parts.push_back({.width = ports[i].width,
                     .weight = voters.weights.empty() ? 1 : voters.weights[i],
                     .targets = {}});
  }
  const double sum = voters.weights.empty()
                         ? static_cast<double>(ports.size())
                         : std::accumulate(voters.weights.begin(), voters.weights.end(), 0.0);
  const std::size_t width = ports.front().width;
  return builder.add(std::make_shared<plan::Mix>(width, std::move(parts), sum), ports, Form::Dense,
                     width);
}

class VotingClassifier final : public Estimator {
 public:
  VotingClassifier(Voters voters, data::Labels classes, bool soft, bool flat)
      : voters_(std::move(voters)), classes_(std::move(classes)), soft_(soft), flat_(flat) {}

  bool has(Method method) const override {
    switch (method) {
      case Method::Predict: return true;
      case Method::PredictProba: return soft_;
      // Without flatten_transform it answers classifiers x rows x classes, whose first axis is not
      // that of the rows.
      case Method::Transform: return !soft_ || flat_;
      default: return false;
    }
  }
  std::vector<data::Labels> classes() const override { return {classes_}; }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    if (method == Method::Transform) return transform(builder, input);
    if (!soft_) return majority(builder, input);
    TRY_ASSIGN(const auto ports, probabilities(builder, input));
    TRY_ASSIGN(const Port mean, average(builder, voters_, ports));
    return method == Method::Predict ? emit_arg_max(builder, mean) : mean;
  }

  base::Result<std::vector<Port>> probabilities(Builder& builder, const Port& input) const {
    std::vector<Port> ports;
    for (const EstimatorPtr& member : voters_.members) {
      TRY_ASSIGN(Port port, member->emit(Method::PredictProba, builder, input));
      if (port.width != data::label_count(classes_)) {
        return base::Error(base::Code::Corrupt,
                           fmt::format("estimators_: expected probabilities of {} classes, got {}",
                                       data::label_count(classes_), port.width));
      }
      TRY_ASSIGN(port, builder.dense(port));
      ports.push_back(std::move(port));
    }
    return ports;
  }

  // The members were fitted with the places of the classes for classes.
  base::Result<Port> majority(Builder& builder, const Port& input) const {
    const std::size_t count = data::label_count(classes_);
    std::vector<std::int64_t> places(count);
    std::iota(places.begin(), places.end(), 0);
    std::vector<Port> ports;
    std::vector<plan::Vote::Voter> voters;
    for (std::size_t i = 0; i < voters_.members.size(); ++i) {
      const Estimator& member = *voters_.members[i];
      TRY_ASSIGN(ports.emplace_back(), member.emit(Method::Predict, builder, input));
      const auto classes = member.classes();
      if (classes.size() != 1 || ports.back().width != 1) {
        return base::Error(base::Code::Unsupported,
                           "estimators_: expected classifiers of one output");
      }
      plan::Vote::Voter voter;
      TRY_ASSIGN(voter.classes, label_positions(classes.front(), places));
      if (!voters_.weights.empty()) voter.hit = voters_.weights[i];
      voters.push_back(std::move(voter));
    }
    const Port votes = builder.add(std::make_shared<plan::Vote>(count, std::move(voters), 1.0),
                                   ports, Form::Dense, count);
    return emit_arg_max(builder, votes);
  }

  base::Result<Port> transform(Builder& builder, const Port& input) const {
    std::vector<Port> ports;
    std::vector<std::string> names = voters_.names;
    if (soft_) {
      TRY_ASSIGN(ports, probabilities(builder, input));
      names.clear();
      for (const std::string& name : voters_.names) {
        for (std::size_t k = 0; k < data::label_count(classes_); ++k) {
          names.push_back(fmt::format("{}{}", name, k));
        }
      }
    } else {
      for (const EstimatorPtr& member : voters_.members) {
        TRY_ASSIGN(ports.emplace_back(), emit_values(*member, builder, input));
      }
    }
    TRY_ASSIGN(Port port, builder.hstack(ports));
    if (names.size() == port.width) port.names = std::move(names);
    return port;
  }

  Voters voters_;
  data::Labels classes_;
  bool soft_;
  bool flat_;
};

class VotingRegressor final : public Estimator {
 public:
  explicit VotingRegressor(Voters voters) : voters_(std::move(voters)) {}

  bool has(Method method) const override {
    return method == Method::Predict || method == Method::Transform;
  }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    std::vector<Port> ports;
    for (const EstimatorPtr& member : voters_.members) {
      TRY_ASSIGN(ports.emplace_back(), emit_values(*member, builder, input));
    }
    if (method == Method::Predict) return average(builder, voters_, ports);
    TRY_ASSIGN(Port port, builder.hstack(ports));
    if (voters_.names.size() == port.width) port.names = voters_.names;
    return port;
  }

  Voters voters_;
};

Made read_voting_classifier(const Object& object, Reader& reader) {
  TRY_ASSIGN(Voters voters, read_voters(object, reader, "votingclassifier"));
  TRY_ASSIGN(data::Labels classes, object.labels("classes_"));
  TRY_ASSIGN(const std::string voting, object.text("voting"));
  // None, which 0.19 warned of, and its absence mean a third dimension.
  TRY_ASSIGN(const bool flat, object.flag_or("flatten_transform", false));
  if (voting != "soft" && voting != "hard") {
    return object.unexpected("voting", "hard or soft", voting);
  }
  if (!all_read(voters.members)) return unread();
  return std::make_unique<VotingClassifier>(std::move(voters), std::move(classes), voting == "soft",
                                            flat);
}

Made read_voting_regressor(const Object& object, Reader& reader) {
  TRY_ASSIGN(Voters voters, read_voters(object, reader, "votingregressor"));
  if (!all_read(voters.members)) return unread();
  return std::make_unique<VotingRegressor>(std::move(voters));
}

constexpr Entry kVoting[] = {
    {"sklearn.ensemble", "VotingClassifier", read_voting_classifier},
    {"sklearn.ensemble", "VotingRegressor", read_voting_regressor},
};

}  // namespace

std::span<const Entry> voting_entries() { return kVoting; }

}  // namespace sklearn
