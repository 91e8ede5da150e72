#include "sklearn_wrappers/stacking.h"

#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "plan_scores/vote.h"
#include "sklearn_values/feature_names.h"
#include "sklearn_values/members.h"

namespace sklearn {
namespace {

using plan::Builder;
using plan::Form;
using plan::Method;
using plan::Port;

struct Stack {
  Members members;
  std::vector<Method> methods;  // stack_method_
  std::vector<std::string> names;
  EstimatorPtr final_estimator;
  bool passthrough = false;
  std::vector<data::Labels> classes;  // Of a classifier, one for each output.
};

class Stacking final : public Estimator {
 public:
  explicit Stacking(Stack stack) : stack_(std::move(stack)) {}

  bool has(Method method) const override {
    const bool classifier = !stack_.classes.empty();
    switch (method) {
      case Method::Transform: return true;
      case Method::Predict: return stack_.final_estimator->has(method);
      case Method::PredictProba:
      case Method::DecisionFunction: return classifier && stack_.final_estimator->has(method);
      default: return false;
    }
  }
  std::vector<data::Labels> classes() const override { return stack_.classes; }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port scores, transform(builder, input));
    if (method == Method::Transform) return scores;
    TRY_ASSIGN(const Port answer, stack_.final_estimator->emit(method, builder, scores));
    if (method == Method::Predict && !stack_.classes.empty()) return decoded(builder, answer);
    if (method == Method::PredictProba && stack_.classes.size() > 1) {
      return first_of_each(builder, answer);
    }
    return answer;
  }

  base::Result<Port> transform(Builder& builder, const Port& input) const {
    std::vector<Port> ports;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < stack_.members.size(); ++i) {
      TRY_ASSIGN(ports.emplace_back(), scores_of(i, builder, input));
      const std::size_t width = ports.back().width;
      for (std::size_t k = 0; k < width; ++k) {
        names.push_back(width == 1 ? stack_.names[i] : fmt::format("{}{}", stack_.names[i], k));
      }
    }
    if (stack_.passthrough) {
      TRY_ASSIGN(ports.emplace_back(), builder.numeric(input));
      const auto own = names_of(ports.back());
      names.insert(names.end(), own.begin(), own.end());
    }
    TRY_ASSIGN(Port port, builder.hstack(ports));
    port.names = names.size() == port.width ? std::move(names) : std::vector<std::string>();
    return port;
  }

  // Of two classes the first probability says nothing that the second does not.
  base::Result<Port> scores_of(std::size_t i, Builder& builder, const Port& input) const {
    const Estimator& member = *stack_.members[i];
    const Method method = stack_.methods[i];
    if (method == Method::Predict) return emit_values(member, builder, input);
    TRY_ASSIGN(Port port, member.emit(method, builder, input));
    TRY_ASSIGN(port, builder.dense(port));
    if (method != Method::PredictProba) return port;
    std::vector<std::size_t> kept;
    const auto classes = member.classes();
    std::size_t first = 0;
    for (const data::Labels& each : classes) {
      const std::size_t count = data::label_count(each);
      const bool drop = classes.size() > 1 || data::label_count(stack_.classes.front()) == 2;
      for (std::size_t k = drop ? 1 : 0; k < count; ++k) kept.push_back(first + k);
      first += count;
    }
    return kept.size() == port.width ? port : builder.select(port, kept);
  }

  // The final estimator was fitted with the places of the classes for classes.
  base::Result<Port> decoded(Builder& builder, const Port& answer) const {
    const auto own = stack_.final_estimator->classes();
    if (own.size() != stack_.classes.size() || answer.width != own.size()) {
      return base::Error(base::Code::Corrupt,
                         fmt::format("final_estimator_: expected {} outputs, got {}",
                                     stack_.classes.size(), answer.width));
    }
    std::vector<std::vector<double>> tables;
    bool as_it_is = true;
    for (std::size_t output = 0; output < own.size(); ++output) {
      TRY_ASSIGN(auto table, label_numbers(own[output]));
      for (std::size_t k = 0; k < table.size(); ++k) {
        as_it_is = as_it_is && table[k] == static_cast<double>(k);
        if (!(table[k] >= 0) ||
            table[k] >= static_cast<double>(data::label_count(stack_.classes[output]))) {
          return base::Error(base::Code::Corrupt,
                             fmt::format("final_estimator_: expected places of {} classes, got {}",
                                         data::label_count(stack_.classes[output]), table[k]));
        }
      }
      tables.push_back(std::move(table));
    }
    if (as_it_is) return answer;
    return builder.add(std::make_shared<plan::Translate>(std::move(tables)), answer, Form::Dense,
                       answer.width);
  }

  // What scikit-learn gives for several outputs: the first probability of each.
  base::Result<Port> first_of_each(Builder& builder, const Port& answer) const {
    std::vector<std::size_t> firsts;
    std::size_t first = 0;
    for (const data::Labels& each : stack_.final_estimator->classes()) {
      firsts.push_back(first);
      first += data::label_count(each);
    }
    return builder.select(answer, firsts);
  }

  Stack stack_;
};

base::Result<std::vector<Method>> read_stack_methods(const Object& object) {
  TRY_ASSIGN(const auto items, object.list("stack_method_"));
  std::vector<Method> methods;
  for (const auto& item : items) {
    if (item.is_none()) continue;
    const auto method = plan::parse_method(item.as_string().value_or(""));
    if (!method.ok() || (*method != Method::Predict && *method != Method::PredictProba &&
                         *method != Method::DecisionFunction)) {
      return object.unexpected("stack_method_", "predict_proba, decision_function or predict",
                               item);
    }
    methods.push_back(*method);
  }
  return methods;
}

base::Result<std::vector<std::string>> read_stack_names(const Object& object,
                                                        std::string_view prefix) {
  TRY_ASSIGN(const auto items, object.list("estimators"));
  std::vector<std::string> names;
  for (const auto& item : items) {
    const auto pair = item.items();
    if (pair.size() != 2 || !pair[0].as_string()) {
      return object.unexpected("estimators", "pairs of name and estimator", item);
    }
    if (pair[1].is_none() || pair[1].as_string() == "drop") continue;
    names.push_back(fmt::format("{}_{}", prefix, *pair[0].as_string()));
  }
  return names;
}

// One set of labels; of several outputs a list of them.
base::Result<std::vector<data::Labels>> read_stack_classes(const Object& object) {
  if (auto one = object.labels("classes_"); one.ok()) return std::vector{*std::move(one)};
  TRY_ASSIGN(const auto items, object.list("classes_"));
  std::vector<data::Labels> classes;
  for (const auto& item : items) {
    TRY_ASSIGN(classes.emplace_back(), labels_of(item));
  }
  if (classes.empty()) return object.unexpected("classes_", "labels", "none");
  return classes;
}

Made read_stacking(const Object& object, Reader& reader, bool classifier) {
  Stack stack;
  TRY_ASSIGN(stack.members, read_members(object, "estimators_", reader));
  TRY_ASSIGN(stack.methods, read_stack_methods(object));
  TRY_ASSIGN(stack.names,
             read_stack_names(object, classifier ? "stackingclassifier" : "stackingregressor"));
  TRY_ASSIGN(stack.passthrough, object.flag("passthrough"));
  if (classifier) {
    TRY_ASSIGN(stack.classes, read_stack_classes(object));
  }
  if (stack.methods.size() != stack.members.size() || stack.names.size() != stack.members.size()) {
    return object.unexpected("stack_method_", fmt::format("{} methods", stack.members.size()),
                             std::to_string(stack.methods.size()));
  }
  for (const Method method : stack.methods) {
    if (!classifier && method != Method::Predict) {
      return object.unexpected("stack_method_", "predict", plan::method_name(method));
    }
  }
  TRY_ASSIGN(const auto final_estimator, object.get("final_estimator_"));
  stack.final_estimator = reader.read(final_estimator, "final_estimator_");
  if (!all_read(stack.members) || stack.final_estimator == nullptr) return unread();
  if (is_classifier(*stack.final_estimator) != classifier) {
    return object.unsupported("final_estimator_", classifier ? "a classifier" : "a regressor",
                              stack.final_estimator->title());
  }
  return std::make_unique<Stacking>(std::move(stack));
}

Made read_stacking_classifier(const Object& object, Reader& reader) {
  return read_stacking(object, reader, true);
}

Made read_stacking_regressor(const Object& object, Reader& reader) {
  return read_stacking(object, reader, false);
}

constexpr Entry kStacking[] = {
    {"sklearn.ensemble", "StackingClassifier", read_stacking_classifier},
    {"sklearn.ensemble", "StackingRegressor", read_stacking_regressor},
};

}  // namespace

std::span<const Entry> stacking_entries() { return kStacking; }

}  // namespace sklearn
