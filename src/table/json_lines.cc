#include "table/json_lines.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace table {
namespace {

using base::Code;
using base::Error;
using base::Result;

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace

JsonLinesReader::JsonLinesReader(std::string name, Source& source, data::Signature signature,
                                 const Limits& limits)
    : name_(std::move(name)),
      rows_(std::move(signature), {.copy_texts = true, .name_rows = false}),
      limits_(limits),
      window_(source, limits.row_bytes),
      parser_(limits.row_bytes) {}

std::string JsonLinesReader::place(std::size_t row) const {
  return fmt::format("{}:{}", name_, row < lines_.size() ? lines_[row] : line_);
}

// Gives the next line without its end, in the window until the next call; false at the end.
Result<bool> JsonLinesReader::next_line(std::string_view& line) {
  std::size_t end = window_.text().find('\n');
  while (end == std::string_view::npos && !window_.ended()) {
    if (window_.full()) {
      return Error(Code::Exhausted,
                   fmt::format("{}:{}: expected at most {} in a row, got more", name_, line_ + 1,
                               base::human_bytes(limits_.row_bytes)));
    }
    TRY(window_.more());
    end = window_.text().find('\n');
  }
  line = window_.text().substr(0, end);
  if (line.empty() && end == std::string_view::npos) return false;
  ++line_;
  return true;
}

Result<void> JsonLinesReader::read_line(std::string_view line, data::Frame& frame) {
  // What follows the line in the window is the padding that the parser wants; it looks at it and
  // takes nothing from it.
  simdjson::ondemand::document document;
  const std::size_t readable =
      window_.readable() - static_cast<std::size_t>(line.data() - window_.text().data());
  if (const auto error = parser_.iterate(line.data(), line.size(), readable).get(document)) {
    return json_error(error);
  }
  simdjson::ondemand::json_type type{};
  if (const auto error = document.type().get(type)) return json_error(error);
  const std::size_t row = frame.add_row();
  if (type == simdjson::ondemand::json_type::object) {
    simdjson::ondemand::object object;
    if (const auto error = document.get_object().get(object)) return json_error(error);
    TRY(rows_.read_object(object, frame, row));
  } else if (type == simdjson::ondemand::json_type::array) {
    simdjson::ondemand::array array;
    if (const auto error = document.get_array().get(array)) return json_error(error);
    TRY(rows_.read_array(array, frame, row));
  } else {
    return Error(Code::Invalid,
                 fmt::format("expected an object or an array, got {}", base::quote(line)));
  }
  if (!is_at_end(document)) {
    return Error(Code::Invalid, "expected the end of the line after the row, got more");
  }
  return {};
}

Result<std::size_t> JsonLinesReader::read(data::Frame& frame, std::size_t rows_max) {
  frame.clear();
  lines_.clear();
  while (!ended_ && frame.rows() < rows_max) {
    std::string_view line;
    const auto got = next_line(line);
    if (!got.ok() || !*got) ended_ = true;
    if (!got.ok()) return got.error();
    if (ended_) break;
    const std::size_t length = line.size();
    if (line_ == 1 && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
    if (!is_blank(line)) {
      if (auto row = read_line(line, frame); !row.ok()) {
        ended_ = true;
        return std::move(row).error().within(fmt::format("{}:{}", name_, line_));
      }
      lines_.push_back(line_);
    }
    window_.drop(std::min(length + 1, window_.text().size()));
  }
  return frame.rows();
}

}  // namespace table
