#include "base/file.h"

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace base {
namespace {

class FileTest : public testing::Test {
 protected:
  FileTest() {
    std::string pattern = testing::TempDir() + "file_test.XXXXXX";
    root_ = ::mkdtemp(pattern.data());
    std::ofstream(root_ + "/inside") << "hello";
  }
  ~FileTest() override { std::filesystem::remove_all(root_); }
  std::string root_;
};

TEST_F(FileTest, MapsARegularFile) {
  const auto file = MappedFile::open(root_ + "/inside", 100);
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(as_text((*file)->bytes()), "hello");
}

TEST_F(FileTest, ReadsWhatIsMapped) {
  const auto file = MappedFile::open(root_ + "/inside", 100);
  ASSERT_TRUE(file.ok());
  std::array<std::byte, 4> bytes{};
  EXPECT_EQ(*(*file)->read(1, bytes), 4U);
  EXPECT_EQ(as_text(bytes), "ello");
  EXPECT_EQ(*(*file)->read(3, bytes), 2U);
  EXPECT_EQ(*(*file)->read(7, bytes), 0U);
}

TEST_F(FileTest, SeesThatALargeFileWasCut) {
  std::filesystem::resize_file(root_ + "/inside", MappedFile::kLarge);
  const auto file = MappedFile::open(root_ + "/inside", MappedFile::kLarge);
  ASSERT_TRUE(file.ok());
  std::filesystem::resize_file(root_ + "/inside", 3);
  std::array<std::byte, 4> bytes{};
  EXPECT_EQ(*(*file)->read(1, bytes), 2U);
  EXPECT_EQ(as_text(bytes).substr(0, 2), "el");
}

TEST_F(FileTest, ReadsTheBeginning) {
  EXPECT_EQ(*read_beginning_beneath(root_, "inside", 2), "he");
  EXPECT_EQ(*read_beginning_beneath(root_, "inside", 9), "hello");
  EXPECT_EQ(read_beginning_beneath(root_, "none", 9).error().code(), Code::NotFound);
}

TEST_F(FileTest, RefusesWhatIsMissingOrAFolderOrTooLarge) {
  EXPECT_EQ(MappedFile::open(root_ + "/none", 100).error().code(), Code::NotFound);
  EXPECT_EQ(MappedFile::open(root_, 100).error().message(),
            "\"" + root_ + "\": expected a regular file");
  EXPECT_EQ(MappedFile::open(root_ + "/inside", 4).error().message(),
            "\"" + root_ + "/inside\": expected at most 4 B, got 5 B");
}

TEST_F(FileTest, MakesAFolderWhereNothingElseHasItsName) {
  EXPECT_TRUE(make_folder(root_ + "/new").ok());
  EXPECT_TRUE(make_folder(root_ + "/new").ok());
  const auto refused = make_folder(root_ + "/inside");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), Code::Invalid);
  EXPECT_EQ(refused.error().message(), "\"" + root_ + "/inside\": expected a folder, got a file");
}

TEST_F(FileTest, NothingBeneathARootLeavesIt) {
  std::filesystem::create_symlink("/etc/passwd", root_ + "/link");
  std::filesystem::create_directory(root_ + "/sub");
  std::filesystem::create_directory_symlink("/etc", root_ + "/folder");
  EXPECT_EQ(*read_beneath(root_, "inside", 100), "hello");
  for (const char* name : {"link", "../inside", "/etc/passwd", "folder/passwd", "sub/../../x",
                           "sub/../inside/../../etc/passwd"}) {
    EXPECT_FALSE(read_beneath(root_, name, 1 << 20).ok()) << name;
  }
}

TEST_F(FileTest, AnUncommittedFileLeavesNothing) {
  {
    auto file = AtomicFile::create(root_ + "/out");
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE((*file)->append("half").ok());
  }
  EXPECT_FALSE(std::filesystem::exists(root_ + "/out"));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(root_), {}), 1);
}

TEST_F(FileTest, ACommittedFileReplacesTheOldOne) {
  auto file = AtomicFile::create(root_ + "/inside");
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE((*file)->append("new").ok());
  ASSERT_TRUE((*file)->commit().ok());
  EXPECT_EQ(*read_beneath(root_, "inside", 100), "new");
}

}  // namespace
}  // namespace base
