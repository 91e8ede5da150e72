#include "oci/tar_writer.h"

#include <string>

#include <gtest/gtest.h>

#include "oci/tar_reader.h"

namespace oci {
namespace {

constexpr TarAttributes kFile{.mode = 0644};

struct Written {
  std::string archive;
  TarWriter writer{[this](base::Bytes part) {
    archive += base::as_text(part);
    return base::Result<void>();
  }};
};

std::string refusal_of(const base::Result<void>& result) {
  return result.ok() ? "" : result.error().message();
}

std::string numbered(const std::string& part, int times) {
  std::string text = part;
  for (int i = 1; i < times; ++i) text += "/" + part;
  return text;
}

TEST(TarWriterTest, WritesTheBytesOfUstarWithoutTimeOrNames) {
  Written written;
  ASSERT_TRUE(written.writer.add_file("etc/passwd", base::as_bytes("root"), kFile).ok());
  ASSERT_TRUE(written.writer.finish().ok());
  const std::string& archive = written.archive;
  ASSERT_EQ(archive.size(), 4 * kTarBlock);
  EXPECT_EQ(archive.substr(0, 11), std::string("etc/passwd\0", 11));
  EXPECT_EQ(archive.substr(100, 8), std::string("0000644\0", 8));
  EXPECT_EQ(archive.substr(108, 16), std::string("0000000\0"
                                                 "0000000\0",
                                                 16));
  EXPECT_EQ(archive.substr(124, 24), std::string("00000000004\0"
                                                 "00000000000\0",
                                                 24));
  EXPECT_EQ(archive.substr(148, 8), std::string("011176\0 ", 8));
  EXPECT_EQ(archive.substr(156, 101), "0" + std::string(100, '\0'));
  EXPECT_EQ(archive.substr(257, 8), std::string("ustar\0"
                                                "00",
                                                8));
  EXPECT_EQ(archive.substr(265, 64), std::string(64, '\0'));
  EXPECT_EQ(archive.substr(512, 4), "root");
  EXPECT_EQ(archive.substr(516), std::string(508 + 1024, '\0'));
}

TEST(TarWriterTest, TakesABodyInParts) {
  Written whole;
  Written parts;
  const std::string body(1500, 'x');
  ASSERT_TRUE(whole.writer.add_file("a", base::as_bytes(body), kFile).ok());
  ASSERT_TRUE(whole.writer.finish().ok());
  ASSERT_TRUE(parts.writer.begin_file("a", body.size(), kFile).ok());
  for (const std::size_t size : {0U, 1U, 511U, 512U, 476U}) {
    ASSERT_TRUE(parts.writer.append(base::as_bytes(body.substr(0, size))).ok());
  }
  ASSERT_TRUE(parts.writer.finish().ok());
  EXPECT_EQ(parts.archive, whole.archive);
}

TEST(TarWriterTest, RefusesBodiesThatAreNotAsLongAsWasSaid) {
  Written written;
  ASSERT_TRUE(written.writer.begin_file("a", 3, kFile).ok());
  EXPECT_EQ(refusal_of(written.writer.append(base::as_bytes("four"))),
            "\"a\": expected 3 more bytes at most, got 4");
  ASSERT_TRUE(written.writer.append(base::as_bytes("o")).ok());
  EXPECT_EQ(refusal_of(written.writer.add_folder("b", kFile)),
            "\"a\": expected 2 more bytes, got none");
  EXPECT_EQ(refusal_of(written.writer.finish()), "\"a\": expected 2 more bytes, got none");
}

TEST(TarWriterTest, RefusesNamesThatLeaveTheFolder) {
  Written written;
  const std::string nul("a\0b", 3);
  for (const std::string& name :
       {std::string(), std::string("/a"), std::string("a/"), std::string("a//b"), std::string("."),
        std::string("a/./b"), std::string(".."), std::string("a/.."), std::string("../a"), nul,
        std::string(kTarNameMax + 1, 'a')}) {
    EXPECT_FALSE(written.writer.add_file(name, {}, kFile).ok()) << name;
    EXPECT_FALSE(written.writer.add_folder(name, kFile).ok()) << name;
    EXPECT_FALSE(written.writer.add_symlink(name, "a", kFile).ok()) << name;
  }
  EXPECT_FALSE(written.writer.add_symlink("a", "", kFile).ok());
  EXPECT_FALSE(written.writer.add_symlink("a", nul, kFile).ok());
  EXPECT_EQ(written.archive, "");
}

TEST(TarWriterTest, KeepsOnlyPermissionsOfAMode) {
  Written written;
  ASSERT_TRUE(written.writer.add_file("a", {}, {.mode = 0104755}).ok());
  EXPECT_EQ(written.archive.substr(100, 7), "0004755");
}

TEST(TarWriterTest, HandsOnTheErrorOfItsSink) {
  TarWriter writer([](base::Bytes) {
    return base::Result<void>(base::Error(base::Code::Exhausted, "disk full"));
  });
  EXPECT_EQ(refusal_of(writer.add_folder("a", kFile)), "disk full");
}

TEST(TarWriterTest, WritesAPaxHeaderOnlyForWhatDoesNotFit) {
  const struct {
    std::string name;
    std::size_t blocks;
  } cases[] = {{std::string(100, 'a'), 1},
               {numbered(std::string(99, 'a'), 2), 1},
               {std::string(155, 'p') + "/" + std::string(100, 'n'), 1},
               {std::string(101, 'a'), 3},
               {std::string(156, 'p') + "/" + std::string(99, 'n'), 3},
               {numbered("ab", 100), 3},
               {"caf\xC3\xA9", 3}};
  for (const auto& [name, blocks] : cases) {
    Written written;
    ASSERT_TRUE(written.writer.add_file(name, {}, kFile).ok());
    EXPECT_EQ(written.archive.size(), blocks * kTarBlock) << name;
    ASSERT_TRUE(written.writer.finish().ok());
    const auto index = TarIndex::read(base::as_bytes(written.archive));
    ASSERT_TRUE(index.ok()) << index.error().message();
    ASSERT_EQ(index->entries().size(), 1U);
    EXPECT_EQ(index->entries()[0].name, name);
  }
}

TEST(TarWriterTest, CountsTheDigitsOfAPaxRecordsLength) {
  // "NNN path=" and the line's end make the length pass from two digits to three and so on.
  for (std::size_t size = 101; size < 1100; size += size == 120 ? 860 : 1) {
    Written written;
    const std::string name(size, 'a');
    ASSERT_TRUE(written.writer.add_symlink("l", name, kFile).ok());
    ASSERT_TRUE(written.writer.finish().ok());
    const auto index = TarIndex::read(base::as_bytes(written.archive));
    ASSERT_TRUE(index.ok()) << index.error().message();
    ASSERT_EQ(index->entries()[0].target, name);
  }
}

TEST(TarWriterTest, SaysSizesOf8GibAndMoreInAPaxHeader) {
  Written below;
  ASSERT_TRUE(below.writer.begin_file("a", (1ULL << 33U) - 1, kFile).ok());
  EXPECT_EQ(below.archive.size(), kTarBlock);
  EXPECT_EQ(below.archive.substr(124, 12), std::string("77777777777\0", 12));
  Written above;
  ASSERT_TRUE(above.writer.begin_file("a", 1ULL << 33U, kFile).ok());
  ASSERT_EQ(above.archive.size(), 3 * kTarBlock);
  EXPECT_EQ(above.archive.substr(kTarBlock, 20), "19 size=8589934592\n" + std::string(1, '\0'));
}

TEST(TarWriterTest, SaysLargeUserNumbersInAPaxHeader) {
  Written written;
  ASSERT_TRUE(written.writer.add_folder("a", {.mode = 0755, .uid = 2097152, .gid = 2097152}).ok());
  EXPECT_EQ(written.archive.substr(kTarBlock, 32),
            "15 gid=2097152\n15 uid=2097152\n" + std::string(2, '\0'));
}

}  // namespace
}  // namespace oci
