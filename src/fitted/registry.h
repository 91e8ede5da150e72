#pragma once

#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "fitted/estimator.h"
#include "fitted/object.h"
#include "fitted/reader.h"

namespace fitted {

// What reading one fitted estimator gives: the estimator, or what of it is not as expected.
using Made = base::Result<std::unique_ptr<Estimator>>;

// Reads one fitted estimator: checks every attribute that its steps rely on.
using Read = Made (*)(const Object&, Reader&);

// One class that can be run.
struct Entry {
  std::string_view package;  // Object::package()
  std::string_view class_name;
  Read read;
  // Whether the features that it makes are called by the class: pca0, pca1, ...
  bool numbered = false;
};

// Classes of nobody's library that show by their attributes what they do.
struct Guess {
  bool (*fits)(const Object&);
  Read read;
};

// Every class that can be run. Whoever reads models has one; it lives as long as they read.
class Registry {
 public:
  Registry(std::initializer_list<std::span<const Entry>> lists, std::vector<Guess> guesses);

  using ClassNames = std::span<const std::pair<std::string, std::string>>;

  // Who reads this object; for a class that is not listed, why it cannot be run. `said` has for
  // some of those the listed one that they answer as (ReadOptions::classes); refuses one that is
  // not listed either.
  base::Result<Entry> find(const Object& object, ClassNames said = {}) const;

  // All classes, ascending by package and name.
  std::span<const Entry> entries() const { return entries_; }

 private:
  const Entry* find_entry(std::string_view package, std::string_view class_name) const;
  base::Result<Entry> find_said(std::string_view as, std::string_view title) const;
  bool is_known_library(std::string_view package) const;

  std::vector<Entry> entries_;
  std::vector<Guess> guesses_;
};

}  // namespace fitted
