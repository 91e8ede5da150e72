#include "pickle/npy.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "pickle/document.h"
#include "pickle/numbers.h"

namespace pickle {
namespace {

using namespace std::string_literals;

std::string npy(const std::string& header, const std::string& data, char major = 1) {
  const auto size = static_cast<char>(header.size());
  return "\x93NUMPY" + std::string(1, major) + '\0' + size + (major == 1 ? "\0"s : "\0\0\0"s) +
         header + data;
}

std::string error_of(const std::string& bytes) {
  const auto document = Document::read(base::as_bytes(bytes));
  return document.ok() ? "" : document.error().message();
}

TEST(NpyTest, ReadsEveryFormatVersion) {
  for (const char major : {'\1', '\2', '\3'}) {
    const std::string bytes =
        npy("{'descr': '<i2', 'fortran_order': False, 'shape': (2,), }  \n", "\1\0\2\0"s, major);
    const auto document = Document::read(base::as_bytes(bytes));
    ASSERT_TRUE(document.ok()) << document.error().message();
    EXPECT_EQ(*to_int64s(*document->root().array()), (std::vector<std::int64_t>{1, 2}));
  }
}

TEST(NpyTest, ReadsFortranOrderAndLongExtents) {
  const std::string bytes =
      npy("{'descr': '>u1', 'fortran_order': True, 'shape': (2L, 2L)}", "\1\2\3\4");
  const auto document = Document::read(base::as_bytes(bytes));
  ASSERT_TRUE(document.ok()) << document.error().message();
  EXPECT_EQ(*to_int64s(*document->root().array()), (std::vector<std::int64_t>{1, 3, 2, 4}));
}

TEST(NpyTest, ReadsStructuredTypesWithPadding) {
  const std::string bytes =
      npy("{'descr': [('a', '|i1'), ('', '|V1'), ('b', '<i2', (2,))], 'fortran_order': False, "
          "'shape': (1,)}",
          "\x05\0\1\0\2\0"s);
  const auto document = Document::read(base::as_bytes(bytes));
  ASSERT_TRUE(document.ok()) << document.error().message();
  const Array& array = *document->root().array();
  EXPECT_EQ(array.dtype.fields.size(), 2U);
  EXPECT_EQ(*field_int64s(array, "b"), (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(view_int64s(array, "b")->numbers[1], 2);
  EXPECT_EQ(view_flags(array, "a")->numbers[0], 5);
}

TEST(NpyTest, RefusesWhatNumpyDoesNotWrite) {
  const struct {
    std::string bytes;
    std::string_view message;
  } cases[] = {
      {"\x93NUMPY", "expected a format version"},
      {"\x93NUMPY\x04"s + '\0', "expected format version 1 to 3, got 4"},
      {"\x93NUMPY\x01\0\x50\0{"s, "expected a whole header"},
      {"\x93NUMPY\x02\0\xff\xff\xff\xff{"s, "expected a whole header"},
      {npy("{'descr': '<i2', 'shape': (1,)}", "\1\0"s),
       "npy header: expected descr, fortran_order and shape"},
      {npy("{'descr': __import__('os')}", ""),
       "npy header: byte 10: expected a literal, got \"__import__('os')}\""},
      {npy("{'descr': '<i2', 'descr': '<i4'}", ""),
       "npy header: byte 31: expected each key once, got \"}\""},
      {npy("{'descr': '<i2', 'fortran_order': False, 'shape': (3,)}", "\1\0"s),
       "array: expected 3 elements of 2 bytes, got 2 bytes"},
      {npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", "N."),
       "npy: expected an array of numbers or text, got objects"},
      {npy("{'descr': '<i3', 'fortran_order': False, 'shape': (1,)}", "abc"),
       "expected a NumPy element type, got \"<i3\""},
      {npy("{'descr': '<i2', 'fortran_order': False, 'shape': (-1,)}", ""),
       "expected extents that are not negative"},
      {npy(std::string(40, '('), ""),
       "npy header: byte 17: expected less nesting, got "
       "\"((((((((((((((((((((\""},
  };
  for (const auto& each : cases) EXPECT_EQ(error_of(each.bytes), each.message);
}

}  // namespace
}  // namespace pickle
