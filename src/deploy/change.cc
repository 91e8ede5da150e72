#include "deploy/change.h"

#include <fmt/format.h>

#include "base/text.h"

namespace deploy {
namespace {

using nlohmann::ordered_json;

// Of a value in a text; the JSON has all of it.
constexpr std::size_t kShownMax = 120;
constexpr int kDepthMax = 64;

std::string shown(const std::optional<ordered_json>& value) {
  if (!value) return "(none)";
  std::string text = value->is_string() && value->get_ref<const std::string&>() != kHidden
                         ? base::quote(value->get_ref<const std::string&>())
                     : value->is_string() ? value->get<std::string>()
                                          : value->dump(-1, ' ', true);
  if (text.size() > kShownMax) text.replace(kShownMax, std::string::npos, "...");
  return text;
}

std::string_view name_of(Change::Kind kind) {
  switch (kind) {
    case Change::Kind::Create: return "create";
    case Change::Kind::Update: return "update";
    case Change::Kind::Remove: return "remove";
  }
  return "";
}

std::string below(const std::string& path, const std::string& key) {
  // A key with a dot, such as a label, stands in brackets.
  if (key.find('.') != std::string::npos || key.find('/') != std::string::npos) {
    return fmt::format("{}[{}]", path, key);
  }
  return path.empty() ? key : fmt::format("{}.{}", path, key);
}

// NOLINTNEXTLINE(misc-no-recursion): bounded by kDepthMax.
void compare(const Change& at, const ordered_json& before, const ordered_json& after, int depth,
             std::vector<Change>& changes) {
  if (before == after) return;
  if (depth >= kDepthMax || !before.is_object() || !after.is_object()) {
    changes.push_back({Change::Kind::Update, at.object, at.path, before, after});
    return;
  }
  for (const auto& [key, value] : after.items()) {
    const Change inner{Change::Kind::Update, at.object, below(at.path, key), {}, value};
    if (!before.contains(key)) {
      changes.push_back(inner);
    } else {
      compare(inner, before[key], value, depth + 1, changes);
    }
  }
  for (const auto& [key, value] : before.items()) {
    if (after.contains(key)) continue;
    changes.push_back({Change::Kind::Update, at.object, below(at.path, key), value, {}});
  }
}

}  // namespace

std::vector<Change> compare_fields(const std::string& object,
                                   const std::optional<ordered_json>& before,
                                   const ordered_json& after) {
  if (!before) return {{Change::Kind::Create, object, "", {}, {}}};
  std::vector<Change> changes;
  compare({Change::Kind::Update, object, "", {}, {}}, *before, after, 0, changes);
  return changes;
}

std::string to_text(std::span<const Change> changes) {
  if (changes.empty()) return "no change\n";
  std::string out;
  std::string_view object;
  for (const Change& change : changes) {
    if (change.object != object) {
      const char sign = change.kind == Change::Kind::Create   ? '+'
                        : change.kind == Change::Kind::Remove ? '-'
                                                              : '~';
      out += fmt::format("{} {}\n", sign, change.object);
      object = change.object;
    }
    if (change.kind != Change::Kind::Update) continue;
    out +=
        fmt::format("    {}: {} -> {}\n", change.path, shown(change.before), shown(change.after));
  }
  return out;
}

ordered_json to_json(std::span<const Change> changes) {
  ordered_json list = ordered_json::array();
  for (const Change& change : changes) {
    ordered_json each = {{"change", name_of(change.kind)}, {"object", change.object}};
    if (change.kind == Change::Kind::Update) {
      each["path"] = change.path;
      if (change.before) each["before"] = *change.before;
      if (change.after) each["after"] = *change.after;
    }
    list.push_back(std::move(each));
  }
  return list;
}

}  // namespace deploy
