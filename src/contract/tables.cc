#include "contract/tables.h"

#include <cstddef>
#include <limits>

#include <fmt/format.h>

#include "contract/json_depth.h"
#include "contract/media_type.h"
#include "contract/network_tables.h"
#include "contract/outputs.h"
#include "table/csv_reader.h"
#include "table/json_lines.h"
#include "table/source.h"

namespace contract {
namespace {

constexpr std::size_t kAllRows = std::numeric_limits<std::size_t>::max();

base::Result<void> read_all(table::RowSource& source, data::Frame& frame) {
  TRY_ASSIGN(const std::size_t rows, source.read(frame, kAllRows));
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

base::Result<void> read_rows(MediaType type, const Incoming& in, const Reader& reader,
                             data::Frame& frame) {
  const data::Signature& columns = reader.ask.offer.table();
  table::TextSource source(in.body);
  if (type == MediaType::JsonLines) {
    TRY(check_depth(in.body, reader.json.depth_max()));
    table::JsonLinesReader lines("body", source, columns);
    lines.drop_unknown(reader.rows.drops_unknown());
    return read_all(lines, frame);
  }
  TRY_ASSIGN(const auto csv,
             table::CsvReader::open("body", source, columns, ',', {}, table::CsvHeader::Guessed));
  return read_all(*csv, frame);
}

}  // namespace

base::Result<bool> read_table(const Incoming& in, Reader& reader) {
  Ask& ask = reader.ask;
  const MediaType type = media_type_of(in.content_type);
  if (type != MediaType::Csv && type != MediaType::JsonLines) return false;
  if (!ask.offer.takes_tables()) {
    return base::Error(base::Code::Invalid,
                       "body: expected JSON, as the model takes tensors, got a table");
  }
  if (!ask.offer.is_tensors()) {
    TRY(read_rows(type, in, reader, ask.frame));
    return true;
  }
  data::Frame frame(ask.offer.table());
  TRY(read_rows(type, in, reader, frame));
  TRY(fill_matrix(frame, ask));
  return true;
}

bool write_table(std::string_view accept, bool names, const Ask& ask, const Answers& answers,
                 Outgoing& out) {
  const MediaType type = accepted_type(accept);
  const bool tensors = ask.offer.is_tensors();
  // Of tensors that have no rows there are no tables.
  if (tensors && !(type == MediaType::Csv ? has_csv_rows(answers) : has_json_rows(answers))) {
    return false;
  }
  if (type == MediaType::Csv) {
    out.content_type = "text/csv; charset=utf-8";
    tensors ? append_csv_tensors(ask, answers, names, out.body)
            : append_csv(ask, answers, names, out.body);
    return true;
  }
  if (type != MediaType::JsonLines) return false;
  out.content_type = "application/jsonlines";
  tensors ? append_json_lines_tensors(ask, answers, out.body)
          : append_json_lines(ask, answers, out.body);
  return true;
}

}  // namespace contract
