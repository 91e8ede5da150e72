#include "data/json_cell.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include <simdjson.h>

#include "base/text.h"

namespace data {
namespace {

using base::Code;
using base::Error;
using base::Result;
using simdjson::ondemand::json_type;

Error malformed(simdjson::error_code code) {
  return {Code::Invalid,
          fmt::format("expected JSON, got what is malformed: {}", simdjson::error_message(code))};
}

std::string_view form_name(Json form) {
  switch (form) {
    case Json::Object: return "an object of numbers and texts";
    case Json::Pairs: return "an array of [text, number or text]";
    case Json::Strings: break;
    case Json::None: break;
  }
  return "an array of texts";
}

std::string_view trimmed(std::string_view token) {
  const std::size_t end = token.find_last_not_of(" \t\r\n");
  return token.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

}  // namespace

class JsonCellReader::Reading {
 public:
  Result<std::span<const NamedValue>> read(std::string_view cell, Json form);

 private:
  Result<void> read_object(simdjson::ondemand::object object);
  Result<void> read_list(simdjson::ondemand::array array, Json form);
  Result<void> read_pair(simdjson::ondemand::value value);
  Result<void> take(std::string_view name, simdjson::ondemand::value value);
  Result<void> check_names();

  simdjson::ondemand::parser parser_;
  std::string padded_;
  std::vector<NamedValue> values_;
  std::vector<std::string_view> names_;  // Ascending, to find one that is there twice.
};

Result<void> JsonCellReader::Reading::take(std::string_view name, simdjson::ondemand::value value) {
  NamedValue& last = values_.emplace_back();
  last.name = name;
  json_type type{};
  if (const auto error = value.type().get(type)) return malformed(error);
  if (type == json_type::string) {
    last.kind = NamedValue::Kind::Text;
    if (const auto error = value.get_string().get(last.text)) return malformed(error);
    return {};
  }
  last.kind = NamedValue::Kind::Number;
  const std::string_view token = trimmed(value.raw_json_token());
  if (type == json_type::boolean) {
    bool flag = false;
    if (const auto error = value.get_bool().get(flag)) return malformed(error);
    last.number = flag ? 1 : 0;
    return {};
  }
  if (type == json_type::number) {
    // simdjson's own get_double is not asked: until 3.6.3 it reads numbers of more than 19 digits
    // wrongly (its issue 2093); but what it takes for none is none.
    double checked = 0;
    if (const auto error = value.get_double().get(checked)) return malformed(error);
    const auto [end, problem] =
        std::from_chars(token.data(), token.data() + token.size(), last.number);
    if (problem == std::errc{} && end == token.data() + token.size()) return {};
  }
  return Error(Code::Invalid, fmt::format("{}: expected a number or a text, got {}",
                                          base::quote(name), base::quote(token)));
}

Result<void> JsonCellReader::Reading::read_object(simdjson::ondemand::object object) {
  for (auto each : object) {
    simdjson::ondemand::field field;
    if (const auto error = std::move(each).get(field)) return malformed(error);
    std::string_view name;
    if (const auto error = field.unescaped_key().get(name)) return malformed(error);
    TRY(take(name, field.value()));
  }
  return check_names();
}

Result<void> JsonCellReader::Reading::check_names() {
  names_.clear();
  for (const NamedValue& each : values_) names_.push_back(each.name);
  std::sort(names_.begin(), names_.end());
  const auto twice = std::adjacent_find(names_.begin(), names_.end());
  if (twice == names_.end()) return {};
  return Error(Code::Invalid,
               fmt::format("{}: expected it once, got it twice", base::quote(*twice)));
}

Result<void> JsonCellReader::Reading::read_pair(simdjson::ondemand::value value) {
  simdjson::ondemand::array pair;
  std::string_view name;
  std::size_t count = 0;
  if (value.get_array().get(pair) == simdjson::SUCCESS) {
    for (auto each : pair) {
      simdjson::ondemand::value part;
      if (const auto error = each.get(part)) return malformed(error);
      if (count == 0 && part.get_string().get(name) != simdjson::SUCCESS) break;
      if (count == 1) TRY(take(name, part));
      if (++count > 2) break;
    }
  }
  if (count == 2) return {};
  return Error(Code::Invalid, "expected pairs of a text and a number or text, got another element");
}

Result<void> JsonCellReader::Reading::read_list(simdjson::ondemand::array array, Json form) {
  for (auto each : array) {
    simdjson::ondemand::value value;
    if (const auto error = each.get(value)) return malformed(error);
    if (form == Json::Pairs) {
      TRY(read_pair(value));
      continue;
    }
    std::string_view name;
    if (value.get_string().get(name) != simdjson::SUCCESS) {
      return Error(Code::Invalid, "expected an array of texts, got another element");
    }
    values_.push_back({.name = name, .kind = NamedValue::Kind::Alone, .number = 0, .text = {}});
  }
  return {};
}

Result<std::span<const NamedValue>> JsonCellReader::Reading::read(std::string_view cell,
                                                                  Json form) {
  values_.clear();
  padded_.assign(cell);
  padded_.append(simdjson::SIMDJSON_PADDING, ' ');
  simdjson::ondemand::document document;
  if (const auto error =
          parser_.iterate(padded_.data(), cell.size(), padded_.size()).get(document)) {
    return malformed(error);
  }
  json_type type{};
  if (const auto error = document.type().get(type)) return malformed(error);
  if (type != (form == Json::Object ? json_type::object : json_type::array)) {
    return Error(Code::Invalid,
                 fmt::format("expected {}, got {}", form_name(form), base::quote(cell)));
  }
  if (form == Json::Object) {
    simdjson::ondemand::object object;
    if (const auto error = document.get_object().get(object)) return malformed(error);
    TRY(read_object(object));
  } else {
    simdjson::ondemand::array array;
    if (const auto error = document.get_array().get(array)) return malformed(error);
    TRY(read_list(array, form));
  }
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
    return Error(Code::Invalid, "expected the end behind the value, got more");
  }
  return std::span<const NamedValue>(values_);
}

JsonCellReader::JsonCellReader() : reading_(std::make_unique<Reading>()) {}
JsonCellReader::~JsonCellReader() = default;

Result<std::span<const NamedValue>> JsonCellReader::read(std::string_view cell, Json form) {
  return reading_->read(cell, form);
}

}  // namespace data
