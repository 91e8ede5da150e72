#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "contract/codec.h"
#include "contract/oip_rest.h"

namespace contract::oip_grpc {

// Open Inference Protocol V2 over gRPC: the message of one ModelInfer call, or of one request of a
// ModelStreamInfer. Inputs as in contract/tensor_input.h, their elements raw or typed; the answer
// has them raw where the request had, as clients expect it, and typed else.
enum class Call : std::uint8_t { Once, Stream };
std::unique_ptr<Codec> make_codec(std::string endpoint, Call call);

// What a stream says of a request that failed, and goes on.
void encode_stream_error(std::string_view message, std::string& out);

// The answers of the other calls; requests are read where they say more than a name.
void encode_live(bool live, std::string& out);
void encode_ready(bool ready, std::string& out);
void encode_server_metadata(std::string_view version, std::string& out);
void encode_model_metadata(std::string_view model, std::string_view version, const Offer& offer,
                           std::string& out);
void encode_model_config(std::string_view model, const Offer& offer, std::string& out);
void encode_statistics(std::span<const oip_rest::Statistics> models, std::string& out);

}  // namespace contract::oip_grpc
