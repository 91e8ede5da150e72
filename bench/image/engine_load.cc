// sooth_engine_load LIBRARY FOLDER NAME: what `engine_onnx` takes to load a model and run it once,
// in seconds and memory. Prints one line of JSON.
#include <string>
#include <vector>

#include "base/files.h"
#include "engine_onnx/runtime.h"
#include "float_input.h"
#include "load_cost.h"

namespace {

int run(const char* library, const char* folder, const char* name) {
  const double started = bench::seconds_now();
  const auto runtime = engine_onnx::Runtime::open(library);
  if (!runtime.ok()) {
    std::fprintf(stderr, "%s\n", runtime.error().message().c_str());
    return 1;
  }
  const auto network = (*runtime)->load(base::FolderFiles(folder), name, {});
  if (!network.ok()) {
    std::fprintf(stderr, "%s\n", network.error().message().c_str());
    return 1;
  }
  const bench::LoadCost loaded = bench::load_cost(started);
  std::vector<std::int64_t> shape = (*network)->inputs().at(0).shape;
  std::size_t count = 1;
  for (std::int64_t& extent : shape) {
    if (extent == engine::kAnyExtent) extent = 1;
    count *= static_cast<std::size_t>(extent);
  }
  const std::vector<float> numbers(count, 0.5F);
  const engine::TensorView input = bench::float_input(shape, numbers);
  const std::size_t wanted[] = {0};
  std::vector<engine::Tensor> results;
  const auto ran = (*network)->run({&input, 1}, wanted, results);
  if (!ran.ok()) {
    std::fprintf(stderr, "%s\n", ran.error().message().c_str());
    return 1;
  }
  bench::print_costs(loaded, bench::load_cost(started));
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) {
    std::fprintf(stderr, "usage: sooth_engine_load LIBRARY FOLDER NAME\n");
    return 2;
  }
  return run(arguments[1], arguments[2], arguments[3]);
}
