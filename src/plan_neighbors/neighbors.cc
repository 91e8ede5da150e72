#include "plan_neighbors/neighbors.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "plan_dense/squared_distance.h"
#include "plan_kernels/stored_rows.h"

namespace plan {
namespace {

struct NeighborState final : State {
  // Memory for so many rows at once; it stays.
  double* of_rows(const NeighborIndex& index, std::size_t count) {
    if (memory.size() < count * index.room()) memory.resize(count * index.room());
    return memory.data();
  }

  std::vector<double> memory;
  Nearest nearest;
};

// Which are near, found without guessing at each whether it is.
struct WithinState final : State {
  double* of_rows(const NeighborIndex& index, std::size_t count) {
    if (memory.size() < count * index.room()) memory.resize(count * index.room());
    near.resize(index.rows());
    distances.resize(index.rows());
    return memory.data();
  }

  // How many of the first ones of `near` and `distances` now are.
  std::size_t take(const double* from, double limit) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < near.size(); ++i) {
      near[count] = static_cast<std::uint32_t>(i);
      distances[count] = from[i];
      count += from[i] <= limit ? 1 : 0;
    }
    return count;
  }

  std::vector<double> memory;
  std::vector<std::uint32_t> near;
  std::vector<double> distances;
};

void write_distances(const Metric& metric, double* reduced, std::size_t count) {
  if (metric.kind == MetricKind::Euclidean) return root_each(reduced, count);
  for (std::size_t i = 0; i < count; ++i) reduced[i] = metric.distance(reduced[i]);
}

void push_below(const double* distances, std::size_t count, Nearest& nearest) {
  for (std::size_t i = 0;; ++i) {
    i += find_below(distances + i, count - i, nearest.limit());
    if (i == count) break;
    nearest.push(distances[i], static_cast<std::int64_t>(i));
  }
  nearest.replay();
}

std::string describe_rows(const NeighborIndex& index) {
  return fmt::format("{} rows of {} features, {}", index.rows(), index.features(),
                     metric_name(index.metric().kind));
}

// For the metrics that tiles can sum.
class TiledIndex final : public NeighborIndex {
 public:
  TiledIndex(Metric metric, const Matrix& rows) : metric_(std::move(metric)), rows_(rows) {
    if (!is_euclidean()) return;
    for (std::size_t i = 0; i < rows.rows; ++i) {
      lengths_.push_back(fused_square(rows.row(i), rows.columns));
    }
  }
  std::size_t rows() const override { return rows_.rows(); }
  std::size_t features() const override { return rows_.features(); }
  const Metric& metric() const override { return metric_; }
  std::size_t room() const override { return rows_.padded(); }
  bool measures_together() const override { return true; }
  void measure(const Buffer& in, std::size_t row, double* memory) const override {
    measure_rows(in, {.first = row, .count = 1}, memory);
  }
  void measure_rows(const Buffer& in, const RowRange& range, double* memory) const override {
    const TileRows rows{.values = in.dense.row(range.first), .count = range.count};
    if (!is_euclidean()) {
      const bool chebyshev = metric_.kind == MetricKind::Chebyshev;
      rows_.sums_of_rows(chebyshev ? TileSum::Largest : TileSum::Absolute, rows, memory);
      return;
    }
    rows_.sums_of_rows(TileSum::Product, rows, memory);
    for (std::size_t r = 0; r < range.count; ++r, memory += room()) {
      const double* x = in.dense.row(range.first + r);
      squared_distances(lengths_, fused_square(x, features()), memory);
    }
  }
  std::string describe() const override { return describe_rows(*this); }
  double row_ns() const override {
    return static_cast<double>(rows()) * (1 + 0.08 * static_cast<double>(features()));
  }

 private:
  bool is_euclidean() const {
    return metric_.kind == MetricKind::Euclidean || metric_.kind == MetricKind::SquaredEuclidean;
  }

  Metric metric_;
  StoredRows rows_;
  std::vector<double> lengths_;  // Squared, of the rows that Euclid's distance is asked of.
};

class PlainIndex final : public NeighborIndex {
 public:
  PlainIndex(Metric metric, Matrix rows) : metric_(std::move(metric)), rows_(std::move(rows)) {}
  std::size_t rows() const override { return rows_.rows; }
  std::size_t features() const override { return rows_.columns; }
  const Metric& metric() const override { return metric_; }
  std::size_t room() const override { return rows_.rows; }
  void measure(const Buffer& in, std::size_t row, double* memory) const override {
    const double* x = in.dense.row(row);
    for (std::size_t i = 0; i < rows_.rows; ++i) {
      memory[i] = metric_.reduced(x, rows_.row(i), rows_.columns);
    }
  }
  std::string describe() const override { return describe_rows(*this); }
  double row_ns() const override {
    return static_cast<double>(rows()) * (2 + 2 * static_cast<double>(features()));
  }

 private:
  Metric metric_;
  Matrix rows_;
};

// One less a product of rows of length one.
class CosineIndex final : public NeighborIndex {
 public:
  CosineIndex(Metric metric, const Matrix& rows)
      : metric_(std::move(metric)),
        features_(rows.columns),
        kernel_(make_row_kernel({.kind = KernelKind::Cosine, .least_norm = metric_.least_norm},
                                rows)) {}
  std::size_t rows() const override { return kernel_->rows(); }
  std::size_t features() const override { return features_; }
  const Metric& metric() const override { return metric_; }
  std::size_t room() const override { return kernel_->room(); }
  void measure(const Buffer& in, std::size_t row, double* memory) const override {
    kernel_->values(in, row, nullptr, memory);
    for (std::size_t i = 0; i < rows(); ++i) memory[i] = std::clamp(1 - memory[i], 0.0, 2.0);
  }
  std::string describe() const override { return describe_rows(*this); }
  double row_ns() const override { return kernel_->row_ns(); }

 private:
  Metric metric_;
  std::size_t features_;
  std::shared_ptr<const RowKernel> kernel_;
};

class SparseIndex final : public NeighborIndex {
 public:
  SparseIndex(const Metric& metric, const SparseMatrix& rows)
      : metric_(metric),
        features_(rows.columns),
        kernel_(make_sparse_kernel(options(metric), rows)) {}
  Form form() const override { return Form::Sparse; }
  std::size_t rows() const override { return kernel_->rows(); }
  std::size_t features() const override { return features_; }
  const Metric& metric() const override { return metric_; }
  std::size_t room() const override { return kernel_->room() + kernel_->scratch(); }
  void measure(const Buffer& in, std::size_t row, double* memory) const override {
    kernel_->values(in, row, memory + kernel_->room(), memory);
    if (metric_.kind != MetricKind::Cosine) return;
    for (std::size_t i = 0; i < rows(); ++i) memory[i] = std::clamp(1 - memory[i], 0.0, 2.0);
  }
  std::string describe() const override { return describe_rows(*this) + ", sparse"; }
  double row_ns() const override { return kernel_->row_ns(); }

 private:
  static KernelOptions options(const Metric& metric) {
    const KernelKind kind = metric.kind == MetricKind::Cosine      ? KernelKind::Cosine
                            : metric.kind == MetricKind::Manhattan ? KernelKind::Manhattan
                                                                   : KernelKind::SquaredDistance;
    return {.kind = kind};
  }

  Metric metric_;
  std::size_t features_;
  std::shared_ptr<const RowKernel> kernel_;
};

}  // namespace

void NeighborIndex::search(const Buffer& in, std::size_t row, double* memory,
                           Nearest& nearest) const {
  measure(in, row, memory);
  push_below(memory, rows(), nearest);
}

void NeighborIndex::measure_rows(const Buffer& in, const RowRange& range, double* memory) const {
  for (std::size_t r = 0; r < range.count; ++r) measure(in, range.first + r, memory + r * room());
}

std::shared_ptr<const NeighborIndex> make_brute_index(Metric metric, Matrix rows) {
  switch (metric.kind) {
    case MetricKind::Euclidean:
    case MetricKind::SquaredEuclidean:
    case MetricKind::Manhattan:
    case MetricKind::Chebyshev: return std::make_shared<TiledIndex>(std::move(metric), rows);
    case MetricKind::Cosine: return std::make_shared<CosineIndex>(std::move(metric), rows);
    default: return std::make_shared<PlainIndex>(std::move(metric), std::move(rows));
  }
}

std::shared_ptr<const NeighborIndex> make_sparse_index(const Metric& metric,
                                                       const SparseMatrix& rows) {
  return std::make_shared<SparseIndex>(metric, rows);
}

bool has_sparse_index(MetricKind kind) {
  return kind == MetricKind::Euclidean || kind == MetricKind::SquaredEuclidean ||
         kind == MetricKind::Manhattan || kind == MetricKind::Cosine;
}

std::string FindNeighbors::describe() const {
  return fmt::format("{} nearest of {}", count_, index_->describe());
}

std::unique_ptr<State> FindNeighbors::make_state() const {
  auto state = std::make_unique<NeighborState>();
  state->memory.resize(index_->room());
  return state;
}

bool FindNeighbors::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const FindNeighbors*>(&other);
  return as != nullptr && as->index_ == index_ && as->count_ == count_;
}

base::Result<void> FindNeighbors::run(const Inputs& in, Buffer& out, State* state) const {
  auto& memory = static_cast<NeighborState&>(*state);
  Nearest& nearest = memory.nearest;
  out.dense.resize(in.rows(), 2 * count_);
  const std::size_t together = index_->measures_together() ? kRowsTogether : 1;
  for (std::size_t first = 0; first < in.rows(); first += together) {
    const std::size_t count = std::min(together, in.rows() - first);
    double* const distances = memory.of_rows(*index_, count);
    if (together > 1) index_->measure_rows(in[0], {first, count}, distances);
    for (std::size_t r = 0; r < count; ++r) {
      nearest.start(count_);
      if (together > 1) {
        push_below(distances + r * index_->room(), index_->rows(), nearest);
      } else {
        index_->search(in[0], first, distances, nearest);
      }
      nearest.sort(sort_);
      write(nearest, out.dense.row(first + r));
    }
  }
  return {};
}

void FindNeighbors::write(const Nearest& nearest, double* to) const {
  for (std::size_t k = 0; k < count_; ++k) {
    to[k] = index_->metric().distance(nearest.distances()[k]);
    to[count_ + k] = static_cast<double>(nearest.rows()[k]);
  }
}

std::string FindWithin::describe() const {
  return fmt::format("those within a radius of {}", index_->describe());
}

std::unique_ptr<State> FindWithin::make_state() const { return std::make_unique<WithinState>(); }

bool FindWithin::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const FindWithin*>(&other);
  return as != nullptr && as->index_ == index_ && as->limit_ == limit_ &&
         as->distances_ == distances_;
}

base::Result<void> FindWithin::run(const Inputs& in, Buffer& out, State* state) const {
  auto& memory = static_cast<WithinState&>(*state);
  out.sparse.clear(index_->rows());
  const std::size_t together = index_->measures_together() ? kRowsTogether : 1;
  for (std::size_t first = 0; first < in.rows(); first += together) {
    const std::size_t count = std::min(together, in.rows() - first);
    double* const measured = memory.of_rows(*index_, count);
    index_->measure_rows(in[0], {first, count}, measured);
    for (std::size_t r = 0; r < count; ++r) {
      const std::size_t found = memory.take(measured + r * index_->room(), limit_);
      if (distances_) write_distances(index_->metric(), memory.distances.data(), found);
      out.sparse.indices.insert(out.sparse.indices.end(), memory.near.data(),
                                memory.near.data() + found);
      out.sparse.values.insert(out.sparse.values.end(), memory.distances.data(),
                               memory.distances.data() + found);
      out.sparse.end_row();
    }
  }
  return {};
}

std::string MeasureAll::describe() const {
  return fmt::format("distances to {}", index_->describe());
}

std::unique_ptr<State> MeasureAll::make_state() const {
  auto state = std::make_unique<NeighborState>();
  state->memory.resize(index_->room());
  return state;
}

bool MeasureAll::same_as(const Step& other) const {
  const auto* as = dynamic_cast<const MeasureAll*>(&other);
  return as != nullptr && as->index_ == index_;
}

base::Result<void> MeasureAll::run(const Inputs& in, Buffer& out, State* state) const {
  std::vector<double>& memory = static_cast<NeighborState&>(*state).memory;
  const std::size_t count = index_->rows();
  out.dense.resize(in.rows(), count);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    index_->measure(in[0], i, memory.data());
    std::copy_n(memory.data(), count, out.dense.row(i));
    write_distances(index_->metric(), out.dense.row(i), count);
  }
  return {};
}

}  // namespace plan
