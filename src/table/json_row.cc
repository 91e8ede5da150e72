#include "table/json_row.h"

#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/base64.h"
#include "base/text.h"
#include "table/columns.h"

namespace table {
namespace {

using base::Code;
using base::Error;
using base::Result;
using simdjson::ondemand::json_type;

// Bytes of a number that a message shows as it stands.
constexpr std::size_t kPlainMax = 40;

// Whether the only way that JSON's writers spell the name is the name itself; one that holds a
// quote or a backslash must be unescaped before it can be compared.
bool is_plain(std::string_view name) {
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\') return false;
  }
  return true;
}

std::string_view trimmed(std::string_view token) {
  const std::size_t last = token.find_last_not_of(" \t\r\n");
  return token.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

// The numbers that JSON cannot write and Python does.
std::optional<double> find_not_finite(std::string_view token) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (token == "NaN") return data::kMissingNumber;
  if (token == "Infinity") return kInfinity;
  if (token == "-Infinity") return -kInfinity;
  return std::nullopt;
}

// What stands where a cell was expected, for a message.
std::string describe(simdjson::ondemand::value& value) {
  json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS) {
    return base::quote(trimmed(value.raw_json_token()));
  }
  if (type == json_type::object) return "an object";
  if (type == json_type::array) return "an array";
  const std::string_view token = trimmed(value.raw_json_token());
  std::string_view text;
  if (type == json_type::string && value.get_string().get(text) == simdjson::SUCCESS) {
    return describe_text(text);
  }
  const bool plain = token.size() <= kPlainMax &&
                     token.find_first_not_of("0123456789+-.eEtrufalsn") == std::string_view::npos;
  return plain ? std::string(token) : base::quote(token);
}

}  // namespace

Error json_error(simdjson::error_code code) {
  return {Code::Invalid,
          fmt::format("expected JSON, got what is malformed: {}", simdjson::error_message(code))};
}

bool is_at_end(simdjson::ondemand::document& document) {
  return document.current_location().error() == simdjson::OUT_OF_BOUNDS;
}

RowReader::RowReader(data::Signature signature) : RowReader(std::move(signature), Options()) {}

RowReader::RowReader(data::Signature signature, Options options)
    : signature_(std::move(signature)), options_(options) {
  const std::size_t count = signature_.columns.size();
  order_.resize(count);
  std::iota(order_.begin(), order_.end(), std::size_t{0});
  seen_in_.assign(count, 0);
  for (std::size_t i = 0; i < count; ++i) {
    const data::Column& column = signature_.columns[i];
    by_name_.emplace(column.name, i);
    plain_.push_back(is_plain(column.name));
    kinds_.push_back(!column.used                              ? Kind::Unused
                     : column.type == data::ColumnType::Number ? Kind::Number
                     : column.binary                           ? Kind::Binary
                                                               : Kind::Text);
    if (column.required()) ++required_;
    all_numbers_ = all_numbers_ && kinds_.back() == Kind::Number;
  }
  takes_whole_ = count == 1 && signature_.columns.front().whole;
  drop_unknown(false);
}

Error RowReader::at(std::size_t row, Error error) const {
  if (!options_.name_rows) return error;
  const std::string_view between = error.message().starts_with("column ") ? ", " : ": ";
  return {error.code(), fmt::format("row {}{}{}", row, between, error.message())};
}

void RowReader::set_text(data::Frame& frame, std::size_t row, std::size_t column,
                         std::string_view text) {
  if (options_.copy_texts) {
    frame.copy_text(row, column, text);
  } else {
    frame.set_text(row, column, text);
  }
}

Result<void> RowReader::take_other(simdjson::ondemand::value& value, data::Frame& frame,
                                   std::size_t row, std::size_t column) {
  const data::Column& expected = signature_.columns[column];
  bool is_null = false;
  if (value.is_null().get(is_null) == simdjson::SUCCESS && is_null) {
    // What is null is not what is omitted.
    if (expected.optional && expected.type == data::ColumnType::Number) {
      frame.set_number(row, column, data::kMissingNumber);
    }
    return {};
  }
  if (expected.json != data::Json::None) return take_json(value, frame, row, column);
  std::string_view text;
  if (expected.binary && value.get_string().get(text) == simdjson::SUCCESS) {
    const auto bytes = base::base64_decode(text);
    if (!bytes) return at(row, cell_error(expected, "a text that is no base64"));
    frame.copy_text(row, column, *bytes);
    return {};
  }
  bool flag = false;
  if (expected.type == data::ColumnType::Number &&
      value.get_bool().get(flag) == simdjson::SUCCESS) {
    frame.set_number(row, column, flag ? 1 : 0);
    return {};
  }
  if (options_.accept_nan) {
    const auto number = find_not_finite(trimmed(value.raw_json_token()));
    if (number && expected.type == data::ColumnType::Number) {
      frame.set_number(row, column, *number);
      return {};
    }
    // pandas has NaN for a missing text, too.
    if (number && std::isnan(*number)) return {};
  }
  json_type type{};
  const bool is_object = value.type().get(type) == simdjson::SUCCESS && type == json_type::object;
  if ((options_.accept_base64 || expected.binary) && is_object &&
      expected.type == data::ColumnType::Text) {
    simdjson::ondemand::object object;
    if (const auto error = value.get_object().get(object)) return at(row, json_error(error));
    return read_base64(object, frame, row, column);
  }
  return at(row, cell_error(expected, describe(value)));
}

Result<void> RowReader::take_json(simdjson::ondemand::value& value, data::Frame& frame,
                                  std::size_t row, std::size_t column) {
  json_type type{};
  if (const auto error = value.type().get(type)) return at(row, json_error(error));
  if (type == json_type::object) {
    simdjson::ondemand::object object;
    if (const auto error = value.get_object().get(object)) return at(row, json_error(error));
    return take_raw(object, frame, row, column);
  }
  if (type == json_type::array) {
    simdjson::ondemand::array array;
    if (const auto error = value.get_array().get(array)) return at(row, json_error(error));
    return take_raw(array, frame, row, column);
  }
  return at(row, cell_error(signature_.columns[column], describe(value)));
}

Result<void> RowReader::read_base64(simdjson::ondemand::object object, data::Frame& frame,
                                    std::size_t row, std::size_t column) {
  const auto wrong = [&](std::string_view got) {
    return at(row, cell_error(signature_.columns[column], got));
  };
  std::optional<std::string> bytes;
  for (auto each : object) {
    simdjson::ondemand::field field;
    if (const auto error = std::move(each).get(field)) return at(row, json_error(error));
    std::string_view text;
    if (bytes || !(field.key() == "b64")) return wrong("an object");
    if (field.value().get_string().get(text) != simdjson::SUCCESS) return wrong("an object");
    bytes = base::base64_decode(text);
    if (!bytes) return wrong("\"b64\" that is no base64: " + base::quote(text));
  }
  if (!bytes) return wrong("an object");
  const bool binary = signature_.columns[column].binary;
  if (!binary && base::find_invalid_utf8(*bytes))
    return wrong("\"b64\" of bytes that are no UTF-8");
  frame.copy_text(row, column, *bytes);
  return {};
}

Result<std::size_t> RowReader::find_column(simdjson::ondemand::field& field, std::size_t position,
                                           std::size_t row) {
  if (position < order_.size()) {
    const std::size_t guess = order_[position];
    if (plain_[guess] && field.key().unsafe_is_equal(signature_.columns[guess].name)) return guess;
  }
  std::string_view name;
  if (const auto error = field.unescaped_key().get(name)) return at(row, json_error(error));
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) {
    if (drop_unknown_) return kNoColumn;
    return at(row, unknown_column(name, signature_));
  }
  if (position < order_.size()) order_[position] = found->second;
  return found->second;
}

Result<void> RowReader::check_complete(std::size_t row) const {
  for (std::size_t i = 0; i < seen_in_.size(); ++i) {
    if (!signature_.columns[i].required() || seen_in_[i] == row_number_) continue;
    return at(row, cell_error(signature_.columns[i], "no such column"));
  }
  return {};
}

Result<void> RowReader::read_object(simdjson::ondemand::object object, data::Frame& frame,
                                    std::size_t row) {
  if (takes_whole_) return take_raw(object, frame, row, 0);
  ++row_number_;
  std::size_t position = 0;
  std::size_t required = 0;
  for (auto each : object) {
    simdjson::ondemand::field field;
    if (const auto error = std::move(each).get(field)) return at(row, json_error(error));
    TRY_ASSIGN(const std::size_t column, find_column(field, position, row));
    if (column == kNoColumn) continue;
    if (seen_in_[column] == row_number_) {
      return at(row, cell_error(signature_.columns[column], "the column twice"));
    }
    seen_in_[column] = row_number_;
    if (signature_.columns[column].required()) ++required;
    ++position;
    TRY(take_cell(field.value(), frame, row, column));
  }
  return required == required_ ? Result<void>() : check_complete(row);
}

Result<void> RowReader::read_array(simdjson::ondemand::array array, data::Frame& frame,
                                   std::size_t row) {
  if (takes_whole_) return take_raw(array, frame, row, 0);
  const std::size_t count = signature_.columns.size();
  std::size_t column = 0;
  for (auto each : array) {
    simdjson::ondemand::value value;
    if (const auto error = each.get(value)) return at(row, json_error(error));
    if (column == count) {
      return at(row, Error(Code::Invalid, fmt::format("expected {} cells, got more", count)));
    }
    TRY(take_cell(value, frame, row, column));
    ++column;
  }
  if (column == count) return {};
  return at(row, Error(Code::Invalid, fmt::format("expected {} cells, got {}", count, column)));
}

bool RowReader::read_numbers_row(simdjson::ondemand::value& value, data::Frame& frame,
                                 std::size_t row) const {
  static_assert(kPlainNumberBytes <= simdjson::SIMDJSON_PADDING);
  const std::size_t count = signature_.columns.size();
  std::size_t column = 0;
  // Whoever parses a document's array or object has seen that a bracket or brace ends it.
  const bool only_numbers = read_numbers(value.raw_json_token().data(), [&](double number) {
    if (column == count) return false;
    frame.set_number(row, column++, number);
    return true;
  });
  return only_numbers && column == count;
}

Result<void> RowReader::read_row(simdjson::ondemand::value value, data::Frame& frame,
                                 std::size_t row) {
  json_type type{};
  if (const auto error = value.type().get(type)) return at(row, json_error(error));
  if (takes_whole_) return take_json(value, frame, row, 0);
  if (type == json_type::object) {
    simdjson::ondemand::object object;
    if (const auto error = value.get_object().get(object)) return at(row, json_error(error));
    return read_object(object, frame, row);
  }
  if (type == json_type::array) {
    if (all_numbers_ && read_numbers_row(value, frame, row)) return {};
    simdjson::ondemand::array array;
    if (const auto error = value.get_array().get(array)) return at(row, json_error(error));
    return read_array(array, frame, row);
  }
  return at(row, Error(Code::Invalid,
                       fmt::format("expected an object or an array, got {}", describe(value))));
}

Result<void> RowReader::read_cell(simdjson::ondemand::value value, data::Frame& frame,
                                  std::size_t row, std::size_t column) {
  return take_cell(value, frame, row, column);
}

}  // namespace table
