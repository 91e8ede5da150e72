#include "fitted/pandas.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "fitted/test_pickle.h"
#include "pickle/document.h"

namespace fitted {
namespace {

using test_pickle::array;
using test_pickle::bytes_of;
using test_pickle::dict;
using test_pickle::global;
using test_pickle::integer;
using test_pickle::list;
using test_pickle::none;
using test_pickle::text;
using test_pickle::tuple;
using Cells = std::vector<PandasCell>;

std::string reduced(const std::string& callable, const std::string& args) {
  return callable + args + "R";
}

std::string index(const std::string& data) {
  return reduced(global("pandas.core.indexes.base", "_new_Index"),
                 tuple({global("pandas", "Index"), dict({{"data", data}, {"name", none()}})}));
}

std::string raw(const std::string& bytes) { return "B" + bytes_of(bytes.size(), 4, false) + bytes; }

// An Arrow array of texts whose offsets are these.
std::string arrow(const std::vector<std::uint64_t>& offsets, const std::string& bytes,
                  std::int64_t length) {
  std::string places;
  for (const std::uint64_t offset : offsets) places += bytes_of(offset, 8, false);
  const auto buffer = [](const std::string& of) {
    return reduced(global("pyarrow.lib", "py_buffer"), tuple({raw(of)}));
  };
  const std::string type =
      reduced(global("pyarrow.lib", "type_for_alias"), tuple({text("large_string")}));
  const std::string buffers = list({none(), buffer(places), buffer(bytes)});
  const std::string chunk =
      reduced(global("pyarrow.lib", "_restore_array"),
              tuple({tuple({type, integer(length), integer(0), integer(0), buffers, list({})})}));
  return test_pickle::object("pandas.arrays", "ArrowStringArray", {{"_pa_array", chunk}});
}

template <typename Read>
auto read_with(const Read& read, const std::string& value) {
  const std::string file = test_pickle::file(value);
  const auto document = pickle::Document::read(base::as_bytes(file));
  EXPECT_TRUE(document.ok());
  return read(document->root());
}

Cells cells(const std::string& value) {
  const auto read = read_with(cells_of, value);
  return read.ok() ? *read : Cells{read.error().message()};
}

TEST(PandasTest, ReadsAnIndexOfTextsAndNumbers) {
  EXPECT_EQ(cells(index(list({text("a"), none(), integer(3)}))),
            (Cells{std::string("a"), PandasCell(), 3.0}));
  EXPECT_EQ(cells(index(array({2}, {1, 2.5}))), (Cells{1.0, 2.5}));
}

TEST(PandasTest, ReadsARangeAndBoundsIt) {
  const auto range = [](std::int64_t stop) {
    return reduced(
        global("pandas.core.indexes.base", "_new_Index"),
        tuple({global("pandas", "RangeIndex"),
               dict({{"start", integer(0)}, {"stop", integer(stop)}, {"step", integer(2)}})}));
  };
  EXPECT_EQ(cells(range(5)), (Cells{0.0, 2.0, 4.0}));
  EXPECT_EQ(cells(range(2'000'000)),
            (Cells{std::string("expected a range of at most a million, got a "
                               "pandas.core.indexes.base._new_Index")}));
}

TEST(PandasTest, ReadsTextsOfArrowAndChecksTheirPlaces) {
  EXPECT_EQ(cells(index(arrow({0, 2, 5}, "abcde", 2))),
            (Cells{std::string("ab"), std::string("cde")}));
  const Cells refused = {
      std::string("expected offsets within the bytes of an Arrow array, got a "
                  "pyarrow.lib._restore_array")};
  EXPECT_EQ(cells(arrow({0, 2, 6}, "abcde", 2)), refused);
  EXPECT_EQ(cells(arrow({3, 2}, "abcde", 1)), refused);
  EXPECT_EQ(cells(arrow({0, 2}, "abcde", 2)), refused);
}

std::string series(const std::string& labels, const std::string& values) {
  const std::string manager = global("pandas.core.internals", "SingleBlockManager") + ")\x81" +
                              tuple({list({index(labels)}), list({values}), list({})}) + "b";
  return test_pickle::object("pandas.core.series", "Series", {{"_mgr", manager}});
}

TEST(PandasTest, ReadsASeriesWhoseLengthsAgree) {
  const auto read = read_with(series_of, series(list({text("a"), text("b")}), array({2}, {1, 2})));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->index, (Cells{std::string("a"), std::string("b")}));
  EXPECT_EQ(read->values, (Cells{1.0, 2.0}));
  const auto refused = read_with(series_of, series(list({text("a")}), array({2}, {1, 2})));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message(), "expected a Series, got a pandas.core.series.Series");
}

// Two columns of two rows in one block, whose places are these.
std::string frame(const std::string& places) {
  const std::string block = reduced(global("pandas._libs.internals", "_unpickle_block"),
                                    tuple({array({2, 2}, {1, 2, 3, 4}), places, integer(2)}));
  const std::string axes = list({index(list({text("x"), text("y")})), index(array({2}, {7, 8}))});
  const std::string manager = reduced(global("pandas.core.internals.managers", "BlockManager"),
                                      tuple({tuple({block}), axes}));
  return test_pickle::object("pandas", "DataFrame", {{"_mgr", manager}});
}

std::string slice(std::int64_t start, std::int64_t stop) {
  return reduced(global("builtins", "slice"), tuple({integer(start), integer(stop), integer(1)}));
}

TEST(PandasTest, ReadsADataFrameOfNumbersBlockByBlock) {
  const auto read = read_with(frame_of, frame(slice(0, 2)));
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(read->columns, (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(read->index, (Cells{7.0, 8.0}));
  EXPECT_EQ(read->values, (std::vector<std::vector<double>>{{1, 2}, {3, 4}}));
  const auto swapped = read_with(frame_of, frame(array({2}, {1, 0})));
  ASSERT_TRUE(swapped.ok());
  EXPECT_EQ(swapped->values, (std::vector<std::vector<double>>{{3, 4}, {1, 2}}));
}

TEST(PandasTest, RefusesBlocksBesideTheColumns) {
  const auto refused = read_with(frame_of, frame(slice(1, 3)));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message(), "expected positions of columns, got a builtins.slice");
  EXPECT_FALSE(read_with(frame_of, frame(array({2}, {0, 0}))).ok());
}

}  // namespace
}  // namespace fitted
