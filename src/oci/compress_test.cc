#include "oci/compress.h"

#include <random>
#include <string>

#include <gtest/gtest.h>

#include "oci/descriptor.h"
#include "oci/layer_writer.h"

namespace oci {
namespace {

constexpr Compression kAll[] = {Compression::None, Compression::Gzip, Compression::Zstd};
constexpr std::uint64_t kMax = 1U << 30U;

// Text that packs, and is not the same all over.
std::string sample(std::size_t size) {
  std::mt19937 random(3);
  std::string text;
  text.reserve(size + 16);
  while (text.size() < size) text += std::to_string(random() % 1000) + " and ";
  text.resize(size);
  return text;
}

// Packed in parts of at most `part` bytes.
std::string pack(Compression compression, const std::string& text, std::size_t part,
                 const CompressOptions& options = {}) {
  std::string packed;
  const Sink sink = [&packed](base::Bytes bytes) {
    packed += base::as_text(bytes);
    return base::Result<void>();
  };
  const auto compressor = Compressor::make(compression, sink, options);
  EXPECT_TRUE(compressor.ok());
  for (std::size_t at = 0; at < text.size(); at += part) {
    EXPECT_TRUE((*compressor)->append(base::as_bytes(text.substr(at, part))).ok());
  }
  EXPECT_TRUE((*compressor)->finish().ok());
  return packed;
}

std::string unpack_error(Compression compression, const std::string& packed,
                         std::uint64_t output_max = kMax) {
  const auto text = decompress(compression, base::as_bytes(packed), output_max);
  return text.ok() ? "" : text.error().message();
}

TEST(CompressTest, GivesBackWhatWentIn) {
  for (const Compression compression : kAll) {
    for (const std::size_t size : {0U, 1U, 511U, 100'000U, 1'000'000U}) {
      const std::string text = sample(size);
      const auto back =
          decompress(compression, base::as_bytes(pack(compression, text, 1U << 20U)), kMax);
      ASSERT_TRUE(back.ok()) << back.error().message();
      EXPECT_TRUE(*back == text);
    }
  }
}

TEST(CompressTest, IsTheSameHoweverItIsCut) {
  const std::string text = sample(17'000'000);
  for (const Compression compression : kAll) {
    const std::string whole = pack(compression, text, text.size());
    EXPECT_TRUE(pack(compression, text, 1000) == whole);
    EXPECT_TRUE(pack(compression, text, 131'072) == whole);
    EXPECT_TRUE(pack(compression, text, 16'777'217) == whole);
  }
}

TEST(CompressTest, WritesGzipHeadersWithoutTimeOrName) {
  const std::string packed = pack(Compression::Gzip, "text", 4);
  EXPECT_EQ(packed.substr(0, 10), std::string("\x1F\x8B\x08\0\0\0\0\0\0\xFF", 10));
}

TEST(CompressTest, WritesZstdWithoutAChecksumAndWithTheSizeWhereItIsKnown) {
  const std::string text = sample(1000);
  const std::string unknown = pack(Compression::Zstd, text, 1000);
  const std::string known = pack(Compression::Zstd, text, 1000, {.size = 1000});
  EXPECT_EQ(unknown.substr(0, 4), "\x28\xB5\x2F\xFD");
  EXPECT_EQ(unknown[4] & 0xC4, 0);   // Neither a size of two bytes and more nor a checksum.
  EXPECT_EQ(known[4] & 0xE4, 0x60);  // One segment, its size in two bytes.
  EXPECT_TRUE(pack(Compression::Zstd, text, 10, {.size = 1000}) == known);
}

TEST(CompressTest, RefusesASizeThatWasNotKept) {
  const Sink nowhere = [](base::Bytes) { return base::Result<void>(); };
  const auto compressor = Compressor::make(Compression::Zstd, nowhere, {.size = 10});
  ASSERT_TRUE(compressor.ok());
  ASSERT_TRUE((*compressor)->append(base::as_bytes("short")).ok());
  EXPECT_FALSE((*compressor)->finish().ok());
}

TEST(CompressTest, RefusesLevelsThatAreNone) {
  const Sink nowhere = [](base::Bytes) { return base::Result<void>(); };
  EXPECT_TRUE(Compressor::make(Compression::Gzip, nowhere, {.level = 12}).ok());
  const auto gzip = Compressor::make(Compression::Gzip, nowhere, {.level = 13});
  ASSERT_FALSE(gzip.ok());
  EXPECT_EQ(gzip.error().message(), "compression level: expected 1 to 12, got 13");
  EXPECT_FALSE(Compressor::make(Compression::Zstd, nowhere, {.level = 20}).ok());
  EXPECT_FALSE(Compressor::make(Compression::Zstd, nowhere, {.level = -1}).ok());
}

TEST(CompressTest, HandsOnTheErrorOfItsSink) {
  const Sink full = [](base::Bytes) {
    return base::Result<void>(base::Error(base::Code::Exhausted, "disk full"));
  };
  for (const Compression compression : kAll) {
    const auto compressor = Compressor::make(compression, full);
    ASSERT_TRUE(compressor.ok());
    const auto appended = (*compressor)->append(base::as_bytes("text"));
    const auto finished = appended.ok() ? (*compressor)->finish() : appended;
    ASSERT_FALSE(finished.ok());
    EXPECT_EQ(finished.error().message(), "disk full");
  }
}

TEST(DecompressTest, ReadsAStreamByteAfterByte) {
  const std::string text = sample(3000);
  for (const Compression compression : kAll) {
    const std::string packed =
        pack(compression, text, 3000) + pack(compression, text, 3000);  // Two members or frames.
    std::string back;
    const Sink sink = [&back](base::Bytes part) {
      back += base::as_text(part);
      return base::Result<void>();
    };
    const auto decompressor = Decompressor::make(compression, sink, kMax);
    ASSERT_TRUE(decompressor.ok());
    for (const char c : packed) {
      ASSERT_TRUE((*decompressor)->append(base::as_bytes({&c, 1})).ok());
    }
    ASSERT_TRUE((*decompressor)->finish().ok());
    EXPECT_EQ(back, text + text);
  }
}

TEST(DecompressTest, StopsABombAtTheCeiling) {
  const std::string zeros(20'000'000, '\0');
  for (const Compression compression : kAll) {
    const std::string packed = pack(compression, zeros, zeros.size());
    std::uint64_t given = 0;
    const Sink sink = [&given](base::Bytes part) {
      given += part.size();
      return base::Result<void>();
    };
    const auto decompressor = Decompressor::make(compression, sink, 1'000'000);
    ASSERT_TRUE(decompressor.ok());
    const auto appended = (*decompressor)->append(base::as_bytes(packed));
    ASSERT_FALSE(appended.ok());
    EXPECT_EQ(appended.error().code(), base::Code::Exhausted);
    EXPECT_EQ(appended.error().message(), "unpacked data: expected at most 976.6 KiB, got more");
    EXPECT_LE(given, 1'000'000U);
    EXPECT_TRUE(unpack_error(compression, packed, zeros.size()).empty());
  }
}

TEST(DecompressTest, RefusesWhatStopsInTheMiddle) {
  const std::string text = sample(1000);
  for (const Compression compression : {Compression::Gzip, Compression::Zstd}) {
    const std::string packed = pack(compression, text, 1000);
    for (std::size_t size = 0; size < packed.size(); ++size) {
      EXPECT_FALSE(unpack_error(compression, packed.substr(0, size)).empty()) << size;
    }
  }
  EXPECT_EQ(unpack_error(Compression::Gzip, ""), "gzip: expected more data, got the end");
  EXPECT_EQ(unpack_error(Compression::Zstd, ""), "zstd: expected more data, got the end");
}

TEST(DecompressTest, RefusesWhatStandsBehindTheEnd) {
  EXPECT_EQ(unpack_error(Compression::Gzip, pack(Compression::Gzip, "text", 4) + "garbage"),
            "gzip: expected valid data and nothing behind it");
  EXPECT_EQ(unpack_error(Compression::Zstd, pack(Compression::Zstd, "text", 4) + "garbage"),
            "zstd: Unknown frame descriptor");
  for (const Compression compression : {Compression::Gzip, Compression::Zstd}) {
    const std::string packed = pack(compression, "text", 4);
    EXPECT_FALSE(unpack_error(compression, packed + std::string(1, '\0')).empty());
    EXPECT_FALSE(unpack_error(compression, packed + packed.substr(0, 3)).empty());
  }
}

TEST(DecompressTest, FindsEveryFlippedBitOfGzipThatMatters) {
  // Zstd has no checksum here: a layer's digest stands for it.
  const std::string text = sample(200);
  const std::string packed = pack(Compression::Gzip, text, 200);
  for (std::size_t bit = 8 * 10; bit < 8 * packed.size(); ++bit) {
    std::string flipped = packed;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    // The last bits before the checksum may mean nothing.
    const auto back = decompress(Compression::Gzip, base::as_bytes(flipped), kMax);
    EXPECT_TRUE(!back.ok() || *back == text) << bit;
  }
}

TEST(DecompressTest, KnowsMediaTypesOfLayers) {
  for (const Compression compression : kAll) {
    EXPECT_EQ(find_compression(layer_type(compression)), compression);
  }
  EXPECT_EQ(find_compression("application/vnd.docker.image.rootfs.diff.tar.gzip"),
            Compression::Gzip);
  EXPECT_EQ(find_compression(kConfigType), std::nullopt);
}

TEST(LayerWriterTest, SaysDigestsAndSizesOfWhatItWrote) {
  for (const Compression compression : kAll) {
    std::string blob;
    const auto writer = LayerWriter::make(compression, [&blob](base::Bytes part) {
      blob += base::as_text(part);
      return base::Result<void>();
    });
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE((*writer)->tar().add_file("a", base::as_bytes("text"), {}).ok());
    const auto layer = (*writer)->finish();
    ASSERT_TRUE(layer.ok());
    const auto archive = decompress(compression, base::as_bytes(blob), kMax);
    ASSERT_TRUE(archive.ok());
    EXPECT_EQ(layer->digest, base::Digest::of(blob));
    EXPECT_EQ(layer->size, blob.size());
    EXPECT_EQ(layer->diff_id, base::Digest::of(*archive));
    EXPECT_EQ(layer->unpacked_size, archive->size());
    EXPECT_EQ(layer->media_type, layer_type(compression));
  }
}

}  // namespace
}  // namespace oci
