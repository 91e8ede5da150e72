#include "serve/disposal.h"

#include <chrono>
#include <system_error>
#include <utility>

#include <malloc.h>
#include <pthread.h>

#include <fmt/format.h>

namespace serve {

base::Result<std::unique_ptr<Disposal>> Disposal::start() {
  std::unique_ptr<Disposal> disposal(new Disposal());
  try {
    disposal->thread_ = std::jthread([bin = disposal->bin_] { work(*bin); });
  } catch (const std::system_error& error) {
    return base::Error(base::Code::Exhausted, fmt::format("disposal: thread: {}", error.what()));
  }
  ::pthread_setname_np(disposal->thread_.native_handle(), "disposal");
  return disposal;
}

Disposal::~Disposal() {
  bin_->state.lock()->stopping = true;
  bin_->changed.notify_all();
}

std::shared_ptr<const Deployment> Disposal::keep(
    std::unique_ptr<const Deployment> deployment) const {
  return {deployment.release(), [bin = bin_](const Deployment* unused) {
            std::unique_ptr<const Deployment> owned(unused);
            auto state = bin->state.lock();
            if (!state->stopping) state->unused.push_back(std::move(owned));
            bin->changed.notify_all();
          }};
}

void Disposal::work(Bin& bin) {
  for (;;) {
    std::vector<std::unique_ptr<const Deployment>> unused;
    {
      auto state = bin.state.lock();
      state.wait_until(bin.changed, std::chrono::steady_clock::time_point::max(),
                       [](const State& now) { return now.stopping || !now.unused.empty(); });
      unused = std::exchange(state->unused, {});
      if (unused.empty()) return;
    }
    unused.clear();
    ::malloc_trim(0);
  }
}

}  // namespace serve
