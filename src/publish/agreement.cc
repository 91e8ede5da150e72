#include "publish/agreement.h"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "engine/settings.h"
#include "scorer/agreement.h"

namespace publish {
namespace {

using base::Code;
using base::Error;

std::string best_text(const model::Agreement& agreement) {
  if (!agreement.top1 || !agreement.top5) return "";
  return fmt::format("; of {} {} {:.4g} % have the same best category",
                     agreement.top_rows.value_or(agreement.parity.rows),
                     agreement.top_rows ? "rows" : "pictures", *agreement.top1 * 100);
}

}  // namespace

base::Result<std::optional<model::Agreement>> prove_agreement(const base::Files& files,
                                                              const scorer::Scorer& plain,
                                                              const scorer::Golden& golden,
                                                              const engine::Loader* networks) {
  const engine::Settings& settings = plain.recipe().engine;
  const bool network = plain.image() != nullptr || plain.tensors() != nullptr;
  if (!network || settings.is_plain()) return std::optional<model::Agreement>();
  auto loaded = scorer::Scorer::load(
      files, plain.name(), {.networks = networks, .placing = scorer::Scorer::Placing::AsSaid});
  if (!loaded.ok()) {
    return std::move(loaded).error().within("agreement cannot be measured here");
  }
  auto measured = scorer::measure_agreement(**loaded, golden);
  if (!measured.ok()) return std::move(measured).error().within("agreement");
  const std::string problem = scorer::disagreement(*measured);
  if (problem.empty()) return std::optional(*std::move(measured));
  return Error(Code::Conflict,
               fmt::format("agreement with {}: {}{}; not registered", measured->parity.against,
                           problem, best_text(*measured)));
}

}  // namespace publish
