#include "text/tfidf.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <utility>

namespace text {

ColumnOrder TfidfWeights::order_of(int major, int minor, bool use_idf) {
  const bool old = std::pair(major, minor) < std::pair(1, 5);
  return old && use_idf ? ColumnOrder::Descending : ColumnOrder::Ascending;
}

// numpy/core/src/umath/loops_exponent_log.dispatch.c.src, simd_log_FLOAT.
float numpy_log(float x) {
  static constexpr std::array<float, 6> kOver = {0.0F,
                                                 9.999999999999998702752e-01F,
                                                 2.112677543073053063722e+00F,
                                                 1.480000633576506585156e+00F,
                                                 3.808837741388407920751e-01F,
                                                 2.589979117907922693523e-02F};
  static constexpr std::array<float, 6> kUnder = {1.0F,
                                                  2.612677543073109236779e+00F,
                                                  2.453006071784736363091e+00F,
                                                  9.864942958519418960339e-01F,
                                                  1.546476374983906719538e-01F,
                                                  5.875095403124574342950e-03F};
  int exponent = 0;
  float mantissa = 2 * std::frexp(x, &exponent);
  --exponent;
  if (mantissa > std::numbers::sqrt2_v<float>) {
    mantissa *= 0.5F;
    ++exponent;
  }
  const float y = mantissa - 1;
  const auto polynomial = [y](const std::array<float, 6>& factors) {
    float sum = factors[5];
    for (std::size_t i = 5; i-- > 0;) sum = std::fma(sum, y, factors[i]);
    return sum;
  };
  return std::fma(static_cast<float>(exponent), std::numbers::ln2_v<float>,
                  polynomial(kOver) / polynomial(kUnder));
}

void TfidfWeights::apply(std::span<const std::uint32_t> indices, std::span<double> values) const {
  if (sublinear_tf) {
    // numpy's own is for what is normal; a count that is none is a number somebody made.
    const bool numpys = precision == Precision::Float32 && !libm_log;
    const auto logarithm = [numpys, this](double value) {
      const auto single = static_cast<float>(value);
      if (precision == Precision::Float64) return std::log(value);
      const bool normal = single >= std::numeric_limits<float>::min() &&
                          single <= std::numeric_limits<float>::max();
      return static_cast<double>(numpys && normal ? numpy_log(single) : std::log(single));
    };
    // Most counts are 1, whose logarithm is exactly 0.
    for (double& value : values) {
      if (value != 1) value = rounded(logarithm(value) + 1, precision);
    }
  }
  if (!idf.empty()) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = rounded(values[i] * idf[indices[i]], precision);
    }
  }
  normalize(values, {norm, order, precision});
}

}  // namespace text
