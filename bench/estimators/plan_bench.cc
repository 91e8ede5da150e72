// Runs the plans of fitted models in this process, on one thread, in turns with whoever drives it.
//
//   sooth_plan_bench MODEL ROWS METHOD      ROWS: .jsonl, as `sooth predict` reads it
//
// The first line of output says what loading took. Then it obeys commands on standard input:
//   answers PATH     the answers of all rows, as doubles, row by row
//   time N M         runs the first M rows N times, as one request each
//
//   sooth_plan_bench MODEL                  loads it, says what that took, and ends
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include <fmt/format.h>

#include "base/file.h"
#include "base/result.h"
#include "data/frame.h"
#include "plan/plan.h"
#include "sklearn/model.h"
#include "table/json_lines.h"

namespace {

using base::Result;

constexpr std::uint64_t kFileBytesMax = std::uint64_t{4} << 30U;

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

// Kilobytes of a line of /proc/self/status: VmHWM is the most memory since exec, RssAnon what is
// there now without the pages of files.
std::size_t kilobytes_of(const std::string& line) {
  std::ifstream status("/proc/self/status");
  std::size_t kilobytes = 0;
  for (std::string word; status >> word;) {
    if (word == line + ":") status >> kilobytes;
  }
  return kilobytes;
}

Result<sklearn::Model> load(const std::string& path) {
  TRY_ASSIGN(const auto file, base::MappedFile::open(path, kFileBytesMax));
  sklearn::ReadOptions options;
  // As a workspace's verified blobs are read: they stay as they are while they are mapped.
  options.in_place = {file->bytes(), file};
  return sklearn::Model::read_file(file->bytes(), nullptr, {}, options);
}

Result<void> read_rows(const base::MappedFile& text, const data::Signature& signature,
                       data::Frame& frame) {
  table::TextSource source(base::as_text(text.bytes()));
  table::JsonLinesReader reader("rows", source, signature);
  reader.drop_unknown(true);
  TRY(reader.read(frame, 1'000'000));
  return {};
}

// The first rows of a frame, as a request of its own.
data::Frame first_rows(const data::Frame& frame, const data::Signature& signature,
                       std::size_t rows) {
  data::Frame first(signature);
  for (std::size_t row = 0; row < std::min(rows, frame.rows()); ++row) {
    first.add_row();
    for (std::size_t c = 0; c < frame.columns(); ++c) {
      if (frame.type(c) == data::ColumnType::Number) {
        double number = 0;
        frame.read_numbers(c, row, 1, &number);
        first.set_number(row, c, number);
      } else {
        first.set_text(row, c, frame.texts(c)[row]);
      }
    }
  }
  return first;
}

Result<void> write_answers(const plan::Plan& plan, const data::Frame& frame,
                           const std::string& path) {
  plan::Plan::Scratch scratch(plan);
  TRY_ASSIGN(const plan::Buffer* buffer, plan.run(frame, scratch));
  if (plan.output().form != plan::Form::Dense) {
    return base::Error(base::Code::Unsupported, "answers: expected a model that answers densely");
  }
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(buffer->dense.values.data()),
             static_cast<std::streamsize>(buffer->dense.values.size() * sizeof(double)));
  fmt::print("{{\"columns\": {}}}\n", buffer->dense.columns);
  return {};
}

Result<void> time_runs(const plan::Plan& plan, const data::Frame& frame,
                       std::istringstream& words) {
  std::size_t times = 0;
  std::size_t rows = 0;
  words >> times >> rows;
  const data::Frame request = first_rows(frame, plan.signature(), rows);
  plan::Plan::Scratch scratch(plan);
  TRY(plan.run(request, scratch));
  const Stopwatch watch;
  for (std::size_t i = 0; i < times; ++i) TRY(plan.run(request, scratch));
  fmt::print("{{{}}}\n", watch.json());
  return {};
}

Result<void> obey(const plan::Plan& plan, const data::Frame& frame) {
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string command;
    words >> command;
    if (command == "answers") {
      std::string path;
      words >> path;
      TRY(write_answers(plan, frame, path));
    } else if (command == "time") {
      TRY(time_runs(plan, frame, words));
    } else {
      return base::Error(base::Code::Invalid,
                         fmt::format("command: expected answers or time, got \"{}\"", command));
    }
    std::fflush(stdout);
  }
  return {};
}

Result<void> run(int argc, char** argv) {
  const Stopwatch watch;
  TRY_ASSIGN(const sklearn::Model model, load(argv[1]));
  fmt::print("{{{}, \"peak_kb\": {}, \"anonymous_kb\": {}}}\n", watch.json(), kilobytes_of("VmHWM"),
             kilobytes_of("RssAnon"));
  std::fflush(stdout);
  if (argc == 2) return {};
  TRY_ASSIGN(const plan::Method method, plan::parse_method(argv[3]));
  TRY_ASSIGN(const plan::Plan plan, model.compile(method));
  data::Frame frame(plan.signature());
  TRY_ASSIGN(const auto text, base::MappedFile::open(argv[2], kFileBytesMax));
  TRY(read_rows(*text, plan.signature(), frame));
  return obey(plan, frame);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 && argc != 4) {
    fmt::print(stderr, "usage: sooth_plan_bench MODEL [ROWS METHOD]\n");
    return 2;
  }
  const auto outcome = run(argc, argv);
  if (outcome.ok()) return 0;
  fmt::print(stderr, "sooth_plan_bench: {}\n", outcome.error().message());
  return 1;
}
