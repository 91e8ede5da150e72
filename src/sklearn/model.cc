#include "sklearn/model.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "boosters/model_file.h"
#include "fitted/unfolded.h"
#include "pickle/document.h"
#include "sklearn/estimators.h"
#include "sklearn/outline.h"

namespace sklearn {
namespace {

using plan::Method;

// Each has a name. HashingVectorizer makes 2^20 columns unless it is told otherwise.
constexpr std::size_t kAnswerColumnsMax = std::size_t{1} << 22U;

// What the columns of an answer are called: by the classes where there is one for each, of one
// output or of several.
std::vector<std::string> names_by_class(Method method, const std::vector<data::Labels>& classes) {
  std::vector<std::string> names;
  for (std::size_t output = 0; output < classes.size(); ++output) {
    const std::string place = classes.size() > 1 ? fmt::format("[{}]", output) : "";
    for (std::size_t i = 0; i < data::label_count(classes[output]); ++i) {
      names.push_back(fmt::format("{}{}({})", plan::method_name(method), place,
                                  data::label_text(classes[output], i)));
    }
  }
  return names;
}

std::vector<std::string> output_names(Method method, const plan::Port& port,
                                      const std::vector<data::Labels>& classes) {
  const bool by_class = method == Method::PredictProba || method == Method::PredictLogProba ||
                        method == Method::DecisionFunction;
  std::size_t labels = 0;
  for (const data::Labels& each : classes) labels += data::label_count(each);
  if (by_class && labels == port.width && labels > 0) return names_by_class(method, classes);
  const bool named = method == Method::Transform || method == Method::KNeighbors;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < port.width; ++i) {
    if (named) {
      names.push_back(i < port.names.size() ? port.names[i] : fmt::format("x{}", i));
    } else {
      names.push_back(port.width == 1 ? std::string(plan::method_name(method))
                                      : fmt::format("{}[{}]", plan::method_name(method), i));
    }
  }
  return names;
}

// The steps of a method, with `columns` where it takes as many as come.
struct Emitted {
  plan::Builder builder;
  base::Result<plan::Port> port;

  Emitted(const fitted::Estimator& root, Method method, std::vector<std::string> columns)
      : port(plan::Builder::input()) {
    builder.assume(std::move(columns));
    port = root.emit(method, builder, plan::Builder::input());
    if (port.ok()) port = builder.numeric(*port);
  }
};

// How many columns a model takes that does not say it, told by a later step that expects so many
// features: they grow with the columns evenly, so the answers to one and to two tell the rest.
std::optional<std::size_t> find_width(const fitted::Estimator& root, Method method) {
  const auto one = Emitted(root, method, numbered_columns(1)).builder.mismatch();
  const auto two = Emitted(root, method, numbered_columns(2)).builder.mismatch();
  if (!one && two) return 1;
  if (one && !two) return 2;
  if (!one || one->expected != two->expected || two->got <= one->got) return std::nullopt;
  const std::size_t each = two->got - one->got;
  if (one->expected < one->got || (one->expected - one->got) % each != 0) return std::nullopt;
  const std::size_t width = 1 + (one->expected - one->got) / each;
  if (width > plan::Builder::kInputColumnsMax) return std::nullopt;
  return width;
}

// The same with the columns that the model takes by itself, or else those.
Emitted emit(const fitted::Estimator& root, Method method,
             const std::vector<std::string>& columns) {
  Emitted plain(root, method, {});
  if (plain.port.ok() || !plain.builder.asked_for_columns()) return plain;
  if (const auto width = find_width(root, method)) {
    return Emitted(root, method, numbered_columns(*width));
  }
  return columns.empty() ? std::move(plain) : Emitted(root, method, columns);
}

}  // namespace

std::vector<std::string> numbered_columns(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) names.push_back(fmt::format("x{}", i));
  return names;
}

base::Result<Model> Model::read(pickle::Value root, const ReadOptions& options) {
  TRY(fitted::check_unfolded(root));
  Reader reader(registry(), options);
  EstimatorPtr estimator = reader.read(root, "model");
  if (reader.problems().empty()) return Model(std::move(estimator));
  const fitted::Problem& first = reader.problems().front();
  std::string message = fmt::format("{}: {}", first.path, first.error.message());
  if (const std::size_t more = reader.problems().size() - 1; more > 0) {
    message += fmt::format(" (and {} more: see `sooth inspect`)", more);
  }
  return base::Error(first.error.code(), std::move(message));
}

base::Result<Model> Model::read_file(base::Bytes bytes, const base::Files* beside,
                                     const pickle::Limits& limits, const ReadOptions& options) {
  if (boosters::is_model_file(bytes)) {
    TRY_ASSIGN(boosters::ModelFile file, boosters::read_model_file(bytes, options));
    Model model(std::move(file.estimator));
    model.written_by_ = {std::move(file.written_by)};
    return model;
  }
  TRY_ASSIGN(const pickle::Document document, pickle::Document::read(bytes, limits, beside));
  TRY_ASSIGN(Model model, read(document.root(), options));
  if (options.find_origin) model.written_by_ = sklearn::find_origin(document.root()).versions;
  return model;
}

bool is_lightgbm_text(base::Bytes bytes) { return boosters::is_lightgbm_text(bytes); }

bool is_booster_file(base::Bytes bytes) { return boosters::is_model_file(bytes); }

std::vector<Method> Model::methods() const {
  std::vector<Method> methods;
  for (const Method method : plan::kMethods) {
    if (root_->has(method)) methods.push_back(method);
  }
  return methods;
}

bool Model::takes_any_columns(Method method) const {
  const Emitted emitted = emit(*root_, method, {});
  return !emitted.port.ok() && emitted.builder.asked_for_columns() &&
         Emitted(*root_, method, numbered_columns(1)).port.ok();
}

base::Result<plan::Plan> Model::compile(Method method,
                                        const std::vector<std::string>& columns) const {
  Emitted emitted = emit(*root_, method, columns);
  TRY_ASSIGN(const plan::Port port, std::move(emitted.port));
  if (port.width > kAnswerColumnsMax) {
    return base::Error(base::Code::Unsupported,
                       fmt::format("{}: expected an answer of at most {} columns, got {}", title(),
                                   kAnswerColumnsMax, port.width));
  }
  const auto classes = root_->classes();
  plan::Output output{.form = port.form, .names = output_names(method, port, classes)};
  if (method == Method::Predict) output.classes = classes;
  output.flat = port.flat;
  return std::move(emitted.builder).finish(port, std::move(output));
}

std::vector<fitted::Problem> find_problems(pickle::Value root, const ReadOptions& options) {
  if (auto checked = fitted::check_unfolded(root); !checked.ok()) {
    return {{"model", std::move(checked).error()}};
  }
  Reader reader(registry(), options);
  const EstimatorPtr estimator = reader.read(root, "model");
  std::vector<fitted::Problem> problems = reader.problems();
  if (!problems.empty()) return problems;
  for (const Method method : plan::kMethods) {
    if (!estimator->has(method)) continue;
    // One that takes any number of columns is no problem.
    Emitted emitted = emit(*estimator, method, numbered_columns(1));
    if (!emitted.port.ok()) {
      problems.push_back({std::string(plan::method_name(method)), std::move(emitted.port).error()});
    }
  }
  return problems;
}

}  // namespace sklearn
