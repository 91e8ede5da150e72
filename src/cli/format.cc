#include "cli/format.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "table/csv_reader.h"
#include "table/json_lines.h"

namespace cli {
namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr std::size_t kSparseColumnsMax = 10'000;
constexpr std::size_t kNamedColumnsMax = 10;

std::string ignored_note(const std::string& name, std::span<const std::string> ignored) {
  if (ignored.empty()) return "";
  std::vector<std::string> quoted;
  for (const std::string& column : ignored.subspan(0, std::min(ignored.size(), kNamedColumnsMax))) {
    quoted.push_back(base::quote(column));
  }
  const std::size_t more = ignored.size() - quoted.size();
  return fmt::format("{}: columns that the model does not know are left alone: {}{}", name,
                     fmt::join(quoted, ", "), more > 0 ? fmt::format(" and {} more", more) : "");
}

}  // namespace

Result<Format> parse_format(std::string_view name) {
  if (name == "csv") return Format::Csv;
  if (name == "tsv") return Format::Tsv;
  if (name == "jsonl") return Format::JsonLines;
  return Error(Code::Invalid,
               fmt::format("--format: expected csv, tsv or jsonl, got {}", base::quote(name)));
}

std::optional<Format> format_of(std::string_view path) {
  if (path.ends_with(".csv")) return Format::Csv;
  if (path.ends_with(".tsv")) return Format::Tsv;
  if (path.ends_with(".jsonl") || path.ends_with(".ndjson")) return Format::JsonLines;
  return std::nullopt;
}

Result<OpenedRows> open_rows(Format format, const std::string& name, table::Source& source,
                             const data::Signature& signature) {
  if (format == Format::JsonLines) {
    return OpenedRows{std::make_unique<table::JsonLinesReader>(name, source, signature), ""};
  }
  const char delimiter = format == Format::Tsv ? '\t' : ',';
  TRY_ASSIGN(auto reader, table::CsvReader::open(name, source, signature, delimiter));
  std::string note = ignored_note(name, reader->ignored());
  return OpenedRows{std::move(reader), std::move(note)};
}

Result<std::unique_ptr<table::AnswerWriter>> open_writer(Format format,
                                                         const plan::Output& output) {
  if (output.form == plan::Form::Sparse && output.names.size() > kSparseColumnsMax) {
    return Error(Code::Unsupported,
                 fmt::format("answer: expected at most {} columns to write out, got {} sparse ones",
                             kSparseColumnsMax, output.names.size()));
  }
  const table::Heading heading{.names = output.names, .classes = output.classes};
  if (format == Format::JsonLines) return table::make_json_lines_writer(heading);
  return table::make_csv_writer(heading, format == Format::Tsv ? '\t' : ',');
}

}  // namespace cli
