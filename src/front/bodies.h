#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "contract/codec.h"
#include "front/content_coding.h"
#include "net/exchange.h"

namespace front {

// How bodies come and go, whatever protocol they are of.
struct BodyOptions {
  std::uint64_t bytes_max = 8U << 20U;  // Of a request to be scored, as it comes.
  UnpackLimits unpack;
  std::size_t json_depth_max = contract::kJsonDepthMax;
  std::uint64_t pack_bytes_min = 32U << 10U;  // Smaller answers are sent as they are.
};

// What a request says, for its codec. A body that came packed is unpacked into `unpacked`, of which
// the result is a view then.
base::Result<contract::Incoming> read_incoming(const net::Exchange& exchange,
                                               const BodyOptions& options, std::string& unpacked);

// About how many bytes a body has when it is unpacked.
std::size_t expected_bytes(const net::Exchange& exchange);

// The fields of an answer whose body is written; packs that where the client accepts it and it is
// large. `version` is the deployment's.
void finish_answer(const contract::Outgoing& out, std::string_view version,
                   const BodyOptions& options, const net::RequestHead& head,
                   net::Response& response);

}  // namespace front
