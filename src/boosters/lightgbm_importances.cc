#include "boosters/lightgbm_importances.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/number.h"

// The text of a model has for each tree the lines "Tree=0", "split_feature=0 3 3" and
// "split_gain=50 47.3 5.8", numbers apart by a blank; before the first, "num_tree_per_iteration=1"
// and "max_feature_idx=7".
namespace boosters {
namespace {

using fitted::Object;

// Calls `use` with each word.
template <typename Use>
void for_each_word(std::string_view text, Use use) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) use(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

std::uint64_t whole_number(std::string_view text) {
  std::uint64_t number = std::numeric_limits<std::uint64_t>::max();
  const auto end = text.data() + text.size();
  const auto [stopped, problem] = std::from_chars(text.data(), end, number);
  return problem == std::errc() && stopped == end ? number
                                                  : std::numeric_limits<std::uint64_t>::max();
}

// Adds what the splits of one tree say; false where they say nothing that can be read.
class SplitImportances {
 public:
  SplitImportances(std::size_t features, bool gains) : sums_(features), gains_(gains) {}

  void start(std::string_view features) { features_ = features; }
  // LightGBM counts the splits whose gain is above 0, and keeps gains in single precision.
  bool add(std::string_view gains) {
    bool right = true;
    for_each_word(gains, [&](std::string_view word) {
      const std::size_t end = std::min(features_.find(' '), features_.size());
      const std::uint64_t feature = whole_number(features_.substr(0, end));
      features_.remove_prefix(std::min(end + 1, features_.size()));
      const auto gain = base::parse_double(word);
      right = right && gain && feature < sums_.size();
      if (!right || !(*gain > 0)) return;
      sums_[feature] += gains_ ? static_cast<double>(static_cast<float>(*gain)) : 1.0;
    });
    return right;
  }
  std::vector<double>& sums() { return sums_; }

 private:
  std::vector<double> sums_;
  std::string_view features_;
  bool gains_;
};

base::Result<std::string_view> text_of_booster(const Object& booster) {
  for (const char* attribute : {"_handle", "handle"}) {
    const auto value = booster.find(attribute);
    if (value && value->as_string()) return *value->as_string();
  }
  return booster.unexpected("_handle", "the model as text", "none");
}

// What the head of the text says of a number.
std::uint64_t head_number(std::string_view text, std::string_view key) {
  const std::size_t at = text.find(fmt::format("\n{}=", key));
  if (at == text.npos) return std::numeric_limits<std::uint64_t>::max();
  text.remove_prefix(at + key.size() + 2);
  return whole_number(text.substr(0, text.find('\n')));
}

}  // namespace

base::Result<std::vector<double>> lightgbm_importances(const Object& wrapper) {
  TRY_ASSIGN(const pickle::Value value, wrapper.get("_Booster"));
  TRY_ASSIGN(const Object booster, Object::of(value, wrapper.release()));
  TRY_ASSIGN(std::string_view text, text_of_booster(booster));
  TRY_ASSIGN(const std::string type, wrapper.text_or("importance_type", "split"));
  if (type != "split" && type != "gain") {
    return wrapper.unsupported("importance_type", "split or gain", type);
  }
  const std::uint64_t last = head_number(text, "max_feature_idx");
  const std::uint64_t each = head_number(text, "num_tree_per_iteration");
  // As many features as have a name, which the text holds one by one.
  if (last >= text.size() || each == 0 || each > text.size()) {
    return booster.unexpected("_handle", "a model with features and trees", "another text");
  }
  std::uint64_t trees = std::numeric_limits<std::uint64_t>::max();
  if (booster.has("best_iteration")) {
    TRY_ASSIGN(const std::int64_t best, booster.integer("best_iteration"));
    if (best > 0) trees = static_cast<std::uint64_t>(best) * each;
  }
  SplitImportances importances(static_cast<std::size_t>(last) + 1, type == "gain");
  for (std::uint64_t seen = 0; !text.empty();) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line == "end of trees") break;
    if (line.starts_with("Tree=") && ++seen > trees) break;
    constexpr std::string_view kFeatures = "split_feature=";
    constexpr std::string_view kGains = "split_gain=";
    if (line.starts_with(kFeatures)) importances.start(line.substr(kFeatures.size()));
    if (line.starts_with(kGains) && !importances.add(line.substr(kGains.size()))) {
      return booster.unexpected("_handle", "a gain and a feature of each split", "another line");
    }
  }
  return std::move(importances.sums());
}

}  // namespace boosters
