#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "pickle/value.h"

namespace pickle {

// A matrix in compressed rows: row r holds data[i] in column indices[i] for i from indptr[r] to
// indptr[r + 1]. Checked: indptr rises from 0 to the number of elements, indices are in range.
// Within a row the elements keep the order of the file, which the sums of TF-IDF depend on;
// a column may come twice, and then counts as the sum.
struct Sparse {
  std::uint64_t rows = 0;
  std::uint64_t columns = 0;
  std::vector<std::int64_t> indptr;
  std::vector<std::int64_t> indices;
  std::vector<double> data;
};

// Whether it is an instance of a SciPy sparse matrix or array that as_csr knows.
bool is_sparse(Value value);

// csr, csc and dia matrices and arrays of every SciPy. Zeros that a dia matrix stores are left
// out, as SciPy's tocsr does. Refuses other formats, and more than 2^26 rows that no element
// paid for.
base::Result<Sparse> as_csr(Value value);

}  // namespace pickle
