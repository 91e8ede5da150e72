#include "deploy/section.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/number.h"
#include "base/text.h"
#include "config/option.h"
#include "deploy/endpoint_spec.h"

namespace deploy {
namespace {

using base::Result;
using config::YamlMap;

constexpr std::int64_t kPortMax = 65'535;
constexpr std::size_t kLabelMax = 63;
constexpr std::size_t kLabelPrefixMax = 253;

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_alphanumeric(char c) { return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z'); }

bool all_of(std::string_view text, bool (*holds)(char)) {
  return std::all_of(text.begin(), text.end(), holds);
}

bool is_version(std::string_view text) {
  const auto part = [](char c) {
    return is_alphanumeric(c) || std::string_view("._:@/-").find(c) != std::string_view::npos;
  };
  return !text.empty() && is_alphanumeric(text.front()) && is_alphanumeric(text.back()) &&
         all_of(text, part);
}

std::string choices_of(const Key& key) {
  std::string list;
  for (const std::string_view choice : key.choices) {
    list += fmt::format("{}{}", list.empty() ? "" : " or ", base::quote(choice));
  }
  return list;
}

// What is wrong with the text of a key; empty where nothing is.
std::string problem_of(const Key& key, const std::string& text) {
  const std::string got = base::quote(text);
  if (key.kind == Kind::Name) {
    const auto checked = check_dns_name(text, static_cast<std::size_t>(key.max));
    return checked.ok() ? "" : checked.error().message();
  }
  if (key.kind == Kind::Choice) {
    if (std::find(key.choices.begin(), key.choices.end(), text) != key.choices.end()) return "";
    return fmt::format("expected {}, got {}", choices_of(key), got);
  }
  if (text.empty() || text.size() > static_cast<std::size_t>(key.max)) {
    return fmt::format("expected a text of 1 to {} bytes, got {}", key.max, got);
  }
  if (key.kind == Kind::Version && !is_version(text)) {
    return fmt::format("expected a version such as \"faq:3\", got {}", got);
  }
  return "";
}

// As problem_of, of one entry of Labels or Variables.
std::string problem_of_entry(const Key& key, std::string_view name, const std::string& text) {
  if (key.kind == Kind::Variables) {
    if (!is_variable_name(name)) {
      return fmt::format("expected a name of letters, digits and '_', got {}", base::quote(name));
    }
    if (!is_variable_value(text)) {
      return fmt::format("expected at most {} bytes of UTF-8, none of them zero",
                         kVariableBytesMax);
    }
    return "";
  }
  if (!is_label_key(name)) {
    return fmt::format(
        "expected the key of a label, such as \"team\" or \"example.com/team\", "
        "got {}",
        base::quote(name));
  }
  if (!is_label_value(text)) {
    return fmt::format(
        "expected at most {} of letters, digits, '.', '_' and '-', between letters "
        "or digits, got {}",
        kLabelMax, base::quote(text));
  }
  return "";
}

std::string expected_seconds(const Key& key) {
  return fmt::format("expected whole seconds such as \"10 s\" or \"5 min\", from {} s to {} s",
                     key.min, key.max);
}

}  // namespace

std::optional<std::int64_t> parse_seconds(std::string_view text) {
  static constexpr config::Option kDuration{.name = "duration", .type = config::Type::Duration};
  const auto value = config::parse_value(kDuration, text);
  if (!value.ok()) return std::nullopt;
  const auto ms = std::get<std::int64_t>(*value);
  return ms % 1000 == 0 ? std::optional(ms / 1000) : std::nullopt;
}

bool is_label_value(std::string_view value) {
  const auto part = [](char c) { return is_alphanumeric(c) || c == '.' || c == '_' || c == '-'; };
  return value.empty() || (value.size() <= kLabelMax && is_alphanumeric(value.front()) &&
                           is_alphanumeric(value.back()) && all_of(value, part));
}

bool is_label_key(std::string_view key) {
  if (const std::size_t slash = key.find('/'); slash != std::string_view::npos) {
    const std::string_view prefix = key.substr(0, slash);
    const auto part = [](char c) { return is_lower(c) || is_digit(c) || c == '.' || c == '-'; };
    const bool good = !prefix.empty() && prefix.size() <= kLabelPrefixMax &&
                      is_alphanumeric(prefix.front()) && is_alphanumeric(prefix.back()) &&
                      all_of(prefix, part) && prefix.find("..") == std::string_view::npos;
    if (!good) return false;
    key.remove_prefix(slash + 1);
  }
  return !key.empty() && is_label_value(key);
}

bool is_variable_name(std::string_view name) {
  const auto part = [](char c) { return is_alphanumeric(c) || c == '_'; };
  return !name.empty() && name.size() <= kVariableNameMax && !is_digit(name.front()) &&
         all_of(name, part);
}

bool is_variable_value(std::string_view value) {
  return value.size() <= kVariableBytesMax && value.find('\0') == std::string_view::npos;
}

Result<Section> Section::open(YamlMap map, std::span<const Key> keys) {
  std::vector<std::string_view> known;
  for (const Key& key : keys) known.push_back(key.name);
  TRY(map.only(known));
  return Section(std::move(map), keys);
}

base::Error Section::error(std::string_view name, std::string_view problem) const {
  return map_.error_at(name, fmt::format("key {}: {}", base::quote(name), problem));
}

Result<std::string> Section::scalar(const Key& key) const {
  if (!map_.has(key.name) && !key.required) return std::string(key.fallback);
  return map_.get_string(key.name);
}

Result<std::string> Section::text(std::string_view name) const {
  const Key& key = key_of(keys_, name);
  TRY_ASSIGN(std::string value, scalar(key));
  if (std::string problem = problem_of(key, value); !problem.empty()) return error(name, problem);
  return value;
}

Result<std::int64_t> Section::integer(std::string_view name) const {
  const Key& key = key_of(keys_, name);
  if (key.kind == Kind::Int && (map_.has(name) || key.required)) {
    return map_.get_int(name, key.min, key.max);
  }
  TRY_ASSIGN(const std::string value, scalar(key));
  const auto number = key.kind == Kind::Int ? base::parse_int(value) : parse_seconds(value);
  if (!number || *number < key.min || *number > key.max) {
    return error(name, fmt::format("{}, got {}", expected_seconds(key), base::quote(value)));
  }
  return *number;
}

Result<Cpu> Section::cpu(std::string_view name) const {
  TRY_ASSIGN(const std::string value, scalar(key_of(keys_, name)));
  const auto cpu = Cpu::parse(value);
  if (!cpu.ok()) return error(name, cpu.error().message());
  return *cpu;
}

Result<Memory> Section::memory(std::string_view name) const {
  TRY_ASSIGN(const std::string value, scalar(key_of(keys_, name)));
  const auto memory = Memory::parse(value);
  if (!memory.ok()) return error(name, memory.error().message());
  return *memory;
}

Result<std::vector<std::int64_t>> Section::ports(std::string_view name) const {
  const Key& key = key_of(keys_, name);
  std::vector<std::int64_t> ports;
  if (!map_.has(name)) return ports;
  TRY_ASSIGN(const auto texts, map_.get_strings(name));
  if (texts.size() > static_cast<std::size_t>(key.max)) {
    return error(name, fmt::format("expected at most {} ports, got {}", key.max, texts.size()));
  }
  for (const std::string& text : texts) {
    const auto port = base::parse_int(text);
    if (!port || *port < 1 || *port > kPortMax) {
      return error(name,
                   fmt::format("expected ports from 1 to {}, got {}", kPortMax, base::quote(text)));
    }
    ports.push_back(*port);
  }
  return ports;
}

Result<YamlMap> Section::entries(const Key& key) const {
  if (!map_.has(key.name) && !key.required) return YamlMap::parse("", "");
  TRY_ASSIGN(YamlMap map, map_.get_map(key.name));
  const auto count = static_cast<std::int64_t>(map.keys().size());
  if (count < key.min || count > key.max) {
    return error(key.name,
                 fmt::format("expected {} to {} entries, got {}", key.min, key.max, count));
  }
  return map;
}

Result<std::map<std::string, std::string>> Section::texts(std::string_view name) const {
  const Key& key = key_of(keys_, name);
  TRY_ASSIGN(const YamlMap map, entries(key));
  std::map<std::string, std::string> texts;
  for (const std::string_view entry : map.keys()) {
    TRY_ASSIGN(std::string text, map.get_string(entry));
    if (const std::string problem = problem_of_entry(key, entry, text); !problem.empty()) {
      return map.error_at(entry, problem);
    }
    texts.emplace(entry, std::move(text));
  }
  return texts;
}

Result<Section> Section::section(std::string_view name) const {
  const Key& key = key_of(keys_, name);
  if (!map_.has(name)) {
    TRY_ASSIGN(YamlMap empty, YamlMap::parse("", ""));
    return Section(std::move(empty), key.inner);
  }
  TRY_ASSIGN(YamlMap map, map_.get_map(name));
  return open(std::move(map), key.inner);
}

Result<std::vector<std::pair<std::string, Section>>> Section::sections(
    std::string_view name) const {
  const Key& key = key_of(keys_, name);
  TRY_ASSIGN(const YamlMap map, entries(key));
  std::vector<std::pair<std::string, Section>> sections;
  for (const std::string_view entry : map.keys()) {
    TRY_ASSIGN(YamlMap inner, map.get_map(entry));
    TRY_ASSIGN(Section section, open(std::move(inner), key.inner));
    sections.emplace_back(entry, std::move(section));
  }
  return sections;
}

}  // namespace deploy
