#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "companions/pmml_expression.h"
#include "companions/pmml_preprocessing.h"
#include "companions/transformer.h"
#include "plan/choose.h"

namespace companions {
namespace {

// GBDTLMRegressor and GBDTLRClassifier: a linear model of which leaf of each tree a row ends in.
class LeavesLinear final : public Estimator {
 public:
  LeavesLinear(EstimatorPtr trees, EstimatorPtr encoder, EstimatorPtr linear)
      : trees_(std::move(trees)), encoder_(std::move(encoder)), linear_(std::move(linear)) {}
  bool has(Method method) const override {
    return method == Method::Predict ||
           (method == Method::PredictProba && !linear_->classes().empty());
  }
  std::vector<data::Labels> classes() const override { return linear_->classes(); }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    const auto labels = trees_->classes();
    if (!labels.empty() && data::label_count(labels.front()) > 2) {
      return base::Error(base::Code::Unsupported,
                         "\"gbdt_\": expected at most 2 classes, got more");
    }
    TRY_ASSIGN(Port port, trees_->emit(Method::Apply, builder, input));
    TRY_ASSIGN(port, encoder_->emit(Method::Transform, builder, port));
    return linear_->emit(method, builder, port);
  }

  EstimatorPtr trees_;
  EstimatorPtr encoder_;
  EstimatorPtr linear_;
};

Made read_leaves_linear(const Object& object, Reader& reader) {
  TRY_ASSIGN(const Value trees, object.get("gbdt_"));
  TRY_ASSIGN(const Value encoder, object.get("ohe_"));
  const char* linear = object.class_name() == "GBDTLRClassifier" ? "lr_" : "lm_";
  TRY_ASSIGN(const Value model, object.get(linear));
  EstimatorPtr read_trees = reader.read(trees, "gbdt_");
  EstimatorPtr read_encoder = reader.read(encoder, "ohe_");
  return std::make_unique<LeavesLinear>(std::move(read_trees), std::move(read_encoder),
                                        reader.read(model, linear));
}

// (name, estimator, predicate) of an ensemble; a Link adds its answers to what comes after it.
struct ChosenPart {
  EstimatorPtr estimator;
  std::vector<Method> augments;
  plan::Evaluate::Rules predicate;
  bool always = false;
};

struct Chosen {
  std::vector<ChosenPart> parts;
  EstimatorPtr controller;  // Null: predicates read what comes in.
};

base::Result<ChosenPart> read_link(const Object& object, Reader& reader, Value value,
                                   const std::string& path) {
  ChosenPart part;
  const pickle::Record* record = value.record();
  if (record == nullptr || record->name() != "Link") {
    part.estimator = reader.read(value, path);
    return part;
  }
  TRY_ASSIGN(const Object link, Object::of(value, object.release()));
  TRY_ASSIGN(const Value inner, link.get("estimator_"));
  TRY_ASSIGN(const auto functions, link.texts("augment_funcs"));
  for (const std::string& function : functions) {
    const auto method = plan::parse_method(function);
    if (!method.ok()) return link.unsupported("augment_funcs", "methods that can be run", function);
    part.augments.push_back(*method);
  }
  part.estimator = reader.read(inner, path + ".estimator_");
  return part;
}

base::Result<Chosen> read_chosen(const Object& object, Reader& reader) {
  Chosen chosen;
  TRY_ASSIGN(const auto items, object.list("steps"));
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto triple = items[i].items();
    if (triple.size() != 3 || !triple[0].as_string()) {
      return object.unexpected("steps", "(name, estimator, predicate)", items[i]);
    }
    const std::string path = fmt::format("steps[{}] {}", i, base::quote(*triple[0].as_string()));
    TRY_ASSIGN(ChosenPart part, read_link(object, reader, triple[1], path));
    TRY_ASSIGN(part.predicate, read_python_rules(object, reader, "steps", triple[2]));
    part.always = triple[2].as_string() == "True";
    chosen.parts.push_back(std::move(part));
  }
  if (chosen.parts.empty()) return object.unexpected("steps", "at least one step", "none");
  if (const auto controller = object.find("controller")) {
    chosen.controller = reader.read(*controller, "controller");
  }
  return chosen;
}

// The answers of parts, each where its predicate holds.
base::Result<Port> choose(Builder& builder, const Port& input, const Chosen& chosen, Method method,
                          bool first) {
  Port asked = input;
  if (chosen.controller != nullptr) {
    TRY_ASSIGN(asked, chosen.controller->emit(Method::Transform, builder, input));
  }
  std::vector<Port> wired;
  std::vector<std::string> names;
  for (const ChosenPart& part : chosen.parts) {
    TRY_ASSIGN(Port mask, express(builder, asked, part.predicate, ColumnType::Number));
    TRY_ASSIGN(mask, builder.dense(mask, 1));
    TRY_ASSIGN(Port answer, part.estimator->emit(method, builder, input));
    TRY_ASSIGN(answer, builder.dense(answer));
    if (!wired.empty() && wired[1].width != answer.width) {
      return base::Error(base::Code::Corrupt, fmt::format("\"steps\": expected {} features, got {}",
                                                          wired[1].width, answer.width));
    }
    names = answer.names;
    wired.push_back(std::move(mask));
    wired.push_back(std::move(answer));
  }
  const std::size_t width = wired[1].width;
  plan::ChooseRows::Rules rules{.parts = chosen.parts.size(),
                                .width = width,
                                .first = first,
                                .none_refused = method != Method::Transform};
  if (chosen.parts.size() > 1) names.clear();
  return builder.add(std::make_shared<plan::ChooseRows>(rules), wired, Form::Dense, width,
                     std::move(names));
}

class SelectFirstTransformer final : public Transformer {
 public:
  explicit SelectFirstTransformer(Chosen chosen) : chosen_(std::move(chosen)) {}

 private:
  base::Result<Port> transform(Builder& builder, const Port& input) const override {
    return choose(builder, input, chosen_, Method::Transform, true);
  }
  Chosen chosen_;
};

Made read_select_first(const Object& object, Reader& reader) {
  TRY_ASSIGN(Chosen chosen, read_chosen(object, reader));
  return std::make_unique<SelectFirstTransformer>(std::move(chosen));
}

// EstimatorChain and SelectFirst: several estimators side by side, or one of them for each row.
class EstimatorChoice final : public Estimator {
 public:
  EstimatorChoice(Chosen chosen, bool side_by_side, bool first)
      : chosen_(std::move(chosen)), side_by_side_(side_by_side), first_(first) {}

  bool has(Method method) const override {
    if (method != Method::Predict && method != Method::PredictProba) return false;
    return std::all_of(chosen_.parts.begin(), chosen_.parts.end(),
                       [&](const ChosenPart& part) { return part.estimator->has(method); });
  }
  std::vector<data::Labels> classes() const override {
    if (!side_by_side_) return chosen_.parts.front().estimator->classes();
    std::vector<data::Labels> all;
    for (const ChosenPart& part : chosen_.parts) {
      for (data::Labels& labels : part.estimator->classes()) all.push_back(std::move(labels));
    }
    return all;
  }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    if (side_by_side_) return chained(builder, input, method);
    const auto labels = classes();
    for (const ChosenPart& part : chosen_.parts) {
      if (part.estimator->classes() == labels && part.augments.empty()) continue;
      return base::Error(base::Code::Unsupported,
                         "\"steps\": expected estimators of the same classes");
    }
    return choose(builder, input, chosen_, method, first_);
  }

  base::Result<Port> chained(Builder& builder, const Port& input, Method method) const {
    Port port = input;
    std::vector<Port> answers;
    std::size_t labelled = 0;
    for (const ChosenPart& part : chosen_.parts) {
      if (!part.always) {
        return base::Error(base::Code::Unsupported,
                           "\"steps\": expected True as the predicate of several outputs");
      }
      labelled += part.estimator->classes().empty() ? 0 : 1;
      TRY_ASSIGN(Port answer, part.estimator->emit(method, builder, port));
      answers.push_back(std::move(answer));
      std::vector<Port> augmented = {port};
      for (const Method augment : part.augments) {
        TRY_ASSIGN(Port more, part.estimator->emit(augment, builder, port));
        augmented.push_back(std::move(more));
      }
      if (augmented.size() > 1) {
        TRY_ASSIGN(port, builder.hstack(augmented));
      }
    }
    if (labelled != 0 && labelled != chosen_.parts.size()) {
      return base::Error(base::Code::Unsupported,
                         "\"steps\": expected classifiers or regressors, got both");
    }
    return builder.hstack(answers);
  }

  Chosen chosen_;
  bool side_by_side_;
  bool first_;
};

Made read_estimator_chain(const Object& object, Reader& reader) {
  TRY_ASSIGN(Chosen chosen, read_chosen(object, reader));
  TRY_ASSIGN(const bool side_by_side, object.flag_or("multioutput", true));
  return std::make_unique<EstimatorChoice>(std::move(chosen), side_by_side, false);
}

Made read_select_first_estimator(const Object& object, Reader& reader) {
  TRY_ASSIGN(Chosen chosen, read_chosen(object, reader));
  return std::make_unique<EstimatorChoice>(std::move(chosen), false, true);
}

// Memorizer and Recaller: columns kept under names in a memory that both hold.
class Memorizer final : public Transformer {
 public:
  Memorizer(const void* memory, std::vector<std::string> names)
      : memory_(memory), names_(std::move(names)) {}

 private:
  base::Result<Port> transform(Builder& builder, const Port& from) const override {
    TRY_ASSIGN(const Port input, builder.declare(from, names_.size()));
    for (std::size_t i = 0; i < names_.size(); ++i) {
      TRY_ASSIGN(const Port column, builder.select(input, std::span<const std::size_t>(&i, 1)));
      builder.remember(memory_, names_[i], column);
    }
    return builder.select(input, std::span<const std::size_t>());
  }
  const void* memory_;
  std::vector<std::string> names_;
};

class Recaller final : public Transformer {
 public:
  Recaller(const void* memory, std::vector<std::string> names)
      : memory_(memory), names_(std::move(names)) {}

 private:
  base::Result<Port> transform(Builder& builder, const Port&) const override {
    std::vector<Port> ports;
    for (const std::string& name : names_) {
      TRY_ASSIGN(Port port, builder.recall(memory_, name));
      port.names = {name};
      ports.push_back(std::move(port));
    }
    return builder.hstack(ports);
  }
  const void* memory_;
  std::vector<std::string> names_;
};

template <typename Kind>
Made read_memory(const Object& object, Reader&) {
  TRY_ASSIGN(const Value memory, object.get("memory"));
  TRY_ASSIGN(auto names, object.texts("names"));
  if (names.empty()) return object.unexpected("names", "at least one", "none");
  return std::make_unique<Kind>(memory.id(), std::move(names));
}

constexpr Entry kPmmlEnsemble[] = {
    {"sklearn2pmml", "EstimatorChain", read_estimator_chain},
    {"sklearn2pmml", "GBDTLMRegressor", read_leaves_linear},
    {"sklearn2pmml", "GBDTLRClassifier", read_leaves_linear},
    {"sklearn2pmml", "Memorizer", read_memory<Memorizer>},
    {"sklearn2pmml", "Recaller", read_memory<Recaller>},
    {"sklearn2pmml", "SelectFirstClassifier", read_select_first_estimator},
    {"sklearn2pmml", "SelectFirstRegressor", read_select_first_estimator},
    {"sklearn2pmml", "SelectFirstTransformer", read_select_first},
};

}  // namespace

std::span<const Entry> pmml_ensemble_entries() { return kPmmlEnsemble; }

}  // namespace companions
