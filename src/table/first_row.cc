#include "table/first_row.h"

#include <algorithm>
#include <cstring>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>
#include <simdjson.h>

#include "base/text.h"
#include "table/csv_reader.h"
#include "table/json_row.h"
#include "table/window.h"

namespace table {
namespace {

using base::Code;
using base::Error;
using base::Result;
using simdjson::ondemand::json_type;

// The first line that is not blank, whole, at the front of the window.
Result<std::string_view> first_line(const std::string& name, Window& window) {
  while (true) {
    std::string_view text = window.text();
    if (text.starts_with(kByteOrderMark)) window.drop(kByteOrderMark.size());
    const std::size_t blank =
        std::min(window.text().find_first_not_of(" \t\r\n"), window.text().size());
    window.drop(blank);
    text = window.text();
    const std::size_t end = text.find('\n');
    if (!text.empty() && (end != std::string_view::npos || window.ended())) {
      return text.substr(0, end);
    }
    if (window.ended()) {
      return Error(Code::Invalid, fmt::format("{}: expected rows, got none", name));
    }
    if (window.full()) {
      return Error(Code::Exhausted,
                   fmt::format("{}: expected a shorter first row, got more than {}", name,
                               base::human_bytes(text.size())));
    }
    TRY(window.more());
  }
}

Result<FirstRow> names_of(simdjson::ondemand::object object, std::size_t columns_max) {
  FirstRow row;
  std::unordered_set<std::string> seen;
  for (auto each : object) {
    simdjson::ondemand::field field;
    if (const auto error = std::move(each).get(field)) return json_error(error);
    std::string_view key;
    if (const auto error = field.unescaped_key().get(key)) return json_error(error);
    if (row.cells == columns_max) {
      return Error(Code::Exhausted, fmt::format("expected at most {} columns", columns_max));
    }
    row.names.emplace_back(key);
    if (!seen.insert(row.names.back()).second) {
      return Error(Code::Invalid, fmt::format("column {}: expected it once, got it twice",
                                              base::quote(row.names.back())));
    }
    ++row.cells;
  }
  return row;
}

Result<FirstRow> cells_of(simdjson::ondemand::array array, std::size_t columns_max) {
  FirstRow row;
  for (auto each : array) {
    simdjson::ondemand::value value;
    if (const auto error = each.get(value)) return json_error(error);
    if (row.cells == columns_max) {
      return Error(Code::Exhausted, fmt::format("expected at most {} columns", columns_max));
    }
    ++row.cells;
  }
  return row;
}

Result<FirstRow> columns_of(std::string_view line, std::size_t columns_max) {
  const simdjson::padded_string padded(line);
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  if (const auto error = parser.iterate(padded).get(document)) return json_error(error);
  json_type type{};
  if (const auto error = document.type().get(type)) return json_error(error);
  if (type == json_type::object) {
    simdjson::ondemand::object object;
    if (const auto error = document.get_object().get(object)) return json_error(error);
    return names_of(object, columns_max);
  }
  if (type == json_type::array) {
    simdjson::ondemand::array array;
    if (const auto error = document.get_array().get(array)) return json_error(error);
    return cells_of(array, columns_max);
  }
  return Error(Code::Invalid,
               fmt::format("expected an object or an array, got {}", base::quote(line)));
}

}  // namespace

Result<std::size_t> RewoundSource::read(std::span<char> into) {
  if (replays_ && at_ < kept_.size()) {
    const std::size_t count = std::min(into.size(), kept_.size() - at_);
    std::memcpy(into.data(), kept_.data() + at_, count);
    at_ += count;
    return count;
  }
  TRY_ASSIGN(const std::size_t count, source_.read(into));
  if (!replays_)
    kept_.insert(kept_.end(), into.begin(), into.begin() + static_cast<std::ptrdiff_t>(count));
  return count;
}

Result<FirstRow> first_csv_row(const std::string& name, Source& source, char delimiter,
                               const Limits& limits) {
  TRY_ASSIGN(const auto reader, CsvReader::open(name, source, {}, delimiter, limits));
  FirstRow row;
  row.names.assign(reader->ignored().begin(), reader->ignored().end());
  row.cells = row.names.size();
  std::unordered_set<std::string_view> seen;
  for (const std::string& each : row.names) {
    if (seen.insert(each).second) continue;
    return Error(Code::Invalid, fmt::format("{}: column {}: expected it once, got it twice", name,
                                            base::quote(each)));
  }
  return row;
}

Result<FirstRow> first_json_row(const std::string& name, Source& source, const Limits& limits) {
  Window window(source, limits.row_bytes);
  TRY(window.more());
  TRY_ASSIGN(const std::string_view line, first_line(name, window));
  auto row = columns_of(line, limits.columns);
  if (!row.ok()) return std::move(row).error().within(name);
  return row;
}

}  // namespace table
