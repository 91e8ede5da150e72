#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "net/url.h"

namespace net {

// What an HttpClient sends and receives. Names of fields are as sent; compare with same_name().
using HttpFields = std::vector<std::pair<std::string, std::string>>;

struct HttpResponse {
  int status = 0;
  HttpFields fields;
  std::string body;  // Empty where the request had a sink and the status is 2xx.

  // The value of the first field of that name.
  std::optional<std::string_view> field(std::string_view name) const;
};

// Takes one part of a body after another; an error ends the exchange and is its outcome.
using BodySink = std::function<base::Result<void>(base::Bytes)>;

struct HttpRequest {
  std::string method = "GET";
  Url url;
  HttpFields fields;  // Host, Content-Length, Connection and User-Agent are written by the client.
  base::Bytes body;   // Lives until send() returns.

  // Ceiling of the answer's body. One byte more is an error, as early as it can be known.
  std::uint64_t answer_bytes_max = 4 << 20;
  // Where given: the body of a 2xx answer goes here. Bodies of other answers, which say why, go to
  // HttpResponse::body, kReasonBytesMax at most.
  BodySink sink;
  // Sees status and fields before any of the body; an error ends the exchange.
  std::function<base::Result<void>(const HttpResponse&)> on_head;
  // Asked several times a second while the client waits; true ends the exchange: Cancelled.
  std::function<bool()> cancelled;
};

inline constexpr std::uint64_t kReasonBytesMax = 1 << 20;

// Refuses methods that are no token, field names that are none, values with control characters
// (so that no value starts a field of its own), and fields that the client writes itself. Does not
// repeat values: they may be secrets.
base::Result<void> check_request(const HttpRequest& request);

}  // namespace net
