#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace plan {

// How releases of scikit-learn sort neighbours, which decides the order of those at the same
// distance: by quicksort alone, or (later) by insertion where there are few.
enum class NeighborSort : std::uint8_t { Quick, Intro };

// The nearest of the rows that it was told of, in scikit-learn's heap: of rows at the same distance
// the one it was told of first stays. Keeps its memory when it is filled again.
class Nearest {
 public:
  void start(std::size_t count);
  // The distance that a row must be below to be among them.
  double limit() const { return distances_.front(); }
  // Precondition: distance < limit(), or it is not a number.
  void push(double distance, std::int64_t row);
  // Tells another of all it has, one after the other: scikit-learn does where it has compared with
  // every row, and it decides the order of those at the same distance.
  void replay();
  void sort(NeighborSort by);

  std::size_t count() const { return distances_.size(); }
  const std::vector<double>& distances() const { return distances_; }
  const std::vector<std::int64_t>& rows() const { return rows_; }

 private:
  void sort_many();
  void swap(std::size_t a, std::size_t b);
  template <typename Split>
  void sort_by(std::size_t first, std::size_t count, std::size_t few, const Split& split);
  void quick_sort(std::size_t first, std::size_t count);
  void intro_sort(std::size_t first, std::size_t count);
  void insertion_sort(std::size_t first, std::size_t count);
  // Puts the middle of three at the end, and gives its distance.
  double place_pivot(std::size_t first, std::size_t count);

  std::vector<double> distances_;
  std::vector<std::int64_t> rows_;
  std::vector<std::pair<double, std::int64_t>> pairs_;  // What replay and sort keep meanwhile.
};

}  // namespace plan
