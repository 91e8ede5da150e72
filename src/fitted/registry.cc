#include "fitted/registry.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>

#include <fmt/format.h>

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

base::Result<Entry> Registry::find(const Object& object) const {
  const std::string package = object.package();
  const Entry wanted{.package = package, .class_name = object.class_name(), .read = nullptr};
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), wanted, is_before);
  if (at != entries_.end() && !is_before(wanted, *at)) return *at;
  for (const Guess& guess : guesses_) {
    if (guess.fits(object)) {
      return Entry{.package = {}, .class_name = {}, .read = guess.read};
    }
  }
  return base::Error(base::Code::Unsupported,
                     fmt::format("{}.{}: this class is not one that can be run", object.module(),
                                 object.class_name()));
}

}  // namespace fitted
