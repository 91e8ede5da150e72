#include "forest/model_value.h"

#include <fmt/format.h>

#include "base/text.h"
#include "forest/model_numbers.h"

namespace forest {

const std::vector<ModelValue>& ModelValue::items() const {
  static const std::vector<ModelValue> kNone;
  return items_ ? *items_ : kNone;
}

const ModelValue* ModelValue::find(std::string_view key) const {
  if (kind_ != Kind::Map) return nullptr;
  for (auto at = items().rbegin(); at != items().rend(); ++at) {
    if (at->key_ == key) return &*at;
  }
  return nullptr;
}

base::Result<const ModelValue*> ModelValue::get(std::string_view key) const {
  if (const ModelValue* found = find(key)) return found;
  return bad_value(fmt::format("{} is missing", base::quote(key)));
}

std::optional<std::string_view> ModelValue::text() const {
  if (kind_ != Kind::Text) return std::nullopt;
  return bytes_;
}

base::Result<std::string_view> ModelValue::text(std::string_view key) const {
  TRY_ASSIGN(const ModelValue* found, get(key));
  if (const auto text = found->text()) return *text;
  return bad_value(fmt::format("{}: expected a text, got another value", base::quote(key)));
}

std::optional<double> ModelValue::number() const {
  if (kind_ != Kind::Number && kind_ != Kind::Flag) return std::nullopt;
  return number_;
}

template <typename T>
base::Result<std::vector<T>> ModelValue::numbers() const {
  if (kind_ == Kind::List && items().empty()) return std::vector<T>();
  if (kind_ != Kind::Numbers) return bad_value("expected numbers, got another value");
  std::vector<T> values(count_);
  std::string_view rest = bytes_;
  const std::size_t width = ubjson_width(type_);
  for (std::size_t i = 0; i < count_; ++i) {
    bool stored = false;
    if (type_ == kJsonNumbers) {
      stored = take_json_number(rest, values[i]);
    } else {
      const char type = type_ == kMarkedNumbers ? rest.front() : type_;
      if (type_ == kMarkedNumbers) rest.remove_prefix(1);
      const std::size_t taken = type_ == kMarkedNumbers ? ubjson_width(type) : width;
      stored = store_ubjson(type, rest, values[i]);
      rest.remove_prefix(taken);
    }
    if (!stored) {
      return bad_value(
          fmt::format("expected {} numbers that fit, number {} does not", count_, i + 1));
    }
  }
  return values;
}

template <typename T>
base::Result<std::vector<T>> ModelValue::numbers(std::string_view key,
                                                 std::optional<std::size_t> count) const {
  TRY_ASSIGN(const ModelValue* found, get(key));
  if (count && found->count() != *count) {
    return bad_value(
        fmt::format("{}: expected {} numbers, got {}", base::quote(key), *count, found->count()));
  }
  auto values = found->numbers<T>();
  if (!values.ok()) return std::move(values).error().within(base::quote(key));
  return values;
}

template base::Result<std::vector<float>> ModelValue::numbers() const;
template base::Result<std::vector<double>> ModelValue::numbers() const;
template base::Result<std::vector<std::int32_t>> ModelValue::numbers() const;
template base::Result<std::vector<std::uint32_t>> ModelValue::numbers() const;
template base::Result<std::vector<std::uint8_t>> ModelValue::numbers() const;
template base::Result<std::vector<std::int64_t>> ModelValue::numbers() const;
template base::Result<std::vector<float>> ModelValue::numbers(std::string_view,
                                                              std::optional<std::size_t>) const;
template base::Result<std::vector<double>> ModelValue::numbers(std::string_view,
                                                               std::optional<std::size_t>) const;
template base::Result<std::vector<std::int32_t>> ModelValue::numbers(
    std::string_view, std::optional<std::size_t>) const;
template base::Result<std::vector<std::uint32_t>> ModelValue::numbers(
    std::string_view, std::optional<std::size_t>) const;
template base::Result<std::vector<std::uint8_t>> ModelValue::numbers(
    std::string_view, std::optional<std::size_t>) const;
template base::Result<std::vector<std::int64_t>> ModelValue::numbers(
    std::string_view, std::optional<std::size_t>) const;

}  // namespace forest
