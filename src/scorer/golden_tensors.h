#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "scorer/golden.h"

namespace scorer {

// make_golden() of a network of tensors.
base::Result<Golden> make_tensor_golden(const engine::Network& network, Sample sample,
                                        std::string source);

// Adds to `parity` how far the answers to the golden requests are from those kept. Corrupt where
// they are others, or of another form.
base::Result<void> compare_outputs(const Golden& golden, const std::vector<TensorAnswer>& ours,
                                   model::Parity& parity);

// Of golden.json, the member "tensors": [{"inputs": [...], "outputs": [...]}, ...].
//   input   {"base64": numbers in C order | "texts": [base64, ...],
//            "datatype": ..., "name": ..., "shape": [...]}
//   output  {"datatype": ..., "largest": ..., "name": ..., "numbers": [...] | "texts": [base64,
//   ...],
//            "shape": [...]}
void append_tensors(const Golden& golden, std::string& text);
// Refuses what does not fit together.
base::Result<void> read_tensors(const nlohmann::json& list, Golden& golden);

}  // namespace scorer
