#include "oci/layout.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

namespace oci {
namespace {

namespace fs = std::filesystem;

class LayoutTest : public testing::Test {
 protected:
  LayoutTest() {
    std::string name = testing::TempDir() + "layout.XXXXXX";
    root_ = ::mkdtemp(name.data());
  }
  ~LayoutTest() override { fs::remove_all(root_); }

  Layout open() {
    auto layout = Layout::open(root_);
    EXPECT_TRUE(layout.ok()) << layout.error().message();
    return *std::move(layout);
  }
  static std::string text_of(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::size_t leftovers() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(root_ + "/tmp"), fs::directory_iterator()));
  }

  std::string root_;
};

TEST_F(LayoutTest, ANewOneIsAnEmptyImageLayout) {
  open();
  EXPECT_EQ(text_of(root_ + "/oci-layout"), R"({"imageLayoutVersion":"1.0.0"})");
  EXPECT_EQ(text_of(root_ + "/index.json"),
            R"({"manifests":[],"mediaType":"application/vnd.oci.image.index.v1+json",)"
            R"("schemaVersion":2})");
  EXPECT_TRUE(fs::is_directory(root_ + "/blobs/sha256"));
}

TEST_F(LayoutTest, OpeningKeepsWhatIsThere) {
  const Stored stored = *open().put("hello");
  ASSERT_TRUE(open().write_index("{}").ok());
  const Layout again = open();
  EXPECT_TRUE(again.has(stored.digest));
  EXPECT_EQ(*again.read_index(), "{}");
}

TEST_F(LayoutTest, RefusesOtherVersions) {
  std::ofstream(root_ + "/oci-layout") << R"({"imageLayoutVersion":"2.0.0"})";
  const auto layout = Layout::open(root_);
  ASSERT_FALSE(layout.ok());
  EXPECT_EQ(layout.error().code(), base::Code::Unsupported);
}

TEST_F(LayoutTest, BlobsLieUnderTheirDigestsReadOnly) {
  const Layout layout = open();
  const auto stored = layout.put("hello");
  ASSERT_TRUE(stored.ok()) << stored.error().message();
  EXPECT_EQ(stored->digest, base::Digest::of("hello"));
  EXPECT_EQ(stored->size, 5U);
  const fs::path path = root_ + "/blobs/sha256/" + stored->digest.hex();
  EXPECT_EQ(text_of(path), "hello");
  EXPECT_EQ(fs::status(path).permissions(), fs::perms(0444));
  EXPECT_EQ(leftovers(), 0U);
  const auto blob = layout.open(stored->digest, 100);
  ASSERT_TRUE(blob.ok()) << blob.error().message();
  EXPECT_EQ(base::as_text((*blob)->bytes()), "hello");
}

TEST_F(LayoutTest, AWriterThatIsNotCommittedLeavesNothing) {
  const Layout layout = open();
  {
    auto writer = layout.write(0);
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE(writer->append(base::as_bytes("half")).ok());
    EXPECT_EQ(leftovers(), 1U);
    Layout::Writer moved = *std::move(writer);
  }
  EXPECT_EQ(leftovers(), 0U);
  EXPECT_TRUE(layout.list()->empty());
}

TEST_F(LayoutTest, BytesThatAreNotTheExpectedOnesAreNotKept) {
  const Layout layout = open();
  {
    auto writer = layout.write(0);
    ASSERT_TRUE(writer->append(base::as_bytes("evil")).ok());
    const auto stored = writer->commit(base::Digest::of("good"));
    ASSERT_FALSE(stored.ok());
    EXPECT_EQ(stored.error().code(), base::Code::Corrupt);
  }
  EXPECT_TRUE(layout.list()->empty());
  EXPECT_EQ(leftovers(), 0U);
}

TEST_F(LayoutTest, AFlippedBitIsFoundBeforeTheBytesAreGiven) {
  const Layout layout = open();
  const Stored stored = *layout.put("hello");
  fs::permissions(layout.path(stored.digest), fs::perms(0644));
  std::ofstream(layout.path(stored.digest)) << "hellp";
  const auto blob = layout.open(stored.digest, 100);
  ASSERT_FALSE(blob.ok());
  EXPECT_EQ(blob.error().code(), base::Code::Corrupt);
}

TEST_F(LayoutTest, PuttingBytesAgainMendsThem) {
  const Layout layout = open();
  const Stored stored = *layout.put("hello");
  fs::permissions(layout.path(stored.digest), fs::perms(0644));
  std::ofstream(layout.path(stored.digest)) << "hellp";
  ASSERT_TRUE(layout.put("hello").ok());
  EXPECT_TRUE(layout.open(stored.digest, 100).ok());
}

TEST_F(LayoutTest, FollowsNoLinks) {
  const Layout layout = open();
  const base::Digest digest = base::Digest::of("hello");
  std::ofstream(root_ + "/outside") << "hello";
  fs::create_symlink(root_ + "/outside", layout.path(digest));
  EXPECT_FALSE(layout.has(digest));
  EXPECT_FALSE(layout.open(digest, 100).ok());
}

TEST_F(LayoutTest, ListsDigestsAndLeavesOtherNamesAlone) {
  const Layout layout = open();
  const Stored one = *layout.put("1");
  const Stored two = *layout.put("2");
  std::ofstream(root_ + "/blobs/sha256/README") << "x";
  const auto all = layout.list();
  ASSERT_TRUE(all.ok());
  EXPECT_EQ(all->size(), 2U);
  ASSERT_TRUE(layout.remove(one.digest).ok());
  EXPECT_EQ(layout.list()->front(), two.digest);
}

TEST_F(LayoutTest, CleansWhatACrashLeft) {
  const Layout layout = open();
  std::ofstream(root_ + "/tmp/blob.abc123") << "12345678";
  const auto freed = layout.clean();
  ASSERT_TRUE(freed.ok());
  EXPECT_EQ(*freed, 8U);
  EXPECT_EQ(leftovers(), 0U);
}

TEST_F(LayoutTest, SaysWhatIsNeededAndWhatIsFreeBeforeItWrites) {
  const auto writer = open().write(std::uint64_t{1} << 60U);
  ASSERT_FALSE(writer.ok());
  EXPECT_EQ(writer.error().code(), base::Code::Exhausted);
  EXPECT_NE(writer.error().message().find("the disk is full: expected"), std::string::npos);
  EXPECT_EQ(leftovers(), 0U);
}

}  // namespace
}  // namespace oci
