// Scores in this process what the Python half of the benchmark scores in its own, on one thread.
//
//   sooth_score_bench MODEL INPUTS
//
// INPUTS has one input a line: a query, or for a model of plain columns a row as JSON. The first
// line of output says what loading took. Then it obeys commands on standard input, so that
// measurements can take turns with another process:
//   answers            for each input a line: position and value of every answer, best first,
//                      values as hexadecimal floating point
//   time score N M     scores the first M inputs N times, as they lie in memory
//   time json N M      the same from JSON bytes to JSON bytes (plain columns only)
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iostream>
#include <memory>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <simdjson.h>

#include "base/result.h"
#include "data/frame.h"
#include "plan/plan.h"
#include "scorer/scorer.h"
#include "table/answer_writer.h"
#include "table/json_row.h"

namespace {

using base::Result;

double seconds_of(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

struct Stopwatch {
  double cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
  double wall = seconds_of(CLOCK_MONOTONIC);

  std::string json() const {
    return fmt::format(R"("cpu_s": {:.9f}, "wall_s": {:.9f})",
                       seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu,
                       seconds_of(CLOCK_MONOTONIC) - wall);
  }
};

// The inputs, ready to be scored over and over.
class Subject {
 public:
  Subject() = default;
  Subject(const Subject&) = delete;
  Subject& operator=(const Subject&) = delete;
  virtual ~Subject() = default;

  virtual std::size_t inputs() const = 0;
  virtual Result<void> score(std::size_t input) = 0;
  // Positions and values of the last answer, best first.
  virtual std::vector<scorer::Ranked> answer() const = 0;
  virtual Result<void> score_json(std::size_t /*input*/) {
    return base::Error(base::Code::Invalid, "json: expected a model of plain columns");
  }
};

class Queries final : public Subject {
 public:
  Queries(const scorer::MatchScorer& match, std::vector<std::string> queries)
      : match_(match), scratch_(match), queries_(std::move(queries)) {}

  std::size_t inputs() const override { return queries_.size(); }
  Result<void> score(std::size_t input) override {
    TRY_ASSIGN(ranked_, match_.match(queries_[input], match_.candidates().rows.size(), scratch_));
    return {};
  }
  std::vector<scorer::Ranked> answer() const override { return {ranked_.begin(), ranked_.end()}; }

 private:
  const scorer::MatchScorer& match_;
  scorer::MatchScorer::Scratch scratch_;
  std::vector<std::string> queries_;
  std::span<const scorer::Ranked> ranked_;
};

class Rows final : public Subject {
 public:
  static Result<std::unique_ptr<Subject>> make(const scorer::ColumnsScorer& columns,
                                               const std::vector<std::string>& lines) {
    const plan::Method method = plan::Method::PredictProba;
    auto rows = std::make_unique<Rows>(columns.plan(method));
    for (const std::string& line : lines) TRY(rows->add(line));
    return std::unique_ptr<Subject>(std::move(rows));
  }

  explicit Rows(const plan::Plan& plan)
      : plan_(plan),
        scratch_(plan),
        reader_(plan.signature()),
        sent_(plan.signature()),
        writer_(table::make_json_lines_writer({plan.output().names, {}})) {}

  std::size_t inputs() const override { return frames_.size(); }
  Result<void> score(std::size_t input) override { return run(frames_[input]); }
  std::vector<scorer::Ranked> answer() const override {
    std::vector<scorer::Ranked> values;
    for (std::size_t i = 0; i < answer_->dense.columns; ++i)
      values.push_back({static_cast<std::uint32_t>(i), answer_->dense.row(0)[i]});
    return values;
  }
  Result<void> score_json(std::size_t input) override {
    sent_.clear();
    TRY(read(json_[input], reader_, sent_));
    TRY(run(sent_));
    text_.clear();
    writer_->row({answer_->dense.row(0), answer_->dense.columns}, text_);
    return {};
  }

 private:
  Result<void> add(const std::string& line) {
    json_.emplace_back(line);
    table::RowReader reader(plan_.signature(), {.copy_texts = true});
    frames_.emplace_back(plan_.signature());
    return read(json_.back(), reader, frames_.back());
  }
  Result<void> read(const simdjson::padded_string& json, table::RowReader& reader,
                    data::Frame& frame) {
    simdjson::ondemand::document document;
    if (const auto error = parser_.iterate(json).get(document)) return table::json_error(error);
    simdjson::ondemand::value value;
    if (const auto error = document.get_value().get(value)) return table::json_error(error);
    return reader.read_row(value, frame, frame.add_row());
  }
  Result<void> run(const data::Frame& frame) {
    TRY_ASSIGN(answer_, plan_.run(frame, scratch_));
    return {};
  }

  const plan::Plan& plan_;
  plan::Plan::Scratch scratch_;
  simdjson::ondemand::parser parser_;
  table::RowReader reader_;
  data::Frame sent_;
  std::unique_ptr<table::AnswerWriter> writer_;
  std::vector<simdjson::padded_string> json_;
  std::vector<data::Frame> frames_;
  std::string text_;
  const plan::Buffer* answer_ = nullptr;
};

Result<void> print_answers(Subject& subject) {
  for (std::size_t i = 0; i < subject.inputs(); ++i) {
    TRY(subject.score(i));
    std::string line;
    for (const scorer::Ranked& one : subject.answer())
      line += fmt::format("{} {:a} ", one.candidate, one.score);
    fmt::print("{}\n", line);
  }
  return {};
}

Result<void> time_rounds(Subject& subject, std::istringstream& words) {
  std::string what;
  std::size_t rounds = 0;
  std::size_t inputs = 0;
  words >> what >> rounds >> inputs;
  inputs = std::min(inputs, subject.inputs());
  const Stopwatch watch;
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < inputs; ++i) {
      TRY(what == "json" ? subject.score_json(i) : subject.score(i));
    }
  }
  fmt::print("{{{}, \"scored\": {}}}\n", watch.json(), rounds * inputs);
  return {};
}

Result<void> obey(Subject& subject) {
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string command;
    words >> command;
    if (command == "answers") {
      TRY(print_answers(subject));
    } else if (command == "time") {
      TRY(time_rounds(subject, words));
    } else {
      return base::Error(base::Code::Invalid,
                         fmt::format("command: expected answers or time, got \"{}\"", command));
    }
    std::fflush(stdout);
  }
  return {};
}

// The most memory since exec; getrusage would count what the parent had.
std::size_t peak_kb() {
  std::ifstream status("/proc/self/status");
  std::size_t kilobytes = 0;
  for (std::string word; status >> word;) {
    if (word == "VmHWM:") status >> kilobytes;
  }
  return kilobytes;
}

void print_loaded(const Stopwatch& watch, const scorer::Scorer& scorer) {
  const bool factorised = scorer.match() != nullptr && !scorer.match()->plain_because();
  fmt::print("{{{}, \"peak_kb\": {}, \"factorised\": {}}}\n", watch.json(), peak_kb(), factorised);
  std::fflush(stdout);
}

Result<void> run(const std::string& model, const std::string& inputs) {
  const Stopwatch watch;
  TRY_ASSIGN(const auto scorer, scorer::Scorer::load(model, {}));
  print_loaded(watch, *scorer);
  std::vector<std::string> lines;
  std::ifstream file(inputs);
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  if (scorer->match() != nullptr) {
    Queries queries(*scorer->match(), std::move(lines));
    return obey(queries);
  }
  TRY_ASSIGN(const auto rows, Rows::make(*scorer->columns(), lines));
  return obey(*rows);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: sooth_score_bench MODEL INPUTS\n");
    return 2;
  }
  const auto outcome = run(argv[1], argv[2]);
  if (outcome.ok()) return 0;
  fmt::print(stderr, "sooth_score_bench: {}\n", outcome.error().message());
  return 1;
}
