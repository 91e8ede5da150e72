#include "deploy_kubernetes/plan_change.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "base/text.h"
#include "deploy/quantity.h"
#include "deploy_kubernetes/render.h"

namespace deploy_kubernetes {
namespace {

using base::Code;
using base::Error;
using base::Result;
using nlohmann::json;
using nlohmann::ordered_json;

constexpr int kDepthMax = 64;
using deploy::kHidden;

// By which of its fields an element of a list is known, as the merge keys of the API have it.
constexpr std::array<std::string_view, 6> kMergeKeys = {"name",      "containerPort", "port",
                                                        "mountPath", "topologyKey",   "uid"};

std::string title(const std::string& kind, const std::string& name) {
  return fmt::format("{} {}", kind, name);
}

template <typename Json>
std::string text_at(const Json& object, std::initializer_list<const char*> keys) {
  const Json* at = &object;
  for (const char* key : keys) {
    if (!at->is_object() || !at->contains(key)) return "";
    at = &(*at)[key];
  }
  return at->is_string() ? at->template get<std::string>() : "";
}

std::string below(const std::string& path, const std::string& key) {
  // A key with a dot, such as a label, stands in brackets.
  if (key.find('.') != std::string::npos || key.find('/') != std::string::npos) {
    return fmt::format("{}[{}]", path, key);
  }
  return path.empty() ? key : fmt::format("{}.{}", path, key);
}

std::string shown_key(const ordered_json& key) {
  return key.is_string() ? key.get<std::string>() : key.dump();
}

// The merge key that every element of both lists has; nothing where they are plain values, or
// known by their place only.
std::optional<std::string> merge_key(const ordered_json& a, const ordered_json& b) {
  for (const std::string_view key : kMergeKeys) {
    const auto has = [&](const ordered_json& each) {
      return each.is_object() && each.contains(key) && each[std::string(key)].is_primitive();
    };
    if (!a.empty() && std::all_of(a.begin(), a.end(), has) &&
        std::all_of(b.begin(), b.end(), has)) {
      return std::string(key);
    }
  }
  return std::nullopt;
}

const ordered_json* find_by(const ordered_json& list, const std::string& key,
                            const ordered_json& value) {
  for (const ordered_json& each : list) {
    if (each.is_object() && each.contains(key) && each[key] == value) return &each;
  }
  return nullptr;
}

// An API server writes quantities in its own form: "1000m" is "1".
bool same_quantity(const ordered_json& a, const ordered_json& b) {
  if (!a.is_string() || !b.is_string()) return false;
  const auto& x = a.get_ref<const std::string&>();
  const auto& y = b.get_ref<const std::string&>();
  const auto cpu_x = deploy::Cpu::parse(x);
  const auto cpu_y = deploy::Cpu::parse(y);
  if (cpu_x.ok() && cpu_y.ok()) return *cpu_x == *cpu_y;
  const auto memory_x = deploy::Memory::parse(x);
  const auto memory_y = deploy::Memory::parse(y);
  return memory_x.ok() && memory_y.ok() && *memory_x == *memory_y;
}

bool is_quantity_path(std::string_view path) {
  return path.find(".resources.") != std::string_view::npos || path.ends_with(".sizeLimit");
}

// Compares one object, field by field.
class Comparison {
 public:
  Comparison(std::string object, bool secret, std::vector<Change>& changes)
      : object_(std::move(object)), secret_(secret), changes_(changes) {}

  // What we want and the cluster does not have so.
  void compare(const std::string& path, const ordered_json& live, const ordered_json& desired,
               int depth = 0);
  // What we once set, by managedFields, and do not want any more.
  void find_dropped(const std::string& path, const ordered_json& fields, const ordered_json& live,
                    const ordered_json* desired, int depth = 0);

 private:
  void compare_lists(const std::string& path, const ordered_json& live, const ordered_json& desired,
                     int depth);
  void note(const std::string& path, const ordered_json* before, const ordered_json* after);

  std::string object_;
  bool secret_;
  std::vector<Change>& changes_;
};

void Comparison::note(const std::string& path, const ordered_json* before,
                      const ordered_json* after) {
  const bool hidden = secret_ && (path.starts_with("data") || path.starts_with("stringData"));
  const auto value = [&](const ordered_json* each) -> std::optional<ordered_json> {
    if (each == nullptr) return std::nullopt;
    return hidden ? ordered_json(kHidden) : *each;
  };
  changes_.push_back({Change::Kind::Update, object_, path, value(before), value(after)});
}

void Comparison::compare(const std::string& path, const ordered_json& live,
                         const ordered_json& desired, int depth) {
  if (live == desired || (is_quantity_path(path) && same_quantity(live, desired))) return;
  if (depth < kDepthMax && live.is_object() && desired.is_object()) {
    for (const auto& [key, value] : desired.items()) {
      const std::string inner = below(path, key);
      if (!live.contains(key)) {
        // The server leaves empty values out.
        if (value.is_null() || (value.is_structured() && value.empty())) continue;
        note(inner, nullptr, &value);
      } else {
        compare(inner, live[key], value, depth + 1);
      }
    }
  } else if (depth < kDepthMax && live.is_array() && desired.is_array()) {
    compare_lists(path, live, desired, depth);
  } else {
    note(path, &live, &desired);
  }
}

void Comparison::compare_lists(const std::string& path, const ordered_json& live,
                               const ordered_json& desired, int depth) {
  if (const auto key = merge_key(desired, live)) {
    for (const ordered_json& each : desired) {
      const std::string inner = fmt::format("{}[{}]", path, shown_key(each[*key]));
      if (const ordered_json* there = find_by(live, *key, each[*key])) {
        compare(inner, *there, each, depth + 1);
      } else {
        note(inner, nullptr, &each);
      }
    }
    return;
  }
  if (live.size() != desired.size()) {
    note(path, &live, &desired);
    return;
  }
  for (std::size_t i = 0; i < desired.size(); ++i) {
    compare(fmt::format("{}[{}]", path, i), live[i], desired[i], depth + 1);
  }
}

// fieldsV1: "f:name" is a field, "k:{...}" the element of a list with these merge keys, "v:..." a
// value of a set, "." the element itself.
void Comparison::find_dropped(const std::string& path, const ordered_json& fields,
                              const ordered_json& live, const ordered_json* desired, int depth) {
  if (depth >= kDepthMax || !fields.is_object()) return;
  for (const auto& [name, inner] : fields.items()) {
    if (name.starts_with("f:")) {
      const std::string key = name.substr(2);
      if (!live.is_object() || !live.contains(key)) continue;
      const std::string at = below(path, key);
      const bool wanted = desired != nullptr && desired->is_object() && desired->contains(key);
      if (!wanted && (inner.empty() || inner.contains("."))) {
        note(at, &live[key], nullptr);
      } else {
        find_dropped(at, inner, live[key], wanted ? &(*desired)[key] : nullptr, depth + 1);
      }
    } else if (name.starts_with("k:") && live.is_array()) {
      const ordered_json keys = ordered_json::parse(name.substr(2), nullptr, false);
      if (!keys.is_object() || keys.empty()) continue;
      const std::string key = keys.begin().key();
      const ordered_json* there = find_by(live, key, keys.begin().value());
      if (there == nullptr) continue;
      const ordered_json* wanted = desired != nullptr && desired->is_array()
                                       ? find_by(*desired, key, keys.begin().value())
                                       : nullptr;
      const std::string at = fmt::format("{}[{}]", path, shown_key(keys.begin().value()));
      if (wanted == nullptr) {
        note(at, there, nullptr);
      } else {
        find_dropped(at, inner, *there, wanted, depth + 1);
      }
    }
  }
}

// The fields that we own, from the last apply; nothing where the server did not say.
ordered_json owned_fields(const json& live) {
  if (!live.contains("metadata") || !live["metadata"].is_object()) return {};
  const auto managed = live["metadata"].find("managedFields");
  if (managed == live["metadata"].end() || !managed->is_array()) return {};
  for (const json& each : *managed) {
    if (text_at(each, {"manager"}) == kFieldOwner && text_at(each, {"operation"}) == "Apply" &&
        each.contains("fieldsV1")) {
      return each["fieldsV1"];
    }
  }
  return {};
}

const json* find_live(std::span<const json> live, const Object& object) {
  for (const json& each : live) {
    if (text_at(each, {"kind"}) == object.kind &&
        text_at(each, {"metadata", "name"}) == object.name) {
      return &each;
    }
  }
  return nullptr;
}

Result<void> check_owner(const Object& object, const json& live) {
  const std::string label(kEndpointLabel);
  const std::string ours = text_at(object.json, {"metadata", "labels", label.c_str()});
  const std::string theirs = text_at(live, {"metadata", "labels", label.c_str()});
  if (theirs == ours) return {};
  const std::string whose = theirs.empty() ? "is not of an endpoint"
                                           : fmt::format("is of endpoint {}", base::quote(theirs));
  return Error(Code::Conflict,
               fmt::format("{}: one that {} is there already: rename the endpoint, or remove that",
                           title(object.kind, object.name), whose));
}

}  // namespace

Result<std::vector<Change>> plan_change(std::span<const Object> desired,
                                        std::span<const json> live) {
  std::vector<Change> changes;
  for (const json& each : live) {
    if (text_at(each, {"kind"}).empty() || text_at(each, {"metadata", "name"}).empty()) {
      return Error(Code::Invalid, "live objects: expected \"kind\" and \"metadata.name\"");
    }
  }
  for (const Object& object : desired) {
    const std::string name = title(object.kind, object.name);
    const json* there = find_live(live, object);
    if (there == nullptr) {
      changes.push_back({Change::Kind::Create, name, "", std::nullopt, std::nullopt});
      continue;
    }
    TRY(check_owner(object, *there));
    Comparison comparison(name, object.kind == "Secret", changes);
    const ordered_json before = *there;
    comparison.compare("", before, object.json);
    comparison.find_dropped("", owned_fields(*there), before, &object.json);
  }
  for (const json& each : live) {
    const std::string kind = text_at(each, {"kind"});
    const std::string name = text_at(each, {"metadata", "name"});
    const bool wanted = std::any_of(desired.begin(), desired.end(), [&](const Object& object) {
      return object.kind == kind && object.name == name;
    });
    if (wanted) continue;
    changes.push_back({Change::Kind::Remove, title(kind, name), "", std::nullopt, std::nullopt});
  }
  return changes;
}

}  // namespace deploy_kubernetes
