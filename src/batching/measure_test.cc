#include "batching/measure.h"

#include <algorithm>
#include <cstring>

#include <gtest/gtest.h>

#include "batching/test_rows.h"

namespace batching {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

// A network that takes a time of its own for so many rows, by a clock that it sets.
struct Timed {
  explicit Timed(std::function<std::chrono::milliseconds(int rows)> takes)
      : network([this, takes](std::size_t rows) {
          clock += takes(static_cast<int>(rows));
          most = std::max(most, rows);
        }) {}

  Measured measure(std::size_t limit, std::chrono::nanoseconds time_max = 1h) const {
    return batching::measure(network, limit, 1e-6, time_max, [this] { return clock; });
  }

  mutable steady_clock::time_point clock;
  mutable std::size_t most = 0;
  SumNetwork network;
};

TEST(MeasureTest, FindsHowManyPay) {
  // Most of it is for each run, whatever it has: 4, 5, 7, 11 ms.
  const Timed timed([](int rows) { return 3ms + rows * 1ms; });
  const Measured measured = timed.measure(8);
  EXPECT_EQ(measured.rows_max, 8U);
  EXPECT_NEAR(measured.gain, 32.0 / 11, 1e-6);
}

TEST(MeasureTest, StopsWhereMoreGainsLittle) {
  // What is beyond four costs as much as before.
  const Timed timed([](int rows) { return std::max(rows, 4) * 1ms; });
  EXPECT_EQ(timed.measure(32).rows_max, 4U);
}

TEST(MeasureTest, IsOneByOneWhereNothingIsGained) {
  const Timed timed([](int rows) { return rows * 1ms; });
  EXPECT_EQ(timed.measure(32).rows_max, 1U);
}

TEST(MeasureTest, TriesASlowNetworkWithFew) {
  const Timed timed([](int rows) { return 1ms + rows * 1ms; });
  // One alone takes 6 ms for three tries, two 12 if it pays nothing, four 24.
  EXPECT_EQ(timed.measure(32, 30ms).rows_max, 2U);
  EXPECT_EQ(timed.most, 2U);
}

// Each row's answer depends on how many there are.
class MeanNetwork final : public engine::Network {
 public:
  const std::vector<engine::TensorSpec>& inputs() const override { return sums_.inputs(); }
  const std::vector<engine::TensorSpec>& outputs() const override { return sums_.outputs(); }
  base::Result<void> run(std::span<const engine::TensorView> inputs,
                         std::span<const std::size_t> wanted,
                         std::vector<engine::Tensor>& results) const override {
    TRY(sums_.run(inputs, wanted, results));
    const auto rows = static_cast<float>(inputs.front().shape.front());
    std::memcpy(results.front().bytes.data(), &rows, sizeof(rows));
    return {};
  }

 private:
  const SumNetwork sums_;
};

TEST(MeasureTest, IsOneByOneWhereARowIsAnsweredOtherwiseInCompany) {
  steady_clock::time_point clock;
  const auto now = [&clock] { return clock += 1ms; };
  const MeanNetwork mean;
  EXPECT_EQ(measure(mean, 8, 1e-6, 1h, now).rows_max, 1U);
  const SumNetwork sums;
  EXPECT_EQ(measure(sums, 8, 1e-6, 1h, now).rows_max, 8U);
}

TEST(MeasureTest, TriesNothingWhereRowsDoNotJoin) {
  Timed timed([](int) { return 1ms; });
  timed.network.inputs().front().shape = {1, 2};
  EXPECT_EQ(timed.measure(8).rows_max, 1U);
  timed.network.inputs().front().shape = {engine::kAnyExtent, engine::kAnyExtent};
  EXPECT_EQ(timed.measure(8).rows_max, 1U);
  EXPECT_EQ(timed.most, 0U);
}

TEST(MeasureTest, ProvesUpToTheVeryNumber) {
  const Timed timed([](int) { return 1ms; });
  const Proved proved = prove(timed.network, 5, 1e-4);
  EXPECT_EQ(timed.most, 5U);
  EXPECT_EQ(proved.rows_max, 5U);
  EXPECT_EQ(proved.because, "");
}

}  // namespace
}  // namespace batching
