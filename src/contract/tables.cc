#include "contract/tables.h"

#include <cstddef>
#include <limits>

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

}  // namespace

base::Result<bool> read_table(const Incoming& in, Ask& ask) {
  const MediaType type = media_type_of(in.content_type);
  if (type != MediaType::Csv && type != MediaType::JsonLines) return false;
  table::TextSource source(in.body);
  if (type == MediaType::JsonLines) {
    table::JsonLinesReader lines("body", source, ask.offer.inputs());
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
