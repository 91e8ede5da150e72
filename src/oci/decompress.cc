#include <algorithm>
#include <climits>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include "base/text.h"
#include "oci/compress.h"

namespace oci {
namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr std::size_t kOutputBytes = 256 << 10;
constexpr int kZstdWindowLogMax = 27;

Error stopped(std::string_view format) {
  return {Code::Corrupt, fmt::format("{}: expected more data, got the end", format)};
}

// Counts what comes out, and stops it at the ceiling.
class Output {
 public:
  Output(Sink sink, std::uint64_t bytes_max)
      : sink_(std::move(sink)), bytes_max_(bytes_max), buffer_(kOutputBytes) {}

  std::byte* data() { return buffer_.data(); }
  std::size_t room() const { return buffer_.size(); }

  Result<void> give(std::size_t size) { return give(base::Bytes(buffer_).first(size)); }
  Result<void> give(base::Bytes bytes) {
    if (bytes.empty()) return {};
    if (bytes.size() > bytes_max_ - given_) {
      return Error(Code::Exhausted, fmt::format("unpacked data: expected at most {}, got more",
                                                base::human_bytes(bytes_max_)));
    }
    given_ += bytes.size();
    return sink_(bytes);
  }

 private:
  Sink sink_;
  std::uint64_t bytes_max_;
  std::uint64_t given_ = 0;
  std::vector<std::byte> buffer_;
};

class PlainDecompressor final : public Decompressor {
 public:
  PlainDecompressor(Sink sink, std::uint64_t output_max) : output_(std::move(sink), output_max) {}
  Result<void> append(base::Bytes part) override { return output_.give(part); }
  Result<void> finish() override { return {}; }

 private:
  Output output_;
};

class Gunzip final : public Decompressor {
 public:
  static Result<std::unique_ptr<Decompressor>> make(Sink sink, std::uint64_t output_max) {
    auto gunzip = std::make_unique<Gunzip>(std::move(sink), output_max);
    // 16: a gzip header, and no other, is expected.
    if (inflateInit2(&gunzip->state_, 16 + MAX_WBITS) != Z_OK) {
      return Error(Code::Internal, "gzip: out of memory");
    }
    return std::unique_ptr<Decompressor>(std::move(gunzip));
  }
  Gunzip(Sink sink, std::uint64_t output_max) : output_(std::move(sink), output_max) {}
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;
  ~Gunzip() override { inflateEnd(&state_); }

  Result<void> append(base::Bytes part) override {
    while (!part.empty()) {
      // zlib counts in unsigned int.
      const std::size_t piece = std::min<std::size_t>(part.size(), INT_MAX);
      TRY(inflate_all(part.first(piece)));
      part = part.subspan(piece);
    }
    return {};
  }

  Result<void> finish() override {
    return between_members_ && any_ ? Result<void>() : stopped("gzip");
  }

 private:
  Result<void> inflate_all(base::Bytes part) {
    state_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(part.data()));
    state_.avail_in = static_cast<uInt>(part.size());
    bool full = false;  // Whether more may wait inside.
    while (state_.avail_in > 0 || full) {
      state_.next_out = reinterpret_cast<Bytef*>(output_.data());
      state_.avail_out = static_cast<uInt>(output_.room());
      between_members_ = false;
      const int said = inflate(&state_, Z_NO_FLUSH);
      if (said != Z_OK && said != Z_STREAM_END && said != Z_BUF_ERROR) {
        return Error(Code::Corrupt, "gzip: expected valid data and nothing behind it");
      }
      full = state_.avail_out == 0;
      TRY(output_.give(output_.room() - state_.avail_out));
      if (said != Z_STREAM_END) continue;
      full = false;
      any_ = true;
      between_members_ = true;
      inflateReset(&state_);
    }
    return {};
  }

  Output output_;
  z_stream state_{};
  bool between_members_ = false;
  bool any_ = false;
};

class Unzstd final : public Decompressor {
 public:
  static Result<std::unique_ptr<Decompressor>> make(Sink sink, std::uint64_t output_max) {
    auto unzstd = std::make_unique<Unzstd>(std::move(sink), output_max);
    unzstd->state_.reset(ZSTD_createDCtx());
    if (!unzstd->state_ ||
        ZSTD_isError(ZSTD_DCtx_setParameter(unzstd->state_.get(), ZSTD_d_windowLogMax,
                                            kZstdWindowLogMax)) != 0) {
      return Error(Code::Internal, "zstd: out of memory");
    }
    return std::unique_ptr<Decompressor>(std::move(unzstd));
  }
  Unzstd(Sink sink, std::uint64_t output_max) : output_(std::move(sink), output_max) {}

  Result<void> append(base::Bytes part) override {
    ZSTD_inBuffer in{part.data(), part.size(), 0};
    bool full = false;
    while (in.pos < in.size || full) {
      ZSTD_outBuffer out{output_.data(), output_.room(), 0};
      wanted_ = ZSTD_decompressStream(state_.get(), &out, &in);
      if (ZSTD_isError(wanted_) != 0) {
        return Error(Code::Corrupt, fmt::format("zstd: {}", ZSTD_getErrorName(wanted_)));
      }
      any_ = any_ || wanted_ == 0;
      // At a frame's end nothing waits inside.
      full = out.pos == out.size && wanted_ != 0;
      TRY(output_.give(out.pos));
    }
    return {};
  }

  Result<void> finish() override { return any_ && wanted_ == 0 ? Result<void>() : stopped("zstd"); }

 private:
  struct Free {
    void operator()(ZSTD_DCtx* state) const { ZSTD_freeDCtx(state); }
  };

  Output output_;
  std::unique_ptr<ZSTD_DCtx, Free> state_;
  std::size_t wanted_ = 0;  // 0 between frames.
  bool any_ = false;
};

}  // namespace

Result<std::unique_ptr<Decompressor>> Decompressor::make(Compression compression, Sink sink,
                                                         std::uint64_t output_max) {
  switch (compression) {
    case Compression::None:
      return std::unique_ptr<Decompressor>(new PlainDecompressor(std::move(sink), output_max));
    case Compression::Gzip: return Gunzip::make(std::move(sink), output_max);
    case Compression::Zstd: break;
  }
  return Unzstd::make(std::move(sink), output_max);
}

Result<std::string> decompress(Compression compression, base::Bytes packed,
                               std::uint64_t output_max) {
  std::string text;
  const Sink sink = [&text](base::Bytes part) {
    text += base::as_text(part);
    return Result<void>();
  };
  TRY_ASSIGN(const auto decompressor, Decompressor::make(compression, sink, output_max));
  TRY(decompressor->append(packed));
  TRY(decompressor->finish());
  return text;
}

}  // namespace oci
