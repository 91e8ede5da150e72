#include "pickle/walk.h"

#include <string>

#include <gtest/gtest.h>

#include "pickle/document.h"

namespace pickle {
namespace {

std::size_t count(const std::string& bytes) {
  const auto document = Document::read(base::as_bytes(bytes));
  EXPECT_TRUE(document.ok());
  std::size_t nodes = 0;
  walk(document->root(), [&](Value) { return ++nodes > 0; });
  return nodes;
}

bool within(const std::string& bytes, unsigned depth) {
  const auto document = Document::read(base::as_bytes(bytes));
  EXPECT_TRUE(document.ok());
  return is_tree_within(document->root(), depth);
}

// A list of ten times the list below, `levels` times.
std::string laughs(char levels) {
  std::string bytes =
      "]q\x01"
      "0";
  for (char i = 1; i <= levels; ++i) {
    bytes += "](";
    for (int k = 0; k < 10; ++k) bytes += std::string("h") + i;
    bytes += std::string("eq") + static_cast<char>(i + 1) + "0";
  }
  return bytes + "h" + static_cast<char>(levels + 1) + ".";
}

TEST(WalkTest, VisitsEachNodeOnce) {
  EXPECT_EQ(count("N."), 1U);
  EXPECT_EQ(count("(K\x01K\x02l."), 3U);
  EXPECT_EQ(count("(Va\nK\x01"
                  "d."),
            3U);
  EXPECT_EQ(count("]q\x01h\x01"
                  "a."),
            1U);
  EXPECT_EQ(count(laughs(60)), 61U);
}

TEST(WalkTest, VisitsAllOfAnInstance) {
  // The instance, its class, an argument, a state, two entries, an item.
  EXPECT_EQ(count("cm\nC\n(K\x01tRK\x02"
                  "aVk\nVv\nsNb."),
            7U);
}

TEST(WalkTest, LeavesOutWhatTheVisitorDeclines) {
  const std::string bytes = "((K\x01K\x02lK\x03l.";
  const auto document = Document::read(base::as_bytes(bytes));
  ASSERT_TRUE(document.ok());
  std::size_t nodes = 0;
  walk(document->root(), [&](Value value) {
    ++nodes;
    return value.items().size() != 2 || value.items()[0].is(Kind::List);
  });
  EXPECT_EQ(nodes, 3U);
}

TEST(TreeTest, BoundsDepth) {
  EXPECT_TRUE(within("N.", 1));
  EXPECT_TRUE(within("(((lll.", 3));
  EXPECT_FALSE(within("((((llll.", 3));
  EXPECT_TRUE(within(laughs(60), 61));
  EXPECT_FALSE(within(laughs(60), 60));
}

TEST(TreeTest, FindsCycles) {
  EXPECT_FALSE(
      within("]q\x01h\x01"
             "a.",
             100));
  EXPECT_FALSE(within("cm\nC\n)\x81q\x01}Vself\nh\x01sb.", 100));
}

}  // namespace
}  // namespace pickle
