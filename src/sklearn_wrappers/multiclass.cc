#include "sklearn_wrappers/multiclass.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "plan/constant.h"
#include "plan_scores/decide.h"
#include "plan_scores/link.h"
#include "sklearn_values/members.h"

namespace sklearn {
namespace {

using plan::Builder;
using plan::Form;
using plan::Method;
using plan::Port;

bool all_have(const Members& members, Method method) {
  return std::all_of(members.begin(), members.end(),
                     [&](const EstimatorPtr& each) { return each->has(method); });
}

Port add_threshold(Builder& builder, const Port& from, double threshold) {
  const plan::Threshold::Rule rule{.threshold = threshold};
  return builder.add(std::make_shared<plan::Threshold>(from.width, rule), from, Form::Dense,
                     from.width);
}

// The scores of all members side by side.
base::Result<Port> binary_scores(const Members& members, Builder& builder, const Port& input) {
  std::vector<Port> ports;
  for (const EstimatorPtr& member : members) {
    TRY_ASSIGN(ports.emplace_back(), emit_binary_score(*member, builder, input));
  }
  return builder.hstack(ports);
}

// What stands where all rows of the fit were of one class.
class ConstantPredictor final : public Estimator {
 public:
  explicit ConstantPredictor(double y) : y_(y) {}
  bool has(Method method) const override {
    return method == Method::Predict || method == Method::PredictProba ||
           method == Method::DecisionFunction;
  }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port&) const override {
    const bool both = method == Method::PredictProba;
    const std::vector<double> values = both ? std::vector{1 - y_, y_} : std::vector{y_};
    return builder.add(std::make_shared<plan::Constant>(values), std::span<const Port>(),
                       Form::Dense, values.size());
  }

  double y_;
};

enum class Task : std::uint8_t { Binary, Multiclass, Multilabel };

class OneVsRest final : public Estimator {
 public:
  struct Rules {
    Task task = Task::Multiclass;
    bool last_of_equals = false;                                // Up to 1.7.
    plan::Shares::OfZero of_zero = plan::Shares::OfZero::Zero;  // NaN up to 1.6.
  };
  OneVsRest(Members members, data::Labels classes, Rules rules)
      : members_(std::move(members)), classes_(std::move(classes)), rules_(rules) {}

  bool has(Method method) const override {
    switch (method) {
      case Method::Predict: return true;
      case Method::PredictProba:
      case Method::DecisionFunction: return all_have(members_, method);
      default: return false;
    }
  }
  // Several labels at once: each is there or not.
  std::vector<data::Labels> classes() const override {
    if (rules_.task != Task::Multilabel) return {classes_};
    return std::vector<data::Labels>(members_.size(), std::vector<std::int64_t>{0, 1});
  }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    if (method == Method::PredictProba) return probabilities(builder, input);
    if (method == Method::DecisionFunction) return decisions(builder, input);
    TRY_ASSIGN(const Port scores, binary_scores(members_, builder, input));
    if (rules_.task == Task::Multiclass) {
      return builder.add(std::make_shared<plan::Largest>(scores.width, rules_.last_of_equals),
                         scores, Form::Dense, 1);
    }
    if (rules_.task == Task::Binary && data::label_count(classes_) == 1) {
      return builder.add(std::make_shared<plan::Constant>(std::vector{0.0}), scores, Form::Dense,
                         1);
    }
    return add_threshold(builder, scores, binary_threshold(*members_.front()));
  }

  base::Result<Port> probabilities(Builder& builder, const Port& input) const {
    std::vector<Port> ports;
    for (const EstimatorPtr& member : members_) {
      TRY_ASSIGN(Port port, member->emit(Method::PredictProba, builder, input));
      TRY_ASSIGN(port, builder.dense(port));
      if (port.width != 2) {
        return base::Error(
            base::Code::Unsupported,
            fmt::format("estimators_: expected probabilities of two classes, got {}", port.width));
      }
      ports.push_back(column_of(builder, port, 1));
    }
    TRY_ASSIGN(Port port, builder.hstack(ports));
    if (members_.size() == 1) {
      port =
          builder.add(std::make_shared<plan::Link>(plan::LinkKind::Pair, 1), port, Form::Dense, 2);
    }
    if (rules_.task == Task::Multilabel) return port;
    return builder.add(std::make_shared<plan::Shares>(port.width, rules_.of_zero), port,
                       Form::Dense, port.width);
  }

  base::Result<Port> decisions(Builder& builder, const Port& input) const {
    std::vector<Port> ports;
    for (const EstimatorPtr& member : members_) {
      TRY_ASSIGN(ports.emplace_back(), member->emit(Method::DecisionFunction, builder, input));
    }
    return builder.hstack(ports);
  }

  Members members_;
  data::Labels classes_;
  Rules rules_;
};

class OneVsOne final : public Estimator {
 public:
  struct Rules {
    bool threshold_is_zero = false;  // Up to 1.0.
    // Up to 0.20 decisions are scaled by the largest of all rows of a call.
    bool scaled_by_all_rows = false;
  };
  OneVsOne(Members members, data::Labels classes, Rules rules)
      : members_(std::move(members)),
        classes_(std::move(classes)),
        count_(data::label_count(classes_)),
        rules_(rules) {}

  // Of kernels that were computed before, each pair of classes sees some columns.
  void set_columns(std::vector<std::vector<std::size_t>> columns) { columns_ = std::move(columns); }

  bool has(Method method) const override {
    return method == Method::Predict ||
           (method == Method::DecisionFunction && !rules_.scaled_by_all_rows);
  }
  std::vector<data::Labels> classes() const override { return {classes_}; }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    std::vector<Port> both(2);
    std::vector<Port> predictions;
    std::vector<Port> confidences;
    for (std::size_t k = 0; k < members_.size(); ++k) {
      Port port = input;
      if (!columns_.empty()) {
        TRY_ASSIGN(port, builder.select(input, columns_[k]));
      }
      TRY_ASSIGN(predictions.emplace_back(), emit_values(*members_[k], builder, port));
      TRY_ASSIGN(confidences.emplace_back(), emit_binary_score(*members_[k], builder, port));
    }
    TRY_ASSIGN(both[0], builder.hstack(predictions));
    TRY_ASSIGN(both[1], builder.hstack(confidences));
    Port port = builder.add(std::make_shared<plan::PairVotes>(count_), both, Form::Dense, count_);
    if (count_ == 2) port = column_of(builder, port, 1);
    if (method == Method::DecisionFunction) return port;
    if (count_ > 2) return emit_arg_max(builder, port);
    return add_threshold(builder, port,
                         rules_.threshold_is_zero ? 0 : binary_threshold(*members_.front()));
  }

  Members members_;
  data::Labels classes_;
  std::size_t count_;
  Rules rules_;
  std::vector<std::vector<std::size_t>> columns_;
};

class OutputCode final : public Estimator {
 public:
  OutputCode(Members members, data::Labels classes, std::vector<double> codes)
      : members_(std::move(members)), classes_(std::move(classes)), codes_(std::move(codes)) {}
  bool has(Method method) const override { return method == Method::Predict; }
  std::vector<data::Labels> classes() const override { return {classes_}; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port scores, binary_scores(members_, builder, input));
    return builder.add(std::make_shared<plan::NearestCode>(members_.size(), codes_), scores,
                       Form::Dense, 1);
  }

  Members members_;
  data::Labels classes_;
  std::vector<double> codes_;
};

Made read_constant_predictor(const Object& object, Reader&) {
  TRY_ASSIGN(const auto y, object.doubles("y_", 1));
  return std::make_unique<ConstantPredictor>(y.front());
}

Made read_one_vs_rest(const Object& object, Reader& reader) {
  TRY_ASSIGN(const auto value, object.get("label_binarizer_"));
  TRY_ASSIGN(const Object binarizer, Object::of(value, object.release()));
  TRY_ASSIGN(data::Labels classes, binarizer.labels("classes_"));
  TRY_ASSIGN(const std::string type, binarizer.text("y_type_"));
  TRY_ASSIGN(Members members, read_members(object, "estimators_", reader));
  OneVsRest::Rules rules;
  rules.task = type == "multiclass"             ? Task::Multiclass
               : type.starts_with("multilabel") ? Task::Multilabel
                                                : Task::Binary;
  rules.last_of_equals = object.release() < Release{1, 8};
  rules.of_zero =
      object.release() < Release{1, 7} ? plan::Shares::OfZero::Nan : plan::Shares::OfZero::Zero;
  const std::size_t count = rules.task == Task::Binary ? 1 : data::label_count(classes);
  if (members.size() != count || data::label_count(classes) == 0) {
    return object.unexpected("estimators_", fmt::format("{} estimators", count),
                             std::to_string(members.size()));
  }
  if (!all_read(members)) return unread();
  return std::make_unique<OneVsRest>(std::move(members), std::move(classes), rules);
}

base::Result<std::vector<std::vector<std::size_t>>> read_pair_columns(const Object& object) {
  std::vector<std::vector<std::size_t>> all;
  TRY_ASSIGN(const auto items, object.list("pairwise_indices_"));
  for (const auto& item : items) {
    const auto numbers = doubles_of(item);
    if (!numbers.ok()) {
      return object.unexpected("pairwise_indices_", "positions of columns", item);
    }
    auto& columns = all.emplace_back();
    for (const double number : *numbers) {
      if (!(number >= 0 && number < static_cast<double>(Builder::kInputColumnsMax))) {
        return object.unexpected("pairwise_indices_", "positions of columns", item);
      }
      columns.push_back(static_cast<std::size_t>(number));
    }
  }
  return all;
}

Made read_one_vs_one(const Object& object, Reader& reader) {
  TRY_ASSIGN(data::Labels classes, object.labels("classes_"));
  TRY_ASSIGN(Members members, read_members(object, "estimators_", reader));
  const std::size_t count = data::label_count(classes);
  if (count < 2 || members.size() != count * (count - 1) / 2) {
    return object.unexpected("estimators_", fmt::format("one for each pair of {} classes", count),
                             std::to_string(members.size()));
  }
  if (!all_read(members)) return unread();
  const std::size_t pairs = members.size();
  auto made = std::make_unique<OneVsOne>(
      std::move(members), std::move(classes),
      OneVsOne::Rules{object.release() < Release{1, 1}, object.release() < Release{0, 21}});
  if (object.has("pairwise_indices_")) {
    TRY_ASSIGN(auto columns, read_pair_columns(object));
    if (columns.size() != pairs) {
      return object.unexpected("pairwise_indices_", fmt::format("{} lists", pairs),
                               std::to_string(columns.size()));
    }
    made->set_columns(std::move(columns));
  }
  return made;
}

Made read_output_code(const Object& object, Reader& reader) {
  TRY_ASSIGN(data::Labels classes, object.labels("classes_"));
  TRY_ASSIGN(Members members, read_members(object, "estimators_", reader));
  TRY_ASSIGN(const Table book, object.table("code_book_"));
  TRY_ASSIGN(auto codes, object.doubles("code_book_"));
  if (book.rows != data::label_count(classes) || book.columns != members.size()) {
    return object.unexpected(
        "code_book_",
        fmt::format("{} codes of {} numbers", data::label_count(classes), members.size()),
        fmt::format("{} of {}", book.rows, book.columns));
  }
  if (!all_read(members)) return unread();
  return std::make_unique<OutputCode>(std::move(members), std::move(classes), std::move(codes));
}

constexpr Entry kMulticlass[] = {
    {"sklearn.multiclass", "OneVsOneClassifier", read_one_vs_one},
    {"sklearn.multiclass", "OneVsRestClassifier", read_one_vs_rest},
    {"sklearn.multiclass", "OutputCodeClassifier", read_output_code},
    {"sklearn.multiclass", "_ConstantPredictor", read_constant_predictor},
};

}  // namespace

std::span<const Entry> multiclass_entries() { return kMulticlass; }

}  // namespace sklearn
