#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/signature.h"

namespace table {

// What the columns of an answer are called and, for a classifier's predict, which labels their
// cells are indices of: none, or one set for each column.
struct Heading {
  std::vector<std::string> names;
  std::vector<data::Labels> classes;
};

// Writes the rows of an answer behind `out`. Numbers have the fewest digits that read back as the
// same float64; labels were put into text once, when the writer was made. Immutable.
class AnswerWriter {
 public:
  AnswerWriter() = default;
  AnswerWriter(const AnswerWriter&) = delete;
  AnswerWriter& operator=(const AnswerWriter&) = delete;
  virtual ~AnswerWriter() = default;

  // What comes before the first row.
  virtual void begin(std::string& out) const = 0;
  // Precondition: one value for each name, and what stands for a label is an index of one.
  virtual void row(std::span<const double> values, std::string& out) const = 0;
};

// A header line and one line a row, as pandas' to_csv writes them: what is missing is an empty
// cell, and what holds the delimiter, a quote or the end of a line is quoted.
std::unique_ptr<AnswerWriter> make_csv_writer(const Heading& heading, char delimiter = ',');

// On each line one row: the value itself where there is one column, else an array of them.
// Labels keep their type. JSON has no NaN and no infinity: both are null.
std::unique_ptr<AnswerWriter> make_json_lines_writer(const Heading& heading);

// A JSON string with its quotes. Precondition: `text` is UTF-8.
void append_json_string(std::string_view text, std::string& out);
// A JSON number, or null for what is not finite.
void append_json_number(double value, std::string& out);
// A field of CSV, quoted where it must be.
void append_csv_text(std::string_view text, char delimiter, std::string& out);

}  // namespace table
