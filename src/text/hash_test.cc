#include "text/hash.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace text {
namespace {

// Made with sklearn.utils.murmurhash3_bytes_s32.
TEST(Murmur3Test, AgreesWithScikitLearn) {
  const struct {
    std::string_view bytes;
    std::uint32_t seed;
    std::int32_t hash;
  } cases[] = {
      {"", 0, 0},
      {"", 1, 1364076727},
      {"a", 0, 1009084850},
      {"ab", 0, -1681926305},
      {"abc", 0, -1277324294},
      {"abcd", 0, 1139631978},
      {"hello world", 0, 1586663183},
      {"the quick brown fox", 0, 519850996},
      {"café", 0, 605818632},
      {"日本語", 0, -1515949417},
      {"hello world", 42, -368272391},
  };
  for (const auto& c : cases) EXPECT_EQ(murmur3(c.bytes, c.seed), c.hash) << c.bytes;
}

TEST(HashTermTest, SpreadsSimilarTerms) {
  std::set<std::uint64_t> low;
  std::set<std::uint64_t> whole;
  for (int i = 0; i < 10000; ++i) {
    const std::uint64_t hash = hash_term("term" + std::to_string(i), 1);
    low.insert(hash & 0xFFFF);
    whole.insert(hash);
  }
  EXPECT_EQ(whole.size(), 10000U);
  // 10,000 balls in 65,536 boxes: 9,275 boxes hit if the hash is like a random one.
  EXPECT_GT(low.size(), 9100U);
  EXPECT_LT(low.size(), 9450U);
}

TEST(HashTermTest, DependsOnTheSeedAndOnEveryByte) {
  std::set<std::uint64_t> seen;
  std::size_t count = 0;
  for (std::size_t length = 0; length < 40; ++length) {
    std::string term(length, 'x');
    seen.insert(hash_term(term, 1));
    seen.insert(hash_term(term, 2));
    count += 2;
    for (char& c : term) {
      c = 'y';
      seen.insert(hash_term(term, 1));
      c = 'x';
      ++count;
    }
  }
  EXPECT_EQ(seen.size(), count);
}

}  // namespace
}  // namespace text
