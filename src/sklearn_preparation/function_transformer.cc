#include "sklearn_preparation/function_transformer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "plan_preparation/number_function.h"
#include "plan_preparation/ufunc.h"
#include "sklearn_values/members.h"

namespace sklearn {
namespace {

using pickle::Value;
using plan::Builder;
using plan::Form;
using plan::Method;
using plan::Port;

// What a function is called in its module.
struct Called {
  std::string_view module;
  std::string_view name;
};

// A function is pickled by its name. Early releases of NumPy write a ufunc as a call that looks it
// up: numpy.core._ufunc_reconstruct("numpy.core._multiarray_umath", "log1p").
std::optional<Called> find_called(Value value) {
  if (value.is(pickle::Kind::Global)) return Called{value.module(), value.name()};
  const pickle::Record* record = value.record();
  if (record == nullptr || record->name() != "_ufunc_reconstruct" || record->args.size() != 2) {
    return std::nullopt;
  }
  const auto module = record->args[0].as_string();
  const auto name = record->args[1].as_string();
  if (!module || !name) return std::nullopt;
  return Called{*module, *name};
}

// The names under which a function stands that NumPy calls otherwise.
std::string_view numpy_name(std::string_view name) {
  static constexpr std::array<std::string_view, 4> kRound = {"around", "fix", "round", "round_"};
  if (name == "fix") return "trunc";
  const bool rounds = std::find(kRound.begin(), kRound.end(), name) != kRound.end();
  return rounds ? "rint" : name;
}

// Of these modules the functions are those that plan knows by their names.
const plan::Ufunc* find_known(const Called& called) {
  static constexpr std::array<std::string_view, 8> kOfScipy = {"erf",   "erfc",  "exp10", "exp2",
                                                               "expit", "expm1", "log1p", "logit"};
  const std::string_view module = called.module;
  if (module == "builtins" || module == "__builtin__") {
    return called.name == "abs" ? plan::find_ufunc("abs") : nullptr;
  }
  if (module == "scipy.special" || module.starts_with("scipy.special.")) {
    const bool special = std::find(kOfScipy.begin(), kOfScipy.end(), called.name) != kOfScipy.end();
    return special ? plan::find_ufunc(called.name) : nullptr;
  }
  const bool numpy = module == "numpy" || module.starts_with("numpy.core") ||
                     module.starts_with("numpy._core") || module.starts_with("numpy.lib");
  const bool special = called.name == "erf" || called.name == "erfc" || called.name == "expit" ||
                       called.name == "logit";
  return numpy && !special ? plan::find_ufunc(numpy_name(called.name)) : nullptr;
}

// What is done to each number.
struct NumberWise {
  const plan::Ufunc* plain = nullptr;  // Null: `fixed` is it.
  plan::NumberFunction fixed;
};

class FunctionTransformer final : public Estimator {
 public:
  struct Functions {
    std::optional<NumberWise> forward;  // Nothing: what goes in comes out.
    std::optional<NumberWise> back;
    bool validate = false;
    std::optional<std::size_t> width;  // Not known to early releases.
  };
  explicit FunctionTransformer(Functions functions) : functions_(std::move(functions)) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    return apply(functions_.forward, builder, input, functions_.width);
  }
  base::Result<Port> inverse_steps(Builder& builder, const Port& input) const override {
    return apply(functions_.back, builder, input, std::nullopt);
  }

  base::Result<Port> apply(const std::optional<NumberWise>& function, Builder& builder,
                           const Port& input, std::optional<std::size_t> width) const {
    Port port = input;
    if (functions_.validate) {
      TRY_ASSIGN(port, builder.finite(input, width));
    }
    if (!function) return port;
    TRY_ASSIGN(port, builder.numeric(port, width));
    TRY_ASSIGN(port, builder.settled(port));
    const std::string_view name =
        function->plain != nullptr ? function->plain->name : function->fixed.name;
    const bool keeps_zero = function->plain != nullptr && function->plain->keeps_zero;
    if (port.form == Form::Sparse && !keeps_zero) {
      return base::Error(base::Code::Unsupported,
                         fmt::format("\"func\": expected one that leaves zero alone for sparse "
                                     "features, got {}",
                                     name));
    }
    std::shared_ptr<const plan::Step> step;
    if (function->plain != nullptr) {
      step = std::make_shared<plan::ApplyUfunc>(port.form, port.width, *function->plain);
    } else {
      step = std::make_shared<plan::ApplyNumberFunction>(port.width, function->fixed);
    }
    return builder.add(std::move(step), port, port.form, port.width, port.names);
  }

  Functions functions_;
};

// Arguments by name, of which a function takes what it knows.
class NamedNumbers {
 public:
  // Refuses what is no number, None or bool, and what stands under no text.
  static base::Result<NamedNumbers> read(std::span<const pickle::Entry> entries) {
    NamedNumbers numbers;
    for (const pickle::Entry& each : entries) {
      const auto name = each.key.as_string();
      const auto number = each.value.as_float();
      if (!name || (!number && !each.value.is_none())) return unfit(describe(each.value));
      numbers.left_.emplace_back(*name, number);
    }
    return numbers;
  }
  // Nothing where it is not there or None.
  std::optional<double> take(std::string_view name) {
    const auto at = std::find_if(left_.begin(), left_.end(),
                                 [&](const auto& each) { return each.first == name; });
    if (at == left_.end()) return std::nullopt;
    const std::optional<double> number = at->second;
    left_.erase(at);
    return number;
  }
  base::Result<void> check_all_taken() const {
    return left_.empty() ? base::Result<void>() : unfit(base::quote(left_.front().first));
  }
  static base::Error unfit(std::string_view got) {
    return {base::Code::Unsupported,
            fmt::format("expected numbers that the function takes by name, got {}", got)};
  }

 private:
  std::vector<std::pair<std::string, std::optional<double>>> left_;
};

bool is_of_numpy(const Called& called) {
  return called.module == "numpy" || called.module.starts_with("numpy.");
}

// numpy.clip, whose limits had other names before NumPy 2.1.
plan::NumberFunction clip_within(NamedNumbers& numbers) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  auto least = numbers.take("a_min");
  auto most = numbers.take("a_max");
  if (const auto newer = numbers.take("min")) least = newer;
  if (const auto newer = numbers.take("max")) most = newer;
  return plan::NumberFunction::clip(least.value_or(-kInfinity), most.value_or(kInfinity));
}

plan::NumberFunction replace_by(NamedNumbers& numbers) {
  constexpr double kMost = std::numeric_limits<double>::max();
  numbers.take("copy");
  const double nan = numbers.take("nan").value_or(0);
  const double positive = numbers.take("posinf").value_or(kMost);
  return plan::NumberFunction::replace(nan, positive, numbers.take("neginf").value_or(-kMost));
}

base::Result<NumberWise> number_wise(const Called& called, NamedNumbers numbers) {
  const std::string_view name = is_of_numpy(called) ? numpy_name(called.name) : std::string_view();
  NumberWise found;
  if (name == "clip") {
    found.fixed = clip_within(numbers);
  } else if (name == "nan_to_num") {
    found.fixed = replace_by(numbers);
  } else if (const auto decimals = name == "rint" ? numbers.take("decimals") : std::nullopt) {
    if (!(std::abs(*decimals) <= 1000)) return NamedNumbers::unfit(fmt::format("{}", *decimals));
    found.fixed = plan::NumberFunction::round(static_cast<int>(*decimals));
  }
  TRY(numbers.check_all_taken());
  if (found.fixed.of != nullptr) return found;
  found.plain = find_known(called);
  if (found.plain != nullptr) return found;
  return base::Error(base::Code::Unsupported,
                     fmt::format("expected None or a function of NumPy for each number, got {}.{}",
                                 called.module, called.name));
}

// functools.partial(function, *args, **keywords), whose state says all of it.
struct Partial {
  Value function;
  std::span<const Value> args;
  std::span<const pickle::Entry> keywords;
};

std::optional<Partial> find_partial(Value value) {
  const pickle::Record* record = value.record();
  if (record == nullptr || record->module() != "functools" || record->name() != "partial" ||
      !record->state) {
    return std::nullopt;
  }
  const auto state = record->state->items();
  if (state.size() != 4) return std::nullopt;
  return Partial{state[0], state[1].items(), state[2].entries()};
}

base::Result<NumberWise> partial_wise(const Partial& partial) {
  const auto called = find_called(partial.function);
  if (!called) return NamedNumbers::unfit(describe(partial.function));
  TRY_ASSIGN(NamedNumbers numbers, NamedNumbers::read(partial.keywords));
  if (partial.args.empty()) return number_wise(*called, std::move(numbers));
  TRY(numbers.check_all_taken());
  const auto first = partial.args.front().as_float();
  NumberWise found;
  if (first && partial.args.size() == 1 && is_of_numpy(*called)) {
    found.fixed = plan::NumberFunction::bound(called->name, *first);
  }
  if (found.fixed.of != nullptr) return found;
  return base::Error(base::Code::Unsupported,
                     fmt::format("expected a function of NumPy of two numbers, the first given, "
                                 "got a partial {}.{}",
                                 called->module, called->name));
}

base::Result<std::optional<NumberWise>> read_function(const Object& object, const char* attribute,
                                                      const char* arguments) {
  using Read = std::optional<NumberWise>;
  const auto value = object.find(attribute);
  if (!value) return Read();
  const auto given = object.find(arguments);
  const auto entries = given ? given->entries() : std::span<const pickle::Entry>();
  const auto partial = find_partial(*value);
  const auto called = find_called(*value);
  if (!partial && !called) {
    return object.unsupported(attribute, "None or a function of NumPy for each number",
                              describe(*value));
  }
  if (partial && !entries.empty()) {
    return object.unsupported(arguments, "None beside a functools.partial", describe(*given));
  }
  const char* at = entries.empty() ? attribute : arguments;
  const auto within = [&](base::Error error) {
    return std::move(error).within(fmt::format("{} \"{}\"", object.title(), at));
  };
  if (partial) {
    auto found = partial_wise(*partial);
    if (!found.ok()) return within(std::move(found).error());
    return Read(*std::move(found));
  }
  auto numbers = NamedNumbers::read(entries);
  if (!numbers.ok()) return within(std::move(numbers).error());
  auto found = number_wise(*called, *std::move(numbers));
  if (!found.ok()) return within(std::move(found).error());
  return Read(*std::move(found));
}

Made read_function_transformer(const Object& object, Reader&) {
  FunctionTransformer::Functions functions;
  TRY_ASSIGN(functions.forward, read_function(object, "func", "kw_args"));
  TRY_ASSIGN(functions.back, read_function(object, "inverse_func", "inv_kw_args"));
  // Of 0.20 and 0.21 None is True.
  const bool none_checks = object.release() >= Release{0, 20} && object.release() < Release{0, 22};
  TRY_ASSIGN(functions.validate, object.flag_or("validate", none_checks));
  TRY_ASSIGN(functions.width, find_features(object));
  return std::make_unique<FunctionTransformer>(std::move(functions));
}

constexpr Entry kFunctionTransformer[] = {
    {"sklearn.preprocessing", "FunctionTransformer", read_function_transformer},
};

}  // namespace

std::span<const Entry> function_transformer_entries() { return kFunctionTransformer; }

}  // namespace sklearn
