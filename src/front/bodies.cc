#include "front/bodies.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/text.h"

namespace front {
namespace {

// How much a packed body usually grows.
constexpr std::size_t kUsualRatio = 8;

// The value of method= in a query. Names of methods need no decoding.
std::string_view method_of(std::string_view query) {
  constexpr std::string_view kName = "method=";
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    if (part.starts_with(kName)) return part.substr(kName.size());
    query.remove_prefix(std::min(query.size(), part.size() + 1));
  }
  return {};
}

base::Result<std::uint64_t> read_length(const net::Header& header) {
  std::uint64_t bytes = 0;
  const char* const end = header.value.data() + header.value.size();
  const auto [stopped, error] = std::from_chars(header.value.data(), end, bytes);
  if (error == std::errc() && stopped == end) return bytes;
  return base::Error(base::Code::Invalid, fmt::format("{}: expected a number of bytes, got {}",
                                                      header.name, base::quote(header.value)));
}

}  // namespace

base::Result<contract::Incoming> read_incoming(const net::Exchange& exchange,
                                               const BodyOptions& options, std::string& unpacked) {
  contract::Incoming in;
  in.body = exchange.body();
  in.json_depth_max = options.json_depth_max;
  in.method = method_of(exchange.head().query);
  std::string_view encoding;
  for (const net::Header& header : exchange.head().headers) {
    if (net::same_name(header.name, "content-type")) {
      in.content_type = header.value;
    } else if (net::same_name(header.name, "accept")) {
      in.accept = header.value;
    } else if (net::same_name(header.name, "content-encoding")) {
      encoding = header.value;
    } else if (net::same_name(header.name, "inference-header-content-length")) {
      TRY_ASSIGN(in.json_bytes, read_length(header));
    }
  }
  if (encoding.empty()) return in;
  const auto coding = find_coding(encoding);
  if (!coding) {
    return base::Error(base::Code::Invalid,
                       fmt::format("Content-Encoding: expected gzip, deflate, zstd or identity, "
                                   "got {}",
                                   base::quote(encoding)));
  }
  if (*coding == Coding::Identity) return in;
  TRY(unpack(*coding, in.body, options.unpack, net::kBodyPadding, unpacked));
  in.body = unpacked;
  return in;
}

std::size_t expected_bytes(const net::Exchange& exchange) {
  const std::size_t bytes = exchange.body().size();
  return exchange.head().header("content-encoding") ? bytes * kUsualRatio : bytes;
}

void finish_answer(const contract::Outgoing& out, std::string_view version,
                   const BodyOptions& options, const net::RequestHead& head,
                   net::Response& response) {
  // Of a gRPC call each answer is a message, and fields come once.
  if (out.content_type == "application/grpc") return;
  response.set_content_type(out.content_type);
  response.add_header("azureml-model-deployment", version);
  if (out.json_bytes) {
    response.add_header("Inference-Header-Content-Length", std::to_string(*out.json_bytes));
  }
  if (response.body().size() < options.pack_bytes_min) return;
  const Coding coding = accepted_coding(head.header("accept-encoding").value_or(""));
  response.add_header("Vary", "Accept-Encoding");
  if (coding == Coding::Identity) return;
  response.body() = pack(coding, response.body());
  response.add_header("Content-Encoding", coding_name(coding));
}

}  // namespace front
