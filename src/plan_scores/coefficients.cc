#include "plan_scores/coefficients.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include <sys/mman.h>

namespace plan {
namespace {

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

// A square of the matrix that fits the nearest caches; its rows start on different sets of these.
constexpr std::size_t kTile = 64;
using Tile = std::array<double, kTile*(kTile + 8)>;

// Turns over as much as there is from this output and feature on, by way of `tile`.
void turn_tile(const Coefficients::Source& source, std::size_t output, std::size_t feature,
               Tile& tile, double* to) {
  const std::size_t rows = std::min(kTile, source.outputs - output);
  const std::size_t columns = std::min(kTile, source.features - feature);
  constexpr std::size_t kStride = kTile + 8;
  std::array<double, kTile> line;
  for (std::size_t r = 0; r < rows; ++r) {
    const std::size_t at = ((output + r) * source.features + feature) * sizeof(double);
    std::memcpy(line.data(), source.doubles.data() + at, columns * sizeof(double));
    for (std::size_t c = 0; c < columns; ++c) tile[c * kStride + r] = line[c];
  }
  for (std::size_t c = 0; c < columns; ++c) {
    std::copy_n(tile.data() + c * kStride, rows, to + (feature + c) * source.outputs + output);
  }
}

}  // namespace

void Coefficients::Free::operator()(double* values) const { std::free(values); }

std::shared_ptr<const Coefficients> Coefficients::make(const Source& source) {
  const std::shared_ptr<Coefficients> made(new Coefficients(source));
  const std::size_t outputs = source.outputs;
  const std::size_t features = source.features;
  made->values_.reset(allocate(outputs * features));
  double* const to = made->values_.get();
  if (source.column_major || outputs == 1) {
    if (!source.doubles.empty()) {
      std::memcpy(to, source.doubles.data(), source.doubles.size());
    }
  } else {
    const auto tile = std::make_unique<Tile>();
    // The file is read from its start to its end, some rows at a time.
    for (std::size_t k = 0; k < outputs; k += kTile) {
      for (std::size_t f = 0; f < features; f += kTile) turn_tile(source, k, f, *tile, to);
    }
  }
  made->source_.doubles = {};
  return made;
}

std::shared_ptr<const Coefficients> Coefficients::view(const Source& source,
                                                       std::shared_ptr<const void> holder) {
  const std::shared_ptr<Coefficients> made(new Coefficients(source));
  made->holder_ = std::move(holder);
  return made;
}

std::shared_ptr<const Coefficients> Coefficients::by_feature(
    std::shared_ptr<const Coefficients> any) {
  return any->is_by_feature() ? std::move(any) : make(any->source_);
}

}  // namespace plan
