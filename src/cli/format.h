#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "data/signature.h"
#include "plan/plan.h"
#include "table/answer_writer.h"
#include "table/row_source.h"
#include "table/source.h"

namespace cli {

// What rows are written in.
enum class Format : std::uint8_t { Csv, Tsv, JsonLines };

base::Result<Format> parse_format(std::string_view name);

// The format that a file's name says: .csv, .tsv, .jsonl, .ndjson.
std::optional<Format> format_of(std::string_view path);

// Rows that a reader found, and what it has to say about the file as a whole.
struct OpenedRows {
  std::unique_ptr<table::RowSource> rows;
  std::string note;  // Empty, or columns that are left alone.
};

// `name` is what messages call the source, which must outlive the rows.
base::Result<OpenedRows> open_rows(Format format, const std::string& name, table::Source& source,
                                   const data::Signature& signature);

// The writer of what the plan gives. Refuses sparse answers too wide to write out.
base::Result<std::unique_ptr<table::AnswerWriter>> open_writer(Format format,
                                                               const plan::Output& output);

}  // namespace cli
