#include "table/json_numbers.h"

#include <bit>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace table {
namespace {

// The numbers of an array, or nothing.
std::optional<std::vector<double>> read(std::string text) {
  text.append("]").append(kPlainNumberBytes, '7');
  std::vector<double> numbers;
  const bool read = read_numbers(text.data(), [&](double number) {
    numbers.push_back(number);
    return true;
  });
  return read ? std::optional(numbers) : std::nullopt;
}

void expect_as_strtod(const std::string& text) {
  const auto numbers = read("[" + text);
  ASSERT_TRUE(numbers && numbers->size() == 1) << text;
  const double expected = std::strtod(text.c_str(), nullptr);
  EXPECT_EQ(std::bit_cast<std::uint64_t>(numbers->front()), std::bit_cast<std::uint64_t>(expected))
      << text;
}

TEST(JsonNumbersTest, ReadsEachAsTheNearestFloat64) {
  for (const auto* text : {"0",
                           "-0",
                           "1",
                           "-1",
                           "0.0",
                           "-0.0",
                           "0.1",
                           "0.3",
                           "2.5",
                           "12345678",
                           "0.12345678",
                           "0.123456789",
                           "0.1234567890123456",
                           "0.12345678901234567",
                           "123.4567890123456",
                           "999999999999999",
                           "9999999999999999",
                           "9007199254740992",
                           "9007199254740993",
                           "90071992547409.93",
                           "0.9007199254740993",
                           "18446744073709551616",
                           "1e5",
                           "1E+5",
                           "5.2e-05",
                           "4.9e-324",
                           "2.2250738585072011e-308",
                           "1.7976931348623157e308",
                           "1.0",
                           "100.25",
                           "0.95000000000000000000",
                           "0.00000000000000001",
                           "8.41",
                           "72057594037927945.0",
                           "999.9999999999999999"}) {
    expect_as_strtod(text);
  }
}

TEST(JsonNumbersTest, ReadsRandomOnesAsTheNearestFloat64) {
  std::mt19937_64 random(7);
  for (int i = 0; i < 100'000; ++i) {
    const double any = std::bit_cast<double>(random());
    if (std::isfinite(any) && std::fpclassify(any) == FP_NORMAL)
      expect_as_strtod(fmt::format("{}", any));
    const auto digits = [&](unsigned count) {
      std::string text;
      while (text.size() < count) text += static_cast<char>('0' + random() % 10);
      return text;
    };
    const std::string whole = std::to_string(random() >> (random() % 64));
    expect_as_strtod(whole + "." + digits(1 + static_cast<unsigned>(random() % 20)));
    expect_as_strtod("-0." + digits(1 + static_cast<unsigned>(random() % 18)));
  }
}

TEST(JsonNumbersTest, TakesWhatIsTooSmallForZero) {
  const std::string zeros(400, '0');
  for (const std::string& text :
       {std::string("1e-400"), std::string("-1e-400"), "0." + zeros + "1", "1" + zeros + "e-800",
        "0." + zeros + "1e+5", std::string("1e-99999999999999999999")}) {
    expect_as_strtod(text);
  }
  for (const std::string& text :
       {"1" + zeros, "1" + zeros + ".5e-9", "0." + zeros + "1e900",
        std::string("1e99999999999999999999"), std::string("2E44444444444444444449")}) {
    EXPECT_EQ(read("[" + text), std::nullopt) << text;
  }
}

TEST(JsonNumbersTest, ReadsArraysHoweverTheyAreSpaced) {
  const std::vector<double> expected = {1, 2.5, -3e2};
  EXPECT_EQ(read("[1,2.5,-3e2"), expected);
  EXPECT_EQ(read("[ 1 , 2.5\n,\r\n\t-3e2 "), expected);
}

TEST(JsonNumbersTest, LeavesEverythingElseToOthers) {
  for (const auto* text : {"",       "[",
                           "[1,",    "[,1",
                           "[1 2",   "[01",
                           "[-",     "[1.",
                           "[.5",    "[+1",
                           "[1e",    "[1e+",
                           "[0x1",   "[1.5.5",
                           "[NaN",   "[inf",
                           "[null",  "[\"1\"",
                           "[[1]",   "[1}",
                           "[{}",    "1",
                           "[1e400", "[-1e400",
                           "[1.2e",  "[12345678901234567x",
                           "[--1",   "[1,true"}) {
    EXPECT_EQ(read(text), std::nullopt) << text;
  }
}

TEST(JsonNumbersTest, StopsWhereANumberIsNotWanted) {
  int count = 0;
  EXPECT_FALSE(read_numbers("[1,2,3]                                     ",
                            [&](double) { return ++count < 2; }));
  EXPECT_EQ(count, 2);
}

}  // namespace
}  // namespace table
