#include "scorer/agreement.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <span>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "engine/settings.h"
#include "scorer/golden_tensors.h"

namespace scorer {
namespace {

using base::Code;
using base::Error;

constexpr std::string_view kPictures = "image";
constexpr std::size_t kFew = 5;

// The places of the greatest numbers, greatest first, equals in their order.
std::vector<std::size_t> best_of(std::span<const double> numbers, std::size_t count) {
  std::vector<std::size_t> places(numbers.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  count = std::min(count, places.size());
  std::partial_sort(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(count),
                    places.end(), [&](std::size_t a, std::size_t b) {
                      return numbers[a] != numbers[b] ? numbers[a] > numbers[b] : a < b;
                    });
  places.resize(count);
  return places;
}

// Both have the same categories in the same order.
void compare_best(const Answered& plain, const Answered& ours, model::Agreement& agreement) {
  const std::size_t rows = plain.rows();
  const std::size_t width = plain.names.size();
  if (rows == 0) return;
  double same_best = 0;
  double same_few = 0;
  for (std::size_t r = 0; r < rows; ++r) {
    const auto theirs = best_of(std::span(plain.numbers).subspan(r * width, width), kFew);
    const auto mine = best_of(std::span(ours.numbers).subspan(r * width, width), kFew);
    same_best += theirs.front() == mine.front() ? 1 : 0;
    const auto shared = std::count_if(theirs.begin(), theirs.end(), [&](std::size_t place) {
      return std::find(mine.begin(), mine.end(), place) != mine.end();
    });
    same_few += static_cast<double>(shared) / static_cast<double>(theirs.size());
  }
  agreement.top1 = same_best / static_cast<double>(rows);
  agreement.top5 = same_few / static_cast<double>(rows);
}

}  // namespace

base::Result<model::Agreement> measure_agreement(const Scorer& scorer, const Golden& golden) {
  const engine::Placement placement = scorer.placement();
  model::Agreement agreement{.provider = std::string(engine::provider_name(placement.provider)),
                             .precision = std::string(engine::precision_name(placement.precision)),
                             .runtime = placement.runtime,
                             .processor = placement.processor,
                             .parity = {},
                             .top1 = {},
                             .top5 = {}};
  model::Parity& parity = agreement.parity;
  parity.against = "the runtime's own kernels";
  parity.tolerance = scorer.recipe().engine.agreement;
  TRY_ASSIGN(const Answers answers, answer(scorer, golden.examples));
  for (const Answered& plain : golden.answers) {
    const auto ours =
        std::find_if(answers.answered.begin(), answers.answered.end(),
                     [&](const Answered& each) { return each.method == plain.method; });
    if (ours == answers.answered.end() || ours->rows() != plain.rows()) {
      return Error(Code::Corrupt, fmt::format("expected answers of {}, got none", plain.method));
    }
    compare(plain, *ours, parity);
    if (plain.method == kPictures && plain.names == ours->names) {
      compare_best(plain, *ours, agreement);
    }
  }
  if (scorer.tensors() != nullptr) TRY(compare_outputs(golden, answers.outputs, parity));
  if (!parity.not_compared.empty()) {
    return Error(Code::Corrupt, fmt::format("expected {}, got none", parity.not_compared.front()));
  }
  // Requests may be too large to be kept.
  if (parity.values == 0) {
    return Error(Code::Unsupported, "expected golden rows to compare with, got none");
  }
  return agreement;
}

std::string disagreement(const model::Agreement& agreement) {
  const model::Parity& parity = agreement.parity;
  if (parity.within()) return "";
  const std::string who = fmt::format("{} in {}", agreement.provider, agreement.precision);
  if (parity.labels_differ > 0) {
    return fmt::format("{}: {} of {} values differ, the first at {}", who, parity.labels_differ,
                       parity.values, parity.worst);
  }
  return fmt::format("{}: the answers to {} are {:.3g} apart, expected at most {:g}", who,
                     parity.worst, parity.rel_max, parity.tolerance);
}

}  // namespace scorer
