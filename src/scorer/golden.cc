#include "scorer/golden.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <span>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "data/frame.h"
#include "plan/together.h"
#include "scorer/golden_tensors.h"
#include "scorer/pattern.h"

namespace scorer {
namespace {

using base::Code;
using base::Error;

constexpr std::size_t kGeneratedQueries = 8;
constexpr std::size_t kGeneratedPictures = 4;
constexpr std::uint32_t kPatternSide = 96;
constexpr std::string_view kImage = "image";

base::Result<void> fill(const Examples& examples, const data::Signature& signature,
                        data::Frame& frame) {
  for (const auto& row : examples.rows) {
    if (row.size() != signature.columns.size()) {
      return Error(Code::Invalid, fmt::format("row {}: expected {} cells, got {}", frame.rows(),
                                              signature.columns.size(), row.size()));
    }
    const std::size_t r = frame.add_row();
    for (std::size_t c = 0; c < row.size(); ++c) {
      const bool text = signature.columns[c].type == data::ColumnType::Text;
      if (const auto* number = std::get_if<double>(&row[c]); number != nullptr && !text) {
        frame.set_number(r, c, *number);
      } else if (const auto* cell = std::get_if<std::string>(&row[c]); cell != nullptr && text) {
        frame.set_text(r, c, *cell);
      } else if (std::holds_alternative<std::monostate>(row[c])) {
        if (!text && signature.columns[c].optional) frame.set_number(r, c, data::kMissingNumber);
      } else {
        return Error(Code::Invalid, fmt::format("row {}, column {}: expected a {}", r,
                                                base::quote(signature.columns[c].name),
                                                data::column_type_name(signature.columns[c].type)));
      }
    }
  }
  return {};
}

void append_row(const plan::Buffer& buffer, const plan::Output& output, std::size_t row,
                Answered& answered) {
  const std::size_t width = output.names.size();
  std::vector<double> values(width, 0);
  if (output.form == plan::Form::Sparse) {
    const auto indices = buffer.sparse.row_indices(row);
    const auto stored = buffer.sparse.row_values(row);
    for (std::size_t i = 0; i < indices.size(); ++i) values[indices[i]] = stored[i];
  } else {
    std::copy_n(buffer.dense.row(row), width, values.begin());
  }
  for (std::size_t c = 0; c < width; ++c) {
    if (output.classes.empty()) {
      answered.numbers.push_back(values[c]);
    } else {
      const data::Labels& labels = output.classes[std::min(c, output.classes.size() - 1)];
      answered.labels.push_back(data::label_text(labels, static_cast<std::size_t>(values[c])));
    }
  }
}

// What the methods answer, all of them or none: what they share is computed once.
base::Result<std::vector<Answered>> answer_methods(const ColumnsScorer& scorer,
                                                   std::span<const plan::Method> methods,
                                                   const Examples& examples) {
  data::Frame frame(scorer.signature());
  TRY(fill(examples, scorer.signature(), frame));
  std::vector<const plan::Plan*> plans;
  for (const plan::Method method : methods) plans.push_back(&scorer.plan(method));
  plan::Together together(plans);
  TRY(together.run(frame));
  std::vector<Answered> all;
  for (std::size_t i = 0; i < methods.size(); ++i) {
    Answered& answered = all.emplace_back();
    answered.method = plan::method_name(methods[i]);
    answered.names = plans[i]->output().names;
    for (std::size_t r = 0; r < frame.rows(); ++r) {
      append_row(together.result(i), plans[i]->output(), r, answered);
    }
  }
  return all;
}

base::Result<Answered> answer_match(const MatchScorer& match, const Examples& examples) {
  Answered answered{.method = "match", .names = {}, .numbers = {}, .labels = {}};
  for (const auto& row : match.candidates().rows) answered.names.push_back(row.id);
  MatchScorer::Scratch scratch(match);
  for (const std::string& query : examples.queries) {
    TRY_ASSIGN(const auto scores, match.scores(query, scratch));
    answered.numbers.insert(answered.numbers.end(), scores.begin(), scores.end());
  }
  return answered;
}

base::Result<Answered> answer_image(const ImageScorer& image, const Examples& examples) {
  Answered answered{.method = std::string(kImage), .names = {}, .numbers = {}, .labels = {}};
  for (const auto& row : image.labels().rows) answered.names.push_back(row.id);
  ImageScorer::Scratch scratch;
  for (const std::string& picture : examples.pictures) {
    TRY_ASSIGN(const auto scores, image.scores(picture, scratch));
    answered.numbers.insert(answered.numbers.end(), scores.begin(), scores.end());
  }
  return answered;
}

// How many rows of so many values each are kept.
std::size_t rows_kept(std::size_t rows, std::size_t width) {
  const std::size_t fit =
      std::max<std::size_t>(Golden::kValuesMax / std::max<std::size_t>(width, 1), 1);
  return std::min({rows, fit, Golden::kRowsMax});
}

// How many of the first pictures are not too much together.
std::size_t pictures_kept(const std::vector<std::string>& pictures) {
  std::uint64_t left = Golden::kRequestBytesMax;
  std::size_t kept = 0;
  while (kept < pictures.size() && pictures[kept].size() <= left) left -= pictures[kept++].size();
  return kept;
}

void keep_rows(std::size_t rows, Answers& answers) {
  for (Answered& each : answers.answered) {
    const std::size_t cells = rows * each.names.size();
    if (each.numbers.size() > cells) each.numbers.resize(cells);
    if (each.labels.size() > cells) each.labels.resize(cells);
  }
}

std::size_t widest(const Scorer& scorer) {
  if (scorer.match() != nullptr) return scorer.match()->candidates().rows.size();
  if (scorer.image() != nullptr) return scorer.image()->labels().rows.size();
  if (scorer.tensors() != nullptr) return 1;
  std::size_t width = 1;
  for (const plan::Method method : scorer.columns()->methods()) {
    const std::size_t columns = scorer.columns()->plan(method).output().names.size();
    if (columns <= Golden::kValuesMax) width = std::max(width, columns);
  }
  return width;
}

// A dictionary or list of a few names, another one in each row.
std::string plain_json(data::Json json, std::size_t row) {
  const double number = static_cast<double>(row) - 2.5;
  switch (json) {
    case data::Json::Strings: return fmt::format(R"(["red","word {}"])", row);
    case data::Json::Pairs: return fmt::format(R"([["size",{}],["colour","red"]])", number);
    case data::Json::Object:
    case data::Json::None: break;
  }
  return fmt::format(R"({{"size":{},"colour":"word {}"}})", number, row);
}

// Numbers that tell models apart without being extreme, and a word for every text.
std::vector<std::vector<Examples::Cell>> plain_rows(const data::Signature& signature) {
  constexpr double kNumbers[] = {0.0, 1.0, -1.0, 0.5, 2.0, 10.0, -3.25, 100.0};
  std::vector<std::vector<Examples::Cell>> rows;
  for (std::size_t r = 0; r < std::size(kNumbers); ++r) {
    std::vector<Examples::Cell> row;
    for (std::size_t c = 0; c < signature.columns.size(); ++c) {
      const data::Column& column = signature.columns[c];
      if (!column.used) {
        row.emplace_back();
      } else if (column.json != data::Json::None) {
        row.emplace_back(plain_json(column.json, r));
      } else if (column.type == data::ColumnType::Text) {
        const auto& known = column.categories;
        row.emplace_back(known.empty() ? fmt::format("example {} of {}", r, column.name)
                                       : known[r % known.size()]);
      } else {
        row.emplace_back(kNumbers[(r + c) % std::size(kNumbers)]);
      }
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

double error_of(double reference, double ours) {
  if (std::isnan(reference) || std::isnan(ours)) {
    return std::isnan(reference) && std::isnan(ours) ? 0 : std::numeric_limits<double>::infinity();
  }
  return reference == ours ? 0 : std::abs(reference - ours);
}

}  // namespace

base::Result<Answers> answer(const Scorer& scorer, const Examples& examples) {
  Answers answers;
  if (const MatchScorer* match = scorer.match()) {
    TRY_ASSIGN(Answered answered, answer_match(*match, examples));
    answers.answered.push_back(std::move(answered));
    return answers;
  }
  if (const ImageScorer* image = scorer.image()) {
    TRY_ASSIGN(Answered answered, answer_image(*image, examples));
    answers.answered.push_back(std::move(answered));
    return answers;
  }
  if (const engine::Network* network = scorer.tensors()) {
    for (const TensorRequest& each : examples.requests) {
      TRY_ASSIGN(TensorAnswer answered, answer_request(*network, each));
      answers.outputs.push_back(std::move(answered));
    }
    return answers;
  }
  std::vector<plan::Method> methods;
  for (const plan::Method method : scorer.columns()->methods()) {
    const std::size_t width = scorer.columns()->plan(method).output().names.size();
    if (width <= Golden::kValuesMax) {
      methods.push_back(method);
    } else {
      answers.left_out.push_back(fmt::format("{}: {} columns, more than {}",
                                             plan::method_name(method), width, Golden::kValuesMax));
    }
  }
  if (methods.empty()) return answers;
  if (auto all = answer_methods(*scorer.columns(), methods, examples); all.ok()) {
    answers.answered = *std::move(all);
    return answers;
  }
  for (const plan::Method method : methods) {
    auto one = answer_methods(*scorer.columns(), std::span(&method, 1), examples);
    if (one.ok()) {
      answers.answered.push_back(std::move(one->front()));
    } else {
      answers.left_out.push_back(
          fmt::format("{}: {}", plan::method_name(method), one.error().message()));
    }
  }
  return answers;
}

base::Result<Sample> generate_sample(const Scorer& scorer) {
  Sample sample;
  if (const MatchScorer* match = scorer.match()) {
    const auto& rows = match->candidates().rows;
    for (std::size_t i = 0; i < std::min(rows.size(), kGeneratedQueries); ++i) {
      sample.examples.queries.push_back(rows[i].text);
    }
    return sample;
  }
  if (scorer.image() != nullptr) {
    for (unsigned i = 0; i < kGeneratedPictures; ++i) {
      sample.examples.pictures.push_back(pattern_png(i, kPatternSide));
    }
    return sample;
  }
  if (const engine::Network* network = scorer.tensors()) {
    TRY_ASSIGN(sample.examples.requests, generate_requests(*network, Golden::kRequestBytesMax));
    return sample;
  }
  Examples all{.rows = plain_rows(scorer.columns()->signature()), .queries = {}, .pictures = {}};
  // Together they cost a wide model little more than one.
  TRY_ASSIGN(Answers answers, answer(scorer, all));
  const plan::Method method = scorer.columns()->default_method();
  const bool answered =
      std::any_of(answers.answered.begin(), answers.answered.end(),
                  [&](const Answered& each) { return each.method == plan::method_name(method); });
  // Too wide to be kept, it was not asked.
  const bool wide = scorer.columns()->plan(method).output().names.size() > Golden::kValuesMax;
  if (answered || (wide && answer_methods(*scorer.columns(), std::span(&method, 1), all).ok())) {
    return Sample{std::move(all), std::move(answers)};
  }
  // A row that the model refuses, such as one of an unknown category, is no example.
  for (auto& row : all.rows) {
    const Examples one{.rows = {row}, .queries = {}, .pictures = {}};
    if (answer_methods(*scorer.columns(), std::span(&method, 1), one).ok()) {
      sample.examples.rows.push_back(std::move(row));
    }
  }
  return sample;
}

base::Result<Golden> make_golden(const Scorer& scorer, Sample sample, std::string source) {
  if (const engine::Network* network = scorer.tensors()) {
    return make_tensor_golden(*network, std::move(sample), std::move(source));
  }
  Golden golden{.source = std::move(source),
                .columns = {},
                .examples = {},
                .answers = {},
                .outputs = {},
                .left_out = {}};
  Examples& examples = sample.examples;
  std::size_t kept = rows_kept(examples.count(), widest(scorer));
  if (scorer.image() != nullptr) kept = std::min(kept, pictures_kept(examples.pictures));
  if (kept < examples.count()) {
    golden.left_out.push_back(
        fmt::format("{} of {} rows", examples.count() - kept, examples.count()));
    if (examples.rows.size() > kept) examples.rows.resize(kept);
    if (examples.queries.size() > kept) examples.queries.resize(kept);
    if (examples.pictures.size() > kept) examples.pictures.resize(kept);
    // A row that is not kept may be what a method had refused.
    if (sample.answers && !sample.answers->left_out.empty()) sample.answers.reset();
    if (sample.answers) keep_rows(kept, *sample.answers);
  }
  if (scorer.columns() != nullptr) {
    for (const auto& column : scorer.columns()->signature().columns) {
      golden.columns.push_back(column.name);
    }
  }
  if (!sample.answers) {
    TRY_ASSIGN(sample.answers, answer(scorer, examples));
  }
  Answers& answers = *sample.answers;
  golden.examples = std::move(examples);
  golden.answers = std::move(answers.answered);
  golden.left_out.insert(golden.left_out.end(), answers.left_out.begin(), answers.left_out.end());
  return golden;
}

void compare(const Answered& reference, const Answered& ours, model::Parity& parity) {
  std::unordered_map<std::string_view, std::size_t> by_name;
  for (std::size_t c = 0; c < ours.names.size(); ++c) by_name.emplace(ours.names[c], c);
  const std::size_t rows = std::min(reference.rows(), ours.rows());
  const std::size_t width = reference.names.size();
  for (std::size_t c = 0; c < width; ++c) {
    const auto at = by_name.find(reference.names[c]);
    const bool comparable =
        at != by_name.end() && reference.numbers.empty() == ours.numbers.empty();
    if (!comparable) {
      parity.not_compared.push_back(
          fmt::format("{} column {}", reference.method, base::quote(reference.names[c])));
      continue;
    }
    const auto place = [&](std::size_t r) {
      return fmt::format("row {}, {} column {}", r, reference.method,
                         base::quote(reference.names[c]));
    };
    double scale = reference.method == kImage ? 1 : 0;
    for (std::size_t r = 0; r < rows && !reference.numbers.empty(); ++r) {
      const double value = std::abs(reference.numbers[r * width + c]);
      if (std::isfinite(value)) scale = std::max(scale, value);
    }
    for (std::size_t r = 0; r < rows; ++r) {
      const std::size_t theirs_at = r * width + c;
      const std::size_t ours_at = r * ours.names.size() + at->second;
      ++parity.values;
      if (reference.numbers.empty()) {
        const bool same = reference.labels[theirs_at] == ours.labels[ours_at];
        parity.equal += same ? 1 : 0;
        if (!same && parity.labels_differ++ == 0 && parity.worst.empty()) parity.worst = place(r);
        continue;
      }
      const double expected = reference.numbers[theirs_at];
      const double got = ours.numbers[ours_at];
      if (std::bit_cast<std::uint64_t>(expected) == std::bit_cast<std::uint64_t>(got))
        ++parity.equal;
      const double error = error_of(expected, got);
      if (error == 0) continue;
      parity.abs_max = std::max(parity.abs_max, error);
      const double relative = scale > 0 ? error / scale : std::numeric_limits<double>::infinity();
      if (relative > parity.rel_max) {
        parity.rel_max = relative;
        parity.worst = place(r);
      }
    }
  }
  parity.rows = std::max<std::uint64_t>(parity.rows, rows);
}

namespace {

// What transform calls its columns may have changed since they were written; their places stay.
Answered under_names_of(const Answered& reference, Answered ours) {
  const bool known =
      std::all_of(reference.names.begin(), reference.names.end(), [&](const auto& n) {
        return std::find(ours.names.begin(), ours.names.end(), n) != ours.names.end();
      });
  const bool transformed = reference.method == plan::method_name(plan::Method::Transform);
  if (transformed && !known && ours.names.size() == reference.names.size()) {
    ours.names = reference.names;
  }
  return ours;
}

}  // namespace

base::Result<model::Parity> replay(const Scorer& scorer, const Golden& golden, double tolerance) {
  model::Parity parity;
  parity.against = "golden rows";
  parity.tolerance = tolerance;
  TRY_ASSIGN(const Answers answers, answer(scorer, golden.examples));
  if (scorer.tensors() != nullptr) TRY(compare_outputs(golden, answers.outputs, parity));
  for (const Answered& expected : golden.answers) {
    const auto ours =
        std::find_if(answers.answered.begin(), answers.answered.end(),
                     [&](const Answered& each) { return each.method == expected.method; });
    if (ours == answers.answered.end() || ours->rows() != expected.rows()) {
      return Error(Code::Corrupt,
                   fmt::format("golden rows: expected answers of {}, got none", expected.method));
    }
    compare(expected, under_names_of(expected, *ours), parity);
  }
  if (parity.within() && parity.not_compared.empty()) return parity;
  if (!parity.not_compared.empty()) {
    return Error(Code::Corrupt,
                 fmt::format("golden rows: expected {}, got none", parity.not_compared.front()));
  }
  return Error(Code::Corrupt,
               fmt::format("golden rows: {}: expected the answer of registration within {:g}, got "
                           "one {:.3g} away ({} labels differ); the model, this program or this "
                           "machine computes otherwise",
                           parity.worst, tolerance, parity.rel_max, parity.labels_differ));
}

}  // namespace scorer
