#include "data/signature.h"

#include <array>
#include <charconv>

namespace data {
namespace {

// As Python's repr of a float: shortest digits that read back, always with a point or exponent.
std::string python_float(double value) {
  std::array<char, 40> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  std::string text(buffer.data(), end);
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}

struct TextOf {
  std::size_t index;
  std::string operator()(std::monostate) const { return std::to_string(index); }
  std::string operator()(const std::vector<std::int64_t>& v) const {
    return std::to_string(v[index]);
  }
  std::string operator()(const std::vector<double>& v) const { return python_float(v[index]); }
  std::string operator()(const std::vector<bool>& v) const { return v[index] ? "True" : "False"; }
  std::string operator()(const std::vector<std::string>& v) const { return v[index]; }
};

struct CountOf {
  std::size_t operator()(std::monostate) const { return 0; }
  template <typename T>
  std::size_t operator()(const std::vector<T>& v) const {
    return v.size();
  }
};

}  // namespace

std::string_view column_type_name(ColumnType type) {
  return type == ColumnType::Number ? "number" : "text";
}

std::size_t label_count(const Labels& labels) { return std::visit(CountOf{}, labels); }

std::string label_text(const Labels& labels, std::size_t index) {
  return std::visit(TextOf{index}, labels);
}

std::optional<std::size_t> Signature::find(std::string_view name) const {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == name) return i;
  }
  return std::nullopt;
}

}  // namespace data
