#include "config/settings.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace config {
namespace {

std::string_view placeholder(Type type) {
  switch (type) {
    case Type::Bool: return "true|false";
    case Type::Int:
    case Type::Number: return "N";
    case Type::Text: return "TEXT";
    case Type::Texts: return "TEXT,...";
    case Type::Bytes: return "SIZE";
    case Type::Duration: return "TIME";
  }
  return "TEXT";
}

}  // namespace

Settings::Settings(std::span<const Option> options) : options_(options) {
  for (const Option& option : options_) {
    auto value = parse_value(option, option.fallback);
    if (!value.ok()) std::terminate();
    values_.push_back(*std::move(value));
  }
}

base::Result<void> Settings::read(const YamlMap& section) {
  std::vector<std::string_view> names;
  for (const Option& option : options_) names.push_back(option.name);
  TRY(section.only(names));
  for (std::size_t i = 0; i < options_.size(); ++i) {
    const YamlNode* node = section.find(options_[i].name);
    if (node == nullptr) continue;
    auto value = read_one(options_[i], *node);
    if (!value.ok()) {
      return section.error_at(options_[i].name, fmt::format("key \"{}\": {}", options_[i].name,
                                                            value.error().message()));
    }
    values_[i] = *std::move(value);
  }
  return {};
}

base::Result<Value> Settings::read_one(const Option& option, const YamlNode& node) const {
  if (node.kind == YamlNode::Kind::Scalar) {
    const bool textual = option.type == Type::Text || option.type == Type::Texts;
    if (textual || !node.quoted) return parse_value(option, node.text);
    return base::Error(
        base::Code::Invalid,
        fmt::format("expected {}, got text {}", expectation(option), base::quote(node.text)));
  }
  std::vector<std::string> texts;
  for (const YamlNode& item : node.items) {
    if (item.kind == YamlNode::Kind::Scalar) texts.push_back(item.text);
  }
  if (node.kind == YamlNode::Kind::List && texts.size() == node.items.size()) {
    return parse_value(option, texts);
  }
  const std::string_view got = node.kind == YamlNode::Kind::Null  ? "nothing"
                               : node.kind == YamlNode::Kind::Map ? "a map"
                                                                  : "a list of other values";
  return base::Error(base::Code::Invalid,
                     fmt::format("expected {}, got {}", expectation(option), got));
}

base::Result<void> Settings::set(std::string_view flag, std::string_view text) {
  std::vector<std::string> flags;
  for (std::size_t i = 0; i < options_.size(); ++i) {
    flags.push_back(flag_name(options_[i]));
    if (flags.back() != flag) continue;
    auto value = parse_value(options_[i], text);
    if (!value.ok()) return std::move(value).error().within(flag);
    values_[i] = *std::move(value);
    return {};
  }
  std::string problem = fmt::format("unknown flag {}", base::quote(flag));
  const std::vector<std::string_view> known(flags.begin(), flags.end());
  if (const auto near = base::nearest(flag.substr(0, 64), known)) {
    problem += fmt::format("; did you mean {}?", base::quote(*near));
  }
  return base::Error(base::Code::Invalid, std::move(problem));
}

const Value& Settings::value(std::string_view name, Type type) const {
  for (std::size_t i = 0; i < options_.size(); ++i) {
    if (options_[i].name == name && options_[i].type == type) return values_[i];
  }
  std::terminate();
}

bool Settings::boolean(std::string_view name) const {
  return *std::get_if<bool>(&value(name, Type::Bool));
}
std::int64_t Settings::integer(std::string_view name) const {
  return *std::get_if<std::int64_t>(&value(name, Type::Int));
}
double Settings::number(std::string_view name) const {
  return *std::get_if<double>(&value(name, Type::Number));
}
const std::string& Settings::text(std::string_view name) const {
  return *std::get_if<std::string>(&value(name, Type::Text));
}
const std::vector<std::string>& Settings::texts(std::string_view name) const {
  return *std::get_if<std::vector<std::string>>(&value(name, Type::Texts));
}
std::uint64_t Settings::bytes(std::string_view name) const {
  return static_cast<std::uint64_t>(*std::get_if<std::int64_t>(&value(name, Type::Bytes)));
}
std::chrono::milliseconds Settings::duration(std::string_view name) const {
  return std::chrono::milliseconds(*std::get_if<std::int64_t>(&value(name, Type::Duration)));
}

std::string help(std::span<const Option> options) {
  std::string text;
  for (const Option& option : options) {
    text += fmt::format("  {} {}\n      {}", flag_name(option), placeholder(option.type),
                        option.sentence);
    std::string notes;
    if (option.max != kNoBound || option.min != 0) notes = expectation(option);
    if (!option.unit.empty())
      notes += fmt::format("{}in {}", notes.empty() ? "" : ", ", option.unit);
    const std::string fallback = option.fallback.empty() ? "none" : std::string(option.fallback);
    text += fmt::format(" ({}{}default {})\n", notes, notes.empty() ? "" : "; ", fallback);
  }
  return text;
}

}  // namespace config
