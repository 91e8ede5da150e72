#include "oci/blob_draft.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/stat.h>

#include <gtest/gtest.h>

#include "oci/test_bytes.h"

namespace oci {
namespace {

namespace fs = std::filesystem;

class BlobDraftTest : public testing::Test {
 protected:
  BlobDraftTest() {
    std::string name = testing::TempDir() + "draft.XXXXXX";
    root_ = ::mkdtemp(name.data());
    layout_.emplace(*Layout::open(root_));
  }
  ~BlobDraftTest() override { fs::remove_all(root_); }

  std::unique_ptr<BlobDraft> start(std::uint64_t bytes_max) {
    auto draft = BlobDraft::start(*layout_, bytes_max);
    EXPECT_TRUE(draft.ok()) << draft.error().message();
    return *std::move(draft);
  }
  std::size_t leftovers() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(root_ + "/tmp"), fs::directory_iterator()));
  }

  std::string root_;
  std::optional<Layout> layout_;
};

TEST_F(BlobDraftTest, GivesBackTheRoomThatItTookAndDidNotNeed) {
  constexpr std::uint64_t kExpected = std::uint64_t{64} << 20U;
  const auto draft = start(kExpected);
  ASSERT_TRUE(draft->append(base::as_bytes("hello")).ok());
  draft->finish();
  const auto committed = draft->commit();
  ASSERT_TRUE(committed.ok()) << committed.error().message();
  struct stat about {};
  ASSERT_EQ(::stat(layout_->path(committed->digest).c_str(), &about), 0);
  EXPECT_EQ(about.st_size, 5);
  EXPECT_LT(static_cast<std::uint64_t>(about.st_blocks) * 512, std::uint64_t{1} << 20U);
}

TEST_F(BlobDraftTest, IsReadBeforeItHasItsName) {
  const auto draft = start(100);
  ASSERT_TRUE(draft->append(base::as_bytes("hello")).ok());
  const base::HeldBytes bytes = draft->finish();
  EXPECT_EQ(base::as_text(bytes.bytes), "hello");
  EXPECT_TRUE(layout_->list()->empty());
  const auto committed = draft->commit();
  ASSERT_TRUE(committed.ok()) << committed.error().message();
  EXPECT_EQ(committed->digest, base::Digest::of("hello"));
  EXPECT_EQ(committed->size, 5U);
  EXPECT_EQ(base::as_text((*layout_->open(committed->digest, 5))->bytes()), "hello");
  EXPECT_EQ(leftovers(), 0U);
}

TEST_F(BlobDraftTest, ItsBytesOutliveIt) {
  base::HeldBytes bytes;
  {
    const auto draft = start(100);
    ASSERT_TRUE(draft->append(base::as_bytes("hello")).ok());
    bytes = draft->finish();
  }
  EXPECT_EQ(base::as_text(bytes.bytes), "hello");
}

TEST_F(BlobDraftTest, LeavesNothingWhereItIsNotCommitted) {
  { const auto empty = start(100); }
  {
    const auto begun = start(std::uint64_t{64} << 20U);
    ASSERT_TRUE(begun->append(base::as_bytes(some_bytes(20 << 20))).ok());
  }
  {
    const auto finished = start(100);
    ASSERT_TRUE(finished->append(base::as_bytes("hello")).ok());
    finished->finish();
    finished->settle();
  }
  EXPECT_EQ(leftovers(), 0U);
  EXPECT_TRUE(layout_->list()->empty());
}

// Sizes around those in which bytes are digested and sent, and appended in pieces of another size.
TEST_F(BlobDraftTest, DigestsWhateverTheSizes) {
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{1}, std::size_t{256 << 10}, std::size_t{(256 << 10) + 1},
        std::size_t{8 << 20}, std::size_t{(17 << 20) + 3}}) {
    const std::string bytes = some_bytes(size);
    const auto draft = start(size + 5);
    for (std::size_t at = 0; at < size; at += 300'000) {
      ASSERT_TRUE(draft->append(base::as_bytes(bytes.substr(at, 300'000))).ok());
    }
    EXPECT_TRUE(base::as_text(draft->finish().bytes) == bytes) << size;
    const auto committed = draft->commit();
    ASSERT_TRUE(committed.ok()) << committed.error().message();
    EXPECT_EQ(committed->digest, base::Digest::of(bytes)) << size;
    EXPECT_EQ(committed->size, size);
    EXPECT_TRUE(layout_->open(committed->digest, size).ok());
  }
}

TEST_F(BlobDraftTest, RefusesMoreThanWasSaid) {
  const auto draft = start(5);
  EXPECT_TRUE(draft->append(base::as_bytes("hello")).ok());
  const auto more = draft->append(base::as_bytes("!"));
  ASSERT_FALSE(more.ok());
  EXPECT_EQ(more.error().code(), base::Code::Exhausted);
  EXPECT_EQ(more.error().message(), "blob: expected at most 5 B, got more");
}

// The digest is of the bytes that lie in the file, whatever was meant to be written there.
TEST_F(BlobDraftTest, DigestsWhatTheFileHolds) {
  const auto draft = start(1 << 20);
  ASSERT_TRUE(draft->append(base::as_bytes("hello")).ok());
  const fs::path file = *fs::directory_iterator(root_ + "/tmp");
  const base::HeldBytes bytes = draft->finish();
  const auto mapped = base::MappedFile::open(file, 5);
  ASSERT_TRUE(mapped.ok());
  EXPECT_EQ(base::Digest::of((*mapped)->bytes()), base::Digest::of(bytes.bytes));
  const auto committed = draft->commit();
  EXPECT_EQ(committed->digest, base::Digest::of((*mapped)->bytes()));
}

TEST_F(BlobDraftTest, MendsABlobWhoseBytesHaveChanged) {
  const Stored stored = *layout_->put("hello");
  const std::string path = layout_->path(stored.digest);
  fs::permissions(path, fs::perms::owner_all);
  fs::resize_file(path, 3);
  const auto draft = start(5);
  ASSERT_TRUE(draft->append(base::as_bytes("hello")).ok());
  draft->finish();
  ASSERT_TRUE(draft->commit().ok());
  EXPECT_TRUE(layout_->open(stored.digest, 5).ok());
}

}  // namespace
}  // namespace oci
