#pragma once

#include <string>

#include "base/result.h"
#include "contract/codec.h"
#include "data/frame.h"

// Tables of a network that takes one matrix of numbers, [rows, columns]: its columns are x0, x1 and
// so on (Offer::table()), as scikit-learn calls those that have no names.
namespace contract {

// Makes the rows the network's tensor. Invalid for a number that its datatype does not have, and,
// of what a float64 does not hold exactly, for an integer of 64 bits.
base::Result<void> fill_matrix(const data::Frame& frame, Ask& ask);

// Whether the answer has rows: each output as many, and of each row a number or a text, or several;
// as JSON lines, whatever lies behind.
bool has_csv_rows(const Answers& answers);
bool has_json_rows(const Answers& answers);

// Preconditions: it has. Where there are several outputs, a line of JSON is an object.
void append_csv_tensors(const Ask& ask, const Answers& answers, bool names, std::string& out);
void append_json_lines_tensors(const Ask& ask, const Answers& answers, std::string& out);

}  // namespace contract
