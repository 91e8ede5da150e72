#include "sklearn_wrappers/pipeline.h"

#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "plan_preparation/scale.h"
#include "sklearn_values/feature_names.h"

namespace sklearn {
namespace {

using pickle::Value;
using plan::Builder;
using plan::Method;
using plan::Port;

// ("name", estimator) of `steps` and `transformer_list`.
struct Named {
  std::string name;
  Value value;
};

base::Result<std::vector<Named>> named_list(const Object& object, std::string_view attribute) {
  TRY_ASSIGN(const auto items, object.list(attribute));
  std::vector<Named> named;
  for (const Value item : items) {
    const auto pair = item.items();
    if (pair.size() != 2 || !pair[0].as_string()) {
      return object.unexpected(attribute, "pairs of name and estimator", item);
    }
    named.push_back({std::string(*pair[0].as_string()), pair[1]});
  }
  return named;
}

bool is_word(Value value, std::string_view word) { return value.as_string() == word; }

class Pipeline final : public Estimator {
 public:
  Pipeline(std::vector<EstimatorPtr> steps, bool applies)
      : steps_(std::move(steps)), applies_(applies) {}

  // A pipeline whose last step passes everything through transforms.
  bool has(Method method) const override {
    // That of sklearn2pmml alone passes apply on.
    if (method == Method::KNeighbors || (method == Method::Apply && !applies_)) return false;
    if (steps_.back() == nullptr) return method == Method::Transform;
    return steps_.back()->has(method);
  }
  std::vector<data::Labels> classes() const override {
    return steps_.back() == nullptr ? std::vector<data::Labels>() : steps_.back()->classes();
  }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    Port port = input;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (steps_[i] == nullptr) continue;
      const bool last = i + 1 == steps_.size();
      TRY_ASSIGN(port, steps_[i]->emit(last ? method : Method::Transform, builder, port));
    }
    return port;
  }

  base::Result<Port> inverse_steps(Builder& builder, const Port& input) const override {
    Port port = input;
    for (auto step = steps_.rbegin(); step != steps_.rend(); ++step) {
      if (*step == nullptr) continue;
      TRY_ASSIGN(port, (*step)->emit_inverse(builder, port));
    }
    return port;
  }

  std::vector<EstimatorPtr> steps_;  // Null: passthrough.
  bool applies_;
};

struct UnionPart {
  PartNames names;         // Of its features.
  EstimatorPtr estimator;  // Null: passthrough.
  double weight = 1;
};

class FeatureUnion final : public Estimator {
 public:
  explicit FeatureUnion(std::vector<UnionPart> parts) : parts_(std::move(parts)) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    std::vector<Port> ports;
    for (const UnionPart& part : parts_) {
      Port port = input;
      if (part.estimator != nullptr) {
        TRY_ASSIGN(port, part.estimator->emit(method, builder, input));
      }
      TRY_ASSIGN(port, weighted(builder, port, part.weight));
      port = builder.whole(port);
      if (port.kind != Port::Kind::Input) part.names.apply(port);
      ports.push_back(std::move(port));
    }
    return builder.hstack(ports);
  }

  std::vector<UnionPart> parts_;
};

}  // namespace

base::Result<Port> weighted(Builder& builder, const Port& from, double weight) {
  if (weight == 1) return from;
  TRY_ASSIGN(const Port port, builder.numeric(from));
  return builder.add(std::make_shared<plan::MultiplyAll>(port.form, port.width, weight), port,
                     port.form, port.width, port.names);
}

PartNames PartNames::of(const Object& object, std::string_view part) {
  PartNames names;
  const auto verbose = object.find("verbose_feature_names_out");
  if (!verbose || verbose->as_bool().value_or(false)) {
    names.before_ = fmt::format("{}__", part);
    return names;
  }
  if (verbose->is(pickle::Kind::Bool)) return names;
  const auto form = verbose->as_string();
  constexpr std::string_view kFeature = "{feature_name}";
  constexpr std::string_view kPart = "{transformer_name}";
  const std::size_t at = form ? form->find(kFeature) : std::string_view::npos;
  names.known_ = at != std::string_view::npos;
  if (!names.known_) return names;
  names.before_ = form->substr(0, at);
  names.behind_ = form->substr(at + kFeature.size());
  for (std::string* each : {&names.before_, &names.behind_}) {
    if (const auto place = each->find(kPart); place != std::string::npos) {
      each->replace(place, kPart.size(), part);
    }
    names.known_ = names.known_ && each->find_first_of("{}") == std::string::npos;
  }
  return names;
}

void PartNames::apply(Port& port) const {
  const bool named = known_ && before_.size() + behind_.size() <= kNameBytesMax;
  port.names = named ? names_of(port) : std::vector<std::string>();
  for (std::string& name : port.names) name = before_ + name + behind_;
}

namespace {

// imbalanced-learn's samplers draw rows to fit with, and are passed over ever after.
bool is_sampler(Value value) {
  const pickle::Record* record = value.record();
  if (record == nullptr || !record->module().starts_with("imblearn.")) return false;
  for (const char* place :
       {"imblearn.over_sampling", "imblearn.under_sampling", "imblearn.combine"}) {
    if (record->module().starts_with(place)) return true;
  }
  return record->name() == "FunctionSampler";
}

Made read_pipeline(const Object& object, Reader& reader) {
  TRY_ASSIGN(const auto named, named_list(object, "steps"));
  if (named.empty()) return object.unexpected("steps", "at least one step", "none");
  std::vector<EstimatorPtr> steps;
  for (std::size_t i = 0; i < named.size(); ++i) {
    const bool last = i + 1 == named.size();
    const bool skip = named[i].value.is_none() || is_word(named[i].value, "passthrough") ||
                      (!last && is_sampler(named[i].value));
    const std::string path = fmt::format("steps[{}] {}", i, base::quote(named[i].name));
    steps.push_back(skip ? nullptr : reader.read(named[i].value, path));
  }
  const bool applies = object.class_name() == "PMMLPipeline";
  auto pipeline = std::make_unique<Pipeline>(std::move(steps), applies);
  // What a PMML pipeline calls feature_names_in_.
  if (object.has("active_fields")) {
    TRY_ASSIGN(auto fields, object.texts("active_fields"));
    pipeline->set_names(std::move(fields));
  }
  return pipeline;
}

Made read_feature_union(const Object& object, Reader& reader) {
  TRY_ASSIGN(const auto named, named_list(object, "transformer_list"));
  const auto weights = object.find("transformer_weights");
  std::vector<UnionPart> parts;
  for (std::size_t i = 0; i < named.size(); ++i) {
    if (named[i].value.is_none() || is_word(named[i].value, "drop")) continue;
    const std::string path = fmt::format("transformer_list[{}] {}", i, base::quote(named[i].name));
    UnionPart part{.names = PartNames::of(object, named[i].name), .estimator = nullptr};
    if (!is_word(named[i].value, "passthrough")) part.estimator = reader.read(named[i].value, path);
    if (const auto weight = weights ? weights->find(named[i].name) : std::nullopt) {
      const auto number = weight->as_float();
      if (!number) return object.unexpected("transformer_weights", "numbers", *weight);
      part.weight = *number;
    }
    parts.push_back(std::move(part));
  }
  if (parts.empty()) return object.unexpected("transformer_list", "at least one part", "none");
  return std::make_unique<FeatureUnion>(std::move(parts));
}

constexpr Entry kPipeline[] = {
    {"imblearn", "Pipeline", read_pipeline},
    {"sklearn.pipeline", "FeatureUnion", read_feature_union},
    {"sklearn.pipeline", "Pipeline", read_pipeline},
    {"sklearn2pmml", "PMMLPipeline", read_pipeline},
    {"sklego", "DebugPipeline", read_pipeline},
};

}  // namespace

std::span<const Entry> pipeline_entries() { return kPipeline; }

}  // namespace sklearn
