#include "sklearn_values/members.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "plan_preparation/ufunc.h"
#include "plan_scores/link.h"
#include "plan_scores/vote.h"

namespace sklearn {
namespace {

using plan::Builder;
using plan::Form;
using plan::Method;
using plan::Port;

class Unread final : public Estimator {
 public:
  bool has(Method) const override { return false; }

 private:
  base::Result<Port> steps(Method, Builder&, const Port&) const override {
    return base::Error(base::Code::Unsupported, "a part of it cannot be run");
  }
};

class PassOn final : public Estimator {
 public:
  PassOn(EstimatorPtr part, std::vector<Method> methods)
      : part_(std::move(part)), methods_(std::move(methods)) {}

  bool has(Method method) const override {
    return std::find(methods_.begin(), methods_.end(), method) != methods_.end() &&
           part_->has(method);
  }
  std::vector<data::Labels> classes() const override { return part_->classes(); }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    return part_->emit(method, builder, input);
  }
  base::Result<Port> inverse_steps(Builder& builder, const Port& input) const override {
    return part_->emit_inverse(builder, input);
  }

  EstimatorPtr part_;
  std::vector<Method> methods_;
};

// For each wanted value where the first such stands in `all`, as far as there is one.
template <typename T>
std::vector<std::optional<std::uint32_t>> positions_in(const std::vector<T>& all,
                                                       const std::vector<T>& wanted) {
  std::map<T, std::uint32_t> places;
  for (const T& each : all) places.emplace(each, static_cast<std::uint32_t>(places.size()));
  std::vector<std::optional<std::uint32_t>> positions;
  for (const T& each : wanted) {
    const auto at = places.find(each);
    positions.push_back(at == places.end() ? std::nullopt : std::optional(at->second));
  }
  return positions;
}

std::optional<std::vector<double>> member_numbers(const data::Labels& labels) {
  return std::visit(
      [](const auto& each) -> std::optional<std::vector<double>> {
        using Each = std::decay_t<decltype(each)>;
        if constexpr (std::is_same_v<Each, std::monostate> ||
                      std::is_same_v<Each, std::vector<std::string>>) {
          return std::nullopt;
        } else {
          std::vector<double> numbers;
          numbers.reserve(each.size());
          for (const auto label : each) numbers.push_back(static_cast<double>(label));
          return numbers;
        }
      },
      labels);
}

}  // namespace

base::Result<Members> read_members(const Object& object, std::string_view attribute,
                                   Reader& reader) {
  TRY_ASSIGN(const auto items, object.list(attribute));
  if (items.empty()) return object.unexpected(attribute, "at least one estimator", "none");
  Members members;
  members.reserve(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    members.push_back(reader.read(items[i], fmt::format("{}[{}]", attribute, i)));
  }
  return members;
}

bool all_read(const Members& members) {
  return std::find(members.begin(), members.end(), nullptr) == members.end();
}

Made unread() { return std::make_unique<Unread>(); }

Made pass_on(EstimatorPtr part, std::vector<Method> methods) {
  if (part == nullptr) return unread();
  return std::make_unique<PassOn>(std::move(part), std::move(methods));
}

bool is_classifier(const Estimator& estimator) { return !estimator.classes().empty(); }

base::Result<std::vector<double>> label_numbers(const data::Labels& labels) {
  auto numbers = member_numbers(labels);
  if (numbers) return *std::move(numbers);
  return base::Error(base::Code::Unsupported, "classes: expected numbers, got texts");
}

base::Result<std::vector<std::uint32_t>> label_positions(const data::Labels& labels,
                                                         const data::Labels& all) {
  std::vector<std::optional<std::uint32_t>> found(data::label_count(labels));
  const auto* texts = std::get_if<std::vector<std::string>>(&labels);
  const auto* all_texts = std::get_if<std::vector<std::string>>(&all);
  const auto numbers = member_numbers(labels);
  const auto all_numbers = member_numbers(all);
  if (texts != nullptr && all_texts != nullptr) found = positions_in(*all_texts, *texts);
  if (numbers && all_numbers) found = positions_in(*all_numbers, *numbers);
  std::vector<std::uint32_t> positions;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!found[i]) {
      return base::Error(base::Code::Corrupt,
                         fmt::format("classes: expected those of its parts among its own, got {}",
                                     data::label_text(labels, i)));
    }
    positions.push_back(*found[i]);
  }
  return positions;
}

base::Result<Port> emit_values(const Estimator& estimator, Builder& builder, const Port& input) {
  TRY_ASSIGN(const Port port, estimator.emit(Method::Predict, builder, input));
  const auto classes = estimator.classes();
  if (classes.empty()) return builder.dense(port);
  std::vector<std::vector<double>> tables;
  for (const data::Labels& each : classes) {
    TRY_ASSIGN(tables.emplace_back(), label_numbers(each));
  }
  if (tables.size() != port.width) {
    return base::Error(base::Code::Unsupported,
                       fmt::format("predict: expected a column for each of {} sets of classes, "
                                   "got {}",
                                   tables.size(), port.width));
  }
  return builder.add(std::make_shared<plan::Translate>(std::move(tables)), port, Form::Dense,
                     port.width);
}

Port column_of(Builder& builder, const Port& from, std::size_t column) {
  if (from.width == 1) return from;
  return *builder.select(from, std::array{column});
}

base::Result<Port> emit_binary_score(const Estimator& estimator, Builder& builder,
                                     const Port& input) {
  const bool classifier = is_classifier(estimator);
  const Method method = !classifier                               ? Method::Predict
                        : estimator.has(Method::DecisionFunction) ? Method::DecisionFunction
                                                                  : Method::PredictProba;
  TRY_ASSIGN(Port port, estimator.emit(method, builder, input));
  TRY_ASSIGN(port, builder.dense(port));
  const std::size_t width = method == Method::PredictProba ? 2 : 1;
  if (port.width != width) {
    return base::Error(base::Code::Unsupported,
                       fmt::format("{}: expected {} columns of one that tells two classes apart, "
                                   "got {}",
                                   plan::method_name(method), width, port.width));
  }
  return width == 1 ? port : column_of(builder, port, 1);
}

double binary_threshold(const Estimator& estimator) {
  return is_classifier(estimator) && estimator.has(Method::DecisionFunction) ? 0 : 0.5;
}

Port emit_log(Builder& builder, const Port& from) {
  return builder.add(
      std::make_shared<plan::ApplyUfunc>(Form::Dense, from.width, *plan::find_ufunc("log")), from,
      Form::Dense, from.width, from.names);
}

Port emit_arg_max(Builder& builder, const Port& from) {
  return builder.add(std::make_shared<plan::Link>(plan::LinkKind::ArgMax, from.width), from,
                     Form::Dense, 1);
}

namespace {

// Parts within parts that are asked how many features they were fitted with.
constexpr unsigned kWidthDepthMax = 8;

std::optional<pickle::Value> first_of(const Object& object, std::string_view attribute) {
  const auto list = object.find(attribute);
  const auto items = list ? values_of(*list) : base::Result<std::vector<pickle::Value>>({});
  if (!items.ok() || items->empty()) return std::nullopt;
  return items->front();
}

// Early releases do not say it, but a first part does, or the coefficients.
base::Result<std::optional<std::size_t>> find_features_within(const Object& object,
                                                              unsigned depth) {
  for (const char* attribute : {"n_features_in_", "n_features_", "_n_features"}) {
    if (!object.has(attribute)) continue;
    TRY_ASSIGN(const auto features, object.integer(attribute));
    if (features > 0 && features <= static_cast<std::int64_t>(Builder::kInputColumnsMax)) {
      return std::optional(static_cast<std::size_t>(features));
    }
    return object.unexpected(attribute, "a number of features", std::to_string(features));
  }
  if (const auto coef = object.table("coef_"); coef.ok()) return std::optional(coef->columns);
  const auto part = first_of(object, "estimators_");
  if (!part || depth == kWidthDepthMax) return std::optional<std::size_t>();
  const auto inner = Object::of(*part, object.release());
  return inner.ok() ? find_features_within(*inner, depth + 1) : std::optional<std::size_t>();
}

}  // namespace

base::Result<std::optional<std::size_t>> find_features(const Object& object) {
  return find_features_within(object, 0);
}

}  // namespace sklearn
