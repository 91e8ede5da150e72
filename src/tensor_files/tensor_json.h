#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/named_tensor.h"

namespace tensor_files {

// A request or an answer of the Open Inference Protocol V2 as JSON: its "inputs", or where there
// are none its "outputs", each {"name", "datatype", "shape", "data"}; data flat or nested. Refuses
// numbers that the datatype does not hold, and tensors whose data are not in the JSON.
base::Result<std::vector<engine::NamedTensor>> parse_tensor_json(std::string_view text);

// An answer of that form: {"model_name", "outputs"}. What JSON has no number for is null; a text
// that is not UTF-8 has its bad bytes replaced.
std::string tensor_json(std::string_view model, const std::vector<engine::NamedTensor>& outputs);

}  // namespace tensor_files
