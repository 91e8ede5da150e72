// sooth_batch_bench RUNTIME_DIR PROVIDER FOLDER NAME: runs a network on pictures in batches, by the
// provider "cpu" or "cuda". It obeys lines of standard input and answers with a line each:
//   run BATCH SECONDS  {"ms": [...], "first": [...]}: what each run took, for about that long and
//   at
//                      least three times, from tensors in memory to tensors in memory, and the
//                      first numbers of the answer to the last picture
// The pictures are those of peers/torch_batches.py, number by number.
#include <algorithm>
#include <cstdint>
#include <iostream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/files.h"
#include "engine_onnx/library.h"
#include "engine_onnx/runtime.h"
#include "float_input.h"
#include "load_cost.h"

namespace {

constexpr std::size_t kRunsMin = 3;
constexpr std::size_t kNumbersShown = 16;

template <typename Value>
Value value_of(base::Result<Value> result) {
  if (result.ok()) return std::move(*result);
  std::cerr << "sooth_batch_bench: " << result.error().message() << '\n';
  std::exit(1);
}

// From -1 to 1, by Knuth's multiplicative hash of where they stand.
std::vector<float> made_up(std::size_t count) {
  std::vector<float> numbers(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto hash = static_cast<std::uint32_t>(i) * 2654435761U;
    numbers[i] = static_cast<float>(static_cast<double>(hash) / 2147483648.0 - 1.0);
  }
  return numbers;
}

std::string run(const engine::Network& network, std::int64_t batch, double seconds) {
  std::vector<std::int64_t> shape = network.inputs().at(0).shape;
  shape.at(0) = batch;
  std::size_t count = 1;
  for (const std::int64_t extent : shape) count *= static_cast<std::size_t>(extent);
  const std::vector<float> numbers = made_up(count);
  const engine::TensorView input = bench::float_input(shape, numbers);
  const std::size_t wanted[] = {0};
  std::vector<engine::Tensor> results;
  std::vector<double> took_ms;
  const double end = bench::seconds_now() + seconds;
  while (took_ms.size() < kRunsMin || bench::seconds_now() < end) {
    const double begun = bench::seconds_now();
    const auto ran = network.run({&input, 1}, wanted, results);
    took_ms.push_back(1e3 * (bench::seconds_now() - begun));
    if (ran.ok()) continue;
    std::cerr << "sooth_batch_bench: " << ran.error().message() << '\n';
    std::exit(1);
  }
  const std::string& bytes = results.at(0).bytes;
  const std::size_t answered = bytes.size() / sizeof(float) / static_cast<std::size_t>(batch);
  std::vector<float> first(std::min(answered, kNumbersShown));
  std::copy_n(bytes.data() + bytes.size() - answered * sizeof(float), first.size() * sizeof(float),
              reinterpret_cast<char*>(first.data()));
  return fmt::format(R"({{"ms": [{:.4f}], "first": [{:.9g}]}})", fmt::join(took_ms, ", "),
                     fmt::join(first, ", "));
}

}  // namespace

int main(int count, char** arguments) {
  const std::string provider = count == 5 ? arguments[2] : "";
  if (provider != "cpu" && provider != "cuda") {
    std::cerr << "usage: sooth_batch_bench RUNTIME_DIR cpu|cuda FOLDER NAME\n";
    return 2;
  }
  const bool cuda = provider == "cuda";
  engine_onnx::LoadOptions options;
  options.settings.provider = cuda ? engine::Provider::Cuda : engine::Provider::Cpu;
  const auto flavour = cuda ? engine_onnx::Flavour::Cuda : engine_onnx::Flavour::Cpu;
  const auto library = value_of(engine_onnx::find_library(arguments[1], flavour));
  const auto runtime = value_of(engine_onnx::Runtime::open(library));
  const auto network =
      value_of(runtime->load(base::FolderFiles(arguments[3]), arguments[4], options));
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string what;
    std::int64_t batch = 0;
    double seconds = 0;
    if (!(words >> what >> batch >> seconds) || what != "run" || batch < 1) {
      std::cerr << "sooth_batch_bench: expected run BATCH SECONDS, got " << line << '\n';
      return 2;
    }
    std::cout << run(*network, batch, seconds) << std::endl;
  }
  return 0;
}
