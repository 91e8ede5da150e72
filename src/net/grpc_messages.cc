#include "net/grpc_messages.h"

#include <algorithm>
#include <array>
#include <utility>

#include <zlib.h>

#include <fmt/format.h>

#include "net/request.h"

namespace net {
namespace {

constexpr std::size_t kInflateStep = 16 << 10;
constexpr std::size_t kPackedKept = 16 << 10;
constexpr int kGzipWindow = 15 + 16;
constexpr int kZlibWindow = 15;

// zlib's state, given back in the end. Nothing where there is no memory for it.
class Inflater {
 public:
  explicit Inflater(int window) : good_(::inflateInit2(&stream_, window) == Z_OK) {}
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() {
    if (good_) ::inflateEnd(&stream_);
  }
  bool good() const { return good_; }
  z_stream& stream() { return stream_; }

 private:
  z_stream stream_{};
  bool good_;
};

}  // namespace

std::optional<GrpcCoding> find_grpc_coding(std::string_view name) {
  if (name == "identity") return GrpcCoding::Identity;
  if (name == "gzip") return GrpcCoding::Gzip;
  if (name == "deflate") return GrpcCoding::Deflate;
  return std::nullopt;
}

GrpcStatus grpc_status_of(int http_status) {
  switch (http_status) {
    case 408: return GrpcStatus::DeadlineExceeded;
    case 413:
    case 414:
    case 429:
    case 431: return GrpcStatus::ResourceExhausted;
    case 501:
    case 505: return GrpcStatus::Unimplemented;
    case 503: return GrpcStatus::Unavailable;
    default:
      return http_status >= 400 && http_status < 500 ? GrpcStatus::Internal : GrpcStatus::Unknown;
  }
}

bool is_grpc(std::string_view content_type) {
  constexpr std::string_view kType = "application/grpc";
  if (!same_name(content_type.substr(0, kType.size()), kType)) return false;
  return content_type.size() == kType.size() || content_type[kType.size()] == '+' ||
         content_type[kType.size()] == ';';
}

void append_grpc_prefix(std::string& out, std::size_t message_bytes) {
  out += '\0';
  for (int shift = 24; shift >= 0; shift -= 8) {
    out += static_cast<char>((message_bytes >> shift) & 0xFF);
  }
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kHexDigits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c >= ' ' && c <= '~' && c != '%') {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kHexDigits[byte >> 4];
    out += kHexDigits[byte & 0xF];
  }
  return out;
}

void GrpcReader::reset(GrpcCoding coding, std::uint64_t message_bytes_max) {
  coding_ = coding;
  bytes_max_ = message_bytes_max;
  prefix_have_ = 0;
  left_ = 0;
  packed_.clear();
  status_ = 0;
  problem_.clear();
}

GrpcReader::Step GrpcReader::bad(int status, std::string problem) {
  status_ = status;
  problem_ = std::move(problem);
  return Step::Bad;
}

GrpcReader::Step GrpcReader::take(std::string_view bytes, std::size_t& taken,
                                  std::string& message) {
  taken = 0;
  if (status_ != 0) return Step::Bad;
  if (prefix_have_ < kGrpcPrefixBytes) {
    taken = std::min(bytes.size(), kGrpcPrefixBytes - prefix_have_);
    std::copy_n(bytes.begin(), taken, prefix_ + prefix_have_);
    prefix_have_ += taken;
    if (prefix_have_ < kGrpcPrefixBytes) return Step::NeedMore;
    message.clear();
    if (begin_message() == Step::Bad) return Step::Bad;
  }
  const std::string_view part = bytes.substr(taken, left_);
  (compressed_ ? packed_ : message).append(part);
  taken += part.size();
  left_ -= part.size();
  return left_ > 0 ? Step::NeedMore : end_message(message);
}

GrpcReader::Step GrpcReader::begin_message() {
  if (prefix_[0] > 1) {
    return bad(400, fmt::format("message flag: expected 0 or 1, got {}", prefix_[0]));
  }
  compressed_ = prefix_[0] == 1;
  if (compressed_ && coding_ == GrpcCoding::Identity) {
    return bad(400, "message: expected grpc-encoding to say how it is compressed");
  }
  std::uint64_t length = 0;
  for (std::size_t i = 1; i < kGrpcPrefixBytes; ++i) length = length << 8 | prefix_[i];
  if (length > bytes_max_) {
    return bad(413, fmt::format("message: expected at most {} bytes, got {}", bytes_max_, length));
  }
  left_ = static_cast<std::size_t>(length);
  return Step::NeedMore;
}

GrpcReader::Step GrpcReader::end_message(std::string& message) {
  prefix_have_ = 0;
  if (!compressed_) return Step::Message;
  const Step step = inflate_into(message);
  packed_.clear();
  if (packed_.capacity() > kPackedKept) std::string().swap(packed_);
  return step;
}

GrpcReader::Step GrpcReader::inflate_into(std::string& message) {
  const std::uint64_t ratio_max = std::max(kGrpcSmallBytes, packed_.size() * kGrpcRatioMax);
  const std::uint64_t bytes_max = std::min(bytes_max_, ratio_max);
  Inflater inflater(coding_ == GrpcCoding::Gzip ? kGzipWindow : kZlibWindow);
  if (!inflater.good()) return bad(413, "message: out of memory");
  z_stream& stream = inflater.stream();
  stream.next_in = reinterpret_cast<Bytef*>(packed_.data());
  stream.avail_in = static_cast<uInt>(packed_.size());  // Its length had 32 bits.
  std::array<char, kInflateStep> step;
  for (int result = Z_OK; result != Z_STREAM_END;) {
    stream.next_out = reinterpret_cast<Bytef*>(step.data());
    stream.avail_out = static_cast<uInt>(step.size());
    result = ::inflate(&stream, Z_NO_FLUSH);
    if (result != Z_OK && result != Z_STREAM_END) {
      return bad(400, "message: not what grpc-encoding says");
    }
    const std::size_t got = step.size() - stream.avail_out;
    if (got > bytes_max - message.size()) {
      return bad(413,
                 fmt::format("message: expected at most {} bytes behind compression", bytes_max));
    }
    message.append(step.data(), got);
  }
  if (stream.avail_in > 0) return bad(400, "message: bytes behind its end");
  return Step::Message;
}

}  // namespace net
