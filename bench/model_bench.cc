// What one fitted scikit-learn model costs, in a process of its own and on one thread.
//
//   sooth_model_bench MODEL METHOD [ROWS.npy EACH SECONDS]
//
// Prints one line of JSON: what loading took, from the file to a compiled plan that is ready to
// score, and the most memory that it held at a time, the mapped file included; and, of SECONDS of
// scoring EACH of the rows at a time, the time of one call.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/file.h"
#include "base/result.h"
#include "data/frame.h"
#include "pickle/document.h"
#include "pickle/numbers.h"
#include "plan/plan.h"
#include "sklearn/model.h"

namespace {

constexpr std::uint64_t kFileBytesMax = std::uint64_t{8} << 30U;

double seconds_of(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// A line of /proc/self/status, in KiB.
std::uint64_t status_kb(const std::string& name) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(name + ":"))
      return std::strtoull(line.c_str() + name.size() + 1, nullptr, 10);
  }
  return 0;
}

base::Result<plan::Plan> load(const std::string& path, plan::Method method, std::size_t& bytes) {
  TRY_ASSIGN(const auto file, base::MappedFile::open(path, kFileBytesMax));
  bytes = file->bytes().size();
  sklearn::ReadOptions options;
  options.in_place = {.bytes = file->bytes(), .holder = file};
  TRY_ASSIGN(const sklearn::Model model,
             sklearn::Model::read_file(file->bytes(), nullptr, {}, options));
  return model.compile(method);
}

// Frames of `each` rows.
base::Result<std::vector<data::Frame>> read_frames(const std::string& path, const plan::Plan& plan,
                                                   std::size_t each) {
  TRY_ASSIGN(const auto document, pickle::Document::open(path));
  const pickle::Array* array = document.root().array();
  const std::size_t columns = plan.signature().columns.size();
  if (array == nullptr || array->shape.size() != 2 || array->shape[1] != columns ||
      array->shape[0] < each) {
    return base::Error(base::Code::Invalid,
                       fmt::format("rows: expected {} or more of {} numbers", each, columns));
  }
  TRY_ASSIGN(const auto numbers, pickle::to_doubles(*array));
  std::vector<data::Frame> frames;
  for (std::size_t first = 0; first + each <= array->shape[0]; first += each) {
    data::Frame& frame = frames.emplace_back(plan.signature());
    for (std::size_t i = 0; i < each; ++i) {
      frame.add_row();
      for (std::size_t c = 0; c < columns; ++c) {
        frame.set_number(i, c, numbers[(first + i) * columns + c]);
      }
    }
  }
  return frames;
}

// Seconds of processor time for one call, the median of rounds of many.
base::Result<double> time_calls(const plan::Plan& plan, const std::vector<data::Frame>& frames,
                                double seconds) {
  plan::Plan::Scratch scratch(plan);
  std::vector<double> rounds;
  const double until = seconds_of(CLOCK_MONOTONIC) + seconds;
  std::size_t at = 0;
  for (std::size_t calls = 1; rounds.empty() || seconds_of(CLOCK_MONOTONIC) < until;) {
    const double start = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
    for (std::size_t i = 0; i < calls; ++i) {
      TRY(plan.run(frames[at++ % frames.size()], scratch));
    }
    const double took = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - start;
    if (took < 0.02) {
      calls *= 2;
    } else {
      rounds.push_back(took / static_cast<double>(calls));
    }
  }
  std::nth_element(rounds.begin(), rounds.begin() + static_cast<std::ptrdiff_t>(rounds.size() / 2),
                   rounds.end());
  return rounds[rounds.size() / 2];
}

base::Result<std::string> measure(const std::vector<std::string>& words) {
  TRY_ASSIGN(const plan::Method method, plan::parse_method(words[1]));
  std::size_t bytes = 0;
  const std::uint64_t before_kb = status_kb("VmRSS");
  const double cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
  const double wall = seconds_of(CLOCK_MONOTONIC);
  TRY_ASSIGN(const plan::Plan plan, load(words[0], method, bytes));
  std::string out = fmt::format(
      R"({{"file_bytes": {}, "load_wall_s": {:.6f}, "load_cpu_s": {:.6f}, "peak_kb": {}, )"
      R"("before_kb": {}, "kept_kb": {})",
      bytes, seconds_of(CLOCK_MONOTONIC) - wall, seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu,
      status_kb("VmHWM"), before_kb, status_kb("VmRSS"));
  if (words.size() == 5) {
    const auto each = static_cast<std::size_t>(std::strtoull(words[3].c_str(), nullptr, 10));
    TRY_ASSIGN(const auto frames, read_frames(words[2], plan, std::max<std::size_t>(each, 1)));
    TRY_ASSIGN(const double call, time_calls(plan, frames, std::strtod(words[4].c_str(), nullptr)));
    out += fmt::format(R"(, "rows": {}, "call_us": {:.4f})", each, 1e6 * call);
  }
  return out + "}";
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() != 2 && words.size() != 5) {
    std::cerr << "usage: sooth_model_bench MODEL METHOD [ROWS.npy EACH SECONDS]\n";
    return 2;
  }
  const auto line = measure(words);
  if (!line.ok()) {
    std::cerr << "sooth_model_bench: " << line.error().message() << "\n";
    return 1;
  }
  std::cout << *line << std::endl;
  return 0;
}
