#pragma once

#include <cstddef>

#include "sklearn_stored/neighbor_index.h"

namespace sklearn {

// Looks for the neighbours of each row: the `count` nearest, or all within a radius.
struct NeighborSearch {
  NeighborIndexPtr index;
  std::size_t count = 0;  // 0: within the radius.
  plan::NeighborSort sort = plan::NeighborSort::Intro;
  double radius = 0;
  bool distances = true;  // Within the radius: whether they are asked for.

  // Leaves what FindNeighbors or FindWithin (plan_neighbors/neighbors.h) do.
  base::Result<plan::Port> emit(plan::Builder& builder, const plan::Port& input) const;
};

base::Result<NeighborSearch> read_nearest_search(const Object& object, Reader& reader,
                                                 std::string_view count = "n_neighbors");
base::Result<NeighborSearch> read_radius_search(const Object& object, Reader& reader);

// The rows as the index reads them.
base::Result<plan::Port> emit_rows(const plan::NeighborIndex& index, plan::Builder& builder,
                                   const plan::Port& input);

}  // namespace sklearn
