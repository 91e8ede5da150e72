#include "fitted/registry.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace fitted {
namespace {

bool is_before(const Entry& a, const Entry& b) {
  return std::tie(a.package, a.class_name) < std::tie(b.package, b.class_name);
}

}  // namespace

Registry::Registry(std::initializer_list<std::span<const Entry>> lists, std::vector<Guess> guesses)
    : guesses_(std::move(guesses)) {
  for (const auto& list : lists) entries_.insert(entries_.end(), list.begin(), list.end());
  std::sort(entries_.begin(), entries_.end(), is_before);
}

const Entry* Registry::find_entry(std::string_view package, std::string_view class_name) const {
  const Entry wanted{.package = package, .class_name = class_name, .read = nullptr};
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), wanted, is_before);
  return at != entries_.end() && !is_before(wanted, *at) ? &*at : nullptr;
}

// Whether some class of that library is listed, so that what it lacks is known to be lacking, or
// the library is a published one whose estimators answer as no other's do.
bool Registry::is_known_library(std::string_view package) const {
  constexpr std::string_view kPublished[] = {
      "boruta",  "causalml",   "chaid", "econml", "flaml",       "h2o",  "hpsklearn", "lifelines",
      "ngboost", "optbinning", "pygam", "sksurv", "statsmodels", "tpot", "treeple"};
  const auto library_of = [](std::string_view name) { return name.substr(0, name.find('.')); };
  const auto library = library_of(package);
  const bool listed = std::any_of(entries_.begin(), entries_.end(), [&](const Entry& each) {
    return library_of(each.package) == library;
  });
  return listed ||
         std::find(std::begin(kPublished), std::end(kPublished), library) != std::end(kPublished);
}

base::Result<Entry> Registry::find_said(std::string_view as, std::string_view title) const {
  const std::size_t dot = as.rfind('.');
  if (dot != std::string_view::npos) {
    const Entry* entry = find_entry(package_of(as.substr(0, dot)), as.substr(dot + 1));
    if (entry != nullptr) return *entry;
  }
  return base::Error(base::Code::Unsupported,
                     fmt::format("{}: expected it to answer as a class that can be run, got {}",
                                 title, base::quote(as)));
}

base::Result<Entry> Registry::find(const Object& object, ClassNames said) const {
  const std::string package = object.package();
  const Entry* entry = find_entry(package, object.class_name());
  if (entry != nullptr) return *entry;
  const std::string name = fmt::format("{}.{}", object.module(), object.class_name());
  for (const auto& [from, as] : said) {
    if (from == name) return find_said(as, name);
  }
  for (const Guess& guess : guesses_) {
    if (guess.fits(object)) {
      return Entry{.package = {}, .class_name = {}, .read = guess.read};
    }
  }
  std::string message = name + ": this class is not one that can be run";
  // What a class of the model's owner answers, only its owner knows. A call has no attributes.
  const pickle::Record* record = object.value().record();
  if (!is_known_library(package) && record != nullptr && record->state) {
    message +=
        fmt::format("; where it answers as one that can, say so: --class {}=PACKAGE.CLASS", name);
  }
  return base::Error(base::Code::Unsupported, std::move(message));
}

}  // namespace fitted
