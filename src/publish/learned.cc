#include "publish/learned.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "base/digest.h"
#include "pickle/numbers.h"
#include "pickle/value.h"

namespace publish {
namespace {

using base::Digest;
using base::Hasher;
using pickle::Kind;
using pickle::Value;

constexpr std::size_t kDepthMax = 64;

base::Bytes bytes_of(const Digest& digest) { return std::as_bytes(std::span(digest.bytes())); }

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

template <typename Number>
void add_number(Hasher& hasher, Number number) {
  hasher.update(std::as_bytes(std::span(&number, 1)));
}

void add_text(Hasher& hasher, std::string_view text) {
  add_number(hasher, static_cast<std::uint64_t>(text.size()));
  hasher.update(text);
}

// What is the same in Python has the same bytes here.
void add_doubles(Hasher& hasher, std::vector<double> numbers) {
  for (double& each : numbers) {
    if (each == 0) each = 0;
    if (std::isnan(each)) each = std::numeric_limits<double>::quiet_NaN();
  }
  hasher.update(std::as_bytes(std::span(numbers)));
}

// Digests of values by what they hold: the same for one that is shared and one that is written
// twice, and whatever the order of a dictionary. Each node is digested once.
class Contents {
 public:
  Digest of(Value value) {
    const auto known = known_.find(value.id());
    if (known != known_.end()) return known->second;
    // One that contains itself is told by the way to it alone.
    if (depth_ == kDepthMax || !open_.insert(value.id()).second) return Digest::of("...");
    ++depth_;
    Hasher hasher;
    add(hasher, value);
    --depth_;
    open_.erase(value.id());
    return known_.emplace(value.id(), hasher.finish()).first->second;
  }

 private:
  void add(Hasher& hasher, Value value) {
    add_number(hasher, value.kind());
    if (const pickle::Array* array = value.array()) return add_array(hasher, *array);
    if (const pickle::Record* record = value.record()) return add_record(hasher, *record);
    if (const auto number = value.as_float()) add_number(hasher, *number);
    if (const auto integer = value.as_int()) add_number(hasher, *integer);
    if (const auto text = value.as_string()) {
      add_text(hasher, *text);
    } else if (const auto bytes = value.as_bytes()) {
      add_text(hasher, base::as_text(*bytes));
    }
    if (value.is(Kind::Global)) {
      add_text(hasher, value.module());
      add_text(hasher, value.name());
    }
    if (const auto complex = value.as_complex()) {
      add_number(hasher, complex->first);
      add_number(hasher, complex->second);
    }
    add_items(hasher, value.items());
    add_entries(hasher, value.entries());
  }

  void add_items(Hasher& hasher, std::span<const Value> items) {
    add_number(hasher, static_cast<std::uint64_t>(items.size()));
    for (const Value each : items) hasher.update(bytes_of(of(each)));
  }

  // Which release wrote it is not what it learned.
  void add_entries(Hasher& hasher, std::span<const pickle::Entry> entries) {
    std::vector<std::pair<Digest, Digest>> pairs;
    for (const pickle::Entry& each : entries) {
      if (each.key.as_string() == "_sklearn_version") continue;
      pairs.emplace_back(of(each.key), of(each.value));
    }
    std::sort(pairs.begin(), pairs.end());
    for (const auto& [key, value] : pairs) {
      hasher.update(bytes_of(key));
      hasher.update(bytes_of(value));
    }
  }

  void add_record(Hasher& hasher, const pickle::Record& record) {
    add_text(hasher, record.module());
    add_text(hasher, record.name());
    add_items(hasher, record.args);
    for (const auto& part : {record.kwargs, record.state}) {
      if (part) hasher.update(bytes_of(of(*part)));
    }
    add_items(hasher, record.items);
    add_entries(hasher, record.entries);
  }

  // Numbers by their values: byte order and layout are the file's. Structures field by field, for
  // between fields there may be anything.
  void add_array(Hasher& hasher, const pickle::Array& array) {
    for (const std::uint64_t extent : array.shape) add_number(hasher, extent);
    if (!array.dtype.fields.empty()) {
      for (const auto& field : array.dtype.fields) {
        add_text(hasher, field.name);
        auto numbers = pickle::field_doubles(array, field.name);
        if (numbers.ok()) add_doubles(hasher, *std::move(numbers));
      }
      return;
    }
    if (auto numbers = pickle::to_doubles(array); numbers.ok()) {
      add_doubles(hasher, *std::move(numbers));
    } else {
      add_items(hasher, array.objects);
      hasher.update(array.data);
    }
  }

  std::map<const pickle::Node*, Digest> known_;
  std::set<const pickle::Node*> open_;
  std::size_t depth_ = 0;
};

// Parts that fitting left, by the way to them.
void collect(const sklearn::Outline& outline, const std::string& path,
             std::map<std::string, const sklearn::Outline*>& parts) {
  const std::string name = outline.name.empty() ? "model" : outline.name;
  const std::string here = path.empty() || path == "model" ? name : path + " / " + name;
  if (outline.learned) parts.emplace(here, &outline);
  for (const sklearn::Outline& part : outline.parts) collect(part, here, parts);
}

// How far numbers of one shape moved; nothing where these are no such.
std::optional<std::string> moved(Value before, Value after) {
  const pickle::Array* const first = before.array();
  const pickle::Array* const second = after.array();
  if (first == nullptr || second == nullptr) return std::nullopt;
  if (!std::equal(first->shape.begin(), first->shape.end(), second->shape.begin(),
                  second->shape.end())) {
    return std::nullopt;
  }
  const auto old_ones = pickle::to_doubles(*first);
  const auto new_ones = pickle::to_doubles(*second);
  if (!old_ones.ok() || !new_ones.ok()) return std::nullopt;
  std::size_t differ = 0;
  double most = 0;
  for (std::size_t i = 0; i < old_ones->size(); ++i) {
    const double a = (*old_ones)[i];
    const double b = (*new_ones)[i];
    if (same(a, b)) continue;
    ++differ;
    if (std::isfinite(a) && std::isfinite(b)) most = std::max(most, std::abs(a - b));
  }
  return fmt::format("{} of {} differ, by {:.3g} at most", differ, old_ones->size(), most);
}

std::span<const Value> members(Value value) {
  return value.array() != nullptr ? value.array()->objects : value.items();
}

// Of estimators those at one place, of a dictionary those under one key.
class Comparison {
 public:
  bool equal(Value before, Value after) { return old_.of(before) == new_.of(after); }

  // How they differ; empty: more cannot be said.
  std::string change(Value before, Value after) {
    if (auto text = moved(before, after)) return *std::move(text);
    if (before.is(Kind::Dict) && after.is(Kind::Dict)) {
      return entries(before.entries(), after.entries());
    }
    const auto first = members(before);
    const auto second = members(after);
    if (first.size() > 1 && first.size() == second.size()) {
      std::size_t differ = 0;
      for (std::size_t i = 0; i < first.size(); ++i) {
        differ += equal(first[i], second[i]) ? 0 : 1;
      }
      return fmt::format("{} of {} are others", differ, first.size());
    }
    return "";
  }

 private:
  std::string entries(std::span<const pickle::Entry> before, std::span<const pickle::Entry> after) {
    std::map<Digest, Digest> old_ones;
    for (const pickle::Entry& each : before)
      old_ones.emplace(old_.of(each.key), old_.of(each.value));
    std::size_t came = 0;
    std::size_t changed = 0;
    for (const pickle::Entry& each : after) {
      const auto at = old_ones.find(new_.of(each.key));
      came += at == old_ones.end() ? 1 : 0;
      changed += at != old_ones.end() && at->second != new_.of(each.value) ? 1 : 0;
    }
    const std::size_t stayed = std::min(after.size() - came, before.size());
    return fmt::format("{} came, {} went, {} have another value", came, before.size() - stayed,
                       changed);
  }

  Contents old_;  // One for each file: the nodes of one may lie where those of the other did.
  Contents new_;
};

// "tree\nTree=0\n...\nTree=1\n...": what stands before the first tree, then each.
std::vector<std::string_view> sections(std::string_view text) {
  constexpr std::string_view kMark = "\nTree=";
  std::vector<std::string_view> found;
  for (std::size_t at = text.find(kMark); at != std::string_view::npos;) {
    const std::size_t next = text.find(kMark, at + kMark.size());
    found.push_back(text.substr(at, next - at));
    at = next;
  }
  // The last one ends before what is said of all.
  if (!found.empty()) found.back() = found.back().substr(0, found.back().find("\nend of trees"));
  return found;
}

}  // namespace

std::vector<Difference::Item> compare_boosters(const std::string& what, std::string_view before,
                                               std::string_view after) {
  const auto first = sections(before);
  const auto second = sections(after);
  const std::size_t common = std::min(first.size(), second.size());
  std::size_t differ = 0;
  for (std::size_t i = 0; i < common; ++i) differ += first[i] == second[i] ? 0 : 1;
  if (differ == 0 && first.size() == second.size()) return {};
  return {{what, fmt::format("{} trees", first.size()),
           fmt::format("{} trees; {} of {} are others", second.size(), differ, common)}};
}

std::vector<Difference::Item> compare_learned(const sklearn::Outline& before,
                                              const sklearn::Outline& after) {
  std::map<std::string, const sklearn::Outline*> old_parts;
  std::map<std::string, const sklearn::Outline*> new_parts;
  collect(before, "", old_parts);
  collect(after, "", new_parts);
  Comparison comparison;
  std::vector<Difference::Item> items;
  for (const auto& [what, part] : old_parts) {
    const auto at = new_parts.find(what);
    if (at == new_parts.end()) {
      items.push_back({what, part->title, ""});
      continue;
    }
    const sklearn::Outline& other = *at->second;
    const auto first = sklearn::booster_text(*part->learned);
    const auto second = sklearn::booster_text(*other.learned);
    if (first && second) {
      const auto boosters = compare_boosters(what, *first, *second);
      items.insert(items.end(), boosters.begin(), boosters.end());
    } else if (!comparison.equal(*part->learned, *other.learned)) {
      std::string change = comparison.change(*part->learned, *other.learned);
      if (change.empty() && part->title == other.title) change = "others";
      items.push_back({what, part->title, other.title + (change.empty() ? "" : "; " + change)});
    }
  }
  for (const auto& [what, part] : new_parts) {
    if (!old_parts.contains(what)) items.push_back({what, "", part->title});
  }
  return items;
}

}  // namespace publish
