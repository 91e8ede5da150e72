#include "oci/compress.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <libdeflate.h>
#include <zstd.h>

#include "oci/descriptor.h"

namespace oci {
namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr std::size_t kMemberBytes = 16 << 20;
constexpr int kGzipLevelMax = 12;
constexpr int kZstdLevelMax = 19;  // Beyond, windows grow past what every reader accepts.

constexpr std::string_view kDockerLayerType = "application/vnd.docker.image.rootfs.diff.tar";
constexpr std::string_view kDockerGzipLayerType =
    "application/vnd.docker.image.rootfs.diff.tar.gzip";

class PlainCompressor final : public Compressor {
 public:
  explicit PlainCompressor(Sink sink) : sink_(std::move(sink)) {}
  Result<void> append(base::Bytes part) override {
    return part.empty() ? Result<void>() : sink_(part);
  }
  Result<void> finish() override { return {}; }

 private:
  Sink sink_;
};

// libdeflate packs whole buffers only, twice to four times as fast as zlib.
class Gzip final : public Compressor {
 public:
  static Result<std::unique_ptr<Compressor>> make(Sink sink, int level) {
    auto gzip = std::make_unique<Gzip>(std::move(sink));
    gzip->packer_.reset(libdeflate_alloc_compressor(level));
    if (!gzip->packer_) return Error(Code::Internal, "gzip: out of memory");
    return std::unique_ptr<Compressor>(std::move(gzip));
  }
  explicit Gzip(Sink sink) : sink_(std::move(sink)) {}

  Result<void> append(base::Bytes part) override {
    while (!part.empty()) {
      const std::size_t taken = std::min(part.size(), kMemberBytes - input_.size());
      input_.insert(input_.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(taken));
      part = part.subspan(taken);
      if (input_.size() == kMemberBytes) TRY(write_member());
    }
    return {};
  }

  Result<void> finish() override {
    // No bytes at all are a stream too, of one empty member.
    if (input_.empty() && any_) return {};
    return write_member();
  }

 private:
  struct Free {
    void operator()(libdeflate_compressor* packer) const { libdeflate_free_compressor(packer); }
  };

  Result<void> write_member() {
    output_.resize(libdeflate_gzip_compress_bound(packer_.get(), input_.size()));
    const std::size_t size = libdeflate_gzip_compress(packer_.get(), input_.data(), input_.size(),
                                                      output_.data(), output_.size());
    if (size == 0) return Error(Code::Internal, "gzip: expected the output to fit");
    input_.clear();
    any_ = true;
    return sink_(base::Bytes(output_).first(size));
  }

  Sink sink_;
  std::unique_ptr<libdeflate_compressor, Free> packer_;
  std::vector<std::byte> input_;
  std::vector<std::byte> output_;
  bool any_ = false;
};

class Zstd final : public Compressor {
 public:
  static Result<std::unique_ptr<Compressor>> make(Sink sink, int level,
                                                  std::optional<std::uint64_t> size) {
    auto zstd = std::make_unique<Zstd>(std::move(sink));
    zstd->packer_.reset(ZSTD_createCCtx());
    if (!zstd->packer_) return Error(Code::Internal, "zstd: out of memory");
    ZSTD_CCtx* packer = zstd->packer_.get();
    TRY(checked(ZSTD_CCtx_setParameter(packer, ZSTD_c_compressionLevel, level)));
    TRY(checked(ZSTD_CCtx_setParameter(packer, ZSTD_c_checksumFlag, 0)));
    if (size) TRY(checked(ZSTD_CCtx_setPledgedSrcSize(packer, *size)));
    zstd->output_.resize(ZSTD_CStreamOutSize());
    return std::unique_ptr<Compressor>(std::move(zstd));
  }
  explicit Zstd(Sink sink) : sink_(std::move(sink)) {}

  Result<void> append(base::Bytes part) override {
    ZSTD_inBuffer in{part.data(), part.size(), 0};
    while (in.pos < in.size) TRY(step(in, ZSTD_e_continue));
    return {};
  }

  Result<void> finish() override {
    ZSTD_inBuffer in{nullptr, 0, 0};
    do {
      TRY(step(in, ZSTD_e_end));
    } while (left_ != 0);
    return {};
  }

 private:
  struct Free {
    void operator()(ZSTD_CCtx* packer) const { ZSTD_freeCCtx(packer); }
  };

  static Result<void> checked(std::size_t outcome) {
    if (ZSTD_isError(outcome) == 0) return {};
    return Error(Code::Invalid, fmt::format("zstd: {}", ZSTD_getErrorName(outcome)));
  }

  Result<void> step(ZSTD_inBuffer& in, ZSTD_EndDirective directive) {
    ZSTD_outBuffer out{output_.data(), output_.size(), 0};
    left_ = ZSTD_compressStream2(packer_.get(), &out, &in, directive);
    TRY(checked(left_));
    return out.pos == 0 ? Result<void>() : sink_(base::Bytes(output_).first(out.pos));
  }

  Sink sink_;
  std::unique_ptr<ZSTD_CCtx, Free> packer_;
  std::vector<std::byte> output_;
  std::size_t left_ = 0;  // What the library still holds back.
};

Result<int> level_of(int wanted, int otherwise, int highest) {
  if (wanted == 0) return otherwise;
  if (wanted >= 1 && wanted <= highest) return wanted;
  return Error(Code::Invalid,
               fmt::format("compression level: expected 1 to {}, got {}", highest, wanted));
}

}  // namespace

std::string_view layer_type(Compression compression) {
  switch (compression) {
    case Compression::None: return kLayerType;
    case Compression::Gzip: return kGzipLayerType;
    case Compression::Zstd: break;
  }
  return kZstdLayerType;
}

std::optional<Compression> find_compression(std::string_view media_type) {
  if (media_type == kLayerType || media_type == kDockerLayerType) return Compression::None;
  if (media_type == kGzipLayerType || media_type == kDockerGzipLayerType) return Compression::Gzip;
  if (media_type == kZstdLayerType) return Compression::Zstd;
  return std::nullopt;
}

Result<std::unique_ptr<Compressor>> Compressor::make(Compression compression, Sink sink,
                                                     const CompressOptions& options) {
  switch (compression) {
    case Compression::None:
      return std::unique_ptr<Compressor>(new PlainCompressor(std::move(sink)));
    case Compression::Gzip: {
      TRY_ASSIGN(const int level, level_of(options.level, kGzipLevel, kGzipLevelMax));
      return Gzip::make(std::move(sink), level);
    }
    case Compression::Zstd: break;
  }
  TRY_ASSIGN(const int level, level_of(options.level, kZstdLevel, kZstdLevelMax));
  return Zstd::make(std::move(sink), level, options.size);
}

}  // namespace oci
