#include "contract/multipart.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/text.h"
#include "contract/words.h"

// The form (RFC 2046, 5.1): --boundary CRLF (field CRLF)* CRLF bytes CRLF, again and again, and at
// the end --boundary--. What stands before the first and behind the last means nothing.

namespace contract {
namespace {

using base::Code;
using base::Error;

constexpr std::size_t kBoundaryMax = 70;
constexpr std::size_t kHeadBytesMax = 4 << 10;

Error bad_form(std::string_view problem) {
  return {Code::Invalid, fmt::format("body: multipart/form-data: {}", problem)};
}

// The end of a quoted text that begins at 0, behind its last quote.
std::size_t quoted_end(std::string_view text) {
  std::size_t at = 1;
  while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
  return std::min(at + 1, text.size());
}

std::string unquoted(std::string_view text) {
  if (!text.starts_with('"')) return std::string(text);
  std::string plain;
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == '\\' && i + 2 < text.size()) ++i;
    plain += text[i];
  }
  return plain;
}

// A parameter of a field's value: `form-data; name="image"; filename="a.jpg"`.
std::optional<std::string> find_parameter(std::string_view value, std::string_view name) {
  while (true) {
    std::size_t end = 0;
    while (end < value.size() && value[end] != ';') {
      end += value[end] == '"' ? quoted_end(value.substr(end)) : 1;
    }
    const std::string_view one = without_blanks(value.substr(0, end));
    const std::size_t equals = one.find('=');
    if (equals != std::string_view::npos &&
        same_word(without_blanks(one.substr(0, equals)), name)) {
      return unquoted(without_blanks(one.substr(equals + 1)));
    }
    if (end >= value.size()) return std::nullopt;
    value.remove_prefix(end + 1);
  }
}

base::Result<std::string> name_of(std::string_view head, std::size_t number) {
  while (!head.empty()) {
    const std::size_t end = std::min(head.find("\r\n"), head.size());
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(end + 2, head.size()));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    if (!same_word(without_blanks(line.substr(0, colon)), "content-disposition")) continue;
    const std::string_view value = line.substr(colon + 1);
    auto name = find_parameter(value, "name");
    if (!name || name->empty()) name = find_parameter(value, "filename");
    if (!name || name->empty()) break;
    if (base::find_invalid_utf8(*name)) {
      return bad_form(fmt::format("part {}: expected a name in UTF-8", number));
    }
    return *std::move(name);
  }
  return bad_form(fmt::format("part {}: expected a name, got none", number));
}

}  // namespace

base::Result<std::vector<Part>> parse_multipart(std::string_view content_type,
                                                std::string_view body, std::size_t parts_max) {
  const auto boundary = find_parameter(content_type, "boundary");
  if (!boundary || boundary->empty() || boundary->size() > kBoundaryMax) {
    return bad_form(fmt::format("expected a boundary of 1 to {} bytes in Content-Type, got {}",
                                kBoundaryMax, base::quote(content_type)));
  }
  const std::string delimiter = "\r\n--" + *boundary;
  std::vector<Part> parts;
  // The first may have no line before it.
  const bool at_once = body.starts_with(std::string_view(delimiter).substr(2));
  std::size_t at = at_once ? delimiter.size() - 2 : body.find(delimiter);
  if (at == std::string_view::npos) return bad_form("expected a part, got none");
  if (!at_once) at += delimiter.size();
  while (!body.substr(at).starts_with("--")) {
    const std::size_t line = body.find("\r\n", at);
    const std::string_view padding = body.substr(at, line - at);
    if (line == std::string_view::npos || !without_blanks(padding).empty()) {
      return bad_form("expected a line's end behind the boundary");
    }
    const std::size_t head = line + 2;
    const bool no_fields = body.substr(head).starts_with("\r\n");
    const std::size_t head_end = no_fields ? head : body.find("\r\n\r\n", head);
    if (head_end == std::string_view::npos || head_end - head > kHeadBytesMax) {
      return bad_form(
          fmt::format("part {}: expected a head of at most {} bytes", parts.size(), kHeadBytesMax));
    }
    const std::size_t begin = head_end + (no_fields ? 2 : 4);
    const std::size_t end = body.find(delimiter, begin);
    if (end == std::string_view::npos) {
      return bad_form(fmt::format("part {}: expected the boundary behind it", parts.size()));
    }
    if (parts.size() == parts_max) {
      return bad_form(fmt::format("expected at most {} parts", parts_max));
    }
    TRY_ASSIGN(std::string name, name_of(body.substr(head, head_end - head), parts.size()));
    parts.push_back({std::move(name), body.substr(begin, end - begin)});
    at = end + delimiter.size();
  }
  if (parts.empty()) return bad_form("expected a part, got none");
  return parts;
}

}  // namespace contract
