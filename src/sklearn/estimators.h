#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "base/result.h"
#include "sklearn/estimator.h"
#include "sklearn/object.h"
#include "sklearn/reader.h"

namespace sklearn {

// Reads one fitted estimator: checks every attribute that its steps rely on.
using Read = base::Result<std::unique_ptr<Estimator>> (*)(const Object&, Reader&);

// One class that can be run.
struct Entry {
  std::string_view package;  // Object::package()
  std::string_view class_name;
  Read read;
};

// Every class that can be run; the one list to add to.
std::span<const Entry> estimators();

// Who reads this object; for a class that is not listed, why it cannot be run.
base::Result<Read> find_reader(const Object& object);

}  // namespace sklearn
