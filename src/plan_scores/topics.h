#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "plan/buffer.h"
#include "plan/step.h"

namespace plan {

// The topics of each row of word counts: LatentDirichletAllocation.transform, its expectation step
// iterated from a constant start.
class Topics final : public Step {
 public:
  struct Options {
    double prior = 1;          // doc_topic_prior_
    std::size_t rounds = 100;  // max_doc_update_iter
    double tolerance = 1e-3;   // mean_change_tol
    bool normalize = true;
  };
  // `words`: features x topics, exp_dirichlet_component_ transposed.
  Topics(Form form, Matrix words, Options options)
      : form_(form), words_(std::move(words)), options_(options) {}
  std::string describe() const override;
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State* state) const override;
  double row_ns() const override;

 private:
  struct Memory;
  void settle(Memory& memory, double* topics) const;

  Form form_;
  Matrix words_;
  Options options_;
};

}  // namespace plan
