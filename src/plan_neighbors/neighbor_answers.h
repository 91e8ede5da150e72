#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "plan/buffer.h"
#include "plan/step.h"

namespace plan {

// What follows from neighbours: steps that read what FindNeighbors or FindWithin left.

// How neighbours count: all alike, or by one over their distance, where those at no distance leave
// the others nothing (sklearn.neighbors._get_weights).
enum class NeighborWeights : std::uint8_t { Uniform, Distance };

// The class of each stored row for each output.
struct NeighborLabels {
  std::vector<std::size_t> classes;  // Of each output, how many.
  std::vector<std::uint32_t> codes;  // outputs x rows
  std::size_t rows = 0;

  std::size_t outputs() const { return classes.size(); }
};

// Where neighbours come from: FindNeighbors, or (within a radius) FindWithin.

// k nearest, or those within a radius, vote: shares of each class, output by output, or the class
// that has most.
class NeighborVote final : public Step {
 public:
  struct Options {
    NeighborWeights weights = NeighborWeights::Uniform;
    bool shares = false;
    // Of those that have no neighbour: a class for each output, or a class that is none, whose
    // shares are 0; none at all, and they are refused.
    std::vector<std::uint32_t> outlier;
    bool within_radius = false;
  };
  NeighborVote(NeighborLabels labels, Options options)
      : labels_(std::move(labels)), options_(std::move(options)) {}
  std::size_t outputs() const;

  std::string describe() const override;
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State* state) const override;
  double row_ns() const override { return 50; }

 private:
  NeighborLabels labels_;
  Options options_;
};

// The mean of the targets of neighbours, weighted or not; NaN where a radius has none.
class NeighborMean final : public Step {
 public:
  // `targets`: stored rows x outputs.
  NeighborMean(Matrix targets, NeighborWeights weights, bool within_radius)
      : targets_(std::move(targets)), weights_(weights), within_radius_(within_radius) {}
  std::string describe() const override;
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State* state) const override;
  double row_ns() const override { return 50; }

 private:
  Matrix targets_;
  NeighborWeights weights_;
  bool within_radius_;
};

// LocalOutlierFactor.score_samples: how dense it is around a row against how dense it is around its
// neighbours, negative.
class OutlierFactor final : public Step {
 public:
  // `reach`: of each stored row, how far its own last neighbour is; `density`: its local
  // reachability density.
  OutlierFactor(std::vector<double> reach, std::vector<double> density)
      : reach_(std::move(reach)), density_(std::move(density)) {}
  std::string describe() const override { return "local outlier factor"; }
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 50; }

 private:
  std::vector<double> reach_;
  std::vector<double> density_;
};

// What NearestCentroid makes of the distances to its centroids.
class CentroidScores final : public Step {
 public:
  // A score for each: the negative distance, or its square, and an offset added.
  CentroidScores(bool squared, std::vector<double> offsets)
      : squared_(squared), offsets_(std::move(offsets)) {}
  std::string describe() const override { return "scores of centroids"; }
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 5; }

 private:
  bool squared_;
  std::vector<double> offsets_;
};

// The second column less the first.
class SecondLessFirst final : public Step {
 public:
  std::string describe() const override { return "second column less the first"; }
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 2; }
};

// Neighbours as a sparse row: at the index of each a 1, or its distance (KNeighborsTransformer).
class NeighborGraph final : public Step {
 public:
  NeighborGraph(std::size_t stored, bool distances) : stored_(stored), distances_(distances) {}
  std::string describe() const override { return "graph of neighbours"; }
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override { return 50; }

 private:
  std::size_t stored_;
  bool distances_;
};

// The same of those within a radius, which FindWithin left: by their places, or, with distances,
// the nearest first (RadiusNeighborsTransformer).
class RadiusGraph final : public Step {
 public:
  explicit RadiusGraph(bool distances) : distances_(distances) {}
  std::string describe() const override { return "graph of neighbours within a radius"; }
  std::unique_ptr<State> make_state() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State* state) const override;
  double row_ns() const override { return 50; }

 private:
  bool distances_;
};

}  // namespace plan
