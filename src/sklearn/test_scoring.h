#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <string_view>

#include "data/frame.h"
#include "pickle/document.h"
#include "sklearn/model.h"

// Asks a model of unknown origin all it can be asked, with rows of every kind. For tests and fuzz
// targets: what is accepted must be safe to score.
namespace sklearn::test_scoring {

inline constexpr std::size_t kRows = 5;
// Columns past which a row says nothing new, and costs a fuzzer its speed.
inline constexpr std::size_t kColumnsMax = 2000;

inline pickle::Limits small_limits() {
  pickle::Limits limits;
  limits.stream_bytes = std::uint64_t{16} << 20U;
  limits.ratio_free_bytes = std::uint64_t{4} << 20U;
  limits.codec_bytes = std::uint64_t{32} << 20U;
  limits.memory_bytes = std::uint64_t{64} << 20U;
  limits.steps = 1'000'000;
  return limits;
}

// A cell of JSON in its form.
inline std::string_view json_of(data::Json form) {
  if (form == data::Json::Object) return R"({"a": 1.5, "red": "x"})";
  return form == data::Json::Pairs ? R"([["a", -2], ["red", "x"]])" : R"(["a", "red", "a"])";
}

inline void fill(const data::Signature& signature, data::Frame& frame) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  constexpr double kNumbers[] = {0, 1, -1.5, data::kMissingNumber, kInfinity, 3.5e38, 1e-320, 7};
  constexpr std::string_view kTexts[] = {"", "a", "How to parse JSON?", "red", "\xC3\xA9t\xC3\xA9"};
  for (std::size_t row = 0; row < kRows; ++row) {
    frame.add_row();
    for (std::size_t c = 0; c < signature.columns.size(); ++c) {
      const std::size_t pick = row * 3 + c * 5;
      if (signature.columns[c].type == data::ColumnType::Number) {
        // The first rows have no cell that an estimator could refuse.
        const double number = kNumbers[pick % std::size(kNumbers)];
        frame.set_number(row, c, row < 2 && !std::isfinite(number) ? 0.5 : number);
      } else if (row < 3 || c % 2 == 0) {
        const data::Json json = signature.columns[c].json;
        frame.set_text(row, c,
                       json == data::Json::None ? kTexts[pick % std::size(kTexts)] : json_of(json));
      }
    }
  }
}

// Rows that no estimator has a reason to refuse come alone too: else the first odd one would be all
// that a step sees.
inline void score(const Model& model, plan::Method method) {
  const auto plan = model.compile(method);
  if (!plan.ok() || plan->signature().columns.size() > kColumnsMax) return;
  plan::Plan::Scratch scratch(*plan);
  data::Frame rows(plan->signature());
  fill(plan->signature(), rows);
  static_cast<void>(plan->run(rows, scratch).ok());
  data::Frame tame(plan->signature());
  for (std::size_t row = 0; row < 2; ++row) {
    tame.add_row();
    for (std::size_t c = 0; c < plan->signature().columns.size(); ++c) {
      if (plan->signature().columns[c].type == data::ColumnType::Number) {
        tame.set_number(row, c, static_cast<double>(row + c % 3) - 0.5);
      } else {
        const data::Json json = plan->signature().columns[c].json;
        tame.set_text(row, c, json != data::Json::None ? json_of(json) : row == 0 ? "a" : "b");
      }
    }
  }
  static_cast<void>(plan->run(tame, scratch).ok());
  data::Frame none(plan->signature());
  static_cast<void>(plan->run(none, scratch).ok());
}

// Whether the model was accepted; if so it was scored.
inline bool score(base::Bytes bytes) {
  const auto document = pickle::Document::read(bytes, small_limits());
  if (!document.ok()) return false;
  const auto model = Model::read(document->root(), {.python = {}, .keep_trees = true});
  // A refusal that no problem explains would leave a person without a reason.
  if (!model.ok() && find_problems(document->root(), {}).empty()) __builtin_trap();
  if (!model.ok()) return false;
  for (const plan::Method method : model->methods()) score(*model, method);
  return true;
}

}  // namespace sklearn::test_scoring
