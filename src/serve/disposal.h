#pragma once

#include <condition_variable>
#include <memory>
#include <thread>
#include <vector>

#include "base/result.h"
#include "serve/deployment.h"
#include "threads/guarded.h"

namespace serve {

// Frees deployments that nobody uses any more, on a thread of its own: a large model is many pieces
// of memory, and whoever answers its last request has others to answer. What was freed goes back to
// the system. Any thread may use it.
class Disposal {
 public:
  static base::Result<std::unique_ptr<Disposal>> start();
  Disposal(const Disposal&) = delete;
  Disposal& operator=(const Disposal&) = delete;
  // Deployments that are let go after this are freed where that happens.
  ~Disposal();

  // The deployment is freed here when the last owner lets go of it, whoever outlives whom.
  std::shared_ptr<const Deployment> keep(std::unique_ptr<const Deployment> deployment) const;

 private:
  struct State {
    std::vector<std::unique_ptr<const Deployment>> unused;
    bool stopping = false;
  };
  // Shared with those who let go.
  struct Bin {
    threads::Guarded<State> state;
    std::condition_variable changed;
  };

  Disposal() : bin_(std::make_shared<Bin>()) {}
  static void work(Bin& bin);

  const std::shared_ptr<Bin> bin_;
  std::jthread thread_;
};

}  // namespace serve
