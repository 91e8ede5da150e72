#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/named_hash.h"
#include "plan/step.h"

namespace plan {

// Columns of texts to how many of a row fall into each bucket: what is left of a text's hash, as a
// number whose first byte is its highest, divided by the number of buckets. Refuses a row with a
// missing text.
class HashCategories final : public Step {
 public:
  // `names`: of the columns, or none, for messages. Precondition: at least one bucket.
  HashCategories(base::NamedHash hash, std::size_t buckets, std::vector<std::string> names)
      : hash_(std::move(hash)), buckets_(buckets), names_(std::move(names)) {}
  std::string describe() const override;
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State* state) const override;
  double row_ns() const override { return 20 + 300 * static_cast<double>(names_.size()); }

 private:
  base::NamedHash hash_;
  std::size_t buckets_;
  std::vector<std::string> names_;
};

}  // namespace plan
