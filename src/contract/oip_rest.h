#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "contract/codec.h"

namespace contract::oip_rest {

// Open Inference Protocol V2 over REST, with its binary tensor data extension.
//
// Inputs are one tensor a column, or one of all columns (contract/tensor_input.h), in JSON or in
// binary behind it; the outputs are those of the offer, all of them where none is named. The
// request parameter `top_k` says how many a match gives.
// Errors: {"error": "..."}
std::unique_ptr<Codec> make_codec(std::string endpoint);

void encode_server_metadata(std::string_view version, std::string& out);
void encode_model_metadata(std::string_view model, std::string_view version, const Offer& offer,
                           std::string& out);

// What Triton's clients read as a model's configuration. There are no batches: `dims` are whole
// shapes, and max_batch_size is 0. Columns that nothing reads are optional.
void encode_model_config(std::string_view model, const Offer& offer, std::string& out);

// The statistics extension. Times are sums in nanoseconds.
struct Statistics {
  struct Sum {
    std::uint64_t count = 0;
    std::uint64_t ns = 0;
  };
  std::string_view model;
  std::string_view version;
  std::int64_t last_ms = 0;
  std::uint64_t rows = 0;
  Sum success;
  Sum fail;
  Sum queue;
  Sum decode;
  Sum compute;
  Sum encode;
};
void encode_statistics(std::span<const Statistics> models, std::string& out);

void encode_error(std::string_view message, std::string& out);

}  // namespace contract::oip_rest
