#pragma once

#include <memory>
#include <string>

#include "data/signature.h"
#include "plan/step.h"
#include "text/feature_hasher.h"

namespace plan {

// One column of cells that hold names and their values, as JSON, to sparse rows of hashed features.
class HashFeatures final : public Step {
 public:
  HashFeatures(text::FeatureHasher hasher, data::Json form, std::string name)
      : hasher_(hasher), form_(form), name_(std::move(name)) {}
  std::string describe() const override;
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State* state) const override;
  double row_ns() const override { return 1000; }

  std::size_t features() const { return hasher_.features(); }

 private:
  text::FeatureHasher hasher_;
  data::Json form_;
  std::string name_;  // Of the column, for messages.
};

}  // namespace plan
