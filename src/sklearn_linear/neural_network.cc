#include "sklearn_linear/neural_network.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "plan/constant.h"
#include "plan_scores/layer.h"
#include "sklearn_linear/linear_scores.h"

namespace sklearn {
namespace {

using plan::Builder;
using plan::Form;
using plan::Function;
using plan::LinkKind;
using plan::Method;
using plan::Port;

// Layers of linear scores with a function of each between them.
class Perceptrons {
 public:
  static base::Result<Perceptrons> read(const Object& object);

  std::size_t outputs() const { return layers_.back().weights->outputs(); }

  base::Result<Port> emit(Builder& builder, const Port& input) const {
    TRY_ASSIGN(Port port, builder.finite(input, layers_.front().weights->features()));
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      port = layer(builder, port, layers_[i], i + 1 < layers_.size() ? hidden_ : last_);
    }
    return softmax_ ? linked(builder, LinkKind::Softmax, port) : port;
  }

 private:
  struct Weights {
    std::shared_ptr<const plan::Coefficients> weights;
    std::vector<double> bias;
  };
  static Port layer(Builder& builder, const Port& from, const Weights& weights,
                    std::optional<Function> function) {
    if (from.form == Form::Sparse) {
      const Port scores = LinearScores(weights.weights, weights.bias).of(builder, from);
      return function ? mapped(builder, *function, scores) : scores;
    }
    return builder.add(std::make_shared<plan::Layer>(weights.weights, weights.bias, function), from,
                       Form::Dense, weights.weights->outputs());
  }

  std::vector<Weights> layers_;
  std::optional<Function> hidden_;
  std::optional<Function> last_;
  bool softmax_ = false;
};

// Nothing of 'identity'.
base::Result<std::optional<Function>> mlp_activation(const Object& object,
                                                     std::string_view attribute) {
  TRY_ASSIGN(const std::string name, object.text(attribute));
  if (name == "identity") return std::optional<Function>();
  if (name == "relu") return std::optional(Function::Relu);
  if (name == "tanh") return std::optional(Function::Tanh);
  if (name == "logistic") return std::optional(Function::Expit);
  if (name == "exp") return std::optional(Function::Exp);
  return object.unsupported(attribute, "a function of scikit-learn", base::quote(name));
}

base::Result<Perceptrons> Perceptrons::read(const Object& object) {
  Perceptrons read;
  TRY_ASSIGN(const auto coefs, number_matrices(object, "coefs_"));
  TRY_ASSIGN(auto intercepts, number_rows(object, "intercepts_"));
  if (coefs.empty()) return object.unexpected("coefs_", "at least one layer", "none");
  TRY(same_count(object, "intercepts_", coefs.size(), intercepts.size()));
  for (std::size_t i = 0; i < coefs.size(); ++i) {
    TRY(same_count(object, "intercepts_", coefs[i].columns, intercepts[i].size()));
    if (i > 0) TRY(same_count(object, "coefs_", coefs[i - 1].columns, coefs[i].rows));
    read.layers_.push_back({by_feature(coefs[i]), std::move(intercepts[i])});
  }
  TRY_ASSIGN(read.hidden_, mlp_activation(object, "activation"));
  TRY_ASSIGN(const std::string last, object.text("out_activation_"));
  read.softmax_ = last == "softmax";
  if (!read.softmax_) {
    TRY_ASSIGN(read.last_, mlp_activation(object, "out_activation_"));
  }
  return read;
}

class MlpClassifier final : public Estimator {
 public:
  // `labels`: several of them, each with a probability of its own.
  MlpClassifier(Perceptrons perceptrons, data::Labels classes, bool labels)
      : perceptrons_(std::move(perceptrons)), classes_(std::move(classes)), labels_(labels) {}
  bool has(Method method) const override {
    return method == Method::Predict || method == Method::PredictProba ||
           method == Method::PredictLogProba;
  }
  std::vector<data::Labels> classes() const override {
    if (!labels_) return {classes_};
    return std::vector<data::Labels>(perceptrons_.outputs(), std::vector<std::int64_t>{0, 1});
  }

 private:
  base::Result<Port> steps(Method method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port answers, perceptrons_.emit(builder, input));
    if (method == Method::Predict) {
      // One class alone is the answer, whatever the score.
      if (!labels_ && data::label_count(classes_) == 1) {
        return builder.add(std::make_shared<plan::Constant>(std::vector<double>{0}), answers,
                           Form::Dense, 1);
      }
      if (labels_ || answers.width == 1) return mapped(builder, Function::AboveHalf, answers);
      return linked(builder, LinkKind::ArgMax, answers);
    }
    const Port probabilities =
        answers.width == 1 ? linked(builder, LinkKind::Pair, answers) : answers;
    if (method == Method::PredictProba) return probabilities;
    return mapped(builder, Function::Log, probabilities);
  }

  Perceptrons perceptrons_;
  data::Labels classes_;
  bool labels_;
};

Made read_mlp_classifier(const Object& object, Reader&) {
  TRY_ASSIGN(Perceptrons perceptrons, Perceptrons::read(object));
  TRY_ASSIGN(const auto binarizer, object.get("_label_binarizer"));
  TRY_ASSIGN(const Object made, Object::of(binarizer, object.release()));
  TRY_ASSIGN(const std::string kind, made.text_or("y_type_", "binary"));
  TRY_ASSIGN(data::Labels classes, object.labels("classes_"));
  const bool labels = kind.starts_with("multilabel");
  const std::size_t count = data::label_count(classes);
  if (count == 0) return object.unexpected("classes_", "at least one class", "none");
  if (!labels) {
    TRY(same_count(object, "intercepts_", count <= 2 ? 1 : count, perceptrons.outputs()));
  }
  return std::make_unique<MlpClassifier>(std::move(perceptrons), std::move(classes), labels);
}

class MlpRegressor final : public Estimator {
 public:
  explicit MlpRegressor(Perceptrons perceptrons) : perceptrons_(std::move(perceptrons)) {}
  bool has(Method method) const override { return method == Method::Predict; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    return perceptrons_.emit(builder, input);
  }

  Perceptrons perceptrons_;
};

Made read_mlp_regressor(const Object& object, Reader&) {
  TRY_ASSIGN(Perceptrons perceptrons, Perceptrons::read(object));
  return std::make_unique<MlpRegressor>(std::move(perceptrons));
}

// BernoulliRBM: how likely each hidden unit is on. Its score_samples draws a feature to flip.
class BoltzmannMachine final : public Estimator {
 public:
  BoltzmannMachine(LinearScores hidden, std::vector<std::string> names)
      : hidden_(std::move(hidden)), names_(std::move(names)) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port scores, hidden_.emit(builder, input));
    return mapped(builder, Function::Expit, scores, names_);
  }

  LinearScores hidden_;
  std::vector<std::string> names_;
};

Made read_bernoulli_rbm(const Object& object, Reader& reader) {
  TRY_ASSIGN(auto components, LinearScores::read_coefficients(object, reader, "components_"));
  const std::size_t count = components->outputs();
  TRY_ASSIGN(auto intercepts, object.doubles("intercept_hidden_", count));
  return std::make_unique<BoltzmannMachine>(
      LinearScores(std::move(components), std::move(intercepts)), prefixed_names(object, count));
}

constexpr Entry kNeuralNetwork[] = {
    {"sklearn.neural_network", "BernoulliRBM", read_bernoulli_rbm, true},
    {"sklearn.neural_network", "MLPClassifier", read_mlp_classifier},
    {"sklearn.neural_network", "MLPRegressor", read_mlp_regressor},
};

}  // namespace

std::span<const Entry> neural_network_entries() { return kNeuralNetwork; }

}  // namespace sklearn
