#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "plan/step.h"

namespace plan {

// Where a row lies in an embedding of the rows of a fit, by its neighbours among these: steps that
// read what FindNeighbors or FindWithin (neighbors.h) left, an infinite distance being no
// neighbour.

// Isomap.transform: the shortest way to every row of the fit leads through a neighbour; half its
// square, negative, centred as a kernel is, times vectors. A row without neighbours is refused.
class Geodesic final : public Step {
 public:
  struct Fitted {
    Matrix distances;           // Between the rows of the fit.
    std::vector<double> means;  // KernelCenterer.K_fit_rows_
    double mean = 0;            // KernelCenterer.K_fit_all_
    Matrix vectors;             // rows of the fit x outputs
    bool within_radius = false;
  };
  // Precondition: as many means, and rows of vectors, as the square `distances` has.
  explicit Geodesic(Fitted fitted) : fitted_(std::move(fitted)) {}
  std::string describe() const override;
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State* state) const override;
  double row_ns() const override;

 private:
  bool find_shortest(const Buffer& neighbors, std::size_t row, double* to) const;
  void pass_through(std::size_t row, double distance, double* to) const;
  void center(double* ways) const;

  Fitted fitted_;
};

// LocallyLinearEmbedding.transform: the weights, of sum 1, that make a row of its neighbours, and
// the same of where these were embedded. Reads the rows, and what FindNeighbors left of them.
class Barycenter final : public Step {
 public:
  struct Fitted {
    Matrix rows;       // Of the fit.
    Matrix embedding;  // As many rows.
    double regularization = 1e-3;
    std::size_t neighbors = 0;  // As many as FindNeighbors leaves.
  };
  explicit Barycenter(Fitted fitted) : fitted_(std::move(fitted)) {}
  std::string describe() const override;
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State* state) const override;
  double row_ns() const override;

 private:
  struct Memory;
  void measure(const double* row, const double* neighbors, Memory& memory) const;

  Fitted fitted_;
};

}  // namespace plan
