#include "table/csv_record.h"

#include <array>

namespace table {
namespace {

// The scan of one record, character by character, held together so that its parts stay short.
class Scanner {
 public:
  Scanner(std::string_view text, char delimiter, bool ended) : text_(text), ended_(ended) {
    stops_[static_cast<unsigned char>('\n')] = true;
    stops_[static_cast<unsigned char>('\r')] = true;
    stops_[static_cast<unsigned char>(delimiter)] = true;
    delimiter_ = delimiter;
  }

  CsvScan record(std::size_t fields_max, CsvRecord& out) {
    out.fields.clear();
    out.lines = 0;
    while (true) {
      if (out.fields.size() == fields_max) return CsvScan::Columns;
      CsvField field;
      const CsvScan scanned =
          at_ < text_.size() && text_[at_] == '"' ? quoted(field, out.lines) : plain(field);
      if (scanned != CsvScan::Record) return scanned;
      out.fields.push_back(field);
      if (at_ < text_.size() && text_[at_] == delimiter_) {
        ++at_;
        continue;
      }
      return line_end(out);
    }
  }

 private:
  CsvScan plain(CsvField& field) {
    field.begin = at_;
    while (at_ < text_.size() && !stops_[static_cast<unsigned char>(text_[at_])]) ++at_;
    field.end = at_;
    return at_ == text_.size() && !ended_ ? CsvScan::More : CsvScan::Record;
  }

  CsvScan quoted(CsvField& field, std::size_t& lines) {
    field.quoted = true;
    field.begin = ++at_;
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      // A CR that no LF follows is a line of its own.
      if (c == '\n' || (c == '\r' && (at_ == text_.size() || text_[at_] != '\n'))) ++lines;
      if (c != '"') continue;
      if (at_ == text_.size() && !ended_) return CsvScan::More;
      if (at_ < text_.size() && text_[at_] == '"') {
        field.doubled = true;
        ++at_;
        continue;
      }
      field.end = at_ - 1;
      const bool closed = at_ == text_.size() || stops_[static_cast<unsigned char>(text_[at_])];
      return closed ? CsvScan::Record : CsvScan::AfterQuote;
    }
    return ended_ ? CsvScan::Unterminated : CsvScan::More;
  }

  // Behind the last field: the end of the line, or of the text.
  CsvScan line_end(CsvRecord& out) {
    if (at_ < text_.size()) {
      const bool carriage = text_[at_++] == '\r';
      // Whether a LF belongs to this CR is not known before it was read.
      if (carriage && at_ == text_.size() && !ended_) return CsvScan::More;
      if (carriage && at_ < text_.size() && text_[at_] == '\n') ++at_;
    }
    ++out.lines;
    out.size = at_;
    return CsvScan::Record;
  }

  std::string_view text_;
  std::array<bool, 256> stops_{};
  char delimiter_ = ',';
  bool ended_;
  std::size_t at_ = 0;
};

}  // namespace

CsvScan scan_record(std::string_view text, char delimiter, bool ended, std::size_t fields_max,
                    CsvRecord& record) {
  return Scanner(text, delimiter, ended).record(fields_max, record);
}

std::string_view field_text(char* text, const CsvField& field) {
  char* const begin = text + field.begin;
  const std::size_t size = field.end - field.begin;
  if (!field.doubled) return {begin, size};
  std::size_t out = 0;
  for (std::size_t i = 0; i < size; ++i) {
    begin[out++] = begin[i];
    if (begin[i] == '"') ++i;
  }
  return {begin, out};
}

}  // namespace table
