#include "plan/neighbors.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "plan/row_kernel.h"
#include "plan/squared_distance.h"
#include "plan/stored_rows.h"

namespace plan {
namespace {

struct NeighborState final : State {
  std::vector<double> memory;
  Nearest nearest;
};

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
  void measure(const Buffer& in, std::size_t row, double* memory) const override {
    const double* x = in.dense.row(row);
    if (!is_euclidean()) {
      const bool chebyshev = metric_.kind == MetricKind::Chebyshev;
      rows_.sums(chebyshev ? TileSum::Largest : TileSum::Absolute, x, memory);
      return;
    }
    rows_.sums(TileSum::Product, x, memory);
    const double length = fused_square(x, features());
    for (std::size_t i = 0; i < lengths_.size(); ++i) {
      memory[i] = squared_distance(memory[i], length, lengths_[i]);
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
  const std::size_t count = rows();
  for (std::size_t i = 0; i < count; ++i) {
    if (memory[i] < nearest.limit()) nearest.push(memory[i], static_cast<std::int64_t>(i));
  }
  nearest.replay();
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
  out.dense.resize(in.rows(), 2 * count_);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    memory.nearest.start(count_);
    index_->search(in[0], i, memory.memory.data(), memory.nearest);
    memory.nearest.sort(sort_);
    double* to = out.dense.row(i);
    for (std::size_t k = 0; k < count_; ++k) {
      to[k] = index_->metric().distance(memory.nearest.distances()[k]);
      to[count_ + k] = static_cast<double>(memory.nearest.rows()[k]);
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
  return as != nullptr && as->index_ == index_ && as->limit_ == limit_;
}

base::Result<void> MeasureAll::run(const Inputs& in, Buffer& out, State* state) const {
  std::vector<double>& memory = static_cast<NeighborState&>(*state).memory;
  const std::size_t count = index_->rows();
  out.dense.resize(in.rows(), count);
  for (std::size_t i = 0; i < in.rows(); ++i) {
    index_->measure(in[0], i, memory.data());
    double* to = out.dense.row(i);
    for (std::size_t k = 0; k < count; ++k) {
      to[k] = memory[k] <= limit_ ? index_->metric().distance(memory[k])
                                  : std::numeric_limits<double>::infinity();
    }
  }
  return {};
}

}  // namespace plan
