#include "pickle/sparse.h"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "pickle/document.h"

namespace pickle {
namespace {

// numpy array of int8 elements, as opcodes.
std::string int8_array(const std::vector<int>& values, const std::string& shape = "") {
  std::string data;
  for (const int value : values) data += static_cast<char>(value);
  const std::string extents = shape.empty() ? fmt::format("(I{}\nt", values.size()) : shape;
  return fmt::format(
      "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntVb\ntR"
      "(I1\n{}cnumpy\ndtype\n(Vi1\nI0\nI1\ntRI00\nC{}{}tb",
      extents, static_cast<char>(data.size()), data);
}

std::string matrix(const std::string& cls, int rows, int columns, const std::string& state) {
  return fmt::format("cscipy.sparse.{}\n)\x81}}(V_shape\n(I{}\nI{}\nt{}ub.", cls, rows, columns,
                     state);
}

std::string compressed(const std::vector<int>& indptr, const std::vector<int>& indices,
                       const std::vector<int>& data) {
  return "Vindptr\n" + int8_array(indptr) + "Vindices\n" + int8_array(indices) + "Vdata\n" +
         int8_array(data);
}

base::Result<Sparse> read(const std::string& bytes) {
  const auto document = Document::read(base::as_bytes(bytes));
  if (!document.ok()) return document.error();
  return as_csr(document->root());
}

TEST(SparseTest, ReadsRowsOfEveryScipy) {
  const std::string state = compressed({0, 2, 2, 3}, {2, 0, 1}, {5, 6, 7});
  for (const char* cls : {"csr\ncsr_matrix", "_csr\ncsr_matrix", "_csr\ncsr_array"}) {
    const auto sparse = read(matrix(cls, 3, 4, state));
    ASSERT_TRUE(sparse.ok()) << sparse.error().message();
    EXPECT_EQ(sparse->rows, 3U);
    EXPECT_EQ(sparse->columns, 4U);
    EXPECT_EQ(sparse->indptr, (std::vector<std::int64_t>{0, 2, 2, 3}));
    EXPECT_EQ(sparse->indices, (std::vector<std::int64_t>{2, 0, 1}));
    EXPECT_EQ(sparse->data, (std::vector<double>{5, 6, 7}));
  }
}

TEST(SparseTest, TurnsColumnsIntoRows) {
  // [[1 0] [2 3]]
  const auto sparse =
      read(matrix("_csc\ncsc_matrix", 2, 2, compressed({0, 2, 3}, {0, 1, 1}, {1, 2, 3})));
  ASSERT_TRUE(sparse.ok()) << sparse.error().message();
  EXPECT_EQ(sparse->indptr, (std::vector<std::int64_t>{0, 1, 3}));
  EXPECT_EQ(sparse->indices, (std::vector<std::int64_t>{0, 0, 1}));
  EXPECT_EQ(sparse->data, (std::vector<double>{1, 2, 3}));
}

TEST(SparseTest, TurnsDiagonalsIntoRows) {
  // Main diagonal (1, 2), above it (9 is outside, 3).
  const auto sparse = read(matrix(
      "dia\ndia_matrix", 2, 2,
      "Voffsets\n" + int8_array({0, 1}) + "Vdata\n" + int8_array({1, 2, 9, 3}, "(I2\nI2\nt")));
  ASSERT_TRUE(sparse.ok()) << sparse.error().message();
  EXPECT_EQ(sparse->indptr, (std::vector<std::int64_t>{0, 2, 3}));
  EXPECT_EQ(sparse->indices, (std::vector<std::int64_t>{0, 1, 1}));
  EXPECT_EQ(sparse->data, (std::vector<double>{1, 3, 2}));
}

TEST(SparseTest, RefusesWhatWouldReachOutside) {
  const struct {
    std::string state;
    std::string_view message;
  } cases[] = {
      {compressed({0, 1}, {2}, {1}), "sparse matrix: expected 3 values in indptr, got 2"},
      {compressed({1, 1, 1}, {2}, {1}), "sparse matrix: expected indptr to rise from 0"},
      {compressed({0, 2, 1}, {0, 1}, {1, 1}), "sparse matrix: expected indptr to rise from 0"},
      {compressed({0, 1, 9}, {0}, {1}),
       "sparse matrix: expected 9 elements, got 1 indices and 1 values"},
      {compressed({0, 1, 2}, {0, 2}, {1, 1}), "sparse matrix: expected indices below 2, got 2"},
      {compressed({0, 1, 2}, {0, -1}, {1, 1}), "sparse matrix: expected indices below 2, got -1"},
      {"Vindptr\nNVindices\nN", "sparse matrix: expected an array \"indptr\""},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(read(matrix("_csr\ncsr_matrix", 2, 2, each.state)).error().message(), each.message);
  }
  EXPECT_EQ(read(matrix("_coo\ncoo_matrix", 2, 2, "VaN")).ok(), false);
}

TEST(SparseTest, RefusesRowsThatNobodyPaidFor) {
  const auto sparse = read(matrix("_csc\ncsc_matrix", 2000000000, 1, compressed({0, 1}, {0}, {1})));
  EXPECT_EQ(sparse.error().message(),
            "sparse matrix: expected at most 67108864 rows, got 2000000000");
}

TEST(SparseTest, OnlyScipyClassesAreSparse) {
  EXPECT_EQ(read("cm\ncsr_matrix\n)\x81.").error().message(),
            "sparse matrix: expected an instance of one, got record");
  EXPECT_EQ(read(matrix("_csr\ncsc_matrix", 1, 1, "Va\nN")).error().message(),
            "sparse matrix: expected an instance of one, got record");
  EXPECT_EQ(read(matrix("_coo\ncoo_matrix", 1, 1, "Va\nN")).error().message(),
            "sparse matrix: expected csr, csc or dia, got \"coo_matrix\"");
}

}  // namespace
}  // namespace pickle
