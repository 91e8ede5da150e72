#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <zlib.h>

#include "net/grpc_messages.h"

// For tests: what gRPC clients send.

namespace net {

inline std::string grpc_message(std::string_view message, bool compressed = false) {
  std::string bytes;
  append_grpc_prefix(bytes, message.size());
  if (compressed) bytes[0] = 1;
  return bytes + std::string(message);
}

inline std::string compress(std::string_view text, GrpcCoding coding) {
  z_stream stream{};
  ::deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, coding == GrpcCoding::Gzip ? 31 : 15, 9,
                 Z_DEFAULT_STRATEGY);
  std::string packed(::deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  ::deflate(&stream, Z_FINISH);
  packed.resize(packed.size() - stream.avail_out);
  ::deflateEnd(&stream);
  return packed;
}

}  // namespace net
