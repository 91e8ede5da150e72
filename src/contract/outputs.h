#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "contract/codec.h"

namespace contract {

// Cells of an answer, in the forms that protocols share. `at` counts Ask::outputs.

// Its shape.
std::vector<std::int64_t> shape_of(const Ask& ask, const Answers& answers, std::size_t at);
// How many cells a row of it has.
std::size_t width_of(const Ask& ask, const Answers& answers, std::size_t at);

// A row as JSON: a bare value where the output has one for a row, else an array.
void append_json_row(const Ask& ask, const Answers& answers, std::size_t at, std::size_t row,
                     std::string& out);
// The cells of all rows behind each other, without brackets.
void append_json_cells(const Ask& ask, const Answers& answers, std::size_t at, std::string& out);
// All rows: an array of what append_json_row writes; where several outputs were asked for, of
// objects {"predict": ..., "predict_proba": ...}.
void append_json_rows(const Ask& ask, const Answers& answers, std::string& out);
// The same turned round: {"predict": [...], "predict_proba": [[...]]}, or the array of the only
// output.
void append_json_columns(const Ask& ask, const Answers& answers, std::string& out);

// Of a match: a query's candidates, [[id, answer_id, probability], ...], best first.
void append_ranked_row(const Ask& ask, const Answers& answers, std::size_t row, std::string& out);

// All cells as they are sent in binary: little-endian, row by row; a text is its length in four
// bytes and its bytes.
void append_binary(const Ask& ask, const Answers& answers, std::size_t at, std::string& out);

// A table: a line of names where one is wanted, then a line a row; of a match a line a candidate.
void append_csv(const Ask& ask, const Answers& answers, bool names, std::string& out);
// A line of JSON a row.
void append_json_lines(const Ask& ask, const Answers& answers, std::string& out);

}  // namespace contract
