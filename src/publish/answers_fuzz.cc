#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <string_view>
#include <vector>

#include "publish/examples.h"
#include "publish/verify.h"
#include "scorer/golden.h"
#include "scorer/scorer.h"

// Examples, expected answers and what a Python answered, for two kinds of models. The first byte
// chooses the model and what the rest is; what is accepted is compared as registering does.

namespace {

using Scorer = std::shared_ptr<const scorer::Scorer>;

Scorer load(const char* path) {
  auto scorer = scorer::Scorer::load(path, {});
  if (!scorer.ok()) std::abort();
  return *std::move(scorer);
}

void compare(const scorer::Scorer& scorer, const scorer::Examples& examples,
             const std::vector<scorer::Answered>& theirs) {
  const auto ours = scorer::answer(scorer, examples);
  if (!ours.ok()) return;
  for (const scorer::Answered& each : theirs) {
    for (const scorer::Answered& own : ours->answered) {
      if (own.method != each.method) continue;
      model::Parity parity;
      scorer::compare(each, own, parity);
      if (parity.equal > parity.values) std::abort();
    }
  }
}

void check_examples(const scorer::Scorer& scorer, const base::Result<scorer::Examples>& examples) {
  if (!examples.ok()) return;
  static_cast<void>(scorer::answer(scorer, *examples).ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Scorer kScorers[] = {
      load(SOOTH_SOURCE_DIR "/tests/scenario/data/passengers.joblib"),
      load(SOOTH_SOURCE_DIR "/tests/scenario/data/flowers.joblib"),
  };
  static const char* const kNames[] = {"rows.csv", "rows.tsv", "rows.jsonl"};
  if (size == 0 || size > (64U << 10U)) return 0;
  const scorer::Scorer& scorer = *kScorers[data[0] % std::size(kScorers)];
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const char* const name = kNames[data[0] / 8 % std::size(kNames)];
  static const scorer::Examples kExamples[] = {
      scorer::generate_sample(*kScorers[0])->examples,
      scorer::generate_sample(*kScorers[1])->examples,
  };
  const scorer::Examples& examples = kExamples[data[0] % std::size(kScorers)];
  switch (data[0] / 2 % 4) {
    case 0: check_examples(scorer, publish::read_examples(name, text, scorer)); break;
    case 1: check_examples(scorer, publish::read_mlflow_example(text, scorer)); break;
    case 2:
      if (const auto expected = publish::read_expected(name, text, scorer); expected.ok()) {
        compare(scorer, examples, {*expected});
      }
      break;
    default:
      if (const auto verdict = publish::read_verdict(text, scorer, 2); verdict.ok()) {
        compare(scorer, examples, verdict->answers);
      }
  }
  return 0;
}
