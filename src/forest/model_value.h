#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace forest {

// What JSON and UBJSON (https://ubjson.org) have in common, as XGBoost and CatBoost write their
// models in them. Arrays of numbers, of which nearly all of a model consists, stay as they are in
// the bytes and are read when asked for: a view, the bytes must live.
//
// Refuses what is deeper than kModelDepthMax, and whatever is cut short, followed by more, or not
// of its format. Time and memory are linear in the bytes.
class ModelValue {
 public:
  enum class Kind : std::uint8_t { Null, Flag, Number, Text, Numbers, List, Map };

  Kind kind() const { return kind_; }
  // Of a Map: the value of a key; null where there is none. The last of those with one name.
  const ModelValue* find(std::string_view key) const;
  // Of a Map, a refusal where there is none.
  base::Result<const ModelValue*> get(std::string_view key) const;
  // Text, of a Text.
  std::optional<std::string_view> text() const;
  base::Result<std::string_view> text(std::string_view key) const;
  // Number, of a Number or Flag.
  std::optional<double> number() const;
  // List, or Map: the values. Else empty. An array without elements is an empty List.
  const std::vector<ModelValue>& items() const;
  // In a Map: its key there.
  std::string_view key() const { return key_; }
  // How many elements Numbers or a List has.
  std::size_t count() const { return kind_ == Kind::List ? items().size() : count_; }

  // Numbers at `key` of a Map, as many as said: each as a T has it (float, double, and integers,
  // which must fit).
  template <typename T>
  base::Result<std::vector<T>> numbers(std::string_view key,
                                       std::optional<std::size_t> count) const;
  template <typename T>
  base::Result<std::vector<T>> numbers() const;

 private:
  friend class JsonReader;
  friend class UbjsonReader;

  Kind kind_ = Kind::Null;
  char type_ = 0;  // Numbers: the UBJSON type of all, 'A' for JSON, 'M' for a type before each.
  std::string_view key_;
  std::string_view bytes_;  // Text, and Numbers as they are in the file.
  double number_ = 0;
  std::size_t count_ = 0;
  std::unique_ptr<std::vector<ModelValue>> items_;
};

inline constexpr std::size_t kModelDepthMax = 32;

// The root of a model file, and the texts in it that were escaped.
struct ModelDocument {
  ModelValue root;
  std::vector<std::unique_ptr<std::string>> unescaped;
};

base::Result<ModelDocument> parse_model_json(std::string_view text);
base::Result<ModelDocument> parse_model_ubjson(std::string_view bytes);

// Whole number in a text, as XGBoost writes its parameters.
template <typename T>
std::optional<T> number_in(std::string_view text) {
  T value{};
  const char* end = text.data() + text.size();
  const auto [stopped, problem] = std::from_chars(text.data(), end, value);
  if (problem != std::errc{} || stopped != end || text.empty()) return std::nullopt;
  return value;
}

}  // namespace forest
