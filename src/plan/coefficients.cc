#include "plan/coefficients.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include <sys/mman.h>

namespace plan {
namespace {

// A square of the matrix that fits the nearest cache.
constexpr std::size_t kTile = 64;
// Rows of the tile start on different cache sets.
constexpr std::size_t kTileStride = kTile + 8;

// What is larger is worth large pages, of this size.
constexpr std::size_t kLargePage = std::size_t{2} << 20U;

double* allocate(std::size_t count) {
  std::size_t bytes = std::max<std::size_t>(count, 1) * sizeof(double);
  const bool large = bytes >= kLargePage;
  const std::size_t alignment = large ? kLargePage : 64;
  bytes = (bytes + alignment - 1) / alignment * alignment;
  void* memory = std::aligned_alloc(alignment, bytes);
  if (memory == nullptr) throw std::bad_alloc();
  if (large) ::madvise(memory, bytes, MADV_HUGEPAGE);  // Without them it is only slower.
  return static_cast<double*>(memory);
}

}  // namespace

void Coefficients::Free::operator()(double* values) const { std::free(values); }

Coefficients::Coefficients(std::size_t outputs, std::size_t features)
    : outputs_(outputs), features_(features), values_(allocate(outputs * features)) {}

std::shared_ptr<const Coefficients> Coefficients::make(const Source& source) {
  const std::size_t outputs = source.outputs;
  const std::size_t features = source.features;
  const std::shared_ptr<Coefficients> made(new Coefficients(outputs, features));
  double* const to = made->values_.get();
  if (source.doubles.empty()) return made;
  if (source.column_major || outputs == 1) {
    std::memcpy(to, source.doubles.data(), source.doubles.size());
    return made;
  }
  double tile[kTile * kTileStride];
  // The file is read from its start to its end, some rows at a time.
  for (std::size_t k = 0; k < outputs; k += kTile) {
    const std::size_t rows = std::min(kTile, outputs - k);
    for (std::size_t f = 0; f < features; f += kTile) {
      const std::size_t columns = std::min(kTile, features - f);
      for (std::size_t r = 0; r < rows; ++r) {
        const std::size_t at = ((k + r) * features + f) * sizeof(double);
        std::memcpy(tile + r * kTileStride, source.doubles.data() + at, columns * sizeof(double));
      }
      for (std::size_t c = 0; c < columns; ++c) {
        double* const line = to + (f + c) * outputs + k;
        for (std::size_t r = 0; r < rows; ++r) line[r] = tile[r * kTileStride + c];
      }
    }
  }
  return made;
}

}  // namespace plan
