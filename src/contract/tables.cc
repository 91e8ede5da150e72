#include "contract/tables.h"

#include <cstddef>
#include <limits>

#include <fmt/format.h>

#include "contract/json_depth.h"
#include "contract/media_type.h"
#include "contract/outputs.h"
#include "table/csv_reader.h"
#include "table/json_lines.h"
#include "table/source.h"

namespace contract {
namespace {

constexpr std::size_t kAllRows = std::numeric_limits<std::size_t>::max();

base::Result<void> read_all(table::RowSource& source, Ask& ask) {
  TRY_ASSIGN(const std::size_t rows, source.read(ask.frame, kAllRows));
  if (rows > 0) return {};
  return base::Error(base::Code::Invalid, "body: expected at least one row, got none");
}

// Each line by itself: what one that is malformed leaves open is nothing to the next.
base::Result<void> check_depth(std::string_view lines, std::size_t depth_max) {
  for (std::size_t at = 0; at < lines.size();) {
    const std::string_view line = lines.substr(at, lines.find('\n', at) - at);
    if (const auto deep = find_too_deep(line, depth_max)) {
      return base::Error(
          base::Code::Invalid,
          fmt::format("body: expected JSON lines of at most {} levels, got more at byte {}",
                      depth_max, at + *deep));
    }
    at += line.size() + 1;
  }
  return {};
}

}  // namespace

base::Result<bool> read_table(const Incoming& in, Reader& reader) {
  Ask& ask = reader.ask;
  const MediaType type = media_type_of(in.content_type);
  if (type != MediaType::Csv && type != MediaType::JsonLines) return false;
  if (ask.offer.is_tensors()) {
    return base::Error(base::Code::Invalid,
                       "body: expected JSON, as the model takes tensors, got a table");
  }
  table::TextSource source(in.body);
  if (type == MediaType::JsonLines) {
    TRY(check_depth(in.body, reader.json.depth_max()));
    table::JsonLinesReader lines("body", source, ask.offer.inputs());
    lines.drop_unknown(reader.rows.drops_unknown());
    TRY(read_all(lines, ask));
    return true;
  }
  TRY_ASSIGN(const auto csv, table::CsvReader::open("body", source, ask.offer.inputs(), ',', {},
                                                    table::CsvHeader::Guessed));
  TRY(read_all(*csv, ask));
  return true;
}

bool write_table(std::string_view accept, bool names, const Ask& ask, const Answers& answers,
                 Outgoing& out) {
  // Of tensors there are no tables.
  if (ask.offer.is_tensors()) return false;
  const MediaType type = accepted_type(accept);
  if (type == MediaType::Csv) {
    out.content_type = "text/csv; charset=utf-8";
    append_csv(ask, answers, names, out.body);
    return true;
  }
  if (type != MediaType::JsonLines) return false;
  out.content_type = "application/jsonlines";
  append_json_lines(ask, answers, out.body);
  return true;
}

}  // namespace contract
