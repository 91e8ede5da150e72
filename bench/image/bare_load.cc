// sooth_bare_load LIBRARY MODEL: what ONNX Runtime itself takes to load a model and run it once, in
// seconds and memory. Prints one line of JSON.
#include <algorithm>

#include "bare_session.h"
#include "load_cost.h"

int main(int count, char** arguments) {
  if (count != 3) {
    std::fprintf(stderr, "usage: sooth_bare_load LIBRARY MODEL\n");
    return 2;
  }
  const double started = bench::seconds_now();
  bench::BareSession session(arguments[1], arguments[2]);
  const bench::LoadCost loaded = bench::load_cost(started);
  std::ranges::fill(session.input(), 0.5F);
  session.run();
  bench::print_costs(loaded, bench::load_cost(started));
  return 0;
}
