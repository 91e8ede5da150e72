#include "engine_onnx/page_release.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

namespace engine_onnx {
namespace {

constexpr std::size_t kSize = base::MappedFile::kLarge + 100;

// What of mapped files is in this process's memory.
std::size_t file_pages_kb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("RssFile:")) return std::stoul(line.substr(8));
  }
  return 0;
}

class PageReleaseTest : public ::testing::Test {
 protected:
  PageReleaseTest() : folder_(::testing::TempDir() + "page_release") {
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ + "/large", std::ios::binary) << std::string(kSize, 'x');
  }
  ~PageReleaseTest() override { std::filesystem::remove_all(folder_); }

  static bool all_there(base::Bytes bytes) {
    // Each is like the one before it.
    return bytes.front() == std::byte{'x'} &&
           std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0;
  }
  std::string folder_;
};

TEST_F(PageReleaseTest, GivesPagesBackThatComeAgain) {
  const auto held = base::FolderFiles(folder_).open("large", kSize);
  ASSERT_TRUE(held.ok());
  EXPECT_TRUE(all_there(held->bytes));
  const std::size_t before = file_pages_kb();
  {
    PageRelease pages;
    pages.add(*held);
    pages.start();
  }
  EXPECT_LE(file_pages_kb() + 15 * 1024, before);
  EXPECT_TRUE(all_there(held->bytes));
}

TEST_F(PageReleaseTest, LeavesMemoryAlone) {
  const std::string text(1 << 20U, 'x');
  {
    PageRelease pages;
    pages.add({.bytes = base::as_bytes(text), .holder = nullptr});
    pages.start();
  }
  EXPECT_TRUE(all_there(base::as_bytes(text)));
}

}  // namespace
}  // namespace engine_onnx
