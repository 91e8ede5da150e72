#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "companions/pmml_expression.h"
#include "plan_preparation/normalize.h"
#include "plan_preparation/scale.h"
#include "plan_scores/decide.h"
#include "plan_scores/link.h"
#include "plan_scores/vote.h"

namespace companions {
namespace {

// From the scores of expressions to probabilities.
enum class Normalization : std::uint8_t { None, Logit, SimpleMax, SoftMax };

class ExpressionClassifier final : public Estimator {
 public:
  struct Scored {
    std::size_t label;
    plan::Evaluate::Rules rules;
  };
  // `scores` in the order of the classes: all of them, all but the last, or one of two.
  ExpressionClassifier(data::Labels classes, std::vector<Scored> scores,
                       Normalization normalization)
      : classes_(std::move(classes)), scores_(std::move(scores)), normalization_(normalization) {}

  bool has(Method method) const override {
    return method == Method::Predict || method == Method::PredictProba ||
           method == Method::DecisionFunction;
  }
  std::vector<data::Labels> classes() const override { return {classes_}; }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    std::vector<Port> columns;
    for (const Scored& each : scores_) {
      TRY_ASSIGN(Port column, express_number(builder, input, each.rules));
      columns.push_back(std::move(column));
    }
    TRY_ASSIGN(const Port scores, builder.hstack(columns));
    if (method == Method::DecisionFunction) return scores;
    TRY_ASSIGN(const Port shares, probabilities(builder, scores));
    if (method == Method::PredictProba) return shares;
    return linked(builder, plan::LinkKind::ArgMax, shares);
  }

  static Port linked(Builder& builder, plan::LinkKind kind, const Port& input) {
    auto link = std::make_shared<plan::Link>(kind, input.width);
    const std::size_t width = link->outputs();
    return builder.add(std::move(link), input, Form::Dense, width);
  }

  base::Result<Port> probabilities(Builder& builder, const Port& scores) const {
    const std::size_t count = data::label_count(classes_);
    switch (normalization_) {
      case Normalization::SoftMax: return linked(builder, plan::LinkKind::Softmax, scores);
      case Normalization::SimpleMax:
        return builder.add(std::make_shared<plan::NormalizeRows>(Form::Dense, count,
                                                                 plan::NormalizeRows::Norm::L1),
                           scores, Form::Dense, count);
      case Normalization::Logit:
        return pair(builder, linked(builder, plan::LinkKind::Expit, scores));
      case Normalization::None: break;
    }
    if (count > 2) return with_rest(builder, scores);
    return pair(builder, builder.add(std::make_shared<plan::Clip>(Form::Dense, 1, 0.0, 1.0), scores,
                                     Form::Dense, 1));
  }

  // p of one class, and 1 - p of the other.
  base::Result<Port> pair(Builder& builder, const Port& share) const {
    const Port made = linked(builder, plan::LinkKind::Pair, share);
    if (scores_.front().label == 1) return made;
    const std::size_t turned[] = {1, 0};
    return builder.select(made, turned);
  }

  // What the shares leave of 1 is that of the last class.
  static Port with_rest(Builder& builder, const Port& shares) {
    const std::size_t count = shares.width + 1;
    std::vector<std::vector<double>> weights(count, std::vector<double>(shares.width, 0.0));
    for (std::size_t c = 0; c < shares.width; ++c) weights[c][c] = 1;
    weights.back().assign(shares.width, -1.0);
    const Port less = builder.add(std::make_shared<plan::Combine>(shares.width, std::move(weights)),
                                  shares, Form::Dense, count);
    std::vector<double> offsets(count, 0.0);
    offsets.back() = 1;
    return builder.add(
        std::make_shared<plan::MultiplyAdd>(std::vector<double>(count, 1.0), std::move(offsets)),
        less, Form::Dense, count);
  }

  data::Labels classes_;
  std::vector<Scored> scores_;
  Normalization normalization_;
};

base::Result<Normalization> read_normalization(const Object& object) {
  TRY_ASSIGN(const std::string method, object.text("normalization_method"));
  if (method == "none") return Normalization::None;
  if (method == "logit") return Normalization::Logit;
  if (method == "simplemax") return Normalization::SimpleMax;
  if (method == "softmax") return Normalization::SoftMax;
  return object.unsupported("normalization_method", "none, logit, simplemax or softmax",
                            base::quote(method));
}

// How many of the classes have an expression.
std::size_t expressions_needed(std::size_t classes, Normalization normalization) {
  if (normalization == Normalization::SimpleMax || normalization == Normalization::SoftMax) {
    return classes;
  }
  return classes == 2 ? 1 : classes - 1;
}

Made read_expression_classifier(const Object& object, Reader& reader) {
  TRY_ASSIGN(data::Labels classes, object.labels("classes_"));
  TRY_ASSIGN(const Normalization normalization, read_normalization(object));
  TRY_ASSIGN(const Value value, object.get("class_exprs"));
  const std::size_t count = data::label_count(classes);
  constexpr std::size_t kClassesMax = 1000;
  if (count > kClassesMax) {
    return object.unsupported("classes_", fmt::format("at most {}", kClassesMax),
                              std::to_string(count));
  }
  if (count < 2 || (count > 2 && normalization == Normalization::Logit)) {
    return object.unexpected("classes_", "2 of them, or more without logit", std::to_string(count));
  }
  std::vector<ExpressionClassifier::Scored> scores;
  for (const pickle::Entry& entry : value.entries()) {
    const auto label = fitted::find_label(classes, entry.key);
    if (!label) return object.unexpected("class_exprs", "keys of classes_", entry.key);
    TRY_ASSIGN(plan::Evaluate::Rules rules,
               read_python_rules(object, reader, "class_exprs", entry.value));
    scores.push_back({*label, std::move(rules)});
  }
  std::sort(scores.begin(), scores.end(),
            [](const auto& a, const auto& b) { return a.label < b.label; });
  const std::size_t needed = expressions_needed(count, normalization);
  const bool several =
      std::adjacent_find(scores.begin(), scores.end(), [](const auto& a, const auto& b) {
        return a.label == b.label;
      }) != scores.end();
  const bool last = count > 2 && needed < count && !scores.empty() && scores.back().label == needed;
  if (scores.size() != needed || several || last) {
    return object.unexpected("class_exprs",
                             fmt::format("one each for {} of {} classes", needed, count), value);
  }
  return std::make_unique<ExpressionClassifier>(std::move(classes), std::move(scores),
                                                normalization);
}

// RuleSetClassifier: the score of the first rule that holds.
class RuleSet final : public Estimator {
 public:
  // `labels` has the score of each rule and, last, that of a row for which none holds.
  RuleSet(data::Labels scores, std::vector<double> labels, plan::Evaluate::Rules first)
      : scores_(std::move(scores)), labels_(std::move(labels)), first_(std::move(first)) {}
  bool has(Method method) const override { return method == Method::Predict; }
  std::vector<data::Labels> classes() const override { return {scores_}; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port first, express_number(builder, input, first_));
    return builder.add(std::make_shared<plan::Translate>(std::vector<std::vector<double>>{labels_}),
                       first, Form::Dense, 1);
  }

  data::Labels scores_;
  std::vector<double> labels_;
  plan::Evaluate::Rules first_;
};

// The scores that differ, and which of them each is.
struct Scores {
  data::Labels labels;
  std::vector<double> at;
};

// Nothing where one is no T.
template <typename T, typename Get>
std::optional<Scores> find_scores(std::span<const Value> values, const Get& get) {
  std::vector<T> labels;
  std::vector<double> at;
  std::map<T, double> places;
  for (const Value value : values) {
    const auto score = get(value);
    if (!score || *score != *score) return std::nullopt;  // NaN equals nothing.
    const auto [place, added] = places.try_emplace(T(*score), static_cast<double>(labels.size()));
    if (added) labels.push_back(place->first);
    at.push_back(place->second);
  }
  return Scores{std::move(labels), std::move(at)};
}

std::optional<Scores> scores_of(std::span<const Value> values) {
  auto made = find_scores<std::string>(values, [](Value each) { return each.as_string(); });
  if (!made) made = find_scores<bool>(values, [](Value each) { return each.as_bool(); });
  if (!made) made = find_scores<std::int64_t>(values, [](Value each) { return each.as_int(); });
  if (!made) made = find_scores<double>(values, [](Value each) { return each.as_float(); });
  return made;
}

Made read_rule_set(const Object& object, Reader& reader) {
  TRY_ASSIGN(const auto rules, object.list("rules"));
  std::vector<PythonCode> predicates;
  std::vector<Value> values;
  for (const Value rule : rules) {
    const auto parts = rule.items();
    if (parts.size() < 2) return object.unexpected("rules", "(predicate, score)", rule);
    TRY_ASSIGN(PythonCode code, read_python(object, "rules", parts[0]));
    predicates.push_back(std::move(code));
    values.push_back(parts[1]);
  }
  const auto otherwise = object.find("default_score");
  if (!otherwise && (predicates.empty() || predicates.back().text != "True")) {
    return object.unsupported("default_score", "a score for rows for which no rule holds", "None");
  }
  values.push_back(otherwise ? *otherwise : values.back());
  auto scores = scores_of(values);
  if (!scores) return object.unsupported("rules", "scores of one type", describe(values.front()));
  auto first = parse_python_choice(predicates);
  if (!first.ok()) return std::move(first).error().within(object.title());
  plan::Evaluate::Rules evaluated;
  evaluated.expression = *std::move(first);
  evaluated.python = reader.options().python;
  return std::make_unique<RuleSet>(std::move(scores->labels), std::move(scores->at),
                                   std::move(evaluated));
}

constexpr Entry kPmmlClassifiers[] = {
    {"sklearn2pmml", "ExpressionClassifier", read_expression_classifier},
    {"sklearn2pmml", "RuleSetClassifier", read_rule_set},
};

}  // namespace

std::span<const Entry> pmml_classifiers_entries() { return kPmmlClassifiers; }

}  // namespace companions
