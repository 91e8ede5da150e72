#include "plan_neighbors/nearest.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <utility>

namespace plan {

void Nearest::start(std::size_t count) {
  distances_.assign(count, std::numeric_limits<double>::infinity());
  rows_.assign(count, 0);
}

void Nearest::push(double distance, std::int64_t row) {
  const std::size_t size = distances_.size();
  std::size_t at = 0;
  while (true) {
    const std::size_t left = 2 * at + 1;
    if (left >= size) break;
    const std::size_t right = left + 1;
    const bool take_right = right < size && distances_[left] < distances_[right];
    const std::size_t child = take_right ? right : left;
    if (!(distance < distances_[child])) break;
    distances_[at] = distances_[child];
    rows_[at] = rows_[child];
    at = child;
  }
  distances_[at] = distance;
  rows_[at] = row;
}

void Nearest::replay() {
  pairs_.clear();
  for (std::size_t i = 0; i < distances_.size(); ++i) {
    pairs_.emplace_back(distances_[i], rows_[i]);
  }
  start(pairs_.size());
  for (const auto& [distance, row] : pairs_) {
    if (distance < limit()) push(distance, row);
  }
}

void Nearest::sort(NeighborSort by) {
  constexpr std::size_t kMany = 4096;  // Beyond which equal distances would take too long.
  if (distances_.size() > kMany) {
    sort_many();
  } else if (by == NeighborSort::Quick) {
    quick_sort(0, distances_.size());
  } else {
    intro_sort(0, distances_.size());
  }
}

void Nearest::sort_many() {
  pairs_.clear();
  for (std::size_t i = 0; i < distances_.size(); ++i) {
    // What is not a number would be in no order.
    const double key =
        std::isnan(distances_[i]) ? std::numeric_limits<double>::infinity() : distances_[i];
    pairs_.emplace_back(key, rows_[i]);
  }
  std::sort(pairs_.begin(), pairs_.end());
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    std::tie(distances_[i], rows_[i]) = pairs_[i];
  }
}

void Nearest::swap(std::size_t a, std::size_t b) {
  std::swap(distances_[a], distances_[b]);
  std::swap(rows_[a], rows_[b]);
}

double Nearest::place_pivot(std::size_t first, std::size_t count) {
  const std::size_t last = first + count - 1;
  const std::size_t middle = first + count / 2;
  if (distances_[first] > distances_[last]) swap(first, last);
  if (distances_[last] > distances_[middle]) {
    swap(last, middle);
    if (distances_[first] > distances_[last]) swap(first, last);
  }
  return distances_[last];
}

// `split` puts what is nearer than a pivot before it and gives where the pivot then is. The shorter
// part is sorted by itself, so that the calls stay few; the order of parts changes nothing.
template <typename Split>
void Nearest::sort_by(std::size_t first, std::size_t count, std::size_t few, const Split& split) {
  while (count > few) {
    const std::size_t pivot = split(first, count);
    const std::size_t left = pivot - first;
    const std::size_t right = count - left - 1;
    if (left < right) {
      sort_by(first, left, few, split);
      first = pivot + 1;
      count = right;
    } else {
      sort_by(pivot + 1, right, few, split);
      count = left;
    }
  }
  insertion_sort(first, count);
}

void Nearest::quick_sort(std::size_t first, std::size_t count) {
  sort_by(first, count, 3, [this](std::size_t from, std::size_t some) {
    const double pivot = place_pivot(from, some);
    std::size_t store = from;
    for (std::size_t i = from; i < from + some - 1; ++i) {
      if (distances_[i] < pivot) swap(i, store++);
    }
    swap(store, from + some - 1);
    return store;
  });
}

void Nearest::intro_sort(std::size_t first, std::size_t count) {
  sort_by(first, count, 15, [this](std::size_t from, std::size_t some) {
    const double pivot = place_pivot(from, some);
    std::size_t i = from + 1;
    std::size_t j = from + some - 2;
    while (true) {
      while (i <= j && distances_[i] < pivot) ++i;
      while (i <= j && distances_[j] > pivot) --j;
      if (i >= j) break;
      swap(i++, j--);
    }
    swap(i, from + some - 1);
    return i;
  });
}

void Nearest::insertion_sort(std::size_t first, std::size_t count) {
  for (std::size_t i = first + 1; i < first + count; ++i) {
    const double distance = distances_[i];
    const std::int64_t row = rows_[i];
    std::size_t j = i;
    for (; j > first && distances_[j - 1] > distance; --j) {
      distances_[j] = distances_[j - 1];
      rows_[j] = rows_[j - 1];
    }
    distances_[j] = distance;
    rows_[j] = row;
  }
}

}  // namespace plan
