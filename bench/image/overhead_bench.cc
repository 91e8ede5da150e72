// sooth_overhead_bench LIBRARY FOLDER NAME PAIRS: runs one network by `engine_onnx` and by bare
// calls of ONNX Runtime's C API in turns, on one thread, and prints what the two took:
//   {"bare_us": [...], "engine_us": [...]}
// The answers must be the same bits.
#include <algorithm>
#include <cstring>
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "bare_session.h"
#include "base/files.h"
#include "engine_onnx/runtime.h"
#include "float_input.h"
#include "load_cost.h"

namespace {

constexpr int kWarmUps = 3;
constexpr std::size_t kWanted[] = {0};

struct Times {
  std::vector<double> bare;
  std::vector<double> engine;
};

template <typename Work>
double timed_us(Work work) {
  const double begun = bench::seconds_now();
  work();
  return 1e6 * (bench::seconds_now() - begun);
}

Times measure(bench::BareSession& bare, const engine::Network& network, int pairs) {
  const engine::TensorView input = bench::float_input(bare.shape(), bare.input());
  std::vector<engine::Tensor> results;
  const auto run_engine = [&] {
    const auto ran = network.run({&input, 1}, kWanted, results);
    if (ran.ok()) return;
    std::cerr << ran.error().message() << '\n';
    std::exit(1);
  };
  Times times;
  for (int i = -kWarmUps; i < pairs; ++i) {
    double engine = 0;
    // Who comes first changes.
    if (i % 2 == 0) engine = timed_us(run_engine);
    const double bare_us = timed_us([&] { bare.run(); });
    if (i % 2 != 0) engine = timed_us(run_engine);
    if (i < 0) continue;
    times.bare.push_back(bare_us);
    times.engine.push_back(engine);
  }
  const std::string& got = results.at(0).bytes;
  if (got.size() != bare.output().size() * sizeof(float) ||
      std::memcmp(got.data(), bare.output().data(), got.size()) != 0) {
    std::cerr << "sooth_overhead_bench: expected the same answers of both\n";
    std::exit(1);
  }
  return times;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 5) {
    std::cerr << "usage: sooth_overhead_bench LIBRARY FOLDER NAME PAIRS\n";
    return 2;
  }
  const std::string folder = arguments[2];
  const std::string name = arguments[3];
  bench::BareSession bare(arguments[1], folder + "/" + name);
  const auto runtime = engine_onnx::Runtime::open(arguments[1]);
  if (!runtime.ok()) {
    std::cerr << runtime.error().message() << '\n';
    return 1;
  }
  const auto network = (*runtime)->load(base::FolderFiles(folder), name, {});
  if (!network.ok()) {
    std::cerr << network.error().message() << '\n';
    return 1;
  }
  std::mt19937 chance(1);
  std::ranges::generate(bare.input(),
                        [&] { return static_cast<float>(chance() % 2000) / 1000.0F - 1.0F; });
  const Times times = measure(bare, **network, std::stoi(arguments[4]));
  fmt::print("{{\"bare_us\": [{:.1f}], \"engine_us\": [{:.1f}]}}\n", fmt::join(times.bare, ", "),
             fmt::join(times.engine, ", "));
  return 0;
}
