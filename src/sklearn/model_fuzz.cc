// A model file from its first byte to its answers: what is accepted must be safe to score.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "data/frame.h"
#include "pickle/document.h"
#include "sklearn/model.h"

namespace {

constexpr std::size_t kRows = 5;
// Columns past which a row says nothing new, and costs the fuzzer its speed.
constexpr std::size_t kColumnsMax = 2000;

constexpr double kNumbers[] = {
    0, 1, -1.5, data::kMissingNumber, std::numeric_limits<double>::infinity(), 3.5e38, 1e-320, 7};
constexpr std::string_view kTexts[] = {"", "a", "How to parse JSON?", "red", "\xC3\xA9t\xC3\xA9"};

pickle::Limits small_limits() {
  pickle::Limits limits;
  limits.stream_bytes = std::uint64_t{16} << 20U;
  limits.ratio_free_bytes = std::uint64_t{4} << 20U;
  limits.codec_bytes = std::uint64_t{32} << 20U;
  limits.memory_bytes = std::uint64_t{64} << 20U;
  limits.steps = 1'000'000;
  return limits;
}

void fill(const data::Signature& signature, data::Frame& frame) {
  for (std::size_t row = 0; row < kRows; ++row) {
    frame.add_row();
    for (std::size_t c = 0; c < signature.columns.size(); ++c) {
      const std::size_t pick = row * 3 + c * 5;
      if (signature.columns[c].type == data::ColumnType::Number) {
        // The first rows have no cell that an estimator could refuse.
        const double number = kNumbers[pick % std::size(kNumbers)];
        frame.set_number(row, c, row < 2 && !std::isfinite(number) ? 0.5 : number);
      } else if (row < 3 || c % 2 == 0) {
        frame.set_text(row, c, kTexts[pick % std::size(kTexts)]);
      }
    }
  }
}

void score(const sklearn::Model& model, plan::Method method) {
  const auto plan = model.compile(method);
  if (!plan.ok() || plan->signature().columns.size() > kColumnsMax) return;
  plan::Plan::Scratch scratch(*plan);
  data::Frame rows(plan->signature());
  fill(plan->signature(), rows);
  static_cast<void>(plan->run(rows, scratch).ok());
  data::Frame none(plan->signature());
  static_cast<void>(plan->run(none, scratch).ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto document =
      pickle::Document::read(std::as_bytes(std::span(data, size)), small_limits());
  if (!document.ok()) return 0;
  const auto model = sklearn::Model::read(document->root(), {.python = {}, .keep_trees = true});
  const auto problems = sklearn::find_problems(document->root(), {});
  if (!model.ok() && problems.empty()) __builtin_trap();
  if (!model.ok()) return 0;
  for (const plan::Method method : model->methods()) score(*model, method);
  return 0;
}
