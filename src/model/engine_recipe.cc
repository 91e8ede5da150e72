#include "model/engine_recipe.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/text.h"
#include "model/recipe_fields.h"

namespace model {
namespace {

using config::YamlMap;
using engine::Precision;
using engine::Provider;

constexpr std::int64_t kThreadsMax = 256;
constexpr std::int64_t kBatchMax = 1024;

template <typename T, std::size_t N>
std::array<Word<T>, N> words_of(const std::array<T, N>& values, std::string_view (*name)(T)) {
  std::array<Word<T>, N> words = {};
  for (std::size_t i = 0; i < N; ++i) words.at(i) = {name(values.at(i)), values.at(i)};
  return words;
}

constexpr std::array<Provider, 3> kProviders = {Provider::Cpu, Provider::OpenVino, Provider::Cuda};
constexpr std::array<Precision, 3> kPrecisions = {Precision::Fp32, Precision::Bf16,
                                                  Precision::Int8};

base::Result<void> read_batch(const YamlMap& map, engine::Settings& settings) {
  if (!map.has("batch")) return {};
  if (const auto word = map.get_string("batch"); word.ok()) {
    if (*word == "auto") return {};
    if (*word == "off") {
      settings.batch_max = 1;
      return {};
    }
  }
  const auto count = map.get_int("batch", 1, kBatchMax);
  if (!count.ok()) {
    return map.error_at("batch",
                        fmt::format("\"batch\": expected \"auto\", \"off\" or a whole number "
                                    "from 1 to {}",
                                    kBatchMax));
  }
  settings.batch_max = static_cast<std::size_t>(*count);
  return {};
}

base::Result<void> read_agreement(const YamlMap& map, engine::Settings& settings) {
  if (!map.has("agreement")) {
    // What is lost depends on the network, so that no number would do for all.
    if (settings.precision == Precision::Fp32) return {};
    return map.error_at("precision",
                        "\"precision\": below fp32, expected \"agreement\" beside it, "
                        "as in \"agreement: 0.02\": how far answers may move");
  }
  TRY_ASSIGN(settings.agreement, map.get_number("agreement"));
  if (settings.agreement >= 0 && settings.agreement <= 1) return {};
  return map.error_at(
      "agreement",
      fmt::format("\"agreement\": expected a number from 0 to 1, got {:g}", settings.agreement));
}

}  // namespace

base::Result<engine::Settings> read_engine(const YamlMap& map) {
  TRY(map.only({"provider", "precision", "threads", "batch", "agreement"}));
  engine::Settings settings;
  TRY(read_word(map, "provider", words_of(kProviders, engine::provider_name), settings.provider));
  TRY(read_word(map, "precision", words_of(kPrecisions, engine::precision_name),
                settings.precision));
  if (settings.precision == Precision::Bf16 && settings.provider != Provider::OpenVino) {
    return map.error_at("precision",
                        "\"precision\": expected \"provider: openvino\" for bf16, which alone "
                        "computes in it");
  }
  if (map.has("threads")) {
    TRY_ASSIGN(const std::int64_t threads, map.get_int("threads", 1, kThreadsMax));
    settings.threads = static_cast<unsigned>(threads);
  }
  TRY(read_batch(map, settings));
  TRY(read_agreement(map, settings));
  return settings;
}

}  // namespace model
