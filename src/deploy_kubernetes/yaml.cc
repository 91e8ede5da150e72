#include "deploy_kubernetes/yaml.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include <fmt/format.h>

#include "base/text.h"

namespace deploy_kubernetes {
namespace {

using nlohmann::ordered_json;

constexpr int kIndent = 2;

// Words that YAML 1.1 or 1.2 takes for something else than a text, in lower case.
constexpr std::array<std::string_view, 10> kWords = {"y",   "n",    "yes",   "no",   "on",
                                                     "off", "true", "false", "null", "nan"};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Nothing that starts with a letter is a number or a date in either version.
bool may_be_plain(std::string_view text) {
  if (text.empty() || !(is_letter(text.front()) || text.front() == '/')) return false;
  if (text.back() == ':') return false;
  const auto part = [](char c) {
    return is_letter(c) || is_digit(c) ||
           std::string_view("_./@:-").find(c) != std::string_view::npos;
  };
  if (!std::all_of(text.begin(), text.end(), part)) return false;
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::find(kWords.begin(), kWords.end(), lower) == kWords.end();
}

// What a reader would not take as it stands within double quotes: controls, and the characters
// that YAML calls line breaks or refuses.
bool needs_escape(char32_t point) {
  return point < 0x20 || (point >= 0x7f && point <= 0x9f) || point == 0x2028 || point == 0x2029 ||
         point == 0xfeff || point == 0xfffe || point == 0xffff;
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  std::size_t at = 0;
  while (at < text.size()) {
    const char32_t point = base::next_point(text, at);
    switch (point) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\t': out += "\\t"; break;
      default:
        if (needs_escape(point)) {
          out += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(point));
        } else {
          base::append_utf8(out, point);
        }
    }
  }
  out += '"';
}

void append_text(std::string& out, const std::string& text) {
  if (may_be_plain(text)) {
    out += text;
  } else if (base::find_invalid_utf8(text)) {
    // Not to be written at all; what is rendered was checked to be UTF-8.
    append_quoted(out, "\xEF\xBF\xBD");
  } else {
    append_quoted(out, text);
  }
}

void append_value(std::string& out, const ordered_json& value, int indent);

void append_map(std::string& out, const ordered_json& map, int indent, bool first_in_place) {
  for (const auto& [key, value] : map.items()) {
    if (!first_in_place) out.append(static_cast<std::size_t>(indent), ' ');
    first_in_place = false;
    append_text(out, key);
    out += ':';
    append_value(out, value, indent);
  }
}

void append_list(std::string& out, const ordered_json& list, int indent) {
  for (const ordered_json& item : list) {
    out.append(static_cast<std::size_t>(indent), ' ');
    out += '-';
    if (item.is_object() && !item.empty()) {
      out += ' ';
      append_map(out, item, indent + kIndent, true);
    } else {
      append_value(out, item, indent);
    }
  }
}

// What follows "key:" or "-", with the end of its line.
void append_value(std::string& out, const ordered_json& value, int indent) {
  if (value.is_object() && !value.empty()) {
    out += '\n';
    append_map(out, value, indent + kIndent, false);
  } else if (value.is_array() && !value.empty()) {
    out += '\n';
    append_list(out, value, indent + kIndent);
  } else {
    out += ' ';
    if (value.is_string()) {
      append_text(out, value.get_ref<const std::string&>());
    } else {
      out += value.dump();
    }
    out += '\n';
  }
}

}  // namespace

std::string to_yaml(const ordered_json& value) {
  std::string out;
  if (value.is_object() && !value.empty()) {
    append_map(out, value, 0, false);
  } else if (value.is_array() && !value.empty()) {
    append_list(out, value, 0);
  } else {
    append_value(out, value, 0);
    out.erase(0, 1);
  }
  return out;
}

std::string to_yaml(std::span<const Object> objects) {
  std::string out;
  for (const Object& object : objects) {
    if (!out.empty()) out += "---\n";
    out += to_yaml(object.json);
  }
  return out;
}

}  // namespace deploy_kubernetes
