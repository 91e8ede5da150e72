#include "table/csv_reader.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <simdjson.h>

#include "base/base64.h"
#include "base/text.h"
#include "table/columns.h"
#include "table/csv_cell.h"

namespace table {
namespace {

using base::Code;
using base::Error;
using base::Result;

bool is_valid_utf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

// A line with nothing on it; one with a quoted nothing is a row.
bool is_blank(const CsvRecord& record) {
  return record.fields.size() == 1 && !record.fields[0].quoted &&
         record.fields[0].begin == record.fields[0].end;
}

}  // namespace

CsvReader::CsvReader(std::string name, Source& source, data::Signature signature, char delimiter,
                     const Limits& limits)
    : name_(std::move(name)),
      signature_(std::move(signature)),
      delimiter_(delimiter),
      limits_(limits),
      window_(source, limits.row_bytes) {}

Result<std::unique_ptr<CsvReader>> CsvReader::open(std::string name, Source& source,
                                                   const data::Signature& signature, char delimiter,
                                                   const Limits& limits, CsvHeader header) {
  std::unique_ptr<CsvReader> reader(
      new CsvReader(std::move(name), source, signature, delimiter, limits));
  TRY(reader->read_header(header));
  return reader;
}

std::string CsvReader::place(std::size_t row) const {
  return fmt::format("{}:{}", name_, row < lines_.size() ? lines_[row] : line_);
}

Error CsvReader::at_line(std::uint64_t line, Error error) const {
  return std::move(error).within(fmt::format("{}:{}", name_, line));
}

// What is wrong with a record that could not be scanned to its end.
Error CsvReader::scan_error(CsvScan scan) const {
  const std::size_t field = record_.fields.size() + 1;
  if (scan == CsvScan::Unterminated) {
    return at_line(line_, {Code::Invalid, fmt::format("field {}: expected a closing quote, got the "
                                                      "end of the file",
                                                      field)});
  }
  if (scan == CsvScan::AfterQuote) {
    return at_line(line_ + record_.lines,
                   {Code::Invalid, fmt::format("field {}: expected a delimiter or the end of the "
                                               "line behind the closing quote",
                                               field)});
  }
  if (scan == CsvScan::Columns) {
    return at_line(line_,
                   {Code::Exhausted, fmt::format("expected at most {} fields", limits_.columns)});
  }
  return at_line(line_, {Code::Exhausted, fmt::format("expected at most {} in a row, got more (is "
                                                      "a quote left open?)",
                                                      base::human_bytes(limits_.row_bytes))});
}

// Scans the next record that is not blank, at the front of the window; false at the end.
Result<bool> CsvReader::next_record() {
  while (true) {
    line_ = next_line_;
    const std::string_view text = window_.text();
    if (text.empty() && window_.ended()) return false;
    const CsvScan scan =
        text.empty() ? CsvScan::More
                     : scan_record(text, delimiter_, window_.ended(), limits_.columns, record_);
    if (scan == CsvScan::Record) {
      next_line_ += record_.lines;
      if (!is_blank(record_)) return true;
      window_.drop(record_.size);
      continue;
    }
    if (scan != CsvScan::More || window_.full()) return scan_error(scan);
    TRY(window_.more());
  }
}

// Whether the record is UTF-8, and its fields within the limit.
Result<void> CsvReader::check_text() const {
  const std::string_view text = window_.text();
  if (!is_valid_utf8(text.substr(0, record_.size))) {
    std::size_t field = 0;
    while (field + 1 < record_.fields.size() &&
           !base::find_invalid_utf8(text.substr(0, record_.fields[field].end))) {
      ++field;
    }
    const CsvField& bad = record_.fields[field];
    return at_line(line_,
                   Error(Code::Invalid,
                         fmt::format("field {}: expected UTF-8, got {}", field + 1,
                                     base::quote(text.substr(bad.begin, bad.end - bad.begin)))));
  }
  if (record_.size <= limits_.field_bytes) return {};
  for (std::size_t i = 0; i < record_.fields.size(); ++i) {
    const std::size_t size = record_.fields[i].end - record_.fields[i].begin;
    if (size <= limits_.field_bytes) continue;
    return at_line(
        line_, Error(Code::Exhausted,
                     fmt::format("field {}: expected at most {}, got {}", i + 1,
                                 base::human_bytes(limits_.field_bytes), base::human_bytes(size))));
  }
  return {};
}

std::vector<std::string> CsvReader::names_of_record() const {
  // Taking a field's quotes off writes over it, and the record may have to be read again.
  std::string record(window_.text().substr(0, record_.size));
  std::vector<std::string> names;
  for (const CsvField& field : record_.fields) {
    names.emplace_back(field_text(record.data(), field));
  }
  return names;
}

bool CsvReader::names_a_column(std::span<const std::string> names) const {
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& name) { return signature_.find(name).has_value(); });
}

Result<void> CsvReader::read_header(CsvHeader header) {
  TRY(window_.more());
  if (window_.text().starts_with(kByteOrderMark)) window_.drop(kByteOrderMark.size());
  TRY_ASSIGN(const bool found, next_record());
  if (!found) {
    return Error(Code::Invalid, fmt::format("{}: expected a line with the names of the columns, "
                                            "got an empty file",
                                            name_));
  }
  TRY(check_text());
  width_ = record_.fields.size();
  std::vector<std::string> names = names_of_record();
  if (header == CsvHeader::Guessed && !names_a_column(names)) {
    // The record stays for the first row; wider ones are refused there.
    width_ = signature_.columns.size();
    names.clear();
    for (const data::Column& column : signature_.columns) names.push_back(column.name);
    next_line_ = line_;
    return bind(names);
  }
  window_.drop(record_.size);
  return bind(names);
}

Result<void> CsvReader::bind(std::span<const std::string> names) {
  std::unordered_map<std::string_view, std::size_t> by_name;
  for (std::size_t i = 0; i < signature_.columns.size(); ++i) {
    by_name.emplace(signature_.columns[i].name, i);
  }
  std::vector<bool> bound(signature_.columns.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto found = by_name.find(names[i]);
    if (found == by_name.end()) {
      ignored_.push_back(names[i]);
      continue;
    }
    const data::Column& column = signature_.columns[found->second];
    if (bound[found->second]) return at_line(line_, cell_error(column, "the column twice"));
    bound[found->second] = true;
    if (column.used) bindings_.push_back({i, found->second});
  }
  for (std::size_t i = 0; i < bound.size(); ++i) {
    if (bound[i] || !signature_.columns[i].required()) continue;
    return at_line(line_, missing_column(signature_.columns[i], ignored_));
  }
  return {};
}

Result<void> CsvReader::read_row(data::Frame& frame) {
  TRY(check_text());
  if (record_.fields.size() != width_) {
    return at_line(line_, Error(Code::Invalid, fmt::format("expected {} fields, as in the header, "
                                                           "got {}",
                                                           width_, record_.fields.size())));
  }
  const std::size_t row = frame.add_row();
  for (const Binding& binding : bindings_) {
    const std::string_view cell = field_text(window_.data(), record_.fields[binding.field]);
    const data::Column& column = signature_.columns[binding.column];
    if (column.type == data::ColumnType::Text) {
      if (is_missing_cell(cell)) continue;
      if (!column.binary) {
        frame.copy_text(row, binding.column, cell);
        continue;
      }
      const auto bytes = base::base64_decode(cell);
      if (!bytes) return at_line(line_, cell_error(column, "a text that is no base64"));
      frame.copy_text(row, binding.column, *bytes);
    } else if (const auto number = parse_number_cell(cell)) {
      frame.set_number(row, binding.column, *number);
    } else if (!is_missing_cell(cell)) {
      return at_line(line_, cell_error(column, describe_text(cell)));
    } else if (column.optional) {
      frame.set_number(row, binding.column, data::kMissingNumber);
    }
  }
  return {};
}

Result<std::size_t> CsvReader::read(data::Frame& frame, std::size_t rows_max) {
  frame.clear();
  lines_.clear();
  while (!ended_ && frame.rows() < rows_max) {
    const auto found = next_record();
    ended_ = !found.ok() || !*found;
    if (!found.ok()) return found.error();
    if (ended_) break;
    if (auto row = read_row(frame); !row.ok()) {
      ended_ = true;
      return std::move(row).error();
    }
    lines_.push_back(line_);
    window_.drop(record_.size);
  }
  return frame.rows();
}

}  // namespace table
