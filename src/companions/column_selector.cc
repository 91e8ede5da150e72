#include "companions/column_selector.h"

#include <array>
#include <optional>
#include <utility>
#include <vector>

namespace companions {
namespace {

using fitted::Estimator;
using fitted::Made;
using fitted::Object;
using fitted::Reader;
using plan::Builder;
using plan::Method;
using plan::Port;

constexpr std::array<std::string_view, 4> kAttributes = {"key", "keys", "column", "columns"};

// The names that one of the attributes holds.
std::optional<std::vector<std::string>> names_of(const Object& object) {
  for (const std::string_view attribute : kAttributes) {
    const auto value = object.find(attribute);
    if (!value) continue;
    if (const auto text = value->as_string()) return std::vector{std::string(*text)};
    auto texts = fitted::texts_of(*value);
    if (texts.ok() && !texts->empty()) return *std::move(texts);
  }
  return std::nullopt;
}

class ColumnSelector final : public Estimator {
 public:
  explicit ColumnSelector(std::vector<std::string> columns) : columns_(std::move(columns)) {}
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    return builder.select(input, columns_);
  }
  std::vector<std::string> columns_;
};

// A known library's class is what that library says it is; only unknown ones are guessed at.
bool is_known_library(const Object& object) {
  static constexpr std::array<std::string_view, 9> kLibraries = {
      "lightgbm", "xgboost", "catboost", "imblearn",    "category_encoders",
      "numpy",    "scipy",   "pandas",   "sklearn2pmml"};
  const std::string package = object.package();
  if (package == "sklearn" || package.starts_with("sklearn.")) return true;
  for (const std::string_view library : kLibraries) {
    if (package == library) return true;
  }
  return false;
}

bool is_column_selector(const Object& object) {
  return !is_known_library(object) && names_of(object).has_value();
}

Made read_column_selector(const Object& object, Reader&) {
  auto names = names_of(object);
  if (!names) return object.unexpected("key", "a column name or a list of them", "none");
  return std::make_unique<ColumnSelector>(*std::move(names));
}

}  // namespace

fitted::Guess column_selector_guess() { return {is_column_selector, read_column_selector}; }

}  // namespace companions
