#include "table/answer_writer.h"

#include <array>
#include <cmath>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "base/number.h"

namespace table {
namespace {

void append_number(double value, std::string& out) {
  std::array<char, base::kDoubleTextMax> digits{};
  const char* const end = base::write_double(digits.data(), value);
  out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

// The labels of each column as they are written.
class LabelTexts {
 public:
  template <typename Write>
  LabelTexts(const std::vector<data::Labels>& classes, Write write) {
    for (const data::Labels& labels : classes) {
      std::vector<std::string>& texts = columns_.emplace_back(data::label_count(labels));
      for (std::size_t i = 0; i < texts.size(); ++i) write(labels, i, texts[i]);
    }
  }

  // The label that a cell stands for, or null where the column has none.
  const std::string* find(std::size_t column, double value) const {
    if (column >= columns_.size() || columns_[column].empty()) return nullptr;
    return &columns_[column].at(static_cast<std::size_t>(value));
  }

 private:
  std::vector<std::vector<std::string>> columns_;
};

class CsvWriter final : public AnswerWriter {
 public:
  CsvWriter(const Heading& heading, char delimiter)
      : delimiter_(delimiter),
        labels_(heading.classes,
                [delimiter](const data::Labels& labels, std::size_t i, std::string& out) {
                  append_csv_text(data::label_text(labels, i), delimiter, out);
                }) {
    for (const std::string& name : heading.names) {
      if (!header_.empty()) header_ += delimiter;
      append_csv_text(name, delimiter, header_);
    }
    header_ += '\n';
  }

  void begin(std::string& out) const override { out += header_; }

  void row(std::span<const double> values, std::string& out) const override {
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) out += delimiter_;
      if (const std::string* label = labels_.find(i, values[i])) {
        out += *label;
      } else if (!std::isnan(values[i])) {
        append_number(values[i], out);
      }
    }
    out += '\n';
  }

 private:
  char delimiter_;
  LabelTexts labels_;
  std::string header_;
};

struct JsonLabel {
  std::size_t index;
  std::string& out;
  void operator()(std::monostate) const {}
  void operator()(const std::vector<std::int64_t>& v) const { out += std::to_string(v[index]); }
  void operator()(const std::vector<double>& v) const { append_json_number(v[index], out); }
  void operator()(const std::vector<bool>& v) const { out += v[index] ? "true" : "false"; }
  void operator()(const std::vector<std::string>& v) const { append_json_string(v[index], out); }
};

class JsonLinesWriter final : public AnswerWriter {
 public:
  explicit JsonLinesWriter(const Heading& heading)
      : labels_(heading.classes, [](const data::Labels& labels, std::size_t i, std::string& out) {
          std::visit(JsonLabel{i, out}, labels);
        }) {}

  void begin(std::string&) const override {}

  void row(std::span<const double> values, std::string& out) const override {
    const bool bare = values.size() == 1;
    if (!bare) out += '[';
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i > 0) out += ',';
      if (const std::string* label = labels_.find(i, values[i])) {
        out += *label;
      } else {
        append_json_number(values[i], out);
      }
    }
    out += bare ? "\n" : "]\n";
  }

 private:
  LabelTexts labels_;
};

}  // namespace

void append_json_string(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
    } else {
      out += c;
    }
  }
  out += '"';
}

void append_json_number(double value, std::string& out) {
  if (std::isfinite(value)) {
    append_number(value, out);
  } else {
    out += "null";
  }
}

void append_csv_text(std::string_view text, char delimiter, std::string& out) {
  const bool plain = text.find_first_of("\"\r\n") == std::string_view::npos &&
                     text.find(delimiter) == std::string_view::npos;
  if (plain) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

std::unique_ptr<AnswerWriter> make_csv_writer(const Heading& heading, char delimiter) {
  return std::make_unique<CsvWriter>(heading, delimiter);
}

std::unique_ptr<AnswerWriter> make_json_lines_writer(const Heading& heading) {
  return std::make_unique<JsonLinesWriter>(heading);
}

}  // namespace table
