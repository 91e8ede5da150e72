#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "plan/buffer.h"
#include "plan/step.h"
#include "plan_kernels/row_kernel.h"
#include "plan_neighbors/metric.h"
#include "plan_neighbors/nearest.h"

namespace plan {

// Stored rows that neighbours are looked for among. Immutable; any thread may ask with memory of
// its own. Neighbours are compared by Metric::reduced.
class NeighborIndex {
 public:
  NeighborIndex() = default;
  NeighborIndex(const NeighborIndex&) = delete;
  NeighborIndex& operator=(const NeighborIndex&) = delete;
  virtual ~NeighborIndex() = default;

  virtual Form form() const { return Form::Dense; }
  virtual std::size_t rows() const = 0;
  virtual std::size_t features() const = 0;
  virtual const Metric& metric() const = 0;
  // The doubles that the other functions want as memory, for each row that is asked.
  virtual std::size_t room() const = 0;
  // Whether measuring several rows at once is less work than one after the other, and search() is
  // by all distances.
  virtual bool measures_together() const { return false; }
  // Tells `nearest` of those that may be among them.
  virtual void search(const Buffer& in, std::size_t row, double* memory, Nearest& nearest) const;
  // The first rows() of each room() doubles of `memory`: the reduced distances to all.
  virtual void measure_rows(const Buffer& in, const RowRange& range, double* memory) const;
  virtual void measure(const Buffer& in, std::size_t row, double* memory) const = 0;
  virtual std::string describe() const = 0;
  virtual double row_ns() const = 0;
};

// Compares with every row.
std::shared_ptr<const NeighborIndex> make_brute_index(Metric metric, Matrix rows);
// The same of sparse rows: Euclidean, squared Euclidean, Manhattan, cosine.
std::shared_ptr<const NeighborIndex> make_sparse_index(const Metric& metric,
                                                       const SparseMatrix& rows);
bool has_sparse_index(MetricKind kind);

// The nearest stored rows of each row: `count` distances, ascending, then as many indices.
class FindNeighbors final : public Step {
 public:
  // Precondition: 0 < count <= index->rows().
  FindNeighbors(std::shared_ptr<const NeighborIndex> index, std::size_t count, NeighborSort sort)
      : index_(std::move(index)), count_(count), sort_(sort) {}
  std::string describe() const override;
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State* state) const override;
  double row_ns() const override { return index_->row_ns(); }
  bool same_as(const Step& other) const override;

 private:
  void write(const Nearest& nearest, double* to) const;

  std::shared_ptr<const NeighborIndex> index_;
  std::size_t count_;
  NeighborSort sort_;
};

// The stored rows within a radius of each row, as a sparse row: their distances, by their places.
class FindWithin final : public Step {
 public:
  // Where no `distances` are asked for, the numbers ascend with them and are nothing else.
  FindWithin(std::shared_ptr<const NeighborIndex> index, double radius, bool distances = true)
      : index_(std::move(index)), limit_(index_->metric().reduce(radius)), distances_(distances) {}
  std::string describe() const override;
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State* state) const override;
  double row_ns() const override { return index_->row_ns(); }
  bool same_as(const Step& other) const override;

 private:
  std::shared_ptr<const NeighborIndex> index_;
  double limit_;  // Reduced, as scikit-learn compares.
  bool distances_;
};

// The distances to all stored rows.
class MeasureAll final : public Step {
 public:
  explicit MeasureAll(std::shared_ptr<const NeighborIndex> index) : index_(std::move(index)) {}
  std::string describe() const override;
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State* state) const override;
  double row_ns() const override { return index_->row_ns(); }
  bool same_as(const Step& other) const override;

 private:
  std::shared_ptr<const NeighborIndex> index_;
};

}  // namespace plan
