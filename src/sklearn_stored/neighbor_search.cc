#include "sklearn_stored/neighbor_search.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace sklearn {

base::Result<plan::Port> emit_rows(const plan::NeighborIndex& index, plan::Builder& builder,
                                   const plan::Port& input) {
  TRY_ASSIGN(const plan::Port rows, builder.finite(input, index.features()));
  return index.form() == plan::Form::Sparse ? builder.sparse(rows) : builder.dense(rows);
}

base::Result<plan::Port> NeighborSearch::emit(plan::Builder& builder,
                                              const plan::Port& input) const {
  TRY_ASSIGN(const plan::Port rows, emit_rows(*index, builder, input));
  if (count == 0) {
    return builder.add(std::make_shared<plan::FindWithin>(index, radius, distances), rows,
                       plan::Form::Sparse, index->rows());
  }
  std::vector<std::string> names;
  for (const char* what : {"distance", "index"}) {
    for (std::size_t k = 0; k < count; ++k) names.push_back(fmt::format("{}{}", what, k));
  }
  return builder.add(std::make_shared<plan::FindNeighbors>(index, count, sort), rows,
                     plan::Form::Dense, 2 * count, std::move(names));
}

base::Result<NeighborSearch> read_nearest_search(const Object& object, Reader& reader,
                                                 std::string_view count) {
  NeighborSearch search;
  TRY_ASSIGN(search.index, read_neighbor_index(object, reader));
  TRY_ASSIGN(const std::int64_t asked, object.integer(count));
  if (asked < 1 || static_cast<std::uint64_t>(asked) > search.index->rows()) {
    return object.unexpected(count, fmt::format("1 to {} neighbours", search.index->rows()),
                             std::to_string(asked));
  }
  search.count = static_cast<std::size_t>(asked);
  search.sort = neighbor_sort_of(object);
  return search;
}

base::Result<NeighborSearch> read_radius_search(const Object& object, Reader& reader) {
  NeighborSearch search;
  TRY_ASSIGN(search.index, read_neighbor_index(object, reader));
  TRY_ASSIGN(search.radius, object.number("radius"));
  return search;
}

}  // namespace sklearn
