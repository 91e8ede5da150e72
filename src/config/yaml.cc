#include "config/yaml.h"

#include <utility>

#include <fmt/format.h>

#include "base/number.h"
#include "base/text.h"
#include "config/yaml_tree.h"

namespace config {
namespace {

constexpr std::string_view kTexts = "a list of texts";
constexpr std::string_view kMap = "a map of keys and values";
constexpr std::string_view kMaps = "a list of maps";

std::string_view kind_name(YamlNode::Kind kind) {
  switch (kind) {
    case YamlNode::Kind::Null: return "nothing";
    case YamlNode::Kind::Scalar: return "a single value";
    case YamlNode::Kind::List: return "a list";
    case YamlNode::Kind::Map: return "a map";
  }
  return "nothing";
}

std::string shown(const YamlNode& node) {
  return node.kind == YamlNode::Kind::Scalar ? base::quote(node.text)
                                             : std::string(kind_name(node.kind));
}

}  // namespace

struct YamlMap::Document {
  std::string file;
  YamlNode root;
};

base::Result<YamlMap> YamlMap::parse(std::string_view file, std::string_view text) {
  TRY_ASSIGN(YamlNode root, parse_yaml_tree(file, text));
  auto document = std::make_shared<const Document>(Document{std::string(file), std::move(root)});
  const YamlNode& node = document->root;
  return YamlMap(std::move(document), node);
}

const YamlNode* YamlMap::find(std::string_view key) const {
  for (const YamlNode::Entry& entry : node_->entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

std::vector<std::string_view> YamlMap::keys() const {
  std::vector<std::string_view> keys;
  for (const YamlNode::Entry& entry : node_->entries) keys.push_back(entry.key);
  return keys;
}

base::Error YamlMap::error(int line, int column, std::string_view problem) const {
  return {base::Code::Invalid, fmt::format("{}:{}:{}: {}", document_->file, line, column, problem)};
}

base::Error YamlMap::error_at(std::string_view key, std::string_view problem) const {
  const YamlNode* node = find(key);
  if (node == nullptr) node = node_;
  return error(node->line, node->column, problem);
}

base::Error YamlMap::wrong_kind(std::string_view key, const YamlNode& got,
                                std::string_view expected) const {
  return error(got.line, got.column,
               fmt::format("key {}: expected {}, got {}", base::quote(key), expected, shown(got)));
}

base::Result<void> YamlMap::only(const std::vector<std::string_view>& known) const {
  for (const YamlNode::Entry& entry : node_->entries) {
    bool expected = false;
    for (const std::string_view name : known) expected = expected || name == entry.key;
    if (expected) continue;
    std::string problem = fmt::format("unknown key {}", base::quote(entry.key));
    if (const auto near = base::nearest(entry.key.substr(0, 64), known)) {
      problem += fmt::format("; did you mean {}?", base::quote(*near));
    }
    return error(entry.line, entry.column, problem);
  }
  return {};
}

base::Result<const YamlNode*> YamlMap::scalar(std::string_view key,
                                              std::string_view expected) const {
  const YamlNode* node = find(key);
  if (node == nullptr) {
    return error(node_->line, node_->column,
                 fmt::format("missing key {}: expected {}", base::quote(key), expected));
  }
  if (node->kind != YamlNode::Kind::Scalar) return wrong_kind(key, *node, expected);
  return node;
}

base::Result<std::string> YamlMap::get_string(std::string_view key) const {
  TRY_ASSIGN(const YamlNode* node, scalar(key, "text"));
  return node->text;
}

base::Result<std::int64_t> YamlMap::get_int(std::string_view key, std::int64_t min,
                                            std::int64_t max) const {
  const std::string expected = fmt::format("a whole number from {} to {}", min, max);
  TRY_ASSIGN(const YamlNode* node, scalar(key, expected));
  const auto value = node->quoted ? std::nullopt : base::parse_int(node->text);
  if (!value || *value < min || *value > max) return wrong_kind(key, *node, expected);
  return *value;
}

base::Result<double> YamlMap::get_number(std::string_view key) const {
  TRY_ASSIGN(const YamlNode* node, scalar(key, "a number"));
  const auto value = node->quoted ? std::nullopt : base::parse_double(node->text);
  if (!value) return wrong_kind(key, *node, "a number");
  return *value;
}

base::Result<bool> YamlMap::get_bool(std::string_view key) const {
  TRY_ASSIGN(const YamlNode* node, scalar(key, "true or false"));
  if (!node->quoted && node->text == "true") return true;
  if (!node->quoted && node->text == "false") return false;
  return wrong_kind(key, *node, "true or false");
}

base::Result<std::vector<std::string>> YamlMap::get_strings(std::string_view key) const {
  const YamlNode* node = find(key);
  if (node == nullptr || node->kind != YamlNode::Kind::List) {
    TRY_ASSIGN(const YamlNode* found, scalar(key, kTexts));
    return wrong_kind(key, *found, kTexts);
  }
  std::vector<std::string> texts;
  for (const YamlNode& item : node->items) {
    if (item.kind != YamlNode::Kind::Scalar) return wrong_kind(key, item, "text");
    texts.push_back(item.text);
  }
  return texts;
}

base::Result<YamlMap> YamlMap::get_map(std::string_view key) const {
  const YamlNode* node = find(key);
  if (node == nullptr || node->kind != YamlNode::Kind::Map) {
    TRY_ASSIGN(const YamlNode* found, scalar(key, kMap));
    return wrong_kind(key, *found, kMap);
  }
  return YamlMap(document_, *node);
}

base::Result<std::vector<YamlMap>> YamlMap::get_maps(std::string_view key) const {
  const YamlNode* node = find(key);
  if (node == nullptr || node->kind != YamlNode::Kind::List) {
    TRY_ASSIGN(const YamlNode* found, scalar(key, kMaps));
    return wrong_kind(key, *found, kMaps);
  }
  std::vector<YamlMap> maps;
  for (const YamlNode& item : node->items) {
    if (item.kind != YamlNode::Kind::Map) {
      return wrong_kind(key, item, kMap);
    }
    maps.push_back(YamlMap(document_, item));
  }
  return maps;
}

}  // namespace config
