#include "plan_trees/trees.h"

#include <algorithm>

#include <fmt/format.h>

namespace plan {
namespace {

struct TreesState final : State {
  forest::Scratch scratch;
};

}  // namespace

Trees::Trees(Form form, std::size_t trees, std::shared_ptr<const forest::Forest> forest,
             std::shared_ptr<const forest::Ensemble> ensemble, std::vector<double> start)
    : form_(form),
      trees_(trees),
      forest_(std::move(forest)),
      ensemble_(std::move(ensemble)),
      start_(std::move(start)) {}

std::string Trees::describe() const {
  return fmt::format("walk {} trees over {} features", trees_, forest_->features());
}

std::unique_ptr<State> Trees::make_state() const { return std::make_unique<TreesState>(); }

bool Trees::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const Trees*>(&other);
  return as != nullptr && as->form_ == form_ && as->forest_ == forest_ && as->start_ == start_;
}

void Trees::begin(const Inputs& in, Matrix& out) const {
  if (in.count() > 1) {
    const std::vector<double>& from = in[1].dense.values;
    std::copy_n(from.begin(), out.values.size(), out.values.begin());
  } else if (start_.empty()) {
    std::fill(out.values.begin(), out.values.end(), 0.0);
  } else {
    for (std::size_t i = 0; i < out.rows; ++i) {
      std::copy(start_.begin(), start_.end(), out.row(i));
    }
  }
}

base::Result<void> Trees::run(const Inputs& in, Buffer& out, State* state) const {
  forest::Scratch& scratch = static_cast<TreesState*>(state)->scratch;
  out.dense.resize(in.rows(), forest_->outputs());
  begin(in, out.dense);
  if (form_ == Form::Dense) {
    forest_->add(in[0].dense.values, out.dense.values, scratch);
    return {};
  }
  for (std::size_t i = 0; i < in.rows(); ++i) {
    forest_->add_sparse(in[0].sparse.row_indices(i), in[0].sparse.row_values(i),
                        {out.dense.row(i), forest_->outputs()}, scratch);
  }
  return {};
}

std::string Leaves::describe() const {
  return fmt::format("find the leaves of {} trees over {} features", forest_->trees(),
                     forest_->features());
}

std::unique_ptr<State> Leaves::make_state() const { return std::make_unique<TreesState>(); }

bool Leaves::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const Leaves*>(&other);
  return as != nullptr && as->form_ == form_ && as->forest_ == forest_;
}

base::Result<void> Leaves::run(const Inputs& in, Buffer& out, State* state) const {
  forest::Scratch& scratch = static_cast<TreesState*>(state)->scratch;
  out.dense.resize(in.rows(), forest_->trees());
  if (form_ == Form::Dense) {
    forest_->apply(in[0].dense.values, out.dense.values, scratch);
    return {};
  }
  for (std::size_t i = 0; i < in.rows(); ++i) {
    forest_->apply_sparse(in[0].sparse.row_indices(i), in[0].sparse.row_values(i),
                          {out.dense.row(i), forest_->trees()}, scratch);
  }
  return {};
}

}  // namespace plan
