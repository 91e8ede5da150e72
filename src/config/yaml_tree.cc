#include "config/yaml_tree.h"

#include <algorithm>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include "base/text.h"

namespace config {
namespace {

constexpr std::size_t kTextMax = 256 << 10;
constexpr std::size_t kDepthMax = 32;
constexpr std::size_t kNodesMax = 20'000;

base::Error error_at(std::string_view file, int line, int column, std::string_view problem) {
  return {base::Code::Invalid, fmt::format("{}:{}:{}: {}", file, line, column, problem)};
}

// Thrown by the handler to leave yaml-cpp's parser; caught in this file.
struct Refused {
  YAML::Mark mark;
  std::string problem;
};

// Builds the tree from yaml-cpp's events. yaml-cpp's own nodes would resolve aliases and hide
// positions of keys.
class TreeBuilder final : public YAML::EventHandler {
 public:
  YamlNode take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    put(node(mark, YamlNode::Kind::Null, "", anchor));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw Refused{mark, "aliases are not accepted: write the value out"};
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    YamlNode scalar = node(mark, YamlNode::Kind::Scalar, tag, anchor);
    scalar.quoted = tag == "!";
    // The reader beneath makes a lone byte of some escapes, such as "\N".
    if (base::find_invalid_utf8(value)) {
      throw Refused{mark, "expected escapes that stand for UTF-8; write the character itself"};
    }
    scalar.text = value;
    put(std::move(scalar));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, node(mark, YamlNode::Kind::List, tag, anchor));
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, node(mark, YamlNode::Kind::Map, tag, anchor));
  }
  void OnMapEnd() override { close(); }

 private:
  // A list or map whose end has not come; of a map, the key whose value comes next.
  struct Open {
    YamlNode node;
    std::optional<YamlNode> key;
  };

  YamlNode node(const YAML::Mark& mark, YamlNode::Kind kind, const std::string& tag,
                YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) {
      throw Refused{mark, "anchors are not accepted: write the value out"};
    }
    // "?" is a plain node, "!" a quoted scalar.
    if (!tag.empty() && tag != "?" && tag != "!") {
      throw Refused{mark, fmt::format("tags are not accepted: got {}", base::quote(tag))};
    }
    if (++nodes_ > kNodesMax) {
      throw Refused{mark, fmt::format("expected at most {} values", kNodesMax)};
    }
    YamlNode made;
    made.kind = kind;
    made.line = mark.line + 1;
    made.column = mark.column + 1;
    return made;
  }

  void open(const YAML::Mark& mark, YamlNode made) {
    if (open_.size() == kDepthMax) {
      throw Refused{mark, fmt::format("expected at most {} levels", kDepthMax)};
    }
    open_.push_back({std::move(made), std::nullopt});
  }

  void close() {
    YamlNode done = std::move(open_.back().node);
    open_.pop_back();
    put(std::move(done));
  }

  void put(YamlNode value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == YamlNode::Kind::List) {
      parent.node.items.push_back(std::move(value));
    } else if (!parent.key) {
      check_key(parent.node, value);
      parent.key = std::move(value);
    } else {
      // yaml-cpp puts an absent value where the next token stands; a person looks at the key.
      if (value.kind == YamlNode::Kind::Null) {
        value.line = parent.key->line;
        value.column = parent.key->column;
      }
      parent.node.entries.push_back(
          {std::move(parent.key->text), parent.key->line, parent.key->column, std::move(value)});
      parent.key.reset();
    }
  }

  static void check_key(const YamlNode& map, const YamlNode& key) {
    const YAML::Mark mark = [&] {
      YAML::Mark at;
      at.line = key.line - 1;
      at.column = key.column - 1;
      return at;
    }();
    if (key.kind != YamlNode::Kind::Scalar) throw Refused{mark, "expected a word as key"};
    if (key.text == "<<") throw Refused{mark, "merge keys are not accepted"};
    const auto same = [&](const YamlNode::Entry& entry) { return entry.key == key.text; };
    if (std::any_of(map.entries.begin(), map.entries.end(), same)) {
      throw Refused{mark, fmt::format("repeated key {}", base::quote(key.text))};
    }
  }

  YamlNode root_;
  std::vector<Open> open_;
  std::size_t nodes_ = 0;
};

base::Result<void> check_text(std::string_view file, std::string_view text) {
  if (text.size() > kTextMax) {
    return base::Error(base::Code::Invalid,
                       fmt::format("{}: expected at most {}, got {}", file,
                                   base::human_bytes(kTextMax), base::human_bytes(text.size())));
  }
  const auto line_at = [&](std::size_t at) {
    return static_cast<int>(
               std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n')) +
           1;
  };
  if (const auto bad = base::find_invalid_utf8(text)) {
    return error_at(file, line_at(*bad), 1, "expected UTF-8");
  }
  const auto control = [](char c) {
    return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t';
  };
  if (const auto* bad = std::find_if(text.begin(), text.end(), control); bad != text.end()) {
    const auto at = static_cast<std::size_t>(bad - text.begin());
    return error_at(file, line_at(at), 1, "expected text without control characters");
  }
  return {};
}

}  // namespace

base::Result<YamlNode> parse_yaml_tree(std::string_view file, std::string_view text) {
  TRY(check_text(file, text));
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    TreeBuilder builder;
    parser.HandleNextDocument(builder);
    YamlNode root = builder.take_root();
    TreeBuilder rest;
    if (parser.HandleNextDocument(rest)) {
      return base::Error(base::Code::Invalid, fmt::format("{}: expected one document", file));
    }
    if (root.kind != YamlNode::Kind::Map && root.kind != YamlNode::Kind::Null) {
      return error_at(file, root.line, root.column, "expected a map of keys and values");
    }
    return root;
  } catch (const Refused& refused) {
    return error_at(file, refused.mark.line + 1, refused.mark.column + 1, refused.problem);
  } catch (const YAML::Exception& error) {
    return error_at(file, error.mark.line + 1, error.mark.column + 1, error.msg);
  } catch (const std::exception& error) {
    return base::Error(base::Code::Invalid, fmt::format("{}: {}", file, error.what()));
  }
}

}  // namespace config
