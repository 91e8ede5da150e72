#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/result.h"
#include "deploy_kubernetes/object.h"

namespace rollout {

// What an endpoint's ConfigMap remembers beside the spec: the objects as they were applied last,
// and those that were there before and had been ready. Without Secrets: keys are not a version's,
// and what may read a ConfigMap must not see them.
struct Record {
  std::vector<deploy_kubernetes::Object> current;   // The owner first; empty: nothing yet.
  std::vector<deploy_kubernetes::Object> previous;  // Empty: there is nothing to go back to.
  bool ready = false;                               // `current` got ready.
};

// The objects without Secrets, as a record keeps them.
std::vector<deploy_kubernetes::Object> without_secrets(
    const std::vector<deploy_kubernetes::Object>& objects);

// Of a ConfigMap as the API server gives it. Corrupt where it holds something else; an owner that
// holds no record gives an empty one.
base::Result<Record> read_record(const nlohmann::json& owner);
// Puts it into the ConfigMap that is to be applied. Exhausted past what a ConfigMap can hold.
base::Result<void> write_record(deploy_kubernetes::Object& owner, const Record& record);
// The ConfigMap as if it held none, for comparing.
nlohmann::json without_record(nlohmann::json owner);

// What the pods of the record run: "faq:3", ..., in order and each once.
std::vector<std::string> versions_of(const Record& record);

}  // namespace rollout
