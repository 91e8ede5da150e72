#include "batching/shared_runs.h"

#include <cstring>
#include <vector>

#include <gtest/gtest.h>

#include "batching/test_rows.h"

namespace batching {
namespace {

using namespace std::chrono_literals;
using engine::Precision;
using engine::Provider;

// A machine on which each run takes as long, whatever it has.
struct Trial {
  std::size_t rows_max(const engine::Settings& settings, bool tiles = true) {
    return share(settings, tiles)->rows_max();
  }
  std::unique_ptr<engine::Network> share(const engine::Settings& settings, bool tiles) {
    runs.clear();
    auto network = std::make_unique<SumNetwork>([this](std::size_t rows) {
      clock += 1ms;
      runs.push_back(rows);
    });
    return share_runs(std::move(network), settings,
                      {.cpus = 2, .matrix_tiles = tiles, .now = [this] { return clock; }});
  }

  std::chrono::steady_clock::time_point clock;
  std::vector<std::size_t> runs;
};

TEST(SharedRunsTest, AreTriedOnWhatMayGain) {
  Trial trial;
  EXPECT_EQ(trial.rows_max({.provider = Provider::Cuda}), 64U);
  EXPECT_EQ(trial.rows_max({.provider = Provider::OpenVino, .precision = Precision::Bf16}), 8U);
  EXPECT_EQ(trial.rows_max({.provider = Provider::OpenVino, .precision = Precision::Bf16}, false),
            1U);
  EXPECT_EQ(trial.rows_max({.provider = Provider::OpenVino}), 1U);
  EXPECT_EQ(trial.rows_max({}), 1U);
  EXPECT_TRUE(trial.runs.empty());
}

TEST(SharedRunsTest, AreAsManyAsWasSaidAndWarm) {
  Trial trial;
  EXPECT_EQ(trial.rows_max({.batch_max = 6}), 6U);
  EXPECT_EQ(trial.runs, (std::vector<std::size_t>{1, 2, 4, 6}));
  EXPECT_EQ(trial.rows_max({.provider = Provider::Cuda, .batch_max = 1}), 1U);
  EXPECT_TRUE(trial.runs.empty());
}

// In company each sum is a hundredth greater.
class DriftingNetwork final : public engine::Network {
 public:
  const std::vector<engine::TensorSpec>& inputs() const override { return sums_.inputs(); }
  const std::vector<engine::TensorSpec>& outputs() const override { return sums_.outputs(); }
  base::Result<void> run(std::span<const engine::TensorView> inputs,
                         std::span<const std::size_t> wanted,
                         std::vector<engine::Tensor>& results) const override {
    TRY(sums_.run(inputs, wanted, results));
    if (inputs.front().shape.front() == 1) return {};
    float sum = 0;
    std::memcpy(&sum, results.front().bytes.data(), sizeof(sum));
    sum *= 1.01F;
    std::memcpy(results.front().bytes.data(), &sum, sizeof(sum));
    return {};
  }

 private:
  const SumNetwork sums_;
};

TEST(SharedRunsTest, KeepToTheOwnersBound) {
  std::chrono::steady_clock::time_point clock;
  const Machine machine{.cpus = 2, .matrix_tiles = true, .now = [&clock] { return clock += 1ms; }};
  const auto rows_max = [&](double agreement) {
    return share_runs(std::make_unique<DriftingNetwork>(),
                      {.provider = Provider::OpenVino,
                       .precision = Precision::Bf16,
                       .agreement = agreement},
                      machine)
        ->rows_max();
  };
  EXPECT_EQ(rows_max(0.02), 8U);
  EXPECT_EQ(rows_max(0.005), 1U);
}

TEST(SharedRunsTest, KeepToItWhateverTheOwnerSaysOfTheirNumber) {
  const auto share = [&](double agreement) {
    return share_runs(std::make_unique<DriftingNetwork>(), {.batch_max = 6, .agreement = agreement},
                      {.cpus = 2, .now = {}});
  };
  EXPECT_EQ(share(0.02)->rows_max(), 6U);
  EXPECT_EQ(share(0.02)->batch_note(), "");
  const auto refused = share(0.005);
  EXPECT_EQ(refused->rows_max(), 1U);
  EXPECT_EQ(refused->batch_note(),
            "with 2 rows at once an answer is further than 0.005 from the one to the row alone");
  // It answers all the same, each request alone.
  Pairs two({1, 2, 3, 4});
  ASSERT_TRUE(two.ask(*refused).ok());
  EXPECT_EQ(two.sums().size(), 2U);
}

// Up to three rows it computes as others do.
class NarrowNetwork final : public engine::Network {
 public:
  const std::vector<engine::TensorSpec>& inputs() const override { return sums_.inputs(); }
  const std::vector<engine::TensorSpec>& outputs() const override { return sums_.outputs(); }
  base::Result<void> run(std::span<const engine::TensorView> inputs,
                         std::span<const std::size_t> wanted,
                         std::vector<engine::Tensor>& results) const override {
    if (inputs.front().shape.front() > 3) return base::Error(base::Code::Invalid, "too many");
    return sums_.run(inputs, wanted, results);
  }

 private:
  const SumNetwork sums_;
};

TEST(SharedRunsTest, AreAsManyAsWereTriedWell) {
  const auto network =
      share_runs(std::make_unique<NarrowNetwork>(), {.batch_max = 8}, {.cpus = 2, .now = {}});
  EXPECT_EQ(network->rows_max(), 2U);
  EXPECT_EQ(network->batch_note(), "4 rows at once: too many");
}

TEST(SharedRunsTest, SaysWhatCannotBeTried) {
  auto open = std::make_unique<SumNetwork>();
  open->inputs().front().shape = {engine::kAnyExtent, engine::kAnyExtent};
  const auto untried = share_runs(std::move(open), {.batch_max = 4}, {.cpus = 2, .now = {}});
  EXPECT_EQ(untried->rows_max(), 4U);
  EXPECT_EQ(untried->batch_note(),
            "it was not tried, as an input leaves more open than its first extent");
  auto fixed = std::make_unique<SumNetwork>();
  fixed->inputs().front().shape = {1, 2};
  const auto alone = share_runs(std::move(fixed), {.batch_max = 4}, {.cpus = 2, .now = {}});
  EXPECT_EQ(alone->rows_max(), 1U);
  EXPECT_EQ(alone->batch_note(), "its inputs and outputs do not all leave their first extent open");
}

TEST(SharedRunsTest, AreOfUseToThoseWhoWaitToo) {
  Trial trial;
  EXPECT_EQ(useful_callers(*trial.share({}, false), 2), 2U);
  EXPECT_EQ(useful_callers(*trial.share({.batch_max = 8}, false), 2), 16U);
}

}  // namespace
}  // namespace batching
