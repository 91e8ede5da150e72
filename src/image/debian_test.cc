#include "image/debian.h"

#include <gtest/gtest.h>

#include "image/test_system.h"

namespace image {
namespace {

TEST(DebianTest, FindsOwnersByNamesOfOldAndNew) {
  const TestFolder folder;
  make_system(folder);
  const SystemRoot root(folder.path());
  const auto owners = find_owners(
      root, {"/usr/lib/x86_64-linux-gnu/libc.so.6", "/usr/lib/x86_64-linux-gnu/liba.so.1.2.3",
             "/usr/lib/i386-linux-gnu/liba.so.1.2.3", "/usr/lib/x86_64-linux-gnu", ""});
  ASSERT_EQ(owners.size(), 3U);
  EXPECT_EQ(owners.at("/usr/lib/x86_64-linux-gnu/libc.so.6"),
            (DebianPackage{"libc6", "2.36-9+deb12u14", "amd64"}));
  EXPECT_EQ(owners.at("/usr/lib/x86_64-linux-gnu/liba.so.1.2.3"),
            (DebianPackage{"liba1", "1.2.3", "amd64"}));
  EXPECT_EQ(owners.at("/usr/lib/i386-linux-gnu/liba.so.1.2.3"),
            (DebianPackage{"liba1", "9", "i386"}));
}

TEST(DebianTest, KnowsNothingOfWhatIsNotInstalled) {
  const TestFolder folder;
  make_system(folder);
  const SystemRoot root(folder.path());
  EXPECT_TRUE(find_owners(root, {"/usr/lib/x86_64-linux-gnu/private/libb.so.1"}).empty());
  EXPECT_EQ(find_package(root, "gone"), std::nullopt);
  EXPECT_EQ(find_package(root, "none"), std::nullopt);
  EXPECT_EQ(find_package(root, "ca-certificates")->version, "20230311");
}

TEST(DebianTest, TakesASystemWithoutDpkg) {
  const TestFolder folder;
  const SystemRoot root(folder.path());
  EXPECT_TRUE(find_owners(root, {"/usr/lib/libc.so.6"}).empty());
  EXPECT_EQ(find_package(root, "libc6"), std::nullopt);
}

TEST(DebianTest, ReadsFilesWithoutALineAtTheEnd) {
  const TestFolder folder;
  folder.write("var/lib/dpkg/status", "Package: a\nStatus: install ok installed\nVersion: 1");
  folder.write("var/lib/dpkg/info/a.list", "/a");
  folder.write("var/lib/dpkg/info/a.md5sums", "/b\n");
  const SystemRoot root(folder.path());
  const auto owners = find_owners(root, {"/a", "/b"});
  ASSERT_EQ(owners.size(), 1U);
  EXPECT_EQ(owners.at("/a").name, "a");
}

}  // namespace
}  // namespace image
