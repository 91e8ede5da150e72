#include "image/system_root.h"

#include <gtest/gtest.h>

#include "image/test_system.h"

namespace image {
namespace {

TEST(SystemRootTest, FollowsLinksInsideTheFolderOnly) {
  const TestFolder folder;
  folder.write("usr/lib/a", "here");
  folder.link("lib", "usr/lib");
  folder.link("absolute", "/usr/lib");
  folder.link("above", "../../../../usr");
  folder.link("usr/lib/up", "../..");
  folder.link("loop", "loop");
  folder.link("dangling", "nothing");
  const SystemRoot root(folder.path() + "/");
  EXPECT_EQ(root.find_real("/lib/a"), "/usr/lib/a");
  EXPECT_EQ(root.find_real("/absolute/a"), "/usr/lib/a");
  EXPECT_EQ(root.find_real("/above/lib//./a"), "/usr/lib/a");
  EXPECT_EQ(root.find_real("/lib/up/usr/lib/a"), "/usr/lib/a");
  EXPECT_EQ(root.find_real("/../usr"), "/usr");
  EXPECT_EQ(root.find_real("/"), "/");
  for (const std::string_view path : {"/loop", "/dangling", "/none", "/usr/lib/a/b"}) {
    EXPECT_EQ(root.find_real(path), std::nullopt) << path;
  }
}

TEST(SystemRootTest, OpensAndLists) {
  const TestFolder folder;
  folder.write("etc/b", "text");
  folder.write("etc/a", "");
  const SystemRoot root(folder.path());
  EXPECT_EQ(root.list("/etc"), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(root.list("/none").empty());
  EXPECT_EQ(base::as_text((*root.open("/etc/b"))->bytes()), "text");
  const auto none = root.open("/etc/c");
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().message(), "\"/etc/c\": expected a file");
  EXPECT_FALSE(root.open("/etc").ok());
}

TEST(SystemRootTest, CutsPaths) {
  EXPECT_EQ(parent_of("/a/b"), "/a");
  EXPECT_EQ(parent_of("/a"), "/");
  EXPECT_EQ(name_of("/a/b"), "b");
  EXPECT_EQ(name_of("b"), "b");
}

}  // namespace
}  // namespace image
