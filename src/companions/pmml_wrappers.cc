#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "companions/pmml_preprocessing.h"
#include "companions/transformer.h"

namespace companions {
namespace {

// Alias and MultiAlias: another's columns under names of their own.
class Renamed final : public Transformer {
 public:
  Renamed(EstimatorPtr of, std::vector<std::string> names)
      : of_(std::move(of)), names_(std::move(names)) {}

 private:
  base::Result<Port> transform(Builder& builder, const Port& input) const override {
    TRY_ASSIGN(Port port, of_->emit(Method::Transform, builder, input));
    if (port.width == names_.size()) port.names = names_;
    return port;
  }

  EstimatorPtr of_;
  std::vector<std::string> names_;
};

Made read_alias(const Object& object, Reader& reader) {
  const char* attribute = object.has("transformer_") ? "transformer_" : "transformer";
  TRY_ASSIGN(const Value value, object.get(attribute));
  std::vector<std::string> names;
  if (object.class_name() == "MultiAlias") {
    TRY_ASSIGN(names, object.texts("names"));
  } else {
    TRY_ASSIGN(std::string name, object.text("name"));
    names.push_back(std::move(name));
  }
  return std::make_unique<Renamed>(reader.read(value, attribute), std::move(names));
}

Made read_unchanged(const Object&, Reader&) { return std::make_unique<Unchanged>(); }

// SelectUnique, and SelectorProxy where it kept what its selector chose.
class SelectMask final : public Transformer {
 public:
  SelectMask(std::size_t width, std::vector<std::size_t> chosen)
      : width_(width), chosen_(std::move(chosen)) {}

 private:
  base::Result<Port> transform(Builder& builder, const Port& from) const override {
    TRY_ASSIGN(const Port input, builder.declare(from, width_));
    if (input.width != width_) {
      return base::Error(
          base::Code::Corrupt,
          fmt::format("\"support_mask_\": expected {} features, got {}", width_, input.width));
    }
    return builder.select(input, chosen_);
  }

  std::size_t width_;
  std::vector<std::size_t> chosen_;
};

Made read_mask(const Object& object, Reader&) {
  TRY_ASSIGN(const auto mask, object.doubles("support_mask_"));
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < mask.size(); ++i) {
    if (mask[i] != 0) chosen.push_back(i);
  }
  return std::make_unique<SelectMask>(mask.size(), std::move(chosen));
}

Made read_selector_proxy(const Object& object, Reader& reader) {
  if (object.has("support_mask_")) return read_mask(object, reader);
  TRY_ASSIGN(const Value value, object.get("selector"));
  return std::make_unique<Chain>(std::vector{reader.read(value, "selector")});
}

// Predicts as what it holds, but for what it does not pass on.
class EstimatorProxy final : public Estimator {
 public:
  explicit EstimatorProxy(EstimatorPtr of) : of_(std::move(of)) {}
  bool has(Method method) const override {
    return of_ != nullptr && (method == Method::Predict || method == Method::PredictProba) &&
           of_->has(method);
  }
  std::vector<data::Labels> classes() const override { return of_->classes(); }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    return of_->emit(method, builder, input);
  }
  EstimatorPtr of_;
};

Made read_estimator_proxy(const Object& object, Reader& reader) {
  TRY_ASSIGN(const Value value, object.get("estimator"));
  return std::make_unique<EstimatorProxy>(reader.read(value, "estimator"));
}

// The linear models of interpret predict as scikit-learn's that they hold.
Made read_glassbox_linear(const Object& object, Reader& reader) {
  TRY_ASSIGN(const Value value, object.get("sk_model_"));
  return std::make_unique<EstimatorProxy>(reader.read(value, "sk_model_"));
}

// sklearn-lego: an estimator's answer as a feature.
class EstimatorTransformer final : public Transformer {
 public:
  EstimatorTransformer(EstimatorPtr of, Method method) : of_(std::move(of)), method_(method) {}

 private:
  base::Result<Port> transform(Builder& builder, const Port& input) const override {
    const auto classes = of_->classes();
    const bool words = method_ == Method::Predict && !classes.empty();
    TRY_ASSIGN(const Port port, of_->emit(method_, builder, input));
    if (!words) return port;
    return numbers_of_labels(builder, port, classes.front());
  }

  // The labels themselves, where they are numbers; predict gives their positions.
  static base::Result<Port> numbers_of_labels(Builder& builder, const Port& port,
                                              const data::Labels& labels);

  EstimatorPtr of_;
  Method method_;
};

base::Result<Port> EstimatorTransformer::numbers_of_labels(Builder&, const Port& port,
                                                           const data::Labels& labels) {
  const std::size_t count = data::label_count(labels);
  for (std::size_t i = 0; i < count; ++i) {
    const std::string text = data::label_text(labels, i);
    const bool flag = (count == 2 && text == (i == 0 ? "False" : "True"));
    if (text != std::to_string(i) && !flag) {
      return base::Error(base::Code::Unsupported,
                         fmt::format("\"predict_func\": expected classes 0, 1, ... as a feature, "
                                     "got {}",
                                     text));
    }
  }
  return port;
}

Made read_estimator_transformer(const Object& object, Reader& reader) {
  const char* attribute = object.has("estimator_") ? "estimator_" : "estimator";
  TRY_ASSIGN(const Value value, object.get(attribute));
  TRY_ASSIGN(const std::string function, object.text_or("predict_func", "predict"));
  const auto method = plan::parse_method(function);
  if (!method.ok()) {
    return object.unsupported("predict_func", "a method that can be run", function);
  }
  return std::make_unique<EstimatorTransformer>(reader.read(value, attribute), *method);
}

constexpr Entry kPmmlWrappers[] = {
    {"interpret", "LinearRegression", read_glassbox_linear},
    {"interpret", "LogisticRegression", read_glassbox_linear},
    {"mlxtend", "DenseTransformer", read_unchanged},
    {"sklearn2pmml", "Alias", read_alias},
    {"sklearn2pmml", "EstimatorProxy", read_estimator_proxy},
    {"sklearn2pmml", "FeatureExporter", read_unchanged},
    {"sklearn2pmml", "IdentityTransformer", read_unchanged},
    {"sklearn2pmml", "MultiAlias", read_alias},
    {"sklearn2pmml", "SelectUnique", read_mask},
    {"sklearn2pmml", "SelectorProxy", read_selector_proxy},
    {"sklego", "EstimatorTransformer", read_estimator_transformer},
    {"sklego", "IdentityTransformer", read_unchanged},
};

}  // namespace

std::span<const Entry> pmml_wrappers_entries() { return kPmmlWrappers; }

}  // namespace companions
