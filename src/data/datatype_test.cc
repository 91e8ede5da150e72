#include "data/datatype.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace data {
namespace {

template <typename T>
double read_back(Datatype type, T value) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  EXPECT_EQ(datatype_bytes(type), sizeof(T));
  return read_number(type, bytes);
}

TEST(DatatypeTest, NamesReadBack) {
  for (int i = 0; i <= static_cast<int>(Datatype::Bytes); ++i) {
    const auto type = static_cast<Datatype>(i);
    EXPECT_EQ(parse_datatype(datatype_name(type)), type);
  }
  EXPECT_EQ(parse_datatype("FP128"), std::nullopt);
  EXPECT_EQ(parse_datatype("fp32"), std::nullopt);
}

TEST(DatatypeTest, NumbersOfEveryType) {
  EXPECT_EQ(read_back(Datatype::Bool, true), 1);
  EXPECT_EQ(read_back(Datatype::Uint8, std::uint8_t{200}), 200);
  EXPECT_EQ(read_back(Datatype::Uint16, std::uint16_t{65'000}), 65'000);
  EXPECT_EQ(read_back(Datatype::Uint32, std::uint32_t{4'000'000'000U}), 4e9);
  EXPECT_EQ(read_back(Datatype::Uint64, std::uint64_t{1} << 60U), std::ldexp(1, 60));
  EXPECT_EQ(read_back(Datatype::Int8, std::int8_t{-7}), -7);
  EXPECT_EQ(read_back(Datatype::Int16, std::int16_t{-300}), -300);
  EXPECT_EQ(read_back(Datatype::Int32, std::int32_t{-70'000}), -70'000);
  EXPECT_EQ(read_back(Datatype::Int64, std::int64_t{-1} - 4'000'000'000), -4'000'000'001.0);
  EXPECT_EQ(read_back(Datatype::Fp32, 0.1F), static_cast<double>(0.1F));
  EXPECT_EQ(read_back(Datatype::Fp64, 0.1), 0.1);
  EXPECT_EQ(read_back(Datatype::Bf16, std::uint16_t{0x3fc0}), 1.5);
}

TEST(DatatypeTest, HalfsOfEveryKind) {
  EXPECT_EQ(read_back(Datatype::Fp16, std::uint16_t{0x3e00}), 1.5);
  EXPECT_EQ(read_back(Datatype::Fp16, std::uint16_t{0xc000}), -2);
  EXPECT_EQ(read_back(Datatype::Fp16, std::uint16_t{0x0001}), std::ldexp(1, -24));
  EXPECT_EQ(read_back(Datatype::Fp16, std::uint16_t{0x7bff}), 65'504);
  EXPECT_EQ(read_back(Datatype::Fp16, std::uint16_t{0xfc00}),
            -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(read_back(Datatype::Fp16, std::uint16_t{0x7e00})));
}

TEST(DatatypeTest, SaysWhetherAllAreFinite) {
  const auto finite = [](Datatype type, const auto& values) {
    return all_finite(type, {reinterpret_cast<const char*>(values.data()),
                             values.size() * sizeof(values.front())});
  };
  constexpr float kMax = std::numeric_limits<float>::max();
  std::vector<float> floats(1000, -kMax);
  EXPECT_TRUE(finite(Datatype::Fp32, floats));
  floats[777] = -std::numeric_limits<float>::infinity();
  EXPECT_FALSE(finite(Datatype::Fp32, floats));
  floats[777] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(finite(Datatype::Fp32, floats));
  std::vector<double> doubles(3, std::numeric_limits<double>::denorm_min());
  EXPECT_TRUE(finite(Datatype::Fp64, doubles));
  doubles.back() = std::numeric_limits<double>::infinity();
  EXPECT_FALSE(finite(Datatype::Fp64, doubles));
  EXPECT_TRUE(finite(Datatype::Fp16, std::vector<std::uint16_t>{0x7bff, 0xfbff}));
  EXPECT_FALSE(finite(Datatype::Fp16, std::vector<std::uint16_t>{0x7bff, 0xfc00}));
  EXPECT_TRUE(finite(Datatype::Bf16, std::vector<std::uint16_t>{0x7f7f, 0xff7f}));
  EXPECT_FALSE(finite(Datatype::Bf16, std::vector<std::uint16_t>{0x7f7f, 0x7f80}));
  EXPECT_TRUE(finite(Datatype::Uint32, std::vector<std::uint32_t>{0xffff'ffff}));
}

}  // namespace
}  // namespace data
