#include "sklearn_wrappers/multioutput.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sklearn_values/members.h"

namespace sklearn {
namespace {

using plan::Builder;
using plan::Form;
using plan::Method;
using plan::Port;

base::Result<Port> one_column(const Port& port) {
  if (port.width == 1) return port;
  return base::Error(
      base::Code::Unsupported,
      fmt::format("estimators_: expected estimators of one output, got {}", port.width));
}

class MultiOutput final : public Estimator {
 public:
  MultiOutput(Members members, bool classifier)
      : members_(std::move(members)), classifier_(classifier) {}

  bool has(Method method) const override {
    if (method == Method::Predict) return true;
    return classifier_ && method == Method::PredictProba &&
           std::all_of(members_.begin(), members_.end(),
                       [&](const EstimatorPtr& each) { return each->has(method); });
  }
  std::vector<data::Labels> classes() const override {
    std::vector<data::Labels> all;
    for (const EstimatorPtr& member : members_) {
      for (data::Labels& each : member->classes()) all.push_back(std::move(each));
    }
    return all;
  }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    std::vector<Port> ports;
    for (const EstimatorPtr& member : members_) {
      TRY_ASSIGN(ports.emplace_back(), member->emit(method, builder, input));
      if (method == Method::Predict) TRY(one_column(ports.back()));
    }
    TRY_ASSIGN(Port port, builder.hstack(ports));
    port.names.clear();
    return port;
  }

  Members members_;
  bool classifier_;
};

// Each estimator sees what those before it answered. scikit-learn gives the answers in the order of
// the outputs, which need not be that of the chain.
class Chain final : public Estimator {
 public:
  struct Shape {
    std::optional<std::size_t> width;
    std::vector<std::size_t> order;  // Which output each link of the chain is.
    Method passed = Method::Predict;
    bool classifier = false;
    bool has_log = false;
  };
  Chain(Members members, Shape shape) : members_(std::move(members)), shape_(std::move(shape)) {}

  bool has(Method method) const override {
    if (method == Method::Predict) return true;
    if (!shape_.classifier) return false;
    if (method == Method::PredictLogProba && !shape_.has_log) return false;
    const Method asked = method == Method::PredictLogProba ? Method::PredictProba : method;
    return (asked == Method::PredictProba || asked == Method::DecisionFunction) &&
           std::all_of(members_.begin(), members_.end(),
                       [&](const EstimatorPtr& each) { return each->has(asked); });
  }
  std::vector<data::Labels> classes() const override {
    std::vector<data::Labels> all;
    if (!shape_.classifier) return all;
    all.resize(members_.size());
    for (std::size_t i = 0; i < members_.size(); ++i) {
      auto own = members_[i]->classes();
      if (!own.empty()) all[shape_.order[i]] = std::move(own.front());
    }
    return all;
  }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& from) const override {
    TRY_ASSIGN(const Port input, builder.finite(from, shape_.width));
    const Method asked = method == Method::PredictLogProba ? Method::PredictProba : method;
    std::vector<Port> seen = {input, {}};
    Port port = input;
    port.names.clear();
    std::vector<Port> answers(members_.size());
    for (std::size_t i = 0; i < members_.size(); ++i) {
      TRY_ASSIGN(answers[shape_.order[i]], answer_of(*members_[i], asked, builder, port));
      if (i + 1 == members_.size()) break;
      if (shape_.passed == Method::Predict) {
        TRY_ASSIGN(seen[1], emit_values(*members_[i], builder, port));
      } else {
        TRY_ASSIGN(seen[1], answer_of(*members_[i], shape_.passed, builder, port));
      }
      TRY(one_column(seen[1]));
      TRY_ASSIGN(port, builder.hstack(seen));
      port.names.clear();
      seen[0] = port;
    }
    TRY_ASSIGN(Port answer, builder.hstack(answers));
    answer.names.clear();
    return method == Method::PredictLogProba ? emit_log(builder, answer) : answer;
  }

  // Of probabilities those of the second class.
  static base::Result<Port> answer_of(const Estimator& member, Method method, Builder& builder,
                                      const Port& input) {
    TRY_ASSIGN(Port port, member.emit(method, builder, input));
    const bool pairs = method == Method::PredictProba || method == Method::PredictLogProba;
    TRY_ASSIGN(port, builder.dense(port));
    if (pairs && port.width == 2) port = column_of(builder, port, 1);
    return one_column(port);
  }

  Members members_;
  Shape shape_;
};

Made read_multi_output(const Object& object, Reader& reader, bool classifier) {
  TRY_ASSIGN(Members members, read_members(object, "estimators_", reader));
  if (!all_read(members)) return unread();
  for (const EstimatorPtr& member : members) {
    if (is_classifier(*member) != classifier) {
      return object.unsupported("estimators_", classifier ? "classifiers" : "regressors",
                                member->title());
    }
  }
  return std::make_unique<MultiOutput>(std::move(members), classifier);
}

base::Result<std::vector<std::size_t>> read_order(const Object& object, std::size_t count) {
  TRY_ASSIGN(const auto integers, object.integers("order_"));
  std::vector<std::size_t> order;
  std::vector<bool> seen(count);
  for (const std::int64_t each : integers) {
    const bool inside = each >= 0 && each < static_cast<std::int64_t>(count);
    if (!inside || seen[static_cast<std::size_t>(each)]) break;
    seen[static_cast<std::size_t>(each)] = true;
    order.push_back(static_cast<std::size_t>(each));
  }
  if (order.size() != count || integers.size() != count) {
    return object.unexpected("order_", fmt::format("an order of {} outputs", count),
                             std::to_string(integers.size()));
  }
  return order;
}

Made read_chain(const Object& object, Reader& reader, bool classifier) {
  TRY_ASSIGN(Members members, read_members(object, "estimators_", reader));
  Chain::Shape shape;
  TRY_ASSIGN(shape.width, find_features(object));
  TRY_ASSIGN(shape.order, read_order(object, members.size()));
  TRY_ASSIGN(const std::string passed, object.text_or("chain_method_", "predict"));
  const auto method = plan::parse_method(passed);
  if (!method.ok() || *method == Method::Transform || *method == Method::Apply ||
      *method == Method::KNeighbors) {
    return object.unexpected("chain_method_", "predict or predict_proba", passed);
  }
  shape.passed = *method;
  shape.classifier = classifier;
  shape.has_log = object.release() >= Release{1, 4};
  if (!all_read(members)) return unread();
  for (const EstimatorPtr& member : members) {
    if (member->classes().size() != (classifier ? 1U : 0U)) {
      return object.unsupported(
          "estimators_", classifier ? "classifiers of one output" : "regressors", member->title());
    }
  }
  return std::make_unique<Chain>(std::move(members), std::move(shape));
}

Made read_multi_output_classifier(const Object& object, Reader& reader) {
  return read_multi_output(object, reader, true);
}

Made read_multi_output_regressor(const Object& object, Reader& reader) {
  return read_multi_output(object, reader, false);
}

Made read_classifier_chain(const Object& object, Reader& reader) {
  return read_chain(object, reader, true);
}

Made read_regressor_chain(const Object& object, Reader& reader) {
  return read_chain(object, reader, false);
}

constexpr Entry kMultioutput[] = {
    {"sklearn.multioutput", "ClassifierChain", read_classifier_chain},
    {"sklearn.multioutput", "MultiOutputClassifier", read_multi_output_classifier},
    {"sklearn.multioutput", "MultiOutputRegressor", read_multi_output_regressor},
    {"sklearn.multioutput", "RegressorChain", read_regressor_chain},
};

}  // namespace

std::span<const Entry> multioutput_entries() { return kMultioutput; }

}  // namespace sklearn
