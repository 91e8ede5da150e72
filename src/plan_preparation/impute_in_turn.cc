#include "plan_preparation/impute_in_turn.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

namespace plan {
namespace {

// What one turn keeps between runs; made when it is first needed.
struct TurnState {
  explicit TurnState(const Plan& plan) : frame(plan.signature()), scratch(plan) {}
  data::Frame frame;
  Plan::Scratch scratch;
};

struct InTurnState final : State {
  std::vector<std::unique_ptr<TurnState>> turns;
  std::vector<std::size_t> rows;  // That lack the feature.
};

}  // namespace

std::string ImputeInTurn::describe() const {
  return fmt::format("predict {} features where they are missing, in {} turns",
                     fitted_.sources.size(), fitted_.turns.size());
}

std::unique_ptr<State> ImputeInTurn::make_state() const {
  auto state = std::make_unique<InTurnState>();
  state->turns.resize(fitted_.turns.size());
  return state;
}

bool ImputeInTurn::is_missing(const Matrix& came, std::size_t row, std::size_t feature) const {
  const std::size_t source = fitted_.sources[feature];
  return source != kNone && fitted_.missing.is(came.row(row)[source]);
}

base::Result<void> ImputeInTurn::run_block(const Inputs& in, std::size_t first, std::size_t rows,
                                           Matrix& to, State& state) const {
  auto& [turns, lacking] = static_cast<InTurnState&>(state);
  for (std::size_t t = 0; t < turns.size(); ++t) {
    const Turn& turn = fitted_.turns[t];
    lacking.clear();
    for (std::size_t i = first; i < first + rows; ++i) {
      if (is_missing(in[0].dense, i, turn.feature)) lacking.push_back(i);
    }
    if (lacking.empty()) continue;
    if (turns[t] == nullptr) turns[t] = std::make_unique<TurnState>(*turn.predict);
    data::Frame& frame = turns[t]->frame;
    frame.clear();
    frame.add_rows(lacking.size());
    for (std::size_t k = 0; k < lacking.size(); ++k) {
      for (std::size_t c = 0; c < turn.from.size(); ++c) {
        frame.set_number(k, c, to.row(lacking[k])[turn.from[c]]);
      }
    }
    TRY_ASSIGN(const Buffer* answer, turn.predict->run(frame, turns[t]->scratch));
    for (std::size_t k = 0; k < lacking.size(); ++k) {
      const double x = answer->dense.row(k)[0];
      const double low = x < turn.low ? turn.low : x;
      to.row(lacking[k])[turn.feature] = low > turn.high ? turn.high : low;
    }
  }
  return {};
}

base::Result<void> ImputeInTurn::run(const Inputs& in, Buffer& out, State* state) const {
  out.dense = in[1].dense;
  const std::size_t width = fitted_.sources.size();
  bool all_missing = true;
  for (std::size_t i = 0; i < in.rows() && all_missing; ++i) {
    for (std::size_t c = 0; c < width && all_missing; ++c) {
      all_missing = is_missing(in[0].dense, i, c);
    }
  }
  // scikit-learn then leaves them as first filled.
  if (all_missing) return {};
  for (std::size_t first = 0; first < in.rows(); first += kBlockRows) {
    TRY(run_block(in, first, std::min(kBlockRows, in.rows() - first), out.dense, *state));
  }
  return {};
}

}  // namespace plan
