#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"
#include "contract/codec.h"
#include "engine/tensor.h"

namespace contract {

// A network's tensors in the forms that protocols share. Texts that are no UTF-8, which JSON cannot
// write, are {"b64": "..."}.
struct TensorText {
  bool nan = false;     // As of Offer::Numbers::answer_nan.
  bool base64 = false;  // Every text in base64.
};

// The elements behind each other, without brackets.
void append_flat(const engine::Tensor& tensor, const TensorText& text, std::string& out);
// Arrays nested as the shape is; a scalar is bare.
void append_nested(const engine::Tensor& tensor, const TensorText& text, std::string& out);
// The same of one element of the first extent. Precondition: there is such a one.
void append_nested_row(const engine::Tensor& tensor, std::size_t row, const TensorText& text,
                       std::string& out);
// As they are sent in binary: little-endian; a text is its length in four bytes and its bytes.
void append_elements(const engine::Tensor& tensor, std::string& out);

// How the output's texts stand: as TensorFlow Serving has it, in base64 where its name ends in
// "_bytes".
TensorText tensor_text(const Offer& offer, const Offer::Output& output);

// Whether several outputs can be answered row by row, which needs as many rows in each: Invalid,
// naming the first that has others.
base::Result<void> check_rows(const Ask& ask, const Answers& answers);

}  // namespace contract
