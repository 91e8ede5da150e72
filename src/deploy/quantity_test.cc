#include "deploy/quantity.h"

#include <string>

#include <gtest/gtest.h>

namespace deploy {
namespace {

TEST(QuantityTest, CpuIsExactToAThousandth) {
  const struct {
    const char* text;
    std::int64_t millis;
    const char* canonical;
  } cases[] = {{"500m", 500, "500m"},       {"2", 2000, "2"},          {"0.1", 100, "100m"},
               {"1.5", 1500, "1500m"},      {"1000m", 1000, "1"},      {"0.001", 1, "1m"},
               {"1024", 1'024'000, "1024"}, {".5", 500, "500m"},       {"2.", 2000, "2"},
               {"0.100000", 100, "100m"},   {"1500.0m", 1500, "1500m"}};
  for (const auto& c : cases) {
    const auto cpu = Cpu::parse(c.text);
    ASSERT_TRUE(cpu.ok()) << c.text;
    EXPECT_EQ(cpu->millis, c.millis) << c.text;
    EXPECT_EQ(cpu->text(), c.canonical) << c.text;
  }
}

TEST(QuantityTest, CpuRefusesWhatItCannotHoldExactly) {
  for (const char* text : {"",
                           "m",
                           "-1",
                           "+1",
                           "0",
                           "0m",
                           "0.5m",
                           "0.0001",
                           "1024.001",
                           "1025",
                           "1e3",
                           "2k",
                           "1 ",
                           " 1",
                           "500M",
                           "1.2.3",
                           "9999999999999999999",
                           "two",
                           "1000000000000000m",
                           "."}) {
    EXPECT_FALSE(Cpu::parse(text).ok()) << text;
  }
  EXPECT_EQ(Cpu::parse("0.5m").error().message(),
            "expected processors such as \"500m\" or \"2\", from 1m to 1024, got \"0.5m\"");
}

TEST(QuantityTest, MemoryRoundsAFractionOfAByteUpAsKubernetesDoes) {
  const struct {
    const char* text;
    std::int64_t bytes;
    const char* canonical;
  } cases[] = {{"512Mi", 536'870'912, "512Mi"},     {"1Gi", 1'073'741'824, "1Gi"},
               {"1.5Gi", 1'610'612'736, "1536Mi"},  {"2G", 2'000'000'000, "2G"},
               {"0.1Gi", 107'374'183, "107374183"}, {"1048576", 1'048'576, "1Mi"},
               {"1024Ki", 1'048'576, "1Mi"},        {"16Ti", Memory::kBytesMax, "16Ti"},
               {"1500k", 1'500'000, "1500k"},       {"1.000001Mi", 1'048'578, "1048578"}};
  for (const auto& c : cases) {
    const auto memory = Memory::parse(c.text);
    ASSERT_TRUE(memory.ok()) << c.text;
    EXPECT_EQ(memory->bytes, c.bytes) << c.text;
    EXPECT_EQ(memory->text(), c.canonical) << c.text;
  }
}

TEST(QuantityTest, MemoryRefusesWhatIsNoSize) {
  for (const char* text : {"", "Mi", "-1Gi", "1Ki", "0", "1023Ki", "17Ti", "16.1Ti", "1e9", "1 Gi",
                           "999999999999999Ti", "1K", "1Pi", "0.0000001Ti"}) {
    EXPECT_FALSE(Memory::parse(text).ok()) << text;
  }
}

TEST(QuantityTest, MemoryInAnotherNotationIsAnsweredWithTheRightOne) {
  const struct {
    const char* text;
    const char* meant;
  } cases[] = {
      {"512m", "512Mi"}, {"512MB", "512M"}, {"2GB", "2G"}, {"2GiB", "2Gi"}, {"512MiB", "512Mi"}};
  for (const auto& c : cases) {
    EXPECT_EQ(Memory::parse(c.text).error().message(),
              "expected memory such as \"512Mi\" or \"2Gi\", from 1Mi to 16Ti, got \"" +
                  std::string(c.text) + "\"; did you mean \"" + c.meant + "\"?");
  }
}

TEST(QuantityTest, TextReadsBackAsTheSame) {
  for (std::int64_t millis = 1; millis <= Cpu::kMillisMax; millis += 997) {
    EXPECT_EQ(Cpu::parse(Cpu{millis}.text())->millis, millis);
  }
  for (std::int64_t bytes = Memory::kBytesMin; bytes <= Memory::kBytesMax; bytes = bytes * 3 + 1) {
    EXPECT_EQ(Memory::parse(Memory{bytes}.text())->bytes, bytes);
  }
}

}  // namespace
}  // namespace deploy
