#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "plan/step.h"
#include "plan_kernels/stored_rows.h"

// The centers of clusters (sklearn.cluster), by squared distances as sums of products, as BLAS
// would take them.
namespace plan {

class Centers {
 public:
  explicit Centers(const Matrix& centers);
  std::size_t count() const { return rows_.rows(); }
  std::size_t features() const { return rows_.features(); }
  std::size_t room() const { return rows_.padded(); }
  // The squared distances of rows to each without the rows' own squares; `out` has room() for each
  // row.
  void partial_distances(const TileRows& rows, double* out) const;
  void distances(const TileRows& rows, double* out) const;  // The same room.

 private:
  StoredRows rows_;
  std::vector<double> squares_;  // Of the centers.
};

// The distance to each center.
class CenterDistances final : public Step {
 public:
  explicit CenterDistances(std::shared_ptr<const Centers> centers) : centers_(std::move(centers)) {}
  std::string describe() const override;
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State* state) const override;
  double row_ns() const override;

 private:
  std::shared_ptr<const Centers> centers_;
};

// The label of the nearest center, the first of equals.
class NearestCenter final : public Step {
 public:
  // Precondition: a label for each center.
  NearestCenter(std::shared_ptr<const Centers> centers, std::vector<double> labels)
      : centers_(std::move(centers)), labels_(std::move(labels)) {}
  std::string describe() const override;
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State* state) const override;
  double row_ns() const override;

 private:
  std::shared_ptr<const Centers> centers_;
  std::vector<double> labels_;
};

// A tree of clusters, each halved into two by the nearer of their centers (BisectingKMeans).
class BisectCenters final : public Step {
 public:
  struct Node {
    std::uint32_t left = 0;  // Their centers decide; 0: this is a cluster, of this label.
    std::uint32_t right = 0;
    double label = 0;
    std::vector<double> center;  // Empty of the root.
  };
  // Preconditions: nodes[0] is the root; children come behind their parents.
  BisectCenters(std::size_t features, std::vector<Node> nodes);
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 50 + 4 * static_cast<double>(features_); }

 private:
  double partial_distance(const double* row, std::uint32_t node) const;

  std::size_t features_;
  std::vector<Node> nodes_;
  std::vector<double> squares_;
};

// Features of each group as one (FeatureAgglomeration).
class PoolFeatures final : public Step {
 public:
  enum class Pool : std::uint8_t { Mean, Sum, Min, Max };
  // Precondition: groups are below `count`.
  PoolFeatures(Pool pool, std::vector<std::size_t> groups, std::size_t count);
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 5 + 2 * static_cast<double>(groups_.size()); }

 private:
  void add(double x, double& to) const;

  Pool pool_;
  std::vector<std::size_t> groups_;  // Of each feature.
  std::vector<double> sizes_;
};

}  // namespace plan
