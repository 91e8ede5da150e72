#include "pickle/numbers.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "pickle/scalar.h"

namespace pickle {
namespace {

using namespace std::string_literals;

Array vector_of(char kind, std::uint32_t size, char order, const std::string& data,
                const std::vector<std::uint64_t>& shape, bool fortran = false) {
  Array array;
  array.dtype.kind = kind;
  array.dtype.size = size;
  array.dtype.order = order;
  array.shape = shape;
  array.fortran = fortran;
  array.data = base::as_bytes(data);
  return array;
}

TEST(NumbersTest, ReadsEveryRealTypeInBothOrders) {
  const std::vector<std::uint64_t> one = {1};
  const struct {
    char kind;
    std::string little;
    double value;
  } cases[] = {
      {'b', "\1", 1},
      {'i', "\xff", -1},
      {'i', "\xfe\xff", -2},
      {'i', "\xfe\xff\xff\xff", -2},
      {'i', "\xfe\xff\xff\xff\xff\xff\xff\xff", -2},
      {'u', "\xff", 255},
      {'u', "\xff\xff", 65535},
      {'u', "\xff\xff\xff\xff", 4294967295.0},
      {'u', "\xff\xff\xff\xff\xff\xff\xff\xff", 18446744073709551615.0},
      {'f', "\0\x3e"s, 1.5},
      {'f', "\0\0\xc0\x3f"s, 1.5},
      {'f', "\0\0\0\0\0\0\xf8\x3f"s, 1.5},
  };
  for (const auto& each : cases) {
    const std::string big(each.little.rbegin(), each.little.rend());
    const auto size = static_cast<std::uint32_t>(each.little.size());
    EXPECT_EQ(*to_doubles(vector_of(each.kind, size, '<', each.little, one)),
              std::vector<double>{each.value});
    EXPECT_EQ(*to_doubles(vector_of(each.kind, size, '>', big, one)),
              std::vector<double>{each.value});
  }
}

TEST(NumbersTest, DoublesOfThisMachineAreFoundWhereTheyLie) {
  const std::vector<std::uint64_t> shape = {1, 2};
  const std::string data("\0\0\0\0\0\0\xf8\x3f\0\0\0\0\0\0\xf8\xbf"s);
  for (const bool fortran : {false, true}) {
    const auto found = find_doubles(vector_of('f', 8, '<', data, shape, fortran));
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->data(), base::as_bytes(data).data());
    EXPECT_EQ(found->size(), data.size());
  }
  EXPECT_FALSE(find_doubles(vector_of('f', 8, '>', data, shape)));
  EXPECT_FALSE(find_doubles(vector_of('i', 8, '<', data, shape)));
  EXPECT_FALSE(find_doubles(vector_of('f', 4, '<', data.substr(0, 8), shape)));
}

// Many elements of a type are read by a loop of its own, and must be what each alone is.
TEST(NumbersTest, ReadsManyElementsAsItReadsEach) {
  std::string data;
  for (int i = 0; i < 240; ++i) data += static_cast<char>(i * 37 + 11);
  const struct {
    char kind;
    std::uint32_t size;
  } types[] = {{'b', 1}, {'i', 1}, {'i', 2}, {'i', 4}, {'i', 8}, {'u', 1},
               {'u', 2}, {'u', 4}, {'u', 8}, {'f', 2}, {'f', 4}, {'f', 8}};
  for (const auto& type : types) {
    for (const char order : {'<', '>'}) {
      const std::vector<std::uint64_t> shape = {data.size() / type.size};
      const Array array = vector_of(type.kind, type.size, order, data, shape);
      const auto numbers = to_doubles(array);
      ASSERT_TRUE(numbers.ok()) << type.kind << type.size;
      for (std::size_t i = 0; i < numbers->size(); ++i) {
        const auto one = element_double(array.dtype, array.data.data() + i * type.size);
        EXPECT_EQ(std::bit_cast<std::uint64_t>((*numbers)[i]), std::bit_cast<std::uint64_t>(*one))
            << type.kind << type.size << order << i;
      }
    }
  }
}

TEST(NumbersTest, RefusesIntegersThatDoNotFitAmongMany) {
  const std::vector<std::uint64_t> shape = {2};
  const std::string data = "\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x80"s;
  EXPECT_FALSE(to_int64s(vector_of('u', 8, '<', data, shape)).ok());
  EXPECT_EQ(*to_int64s(vector_of('i', 8, '<', data, shape)),
            (std::vector<std::int64_t>{1, std::numeric_limits<std::int64_t>::min()}));
  EXPECT_FALSE(to_int64s(vector_of('f', 8, '<', data, shape)).ok());
}

TEST(NumbersTest, HalvesAreExact) {
  EXPECT_EQ(half_to_double(0x0001), std::ldexp(1, -24));
  EXPECT_EQ(half_to_double(0x03ff), std::ldexp(1023, -24));
  EXPECT_EQ(half_to_double(0x0400), std::ldexp(1, -14));
  EXPECT_EQ(half_to_double(0x7bff), 65504);
  EXPECT_EQ(half_to_double(0xfc00), -HUGE_VAL);
  EXPECT_TRUE(std::isnan(half_to_double(0x7e00)));
  EXPECT_TRUE(std::signbit(half_to_double(0x8000)));
}

TEST(NumbersTest, FortranOrderBecomesRows) {
  // [[0 1 2] [3 4 5]] and its like of three axes, columns first in memory.
  EXPECT_EQ(*to_int64s(vector_of('u', 1, '|', "\0\3\1\4\2\5"s, {2, 3}, true)),
            (std::vector<std::int64_t>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(*to_int64s(vector_of('u', 1, '|', "\0\4\2\6\1\5\3\7"s, {2, 2, 2}, true)),
            (std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6, 7}));
}

TEST(NumbersTest, RefusesWhatWouldLose) {
  const std::vector<std::uint64_t> one = {1};
  EXPECT_EQ(to_int64s(vector_of('f', 4, '<', "\0\0\0\0"s, one)).error().message(),
            "array: expected integers, got f4");
  EXPECT_FALSE(to_int64s(vector_of('u', 8, '<', "\xff\xff\xff\xff\xff\xff\xff\xff", one)).ok());
  EXPECT_EQ(to_doubles(vector_of('f', 16, '<', std::string(16, '\0'), one)).error().message(),
            "array: expected real numbers, got f16");
  EXPECT_FALSE(to_doubles(vector_of('c', 8, '<', std::string(8, '\0'), one)).ok());
  EXPECT_FALSE(to_doubles(vector_of('U', 4, '<', "1\0\0\0"s, one)).ok());
}

TEST(NumbersTest, DatesAreCounts) {
  const std::vector<std::uint64_t> one = {1};
  EXPECT_EQ(*to_int64s(vector_of('M', 8, '<', "\5\0\0\0\0\0\0\0"s, one)),
            (std::vector<std::int64_t>{5}));
}

TEST(NumbersTest, TextLosesItsPadding) {
  EXPECT_EQ(*to_strings(vector_of('S', 3, '|', "ab\0cde\0\0\0"s, {3})),
            (std::vector<std::string>{"ab", "cde", ""}));
  EXPECT_EQ(*to_strings(vector_of('U', 8, '>', "\0\0\0a\0\0\0\0\0\1\xf6\0\0\0\0b"s, {2})),
            (std::vector<std::string>{"a", "\xf0\x9f\x98\x80"s + "b"}));
  EXPECT_FALSE(to_strings(vector_of('U', 4, '<', "\0\xd8\0\0"s, {1})).ok());
  EXPECT_FALSE(to_strings(vector_of('S', 1, '|', "\xff", {1})).ok());
}

TEST(NumbersTest, FieldsAreReadWhereTheyLie) {
  const DType::Field fields[] = {
      {.name = "x", .type = {.kind = 'u', .order = '|', .size = 1, .fields = {}}, .offset = 2},
      {.name = "y", .type = {.kind = 'i', .order = '>', .size = 2, .fields = {}}, .offset = 0},
  };
  const std::string data("\0\x01\x09\0\x02\x08", 6);
  Array array = vector_of('V', 3, '|', data, {2});
  const std::vector<std::uint64_t> shape = {2};
  array.shape = shape;
  array.dtype.fields = fields;
  EXPECT_EQ(*field_int64s(array, "x"), (std::vector<std::int64_t>{9, 8}));
  EXPECT_EQ(*field_doubles(array, "y"), (std::vector<double>{1, 2}));
  EXPECT_EQ(field_doubles(array, "z").error().message(), "structured array: no field \"z\"");
}

}  // namespace
}  // namespace pickle
