#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace config {

// A YAML document as an inert tree: maps with text keys, lists, scalars as written. One
// document, at most 256 KiB, 32 levels and 20,000 nodes; anchors, aliases, merge keys, tags and
// repeated keys are refused, so a small text cannot unfold into a large one.
struct YamlNode {
  enum class Kind : unsigned char { Null, Scalar, List, Map };
  struct Entry;

  Kind kind = Kind::Null;
  bool quoted = false;  // A quoted scalar is text, whatever it looks like.
  int line = 1;
  int column = 1;
  std::string text;
  std::vector<YamlNode> items;
  std::vector<Entry> entries;
};

struct YamlNode::Entry {
  std::string key;
  int line = 1;
  int column = 1;
  YamlNode value;
};

// One map of a document, read by key. Every error says file, line and column, and what was
// expected. Copies are cheap and keep the document alive.
class YamlMap {
 public:
  // `file` stands in messages only. An empty document is an empty map.
  static base::Result<YamlMap> parse(std::string_view file, std::string_view text);

  bool has(std::string_view key) const { return find(key) != nullptr; }
  std::vector<std::string_view> keys() const;

  // Refuses every key that is not among `known`.
  base::Result<void> only(const std::vector<std::string_view>& known) const;

  // The value of a key that must be there.
  base::Result<std::string> get_string(std::string_view key) const;
  base::Result<std::int64_t> get_int(std::string_view key, std::int64_t min,
                                     std::int64_t max) const;
  base::Result<double> get_number(std::string_view key) const;
  base::Result<bool> get_bool(std::string_view key) const;
  base::Result<std::vector<std::string>> get_strings(std::string_view key) const;
  base::Result<YamlMap> get_map(std::string_view key) const;
  base::Result<std::vector<YamlMap>> get_maps(std::string_view key) const;

  // What is wrong with the value of `key` (with the map where the key is absent), at its
  // position.
  base::Error error_at(std::string_view key, std::string_view problem) const;

  const YamlNode* find(std::string_view key) const;

 private:
  struct Document;
  YamlMap(std::shared_ptr<const Document> document, const YamlNode& node)
      : document_(std::move(document)), node_(&node) {}

  base::Error error(int line, int column, std::string_view problem) const;
  base::Error wrong_kind(std::string_view key, const YamlNode& got,
                         std::string_view expected) const;
  base::Result<const YamlNode*> scalar(std::string_view key, std::string_view expected) const;

  std::shared_ptr<const Document> document_;
  const YamlNode* node_;
};

}  // namespace config
