#include "pickle/codec.h"

#include <algorithm>
#include <climits>

#include <bzlib.h>
#include <fmt/format.h>
#include <lz4frame.h>
#include <lzma.h>
#include <zlib.h>

namespace pickle {
namespace {

using base::Code;
using base::Error;
using base::Result;

// zlib and bzip2 count in unsigned int.
unsigned piece(std::size_t size) {
  return static_cast<unsigned>(std::min<std::size_t>(size, UINT_MAX / 2));
}

Error damaged(std::string_view what) {
  return {Code::Corrupt, fmt::format("{}: expected valid data", what)};
}

class ZlibCodec final : public Codec {
 public:
  // `bits` is inflateInit2's: 15 for zlib, 31 for gzip.
  static Result<std::unique_ptr<Codec>> make(int bits) {
    auto codec = std::make_unique<ZlibCodec>();
    if (inflateInit2(&codec->state_, bits) != Z_OK) return Error(Code::Internal, "zlib");
    return std::unique_ptr<Codec>(std::move(codec));
  }
  ZlibCodec() = default;
  ZlibCodec(const ZlibCodec&) = delete;
  ZlibCodec& operator=(const ZlibCodec&) = delete;
  ~ZlibCodec() override { inflateEnd(&state_); }

  Result<Step> step(base::Bytes in, std::byte* out, std::size_t room) override {
    state_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(in.data()));
    state_.avail_in = piece(in.size());
    state_.next_out = reinterpret_cast<Bytef*>(out);
    state_.avail_out = piece(room);
    const int outcome = inflate(&state_, Z_NO_FLUSH);
    if (outcome != Z_OK && outcome != Z_STREAM_END && outcome != Z_BUF_ERROR) {
      return damaged("zlib");
    }
    return Step{.taken = piece(in.size()) - state_.avail_in,
                .given = piece(room) - state_.avail_out,
                .done = outcome == Z_STREAM_END};
  }

 private:
  z_stream state_{};
};

class Bzip2Codec final : public Codec {
 public:
  static Result<std::unique_ptr<Codec>> make() {
    auto codec = std::make_unique<Bzip2Codec>();
    if (BZ2_bzDecompressInit(&codec->state_, 0, 0) != BZ_OK) return Error(Code::Internal, "bzip2");
    return std::unique_ptr<Codec>(std::move(codec));
  }
  Bzip2Codec() = default;
  Bzip2Codec(const Bzip2Codec&) = delete;
  Bzip2Codec& operator=(const Bzip2Codec&) = delete;
  ~Bzip2Codec() override { BZ2_bzDecompressEnd(&state_); }

  Result<Step> step(base::Bytes in, std::byte* out, std::size_t room) override {
    state_.next_in = reinterpret_cast<char*>(const_cast<std::byte*>(in.data()));
    state_.avail_in = piece(in.size());
    state_.next_out = reinterpret_cast<char*>(out);
    state_.avail_out = piece(room);
    const int outcome = BZ2_bzDecompress(&state_);
    if (outcome != BZ_OK && outcome != BZ_STREAM_END) return damaged("bzip2");
    return Step{.taken = piece(in.size()) - state_.avail_in,
                .given = piece(room) - state_.avail_out,
                .done = outcome == BZ_STREAM_END};
  }

 private:
  bz_stream state_{};
};

class LzmaCodec final : public Codec {
 public:
  static Result<std::unique_ptr<Codec>> make(bool alone, std::uint64_t memory_max) {
    auto codec = std::make_unique<LzmaCodec>();
    const lzma_ret outcome = alone ? lzma_alone_decoder(&codec->state_, memory_max)
                                   : lzma_stream_decoder(&codec->state_, memory_max, 0);
    if (outcome != LZMA_OK) return Error(Code::Internal, "lzma");
    return std::unique_ptr<Codec>(std::move(codec));
  }
  LzmaCodec() = default;
  LzmaCodec(const LzmaCodec&) = delete;
  LzmaCodec& operator=(const LzmaCodec&) = delete;
  ~LzmaCodec() override { lzma_end(&state_); }

  Result<Step> step(base::Bytes in, std::byte* out, std::size_t room) override {
    state_.next_in = reinterpret_cast<const std::uint8_t*>(in.data());
    state_.avail_in = in.size();
    state_.next_out = reinterpret_cast<std::uint8_t*>(out);
    state_.avail_out = room;
    const lzma_ret outcome = lzma_code(&state_, LZMA_RUN);
    if (outcome == LZMA_MEMLIMIT_ERROR) {
      return Error(Code::Exhausted, "lzma: expected a smaller dictionary");
    }
    if (outcome != LZMA_OK && outcome != LZMA_STREAM_END && outcome != LZMA_BUF_ERROR) {
      return damaged("lzma");
    }
    return Step{.taken = in.size() - state_.avail_in,
                .given = room - state_.avail_out,
                .done = outcome == LZMA_STREAM_END};
  }

 private:
  lzma_stream state_ = LZMA_STREAM_INIT;
};

class Lz4Codec final : public Codec {
 public:
  static Result<std::unique_ptr<Codec>> make() {
    auto codec = std::make_unique<Lz4Codec>();
    if (LZ4F_isError(LZ4F_createDecompressionContext(&codec->state_, LZ4F_VERSION)) != 0) {
      return Error(Code::Internal, "lz4");
    }
    return std::unique_ptr<Codec>(std::move(codec));
  }
  Lz4Codec() = default;
  Lz4Codec(const Lz4Codec&) = delete;
  Lz4Codec& operator=(const Lz4Codec&) = delete;
  ~Lz4Codec() override { LZ4F_freeDecompressionContext(state_); }

  Result<Step> step(base::Bytes in, std::byte* out, std::size_t room) override {
    std::size_t taken = in.size();
    std::size_t given = room;
    const std::size_t hint = LZ4F_decompress(state_, out, &given, in.data(), &taken, nullptr);
    if (LZ4F_isError(hint) != 0) return damaged("lz4");
    return Step{.taken = taken, .given = given, .done = hint == 0};
  }

 private:
  LZ4F_dctx* state_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<Codec>> make_codec(Container container, std::uint64_t memory_max) {
  switch (container) {
    case Container::Zlib:
    case Container::ZFile: return ZlibCodec::make(15);
    case Container::Gzip: return ZlibCodec::make(15 + 16);
    case Container::Bzip2: return Bzip2Codec::make();
    case Container::Xz: return LzmaCodec::make(false, memory_max);
    case Container::Lzma: return LzmaCodec::make(true, memory_max);
    case Container::Lz4: return Lz4Codec::make();
    case Container::Raw: break;
  }
  return Error(Code::Internal, "no codec for what is not packed");
}

}  // namespace pickle
