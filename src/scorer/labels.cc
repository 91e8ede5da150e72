#include "scorer/labels.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/number.h"
#include "base/text.h"

namespace scorer {
namespace {

using base::Code;
using base::Error;

constexpr std::size_t kLabelsMax = 1'000'000;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

Error bad_labels(std::string_view file, std::string_view problem) {
  return {Code::Invalid, fmt::format("{}: {}", file, problem)};
}

// As JSON writes it: no sign but '-', no leading zeros.
bool is_whole_number(const std::string& text) {
  const auto number = base::parse_int(text);
  return number && std::to_string(*number) == text;
}

void add(Candidates& labels, std::string id, std::string name) {
  labels.integer_ids = labels.integer_ids && is_whole_number(id);
  labels.rows.push_back(
      {.id = std::move(id), .answer_id = std::move(name), .text = {}, .answer = labels.answers++});
}

base::Result<Candidates> finish(std::string_view file, Candidates labels) {
  if (labels.rows.empty()) return bad_labels(file, "expected at least one category");
  // Answers are compared by their ids.
  std::unordered_map<std::string_view, std::size_t> seen;
  for (std::size_t i = 0; i < labels.rows.size(); ++i) {
    const auto [first, is_new] = seen.try_emplace(labels.rows[i].id, i);
    if (is_new) continue;
    return bad_labels(file,
                      fmt::format("category {}: expected another id than category {}'s, got {}", i,
                                  first->second, base::quote(labels.rows[i].id)));
  }
  return labels;
}

Candidates begin() {
  Candidates labels;
  labels.integer_ids = true;
  return labels;
}

base::Result<Candidates> parse_lines(std::string_view file, std::string_view text) {
  Candidates labels = begin();
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    // A line that is empty would shift all that follow.
    if (line.empty() && text.empty()) break;
    const std::size_t tab = line.find('\t');
    const std::string_view name = tab == std::string_view::npos ? line : line.substr(tab + 1);
    const std::string id = tab == std::string_view::npos ? std::to_string(labels.rows.size())
                                                         : std::string(line.substr(0, tab));
    if (name.empty() || id.empty()) {
      return bad_labels(
          file, fmt::format("line {}: expected a category, got none", labels.rows.size() + 1));
    }
    if (labels.rows.size() == kLabelsMax) {
      return bad_labels(file, fmt::format("expected at most {} categories", kLabelsMax));
    }
    add(labels, id, std::string(name));
  }
  return finish(file, std::move(labels));
}

base::Result<Candidates> parse_class_index(std::string_view file, std::string_view text) {
  const nlohmann::json index = nlohmann::json::parse(text, nullptr, false);
  if (!index.is_object() || index.size() > kLabelsMax) {
    return bad_labels(file, "expected a JSON object of categories by their numbers");
  }
  Candidates labels = begin();
  for (std::size_t i = 0; i < index.size(); ++i) {
    const auto at = index.find(std::to_string(i));
    const bool fits = at != index.end() && at->is_array() && at->size() == 2 &&
                      at->front().is_string() && at->back().is_string();
    if (!fits) return bad_labels(file, fmt::format("category {}: expected [\"id\", \"name\"]", i));
    add(labels, at->front().get<std::string>(), at->back().get<std::string>());
  }
  return finish(file, std::move(labels));
}

}  // namespace

base::Result<Candidates> parse_labels(std::string_view file, std::string_view text) {
  if (const auto at = base::find_invalid_utf8(text)) {
    return bad_labels(file, fmt::format("expected UTF-8, got another byte at {}", *at));
  }
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const std::size_t first = std::min(text.find_first_not_of(" \t\r\n"), text.size());
  return text.substr(first).starts_with('{') ? parse_class_index(file, text)
                                             : parse_lines(file, text);
}

}  // namespace scorer
