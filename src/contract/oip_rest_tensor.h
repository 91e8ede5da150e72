#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <simdjson.h>

#include "base/result.h"
#include "contract/codec.h"
#include "contract/network_input.h"
#include "contract/tensor_input.h"

namespace contract::oip_rest {

inline constexpr std::string_view kParameters = "\"parameters\"";

// A tensor as the JSON has it: its data from there on, or so many bytes behind the JSON.
struct JsonTensor {
  TensorHead head;
  const char* data = nullptr;
  std::optional<std::uint64_t> binary_bytes;
};

// All but its data. Invalid where that says not what it is, or of what form.
base::Result<JsonTensor> read_tensor_head(JsonBody& json, simdjson::ondemand::object& object);

// Its data in JSON: as many elements as its shape says, nested as that is, flat, or anything
// between.
base::Result<void> read_data(Reader& reader, simdjson::ondemand::object& object,
                             const JsonTensor& tensor, NetworkInput& input);
base::Result<void> read_data(Reader& reader, simdjson::ondemand::object& object,
                             const JsonTensor& tensor, TensorInput& input);

}  // namespace contract::oip_rest
