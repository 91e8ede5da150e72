#include "fitted/reader.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "fitted/registry.h"

namespace fitted {
namespace {

// Pickles share parts, so a small file can describe an endless model.
constexpr std::size_t kEstimatorDepthMax = 64;
constexpr std::size_t kEstimatorsMax = 100'000;
constexpr std::size_t kProblemsMax = 100;
constexpr std::size_t kSpentMax = 10'000'000;
// How many values are looked through for the release of a file whose root does not say it.
constexpr std::size_t kReleaseValuesMax = 10'000;

// A class's name is ASCII, or is left as it is.
std::string lower_case(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

void append_within(pickle::Value value, std::vector<pickle::Value>& to) {
  if (const pickle::Record* record = value.record()) {
    if (record->state) to.push_back(*record->state);
    return;
  }
  const auto items = value.items();
  to.insert(to.end(), items.begin(), items.end());
  for (const auto& [key, part] : value.entries()) to.push_back(part);
  if (const pickle::Array* array = value.array()) {
    to.insert(to.end(), array->objects.begin(), array->objects.end());
  }
}

// scikit-learn writes its release into its own estimators alone: of another library's the nearest
// part that says one.
Release find_release(pickle::Value root) {
  std::vector<pickle::Value> values = {root};
  for (std::size_t i = 0; i < values.size() && i < kReleaseValuesMax; ++i) {
    const pickle::Value value = values[i];
    const auto version = value.record() != nullptr ? value.find("_sklearn_version") : std::nullopt;
    if (version && version->as_string()) return Release::parse(*version->as_string());
    if (values.size() < kReleaseValuesMax) append_within(value, values);
  }
  return {};
}

// Names of columns that only say where they are, as an encoder of arrays keeps them.
bool are_numbers(pickle::Value names) {
  if (const pickle::Array* array = names.array(); array != nullptr && array->dtype.kind != 'O') {
    return array->dtype.kind == 'i' || array->dtype.kind == 'u';
  }
  const auto items = names.array() != nullptr ? names.array()->objects : names.items();
  return !items.empty() &&
         std::all_of(items.begin(), items.end(), [](pickle::Value each) { return each.as_int(); });
}

}  // namespace

base::Result<void> refuse_classes(const std::vector<std::pair<std::string, std::string>>& classes,
                                  std::string_view what) {
  if (classes.empty()) return {};
  return base::Error(
      base::Code::Invalid,
      fmt::format("--class or \"classes\": expected none of {}, which holds no class "
                  "of yours, got {}",
                  what, base::quote(classes.front().first)));
}

EstimatorPtr Reader::read(pickle::Value value, std::string_view path) {
  path_.emplace_back(path);
  const bool cycle =
      std::any_of(open_.begin(), open_.end(), [&](pickle::Value each) { return each.same(value); });
  if (cycle) count_ = kEstimatorsMax;
  open_.push_back(value);
  const std::size_t before = failures_;
  auto made = read_here(value);
  open_.pop_back();
  if (!made.ok()) ++failures_;
  if (!made.ok() && problems_.size() < kProblemsMax) {
    problems_.push_back({fmt::format("{}", fmt::join(path_, ".")), std::move(made).error()});
  }
  path_.pop_back();
  return failures_ == before ? *std::move(made) : nullptr;
}

bool Reader::spend(std::size_t values) {
  spent_ += std::min(values, kSpentMax + 1);  // More at once is too many, too.
  return spent_ <= kSpentMax;
}

base::Result<EstimatorPtr> Reader::read_here(pickle::Value value) {
  if (path_.size() > kEstimatorDepthMax || ++count_ > kEstimatorsMax) {
    return base::Error(base::Code::Unsupported,
                       fmt::format("model: expected at most {} estimators, {} deep", kEstimatorsMax,
                                   kEstimatorDepthMax));
  }
  if (count_ == 1) release_ = find_release(value);
  TRY_ASSIGN(const Object object, Object::of(value, release_));
  TRY_ASSIGN(const Entry entry, registry_.find(object, options_.classes));
  const bool listed = !entry.class_name.empty();
  auto made = entry.read(listed ? object.as(entry.class_name) : object, *this);
  if (!made.ok()) return std::move(made).error();
  (*made)->set_title(object.title());
  if (entry.numbered) (*made)->set_prefix(lower_case(object.class_name()));
  const auto names_in = object.find("feature_names_in_");
  if (names_in && !are_numbers(*names_in)) {
    TRY_ASSIGN(auto names, object.texts("feature_names_in_"));
    (*made)->set_names(std::move(names));
  }
  return EstimatorPtr(*std::move(made));
}

}  // namespace fitted
