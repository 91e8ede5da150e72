#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "pickle/value.h"

namespace pickle {

// One element of an array, read from where it lies: any alignment, either byte order.
// `at` points to dtype.size bytes.

// b, i, u; nothing for other kinds and for what does not fit.
std::optional<std::int64_t> element_int64(const DType& dtype, const std::byte* at);
// b, i, u and f of 2, 4 and 8 bytes, as NumPy's astype(float64) gives it; else nothing.
std::optional<double> element_double(const DType& dtype, const std::byte* at);
// Appends an element of kind U as UTF-8 without its trailing NULs. False for what is no
// Unicode text.
bool append_element_text(const DType& dtype, const std::byte* at, std::string& out);
// An element of kind S without its trailing NULs.
base::Bytes trimmed_bytes(base::Bytes element);

// IEEE 754 binary16.
double half_to_double(std::uint16_t bits);

}  // namespace pickle
