#include "scorer/candidates.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "base/number.h"
#include "base/text.h"

namespace scorer {
namespace {

constexpr std::size_t kRowsMax = 10'000'000;

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::vector<std::string_view> split_fields(std::string_view line) {
  std::vector<std::string_view> fields;
  while (true) {
    const std::size_t tab = line.find('\t');
    fields.push_back(line.substr(0, tab));
    if (tab == std::string_view::npos) return fields;
    line.remove_prefix(tab + 1);
  }
}

base::Error bad_line(std::string_view file, std::size_t line, std::string_view problem) {
  return {base::Code::Invalid, fmt::format("{}:{}: {}", file, line, problem)};
}

// Where the recipe's columns stand in the header: id, answer id, text.
using Places = std::array<std::size_t, 3>;

base::Result<Places> find_columns(std::string_view file, std::string_view line,
                                  const model::Match& recipe) {
  const auto header = split_fields(line);
  Places places{};
  const std::array<std::string_view, 3> names = {recipe.id, recipe.answer_id, recipe.text};
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto at = std::find(header.begin(), header.end(), names.at(i));
    if (at == header.end()) {
      return bad_line(file, 1,
                      fmt::format("expected a column {}, got {}", base::quote(names.at(i)),
                                  base::quote(fmt::format("{}", fmt::join(header, ", ")))));
    }
    places.at(i) = static_cast<std::size_t>(at - header.begin());
  }
  return places;
}

// JSON's integers: no sign but '-', no leading zeros.
bool is_integer(std::string_view text) {
  const auto number = base::parse_int(text);
  return number && std::to_string(*number) == text;
}

}  // namespace

base::Result<Candidates> Candidates::parse(std::string_view file, std::string_view text,
                                           const model::Match& recipe) {
  if (const auto at = base::find_invalid_utf8(text)) {
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<long>(*at), '\n');
    return bad_line(file, static_cast<std::size_t>(line), "expected UTF-8");
  }
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  TRY_ASSIGN(const Places places, find_columns(file, take_line(text), recipe));
  const std::size_t fields_min = *std::max_element(places.begin(), places.end()) + 1;
  Candidates candidates;
  candidates.integer_ids = candidates.integer_answer_ids = true;
  std::unordered_map<std::string, std::uint32_t> numbers;
  for (std::size_t line = 2; !text.empty(); ++line) {
    const std::string_view row = take_line(text);
    if (row.empty()) continue;
    const auto fields = split_fields(row);
    if (fields.size() < fields_min) {
      return bad_line(
          file, line,
          fmt::format("expected at least {} fields, got {}", fields_min, fields.size()));
    }
    if (candidates.rows.size() == kRowsMax) {
      return bad_line(file, line, fmt::format("expected at most {} rows", kRowsMax));
    }
    Row made{std::string(fields[places[0]]), std::string(fields[places[1]]),
             std::string(fields[places[2]])};
    made.answer = numbers.try_emplace(made.answer_id, candidates.answers).first->second;
    candidates.answers = static_cast<std::uint32_t>(numbers.size());
    candidates.integer_ids &= is_integer(made.id);
    candidates.integer_answer_ids &= is_integer(made.answer_id);
    candidates.rows.push_back(std::move(made));
  }
  if (candidates.rows.empty()) return bad_line(file, 2, "expected at least one candidate");
  return candidates;
}

}  // namespace scorer
