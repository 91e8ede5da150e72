#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace net {

// gRPC over HTTP/2, as its bodies, statuses and codings are written
// (github.com/grpc/grpc, doc/PROTOCOL-HTTP2.md).

// What grpc-encoding names, and grpc-accept-encoding offers.
enum class GrpcCoding : unsigned char { Identity, Gzip, Deflate };
inline constexpr std::string_view kGrpcCodings = "identity,gzip,deflate";
std::optional<GrpcCoding> find_grpc_coding(std::string_view name);

// The statuses that a server gives in its own name.
enum class GrpcStatus : int {
  Ok = 0,
  Unknown = 2,
  DeadlineExceeded = 4,
  ResourceExhausted = 8,
  Unimplemented = 12,
  Internal = 13,
  Unavailable = 14,
};
// What stands for a refusal with that status of HTTP.
GrpcStatus grpc_status_of(int http_status);

bool is_grpc(std::string_view content_type);

// What stands before a message of so many bytes, which is not compressed.
inline constexpr std::size_t kGrpcPrefixBytes = 5;
void append_grpc_prefix(std::string& out, std::size_t message_bytes);

// As grpc-message is sent: all but printable ASCII, and "%", as %XX.
std::string percent_encoded(std::string_view text);

// Cuts a body into its messages:
//   flag (1 byte: 0, or 1 for compressed), length (4 bytes, big endian), so many bytes
// Storage follows what has arrived, not what is announced. A compressed message may hold at most
// kGrpcRatioMax times its bytes (kGrpcSmallBytes are always allowed), and never more than any
// other.
inline constexpr std::uint64_t kGrpcRatioMax = 100;
inline constexpr std::uint64_t kGrpcSmallBytes = 64 << 10;

class GrpcReader {
 public:
  enum class Step : unsigned char { NeedMore, Message, Bad };

  void reset(GrpcCoding coding, std::uint64_t message_bytes_max);

  // Takes bytes from the front, up to the end of the next message, and says how many. `message`
  // holds it behind Message; before, what of it has arrived.
  Step take(std::string_view bytes, std::size_t& taken, std::string& message);
  // Whether nothing of a next message has been read.
  bool between() const { return prefix_have_ == 0; }

  // Behind Bad: why, as a status of HTTP: 400, or 413 for what is too large.
  int status() const { return status_; }
  const std::string& problem() const { return problem_; }

 private:
  Step begin_message();
  Step end_message(std::string& message);
  Step inflate_into(std::string& message);
  Step bad(int status, std::string problem);

  GrpcCoding coding_ = GrpcCoding::Identity;
  std::uint64_t bytes_max_ = 0;
  unsigned char prefix_[kGrpcPrefixBytes] = {};
  std::size_t prefix_have_ = 0;
  bool compressed_ = false;
  std::size_t left_ = 0;  // Of the message.
  std::string packed_;    // What of a compressed one has arrived.
  int status_ = 0;
  std::string problem_;
};

}  // namespace net
