#include "sklearn/outline.h"

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <string_view>

#include <fmt/format.h>

#include "base/text.h"
#include "pickle/numbers.h"
#include "pickle/sparse.h"
#include "pickle/walk.h"
#include "sklearn_values/words.h"

namespace sklearn {
namespace {

using pickle::Kind;
using pickle::Value;

constexpr std::size_t kOutlineDepthMax = 16;
constexpr std::size_t kPartsMax = 1000;
constexpr std::size_t kItemsMax = 40;      // Of one list of estimators.
constexpr std::size_t kShortMax = 40;      // Bytes of a parameter that is shown.
constexpr std::size_t kShownElements = 8;  // Of a small array.
constexpr std::size_t kWalkedItems = 10'000;

// 20312 -> "20,312".
std::string grouped(std::uint64_t count) {
  std::string digits = std::to_string(count);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string dtype_name(const pickle::DType& dtype) {
  const unsigned bits = dtype.size * 8;
  switch (dtype.kind) {
    case 'b': return "bool";
    case 'i': return fmt::format("int{}", bits);
    case 'u': return fmt::format("uint{}", bits);
    case 'f': return fmt::format("float{}", bits);
    case 'c': return fmt::format("complex{}", bits);
    case 'O': return "object";
    case 'U': return "str";
    case 'S': return "bytes";
    case 'M': return "datetime64";
    case 'm': return "timedelta64";
    default: return "struct";
  }
}

// The elements of a short list of names or whole numbers, else nothing.
std::string shown_elements(Value value, const pickle::Array& array) {
  if (array.shape.size() != 1 || array.elements() == 0 || array.elements() > kShownElements) {
    return "";
  }
  std::vector<std::string> shown;
  if (auto texts = texts_of(value); texts.ok()) {
    for (const std::string& text : *texts) shown.push_back(base::quote(text));
  } else if (auto integers = pickle::to_int64s(array); integers.ok()) {
    for (const std::int64_t integer : *integers) shown.push_back(std::to_string(integer));
  }
  return shown.empty() ? "" : fmt::format(" {}", fmt::join(shown, ", "));
}

std::string array_text(Value value, const pickle::Array& array) {
  return fmt::format("{}[{}]{}", dtype_name(array.dtype), fmt::join(array.shape, ", "),
                     shown_elements(value, array));
}

std::optional<std::string_view> line_after(std::string_view text, std::string_view key) {
  const std::size_t at = text.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  text.remove_prefix(at + key.size());
  return text.substr(0, std::min(text.find_first_of("\r\n"), std::size_t{40}));
}

std::size_t count_of(std::string_view text, std::string_view word) {
  std::size_t count = 0;
  for (std::size_t at = text.find(word); at != std::string_view::npos;
       at = text.find(word, at + word.size())) {
    ++count;
  }
  return count;
}

bool is_tree(const pickle::Record& record) { return record.name() == "Tree"; }

std::uint64_t tree_nodes(Value tree) {
  const auto count = tree.find("node_count");
  const std::int64_t nodes = count ? count->as_int().value_or(0) : 0;
  return nodes > 0 ? static_cast<std::uint64_t>(nodes) : 0;
}

std::string record_text(Value value, const pickle::Record& record) {
  if (is_tree(record)) return fmt::format("tree of {} nodes", grouped(tree_nodes(value)));
  if (pickle::is_sparse(value)) {
    const auto matrix = pickle::as_csr(value);
    if (matrix.ok()) {
      return fmt::format("sparse {}[{}, {}], {} stored", record.name(), matrix->rows,
                         matrix->columns, grouped(matrix->data.size()));
    }
  }
  if (const auto text = booster_text(value)) {
    return fmt::format("{}.{}, {} trees, {} of text", record.module(), record.name(),
                       grouped(count_of(*text, "\nTree=")), base::human_bytes(text->size()));
  }
  return fmt::format("{}.{}", record.module(), record.name());
}

std::string value_text(Value value) {
  if (const pickle::Array* array = value.array(); array != nullptr && !array->shape.empty()) {
    return array_text(value, *array);
  }
  if (const pickle::Record* record = value.record()) return record_text(value, *record);
  if (value.is(Kind::Dict)) return fmt::format("dict of {}", grouped(value.entries().size()));
  if (value.is(Kind::List) || value.is(Kind::Tuple) || value.is(Kind::Set)) {
    return fmt::format("{} of {}", pickle::kind_name(value.kind()), grouped(value.items().size()));
  }
  return describe(value);
}

// A short tuple or list in full, as ngram_range=(1, 2) reads best.
std::string parameter_text(Value value) {
  const bool tuple = value.is(Kind::Tuple);
  if ((!tuple && !value.is(Kind::List)) || value.items().size() > kShownElements) {
    return value_text(value);
  }
  std::vector<std::string> items;
  for (const Value item : value.items()) items.push_back(value_text(item));
  return fmt::format("{}{}{}", tuple ? "(" : "[", fmt::join(items, ", "), tuple ? ")" : "]");
}

bool is_fitted_name(std::string_view name) { return name.ends_with('_') && !name.starts_with('_'); }

// An instance with attributes of its own that is worth a branch of the tree.
bool is_branch(Value value) {
  const pickle::Record* record = value.record();
  if (record == nullptr || record->name().empty() || is_tree(*record)) return false;
  if (booster_text(value) || pickle::is_sparse(value)) return false;
  for (const std::string_view package : {"numpy", "scipy", "pandas", "builtins", "collections"}) {
    const std::string_view module = record->module();
    if (module == package || module.starts_with(std::string(package) + ".")) return false;
  }
  const auto state = record->state;
  return state && (state->is(Kind::Dict) || state->is(Kind::Tuple));
}

// The attributes: of (dict, slots) the dictionary.
std::span<const pickle::Entry> attributes_of(Value value) {
  const auto state = value.record()->state;
  if (!state) return {};
  if (state->is(Kind::Dict)) return state->entries();
  for (const Value item : state->items()) {
    if (item.is(Kind::Dict)) return item.entries();
  }
  return {};
}

class Outliner {
 public:
  Outline branch(std::string name, Value value) {
    Outline outline{std::move(name), value_text(value), {}, {}};
    if (const auto object = Object::of(value, {}); object.ok()) outline.title = object->title();
    const bool contained =
        std::any_of(path_.begin(), path_.end(), [&](Value above) { return above.same(value); });
    if (contained || path_.size() == kOutlineDepthMax) {
      outline.title += contained ? " (that contains this)" : " ...";
      return outline;
    }
    path_.push_back(value);
    for (const pickle::Entry& entry : attributes_of(value)) {
      if (const auto key = entry.key.as_string()) attribute(outline, value, *key, entry.value);
    }
    path_.pop_back();
    return outline;
  }

 private:
  // Whether one more part may be shown; asked before it is made, so that parts are counted from
  // the outside inwards. Says once that there are more.
  bool has_room(Outline& outline) {
    if (count_ > kPartsMax) return false;
    if (++count_ <= kPartsMax) return true;
    outline.parts.push_back({"...", "and more", {}, {}});
    return false;
  }

  void attribute(Outline& outline, Value owner, std::string_view name, Value value) {
    if (name == "_sklearn_version" || value.is_none()) return;
    const bool fitted = is_fitted_name(name);
    // What was given to the constructor and fitted under the same name with an underscore.
    const bool superseded = !fitted && owner.find(std::string(name) + "_");
    if (!superseded && nested(outline, name, value)) return;
    if (fitted || booster_text(value)) {
      if (has_room(outline)) {
        outline.parts.push_back({std::string(name), value_text(value), {}, {}, value});
      }
      return;
    }
    if (name.starts_with('_') || superseded) return;
    std::string text = parameter_text(value);
    if (text.size() <= kShortMax) outline.parameters.emplace_back(name, std::move(text));
  }

  // An estimator, a list of them, or a list of (name, estimator) and (name, estimator, columns).
  bool nested(Outline& outline, std::string_view name, Value value) {
    if (is_branch(value)) {
      if (has_room(outline)) outline.parts.push_back(branch(std::string(name), value));
      return true;
    }
    const pickle::Array* array = value.array();
    const auto items = array != nullptr ? array->objects : value.items();
    if (items.empty()) return false;
    if (is_branch(items.front())) {
      group(outline, name, value, items);
      return true;
    }
    const auto is_named = [](Value item) {
      return item.items().size() >= 2 && item.items()[0].as_string().has_value();
    };
    if (!std::all_of(items.begin(), items.end(), is_named)) return false;
    for (std::size_t i = 0; i < items.size() && i < kItemsMax; ++i) {
      named(outline, fmt::format("{}[{}]", name, i), items[i].items());
    }
    if (items.size() > kItemsMax && has_room(outline)) {
      outline.parts.push_back(
          {std::string(name), fmt::format("{} in all", grouped(items.size())), {}, {}});
    }
    return true;
  }

  void named(Outline& outline, const std::string& position, std::span<const Value> item) {
    if (!has_room(outline)) return;
    const std::string name = fmt::format("{} {}", position, base::quote(*item[0].as_string()));
    Outline part =
        is_branch(item[1]) ? branch(name, item[1]) : Outline{name, value_text(item[1]), {}, {}};
    if (item.size() > 2) part.parameters.emplace_back("columns", parameter_text(item[2]));
    outline.parts.push_back(std::move(part));
  }

  // Estimators of one class as one line; a single one as itself.
  void group(Outline& outline, std::string_view name, Value all, std::span<const Value> items) {
    if (!has_room(outline)) return;
    if (items.size() == 1) {
      outline.parts.push_back(branch(fmt::format("{}[0]", name), items.front()));
      return;
    }
    std::uint64_t nodes = 0;
    std::set<std::string> classes;
    for (const Value item : items) {
      const auto object = Object::of(item, {});
      if (object.ok() && classes.size() < kShownElements) classes.insert(object->title());
      const auto tree = item.find("tree_");
      if (tree) nodes += tree_nodes(*tree);
    }
    std::string title = fmt::format("{} x {}", grouped(items.size()), fmt::join(classes, ", "));
    if (nodes > 0) title += fmt::format(", {} nodes", grouped(nodes));
    outline.parts.push_back({std::string(name), std::move(title), {}, {}, all});
  }

  std::vector<Value> path_;
  std::size_t count_ = 0;
};

void append_text(const Outline& outline, std::size_t depth, std::string& out) {
  out.append(2 * depth, ' ');
  if (!outline.name.empty()) out += base::printable(outline.name) + ": ";
  out += base::printable(outline.title);
  if (!outline.parameters.empty()) {
    std::vector<std::string> pairs;
    for (const auto& [name, value] : outline.parameters) {
      pairs.push_back(base::printable(fmt::format("{}={}", name, value)));
    }
    out += fmt::format("({})", fmt::join(pairs, ", "));
  }
  out += '\n';
  for (const Outline& part : outline.parts) append_text(part, depth + 1, out);
}

}  // namespace

std::optional<std::string_view> booster_text(Value value) {
  // It has it under one of these names.
  for (const auto attribute : {"_handle", "handle", "model_str"}) {
    const auto found = value.find(attribute);
    if (found && found->as_string()) return found->as_string();
  }
  return std::nullopt;
}

Outline make_outline(Value root) {
  if (is_branch(root)) return Outliner().branch("", root);
  return {"", value_text(root), {}, {}};
}

std::string outline_text(const Outline& outline) {
  std::string out;
  append_text(outline, 0, out);
  return out;
}

Origin find_origin(Value root) {
  std::set<std::string> versions;
  std::set<std::string> packages;
  pickle::walk(root, [&](Value value) {
    // Vocabularies and the like name no classes.
    if (value.items().size() > kWalkedItems || value.entries().size() > kWalkedItems) return false;
    const pickle::Record* record = value.record();
    if (record == nullptr) return true;
    const std::string_view package = record->module().substr(0, record->module().find('.'));
    const bool python = package.empty() || package == "builtins" || package == "copyreg";
    if (!python && packages.size() < kItemsMax) packages.emplace(package);
    if (const auto version = value.find("_sklearn_version"); version && version->as_string()) {
      versions.insert(fmt::format("scikit-learn {}", *version->as_string()));
    }
    const auto text = booster_text(value);
    if (const auto version = text ? line_after(*text, "\nversion=") : std::nullopt) {
      versions.insert(fmt::format("LightGBM text version {}", *version));
    }
    return true;
  });
  return {{versions.begin(), versions.end()}, {packages.begin(), packages.end()}};
}

}  // namespace sklearn
