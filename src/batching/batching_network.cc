#include "batching/batching_network.h"

#include <bit>
#include <utility>

namespace batching {

BatchingNetwork::BatchingNetwork(std::unique_ptr<const engine::Network> network, Bounds bounds)
    : network_(std::move(network)), bounds_(std::move(bounds)), joins_(joins_rows(*network_)) {}

base::Result<void> BatchingNetwork::check(const Call& call) const {
  const auto& specs = network_->inputs();
  // The network itself says what is wrong with so many.
  if (call.inputs.size() != specs.size()) return {};
  for (std::size_t i = 0; i < specs.size(); ++i) TRY(engine::check_input(specs[i], call.inputs[i]));
  return {};
}

base::Result<void> BatchingNetwork::run(std::span<const engine::TensorView> inputs,
                                        std::span<const std::size_t> wanted,
                                        std::vector<engine::Tensor>& results) const {
  Waiting own{.call = {inputs, wanted, &results},
              .rows = 0,
              .stage = Stage::Waits,
              .outcome = base::Error(base::Code::Internal, "the run that was shared has ended"),
              .changed = {}};
  TRY(check(own.call));
  if (joins_ && inputs.size() == network_->inputs().size() && !wanted.empty()) {
    own.rows = count_rows(own.call).value_or(0);
  }
  const Members members = wait_for_run(own);
  if (members.empty()) return std::move(own.outcome);
  // Whatever computing throws: the others wait for it.
  struct Turn {
    const BatchingNetwork& network;
    const Members& members;
    ~Turn() { network.finish(members); }
  };
  {
    const Turn turn{*this, members};
    compute(members);
  }
  return std::move(own.outcome);
}

// Empty where another has computed it meanwhile.
BatchingNetwork::Members BatchingNetwork::wait_for_run(Waiting& own) const {
  auto state = state_.lock();
  if (state->running < bounds_.runs_max) {
    ++state->running;
  } else {
    state->waiting.push_back(&own);
    state.wait(own.changed, [&](const State&) { return own.stage != Stage::Waits; });
    if (own.stage == Stage::Done) return {};
  }
  Members members{&own};
  take_along(*state, members);
  return members;
}

// Those that fit, oldest first, as long as there is room. What comes one by one is taken in powers
// of two, whose forms the runtime has met before.
void BatchingNetwork::take_along(State& state, Members& members) const {
  const Waiting& leader = *members.front();
  if (leader.rows == 0) return;
  std::size_t rows = leader.rows;
  bool singles = rows == 1;
  for (Waiting* each : state.waiting) {
    if (each->rows == 0 || rows + each->rows > bounds_.rows_max ||
        !fit_together(leader.call, each->call)) {
      continue;
    }
    members.push_back(each);
    rows += each->rows;
    singles = singles && each->rows == 1;
  }
  if (singles) members.resize(std::bit_floor(members.size()));
  for (std::size_t i = 1; i < members.size(); ++i) std::erase(state.waiting, members[i]);
}

void BatchingNetwork::compute(const Members& members) const {
  if (members.size() > 1 && compute_together(members).ok()) {
    for (Waiting* each : members) each->outcome = {};
    return;
  }
  for (Waiting* each : members) compute_alone(*each);
}

base::Result<void> BatchingNetwork::compute_together(const Members& members) const {
  std::vector<const Call*> calls;
  for (const Waiting* each : members) calls.push_back(&each->call);
  std::unique_ptr<Workspace> workspace;
  {
    auto state = state_.lock();
    if (!state->idle.empty()) {
      workspace = std::move(state->idle.back());
      state->idle.pop_back();
    }
  }
  if (workspace == nullptr) workspace = std::make_unique<Workspace>();
  workspace->joined.join(calls);
  TRY(network_->run(workspace->joined.inputs(), members.front()->call.wanted, workspace->outputs));
  TRY(split(workspace->outputs, calls));
  state_.lock()->idle.push_back(std::move(workspace));
  return {};
}

void BatchingNetwork::compute_alone(Waiting& member) const {
  member.outcome = network_->run(member.call.inputs, member.call.wanted, *member.call.results);
}

// Sends those home that were taken along, and hands the run to whoever is next.
void BatchingNetwork::finish(const Members& members) const {
  auto state = state_.lock();
  for (std::size_t i = 1; i < members.size(); ++i) {
    members[i]->stage = Stage::Done;
    members[i]->changed.notify_one();
  }
  if (state->waiting.empty()) {
    --state->running;
    return;
  }
  Waiting* next = state->waiting.front();
  state->waiting.pop_front();
  next->stage = Stage::Leads;
  next->changed.notify_one();
}

}  // namespace batching
