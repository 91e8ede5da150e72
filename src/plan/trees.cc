#include "plan/trees.h"

#include <fmt/format.h>

namespace plan {
namespace {

struct TreesState final : State {
  forest::Scratch scratch;
};

}  // namespace

Trees::Trees(Form form, std::size_t trees, std::shared_ptr<const forest::Forest> forest,
             std::shared_ptr<const forest::Ensemble> ensemble)
    : form_(form), trees_(trees), forest_(std::move(forest)), ensemble_(std::move(ensemble)) {}

std::string Trees::describe() const {
  return fmt::format("walk {} trees over {} features", trees_, forest_->features());
}

std::unique_ptr<State> Trees::make_state() const { return std::make_unique<TreesState>(); }

bool Trees::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const Trees*>(&other);
  return as != nullptr && as->form_ == form_ && as->forest_ == forest_;
}

base::Result<void> Trees::run(const Inputs& in, Buffer& out, State* state) const {
  forest::Scratch& scratch = static_cast<TreesState*>(state)->scratch;
  out.dense.resize(in.rows(), forest_->outputs());
  if (form_ == Form::Dense) {
    forest_->score(in[0].dense.values, out.dense.values, scratch);
    return {};
  }
  for (std::size_t i = 0; i < in.rows(); ++i) {
    forest_->score_sparse(in[0].sparse.row_indices(i), in[0].sparse.row_values(i),
                          {out.dense.row(i), forest_->outputs()}, scratch);
  }
  return {};
}

}  // namespace plan
