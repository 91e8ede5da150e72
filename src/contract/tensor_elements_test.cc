#include "contract/tensor_elements.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace contract {
namespace {

using data::Datatype;

constexpr double kInf = std::numeric_limits<double>::infinity();

TEST(TensorElementsTest, HalvesAreTheNearestTiesToEven) {
  const struct {
    double number;
    std::uint16_t bits;
  } cases[] = {
      {0, 0x0000},
      {-0.0, 0x8000},
      {1, 0x3c00},
      {-2, 0xc000},
      {0.1, 0x2e66},
      {65504, 0x7bff},
      {65519.999, 0x7bff},
      {65520, 0x7c00},  // To the even of two, which is beyond the last.
      {1e300, 0x7c00},
      {kInf, 0x7c00},
      {-kInf, 0xfc00},
      {1 + 1.0 / 2048, 0x3c00},
      {1 + 3.0 / 2048, 0x3c02},
      {1 + 1.0 / 2048 + 1e-12, 0x3c01},  // By way of float32 it would be a tie.
      {std::ldexp(1, -14), 0x0400},
      {std::ldexp(1, -24), 0x0001},
      {std::ldexp(1, -25), 0x0000},
      {std::ldexp(1.5, -25), 0x0001},
      {std::ldexp(1, -14) - std::ldexp(1, -26), 0x0400},
      {1e-300, 0x0000},
  };
  for (const auto& c : cases) EXPECT_EQ(narrow_float(c.number, 5), c.bits) << c.number;
  EXPECT_EQ(narrow_float(std::nan(""), 5) & 0x7e00U, 0x7e00U);
}

TEST(TensorElementsTest, BfloatsAreTheUpperHalfOfFloats) {
  EXPECT_EQ(narrow_float(1, 8), 0x3f80);
  EXPECT_EQ(narrow_float(-3.140625, 8), 0xc049);
  EXPECT_EQ(narrow_float(3e38, 8), 0x7f62);
  EXPECT_EQ(narrow_float(3.4e38, 8), 0x7f80);
  EXPECT_EQ(narrow_float(std::ldexp(1, -133), 8), 0x0001);
  EXPECT_EQ(narrow_float(1 + 1.0 / 256, 8), 0x3f80);
  EXPECT_EQ(narrow_float(1 + 3.0 / 256, 8), 0x3f82);
}

// Each half stands for itself.
TEST(TensorElementsTest, EveryHalfComesBack) {
  for (std::uint32_t bits = 0; bits <= 0xffff; ++bits) {
    const auto half = static_cast<std::uint16_t>(bits);
    for (const auto& [type, exponent] : {std::pair(Datatype::Fp16, 5U), {Datatype::Bf16, 8U}}) {
      const double number = data::read_number(type, reinterpret_cast<const char*>(&half));
      if (std::isnan(number)) continue;
      ASSERT_EQ(narrow_float(number, exponent), half) << exponent;
    }
  }
}

template <typename From>
bool stores(Datatype type, From number) {
  char at[8];
  return for_datatype(type, [&]<Datatype kType>() { return store_number<kType>(number, at); });
}

TEST(TensorElementsTest, WhatIsNoNumberOfTheTypeIsRefused) {
  const struct {
    Datatype type;
    double number;
    bool fits;
  } cases[] = {
      {Datatype::Bool, 0, true},
      {Datatype::Bool, 1, true},
      {Datatype::Bool, 2, false},
      {Datatype::Bool, 0.5, false},
      {Datatype::Uint8, 255, true},
      {Datatype::Uint8, 256, false},
      {Datatype::Uint8, -1, false},
      {Datatype::Uint8, 1.5, false},
      {Datatype::Int8, -128, true},
      {Datatype::Int8, -129, false},
      {Datatype::Uint16, 65535, true},
      {Datatype::Uint16, 65536, false},
      {Datatype::Int16, 32767, true},
      {Datatype::Int16, 32768, false},
      {Datatype::Int32, -2147483648.0, true},
      {Datatype::Int32, 2147483648.0, false},
      {Datatype::Uint32, 4294967295.0, true},
      {Datatype::Uint32, 4294967296.0, false},
      {Datatype::Int64, -9223372036854775808.0, true},
      {Datatype::Int64, 9223372036854775808.0, false},
      {Datatype::Uint64, 18446744073709549568.0, true},
      {Datatype::Uint64, 18446744073709551616.0, false},
      {Datatype::Int64, kInf, false},
      {Datatype::Int32, std::nan(""), false},
      {Datatype::Fp16, 65504, true},
      {Datatype::Fp16, 65520, false},
      {Datatype::Fp16, kInf, true},
      {Datatype::Bf16, 1e39, false},
      {Datatype::Fp32, 3.4e38, true},
      {Datatype::Fp32, 1e39, false},
      {Datatype::Fp32, -kInf, true},
      {Datatype::Fp64, 1e308, true},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(stores(c.type, c.number), c.fits) << data::datatype_name(c.type) << " " << c.number;
  }
  EXPECT_TRUE(stores(Datatype::Uint8, std::int64_t{255}));
  EXPECT_FALSE(stores(Datatype::Uint8, std::int64_t{-1}));
  EXPECT_FALSE(stores(Datatype::Int64, std::uint64_t{1} << 63U));
  EXPECT_TRUE(stores(Datatype::Bool, true));
}

TEST(TensorElementsTest, LongIntegersAreExact) {
  std::vector<std::int64_t> numbers;
  const auto take = [&](std::int64_t each) {
    numbers.push_back(each);
    return true;
  };
  const std::string text = "[9007199254740993, -9223372036854775808,0 ,1]" + std::string(64, ' ');
  EXPECT_TRUE(read_integers<std::int64_t>(text.data(), take));
  EXPECT_EQ(numbers, (std::vector<std::int64_t>{9007199254740993, INT64_MIN, 0, 1}));
  for (const char* bad : {"[1.0]", "[1e3]", "[01]", "[]", "[9223372036854775808]", "[1,]", "[-]",
                          "[\"1\"]", "[99999999999999999999999]", "[1 2]"}) {
    const std::string padded = bad + std::string(64, ' ');
    EXPECT_FALSE(read_integers<std::int64_t>(padded.data(), take)) << bad;
  }
}

TEST(TensorElementsTest, AreWrittenWithTheFewestDigits) {
  const auto written = [](Datatype type, auto value, bool nan = false) {
    std::string out;
    append_json_element(type, reinterpret_cast<const char*>(&value), nan, out);
    return out;
  };
  EXPECT_EQ(written(Datatype::Fp32, 0.1F), "0.1");
  EXPECT_EQ(written(Datatype::Fp64, 0.1), "0.1");
  EXPECT_EQ(written(Datatype::Fp64, 1e23), "1e+23");
  EXPECT_EQ(written(Datatype::Bool, true), "true");
  EXPECT_EQ(written(Datatype::Int8, std::int8_t{-5}), "-5");
  EXPECT_EQ(written(Datatype::Int64, INT64_MIN), "-9223372036854775808");
  EXPECT_EQ(written(Datatype::Uint64, UINT64_MAX), "18446744073709551615");
  EXPECT_EQ(written(Datatype::Fp16, std::uint16_t{0x3c00}), "1");
  EXPECT_EQ(written(Datatype::Fp32, std::nanf("")), "null");
  EXPECT_EQ(written(Datatype::Fp32, std::nanf(""), true), "NaN");
  EXPECT_EQ(written(Datatype::Fp64, -kInf, true), "-Infinity");
}

}  // namespace
}  // namespace contract
