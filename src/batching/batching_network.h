#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "batching/rows.h"
#include "engine/network.h"
#include "threads/guarded.h"

namespace batching {

// How much is computed together.
struct Bounds {
  std::size_t rows_max = 1;  // Of one run that several share. One alone may have more.
  std::size_t runs_max = 1;  // At once; whoever comes then waits.
  std::string note = {};     // As Network::batch_note().
};

// A network whose callers share runs: who finds one free computes at once, others wait in their
// order, and whoever is next takes those along that fit with it. Any number of threads may call;
// as many as can be of use are runs_max times rows_max.
class BatchingNetwork final : public engine::Network {
 public:
  // Where the network's ends do not join (rows.h), each caller has a run of its own.
  BatchingNetwork(std::unique_ptr<const engine::Network> network, Bounds bounds);

  const std::vector<engine::TensorSpec>& inputs() const override { return network_->inputs(); }
  const std::vector<engine::TensorSpec>& outputs() const override { return network_->outputs(); }
  std::size_t rows_max() const override { return joins_ ? bounds_.rows_max : 1; }
  engine::Placement placement() const override { return network_->placement(); }
  std::string_view batch_note() const override { return bounds_.note; }
  // Callers that wait for a run.
  std::size_t waiting() const { return state_.lock()->waiting.size(); }

  // What fails for several is computed anew for each alone, so that none fails for another.
  base::Result<void> run(std::span<const engine::TensorView> inputs,
                         std::span<const std::size_t> wanted,
                         std::vector<engine::Tensor>& results) const override;

 private:
  enum class Stage : unsigned char { Waits, Leads, Done };
  // A caller that waits, on its own stack.
  struct Waiting {
    Call call;
    std::size_t rows = 0;  // 0: it has to be alone.
    Stage stage = Stage::Waits;
    base::Result<void> outcome;
    std::condition_variable changed;
  };
  // What one run needs, kept for the next.
  struct Workspace {
    Joined joined;
    std::vector<engine::Tensor> outputs;
  };
  struct State {
    std::size_t running = 0;
    std::deque<Waiting*> waiting;  // Oldest first; none leads or is done.
    std::vector<std::unique_ptr<Workspace>> idle;
  };
  using Members = std::vector<Waiting*>;  // Of one run; the first leads.

  base::Result<void> check(const Call& call) const;
  Members wait_for_run(Waiting& own) const;
  void take_along(State& state, Members& members) const;
  void compute(const Members& members) const;
  base::Result<void> compute_together(const Members& members) const;
  void compute_alone(Waiting& member) const;
  void finish(const Members& members) const;

  const std::unique_ptr<const engine::Network> network_;
  const Bounds bounds_;
  const bool joins_;
  mutable threads::Guarded<State> state_;
};

}  // namespace batching
