#include "sklearn/function_transformer.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "plan/ufunc.h"
#include "sklearn/members.h"

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

class FunctionTransformer final : public Estimator {
 public:
  struct Functions {
    const plan::Ufunc* forward = nullptr;  // Null: what goes in comes out.
    const plan::Ufunc* back = nullptr;
    bool validate = false;
    std::optional<std::size_t> width;  // Not known to early releases.
  };
  explicit FunctionTransformer(Functions functions) : functions_(functions) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    return apply(functions_.forward, builder, input, functions_.width);
  }
  base::Result<Port> inverse_steps(Builder& builder, const Port& input) const override {
    return apply(functions_.back, builder, input, std::nullopt);
  }

  base::Result<Port> apply(const plan::Ufunc* function, Builder& builder, const Port& input,
                           std::optional<std::size_t> width) const {
    Port port = input;
    if (functions_.validate) {
      TRY_ASSIGN(port, builder.finite(input, width));
    }
    if (function == nullptr) return port;
    TRY_ASSIGN(port, builder.numeric(port, width));
    if (port.form == Form::Sparse && !function->keeps_zero) {
      return base::Error(base::Code::Unsupported,
                         fmt::format("\"func\": expected one that leaves zero alone for sparse "
                                     "features, got {}",
                                     function->name));
    }
    return builder.add(std::make_shared<plan::ApplyUfunc>(port.form, port.width, *function), port,
                       port.form, port.width, port.names);
  }

  Functions functions_;
};

base::Result<const plan::Ufunc*> read_function(const Object& object, const char* attribute,
                                               const char* arguments) {
  const auto value = object.find(attribute);
  if (!value) return static_cast<const plan::Ufunc*>(nullptr);
  const auto called = find_called(*value);
  const plan::Ufunc* known = called ? find_known(*called) : nullptr;
  if (known == nullptr) {
    return object.unsupported(
        attribute, "None or a function of NumPy for each number",
        called ? fmt::format("{}.{}", called->module, called->name) : describe(*value));
  }
  const auto given = object.find(arguments);
  if (given && !given->entries().empty()) {
    return object.unsupported(arguments, "None", describe(*given));
  }
  return known;
}

Made read_function_transformer(const Object& object, Reader&) {
  FunctionTransformer::Functions functions;
  TRY_ASSIGN(functions.forward, read_function(object, "func", "kw_args"));
  TRY_ASSIGN(functions.back, read_function(object, "inverse_func", "inv_kw_args"));
  TRY_ASSIGN(functions.validate, object.flag_or("validate", false));
  TRY_ASSIGN(functions.width, find_features(object));
  return std::make_unique<FunctionTransformer>(functions);
}

constexpr Entry kFunctionTransformer[] = {
    {"sklearn.preprocessing", "FunctionTransformer", read_function_transformer},
};

}  // namespace

std::span<const Entry> function_transformer_entries() { return kFunctionTransformer; }

}  // namespace sklearn
