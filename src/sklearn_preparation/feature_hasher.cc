#include "sklearn_preparation/feature_hasher.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "plan/builder.h"
#include "plan_cells/hash_features.h"

namespace sklearn {
namespace {

using plan::Builder;
using plan::Form;
using plan::Method;
using plan::Port;

// What a row is: alone, the row itself; in a column, that column's cell. As JSON either way.
class FeatureHasher final : public Estimator {
 public:
  FeatureHasher(text::FeatureHashing hashing, data::Json form) : hashing_(hashing), form_(form) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    TRY_ASSIGN(const Port port, builder.json(input, form_));
    const std::string name = port.names.empty() ? "" : port.names.front();
    auto step = std::make_shared<plan::HashFeatures>(text::FeatureHasher(hashing_), form_, name);
    const std::size_t width = step->features();
    return builder.add(std::move(step), port, Form::Sparse, width);
  }

  text::FeatureHashing hashing_;
  data::Json form_;
};

base::Result<data::Json> read_hashed_form(const Object& object) {
  TRY_ASSIGN(const std::string type, object.text_or("input_type", "dict"));
  if (type == "dict") return data::Json::Object;
  if (type == "pair") return data::Json::Pairs;
  if (type == "string") return data::Json::Strings;
  return object.unsupported("input_type", "\"dict\", \"pair\" or \"string\"", base::quote(type));
}

base::Result<text::FeatureHashing::Number> read_hashed_number(const Object& object) {
  using Number = text::FeatureHashing::Number;
  const auto dtype = object.find("dtype");
  if (!dtype) return Number::Float64;
  const std::string name(dtype->is(pickle::Kind::Global) ? dtype->name()
                                                         : dtype->as_string().value_or(""));
  if (name == "float64" || name == "float") return Number::Float64;
  if (name == "float32") return Number::Float32;
  if (name == "int64" || name == "int" || name == "int32") return Number::Integer;
  return object.unsupported("dtype", "float64, float32, int64 or int32", describe(*dtype));
}

Made read_feature_hasher(const Object& object, Reader&) {
  text::FeatureHashing hashing;
  TRY_ASSIGN(const auto features, object.integer("n_features"));
  if (features < 1 || features > 0x7FFFFFFF) {
    return object.unexpected("n_features", "1 to 2147483647", std::to_string(features));
  }
  hashing.n_features = static_cast<std::uint32_t>(features);
  TRY_ASSIGN(hashing.alternate_sign, object.flag_or("alternate_sign", true));
  TRY_ASSIGN(hashing.non_negative, object.flag_or("non_negative", false));
  TRY_ASSIGN(hashing.number, read_hashed_number(object));
  TRY_ASSIGN(const data::Json form, read_hashed_form(object));
  return std::make_unique<FeatureHasher>(hashing, form);
}

constexpr Entry kFeatureHasher[] = {
    {"sklearn.feature_extraction", "FeatureHasher", read_feature_hasher},
};

}  // namespace

std::span<const Entry> feature_hasher_entries() { return kFeatureHasher; }

}  // namespace sklearn
