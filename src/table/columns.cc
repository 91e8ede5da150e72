#include "table/columns.h"

#include <fmt/format.h>

#include "base/text.h"

namespace table {
namespace {

// Longer names come from no model, and comparing them would cost their length times that of all
// others.
constexpr std::size_t kSuggestedMax = 256;

// 2026-11-29, and whatever follows where it may be a time of day.
bool is_date(std::string_view text) {
  constexpr std::string_view kForm = "dddd-dd-dd";
  if (text.size() < kForm.size()) return false;
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kForm[i] == 'd' ? !digit : text[i] != kForm[i]) return false;
  }
  return text.size() == kForm.size() || text[kForm.size()] == 'T' || text[kForm.size()] == ' ';
}

}  // namespace

std::string_view expected_cell(data::ColumnType type) {
  return type == data::ColumnType::Number ? "a number" : "a text";
}

base::Error cell_error(const data::Column& column, std::string_view got) {
  std::string_view expected = expected_cell(column.type);
  if (column.json != data::Json::None) {
    expected = column.json == data::Json::Object ? "an object" : "an array";
  }
  return {base::Code::Invalid,
          fmt::format("column {}: expected {}, got {}", base::quote(column.name), expected, got)};
}

base::Error unknown_column(std::string_view name, const data::Signature& signature) {
  return {base::Code::Invalid,
          fmt::format("column {}: expected one that the model was fitted with{}", base::quote(name),
                      suggestion(name, signature))};
}

std::string describe_text(std::string_view text) {
  return fmt::format("{}{}", is_date(text) ? "the date " : "", base::quote(text));
}

std::string suggestion(std::string_view name, const data::Signature& signature) {
  if (name.size() > kSuggestedMax) return "";
  std::vector<std::string_view> names;
  for (const data::Column& column : signature.columns) names.push_back(column.name);
  const auto near = base::nearest(name, names);
  return near ? fmt::format("; did you mean {}?", base::quote(*near)) : std::string();
}

base::Error missing_column(const data::Column& column, std::span<const std::string> present) {
  std::string message = fmt::format("column {}: expected {}, got no such column",
                                    base::quote(column.name), expected_cell(column.type));
  std::vector<std::string_view> names;
  for (const std::string& name : present) {
    if (name.size() <= kSuggestedMax) names.push_back(name);
  }
  if (const auto near = base::nearest(column.name, names)) {
    message += fmt::format("; is {} meant?", base::quote(*near));
  }
  return {base::Code::Invalid, std::move(message)};
}

}  // namespace table
