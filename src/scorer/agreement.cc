#include "scorer/agreement.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string_view>
#include <utility>
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

// How many rows have the same best.
class Best {
 public:
  // Both have the same categories in the same order.
  void add(std::span<const double> plain, std::span<const double> ours) {
    const auto theirs = best_of(plain, kFew);
    const auto mine = best_of(ours, kFew);
    same_best_ += theirs.front() == mine.front() ? 1 : 0;
    const auto shared = std::count_if(theirs.begin(), theirs.end(), [&](std::size_t place) {
      return std::find(mine.begin(), mine.end(), place) != mine.end();
    });
    same_few_ += static_cast<double>(shared) / static_cast<double>(theirs.size());
    ++rows_;
  }
  void tell(model::Agreement& agreement) const {
    if (rows_ == 0) return;
    agreement.top1 = same_best_ / static_cast<double>(rows_);
    agreement.top5 = same_few_ / static_cast<double>(rows_);
  }
  std::uint64_t rows() const { return rows_; }

 private:
  double same_best_ = 0;
  double same_few_ = 0;
  std::uint64_t rows_ = 0;
};

void compare_best(const Answered& plain, const Answered& ours, model::Agreement& agreement) {
  const std::size_t width = plain.names.size();
  Best best;
  for (std::size_t r = 0; r < plain.rows(); ++r) {
    best.add(std::span(plain.numbers).subspan(r * width, width),
             std::span(ours.numbers).subspan(r * width, width));
  }
  best.tell(agreement);
}

bool is_floating(data::Datatype type) {
  return type == data::Datatype::Fp16 || type == data::Datatype::Bf16 ||
         type == data::Datatype::Fp32 || type == data::Datatype::Fp64;
}

bool any_nan(std::span<const double> numbers) {
  return std::any_of(numbers.begin(), numbers.end(),
                     [](double number) { return std::isnan(number); });
}

// The output that may be categories: of each row several numbers. Null where there is none, or
// several, of which nobody says which are.
const KeptTensor* find_categories(std::span<const KeptTensor> outputs) {
  const KeptTensor* found = nullptr;
  for (const KeptTensor& each : outputs) {
    if (!is_floating(each.type) || each.shape.size() != 2 || each.shape[1] < 2) continue;
    if (std::exchange(found, &each) != nullptr) return nullptr;
  }
  return found;
}

// The same of the rows of a network, where all of their numbers were kept. Precondition:
// compare_outputs() has found the two of one form.
void compare_best(const Golden& golden, const std::vector<TensorAnswer>& ours,
                  model::Agreement& agreement) {
  Best best;
  for (std::size_t r = 0; r < golden.outputs.size(); ++r) {
    const KeptTensor* const plain = find_categories(golden.outputs[r]);
    if (plain == nullptr || any_nan(plain->numbers)) return;
    const auto mine = std::ranges::find(ours[r], plain->name, &engine::NamedTensor::name);
    const KeptTensor all = keep(*mine, plain->numbers.size());
    const auto width = static_cast<std::size_t>(plain->shape[1]);
    const bool whole = plain->numbers.size() == static_cast<std::size_t>(plain->shape[0]) * width;
    if (!whole || all.numbers.size() != plain->numbers.size() || any_nan(all.numbers)) return;
    for (std::size_t at = 0; at < all.numbers.size(); at += width) {
      best.add(std::span(plain->numbers).subspan(at, width),
               std::span(all.numbers).subspan(at, width));
    }
  }
  best.tell(agreement);
  if (best.rows() > 0) agreement.top_rows = best.rows();
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
                             .top5 = {},
                             .top_rows = {}};
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
  if (scorer.tensors() != nullptr) {
    TRY(compare_outputs(golden, answers.outputs, parity));
    compare_best(golden, answers.outputs, agreement);
  }
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
