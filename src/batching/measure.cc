#include "batching/measure.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/result.h"
#include "batching/rows.h"
#include "data/datatype.h"

namespace batching {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr double kGainMin = 1.125;
constexpr int kTries = 3;
// A row's elements; more than that are not made up.
constexpr std::int64_t kElementsMax = 64 << 20;

// Numbers of no meaning, each row with its own, for an input.
class Made {
 public:
  Made(const engine::TensorSpec& spec, std::size_t rows) : type_(spec.type), shape_(spec.shape) {
    shape_.front() = static_cast<std::int64_t>(rows);
    const std::int64_t elements =
        std::accumulate(shape_.begin(), shape_.end(), std::int64_t{1}, std::multiplies<>());
    for (std::int64_t i = 0; i < elements; ++i) append(i);
  }
  engine::TensorView view() const {
    return {.type = type_, .shape = shape_, .bytes = bytes_, .texts = {}};
  }

 private:
  // Integers are often places in a table, of which 0 and 1 are there.
  void append(std::int64_t i) {
    const auto mixed = static_cast<std::uint32_t>(i) * 2'654'435'761U;
    if (type_ == data::Datatype::Fp32) {
      const float number = static_cast<float>(mixed >> 8U) / static_cast<float>(1U << 24U);
      bytes_.append(reinterpret_cast<const char*>(&number), sizeof(number));
      return;
    }
    const std::size_t size = data::datatype_bytes(type_);
    const bool floating = type_ == data::Datatype::Fp64 || type_ == data::Datatype::Fp16 ||
                          type_ == data::Datatype::Bf16;
    bytes_.append(size, '\0');
    if (!floating) bytes_[bytes_.size() - size] = static_cast<char>(mixed >> 31U);
  }

  data::Datatype type_;
  std::vector<std::int64_t> shape_;
  std::string bytes_;
};

bool is_fixed_but_rows(const engine::TensorSpec& spec) {
  std::int64_t elements = 1;
  for (const std::int64_t extent : std::span(spec.shape).subspan(1)) {
    if (extent < 0 || __builtin_mul_overflow(elements, extent, &elements)) return false;
  }
  return elements <= kElementsMax;
}

class Trial {
 public:
  Trial(const engine::Network& network, std::size_t rows) : network_(network), rows_(rows) {
    for (const engine::TensorSpec& spec : network.inputs()) made_.emplace_back(spec, rows);
    for (const Made& each : made_) views_.push_back(each.view());
    wanted_.resize(network.outputs().size());
    std::iota(wanted_.begin(), wanted_.end(), std::size_t{0});
  }

  base::Result<void> run() { return network_.run(views_, wanted_, outputs_); }
  // Shortest of some; the first is to get warm.
  std::optional<Seconds> time(const Now& now) {
    Seconds best{std::numeric_limits<double>::infinity()};
    for (int i = 0; i < kTries; ++i) {
      const auto begun = now();
      if (!run().ok()) return std::nullopt;
      best = std::min(best, Seconds(now() - begun));
    }
    return best;
  }
  // Whether the first rows are answered as `alone` answers them.
  bool agrees(const Trial& alone, double agreement) const {
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      if (!agree(outputs_[i], alone.outputs_[i], agreement)) return false;
    }
    return true;
  }

 private:
  bool agree(const engine::Tensor& together, const engine::Tensor& alone, double agreement) const {
    if (together.shape.empty() || together.shape.front() != static_cast<std::int64_t>(rows_) ||
        !std::ranges::equal(std::span(together.shape).subspan(1),
                            std::span(alone.shape).subspan(1))) {
      return false;
    }
    if (alone.type == data::Datatype::Bytes) {
      return std::equal(alone.texts.begin(), alone.texts.end(), together.texts.begin());
    }
    const std::size_t step = data::datatype_bytes(alone.type);
    double largest = 0;
    double furthest = 0;
    for (std::size_t at = 0; at < alone.bytes.size(); at += step) {
      const double expected = data::read_number(alone.type, alone.bytes.data() + at);
      const double got = data::read_number(alone.type, together.bytes.data() + at);
      if (std::isnan(expected) && std::isnan(got)) continue;
      largest = std::max(largest, std::abs(expected));
      if (expected != got) furthest = std::max(furthest, std::abs(expected - got));
      if (std::isnan(expected) != std::isnan(got)) return false;
    }
    return furthest <= agreement * largest;
  }

  const engine::Network& network_;
  std::size_t rows_;
  std::vector<Made> made_;
  std::vector<engine::TensorView> views_;
  std::vector<std::size_t> wanted_;
  std::vector<engine::Tensor> outputs_;
};

}  // namespace

Measured measure(const engine::Network& network, std::size_t limit, double agreement,
                 std::chrono::nanoseconds time_max, const Now& now) {
  if (!joins_rows(network) || !std::ranges::all_of(network.inputs(), is_fixed_but_rows)) return {};
  const auto end = now() + time_max;
  Trial alone(network, 1);
  const std::optional<Seconds> one = alone.time(now);
  if (!one) return {};
  Measured best;
  for (std::size_t rows = 2; rows <= limit; rows *= 2) {
    // As if it paid nothing.
    const Seconds expected = *one * static_cast<double>(rows) * kTries;
    if (now() + std::chrono::duration_cast<std::chrono::nanoseconds>(expected) > end) break;
    Trial together(network, rows);
    const std::optional<Seconds> all = together.time(now);
    if (!all || !together.agrees(alone, agreement)) break;
    const double gain = static_cast<double>(rows) * (*one / *all);
    // More at once let the first wait for longer, and have to be worth it.
    if (gain >= best.gain * kGainMin) best = {.rows_max = rows, .gain = gain};
  }
  return best;
}

Proved prove(const engine::Network& network, std::size_t asked, double agreement) {
  if (!joins_rows(network)) {
    return {.rows_max = 1,
            .because = "its inputs and outputs do not all leave their first extent open"};
  }
  if (!std::ranges::all_of(network.inputs(), is_fixed_but_rows)) {
    return {.rows_max = asked,
            .because = "it was not tried, as an input leaves more open than its first extent"};
  }
  Trial alone(network, 1);
  if (const auto ran = alone.run(); !ran.ok()) {
    return {.rows_max = asked,
            .because = fmt::format("it was not tried, as the network refuses made-up numbers: {}",
                                   ran.error().message())};
  }
  Proved proved;
  for (std::size_t rows = std::min<std::size_t>(2, asked);; rows = std::min(rows * 2, asked)) {
    Trial together(network, rows);
    if (const auto ran = together.run(); !ran.ok()) {
      proved.because = fmt::format("{} rows at once: {}", rows, ran.error().message());
    } else if (!together.agrees(alone, agreement)) {
      proved.because = fmt::format(
          "with {} rows at once an answer is further than {} from the one to the row alone", rows,
          agreement);
    } else {
      proved.rows_max = rows;
    }
    if (rows == asked || !proved.because.empty()) return proved;
  }
}

}  // namespace batching
