#include "model/image_recipe.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/number.h"
#include "base/text.h"
#include "model/recipe_fields.h"
#include "vision/names.h"

namespace model {
namespace {

using config::YamlMap;

constexpr std::int64_t kSideMax = 4096;
constexpr std::int64_t kRanksMax = 1'000'000;

constexpr std::array<Word<bool>, 2> kChannelOrders = {{{"rgb", false}, {"bgr", true}}};
constexpr std::array<Word<Scores>, 2> kScores = {
    {{"logits", Scores::Logits}, {"probabilities", Scores::Probabilities}}};

// One of vision's own.
template <typename T>
base::Result<void> read_choice(const YamlMap& map, std::string_view key, T& value) {
  if (!map.has(key)) return {};
  TRY_ASSIGN(const std::string text, map.get_string(key));
  if (const auto found = vision::find_named<T>(text)) {
    value = *found;
    return {};
  }
  std::vector<std::string> known;
  for (const std::string_view each : vision::names_of<T>()) known.push_back(base::quote(each));
  return map.error_at(key, fmt::format("{}: expected {}, got {}", base::quote(key),
                                       fmt::join(known, " or "), base::quote(text)));
}

base::Result<void> read_preset(const YamlMap& map, vision::Preparation& preparation) {
  if (!map.has("preset")) return {};
  TRY_ASSIGN(const std::string name, map.get_string("preset"));
  const auto preset = vision::find_preset(name);
  if (!preset) {
    return map.error_at("preset",
                        fmt::format("\"preset\": expected {}, got {}",
                                    fmt::join(vision::preset_names(), ", "), base::quote(name)));
  }
  preparation = *preset;
  return {};
}

base::Result<std::uint32_t> read_side(const YamlMap& map, std::string_view key) {
  TRY_ASSIGN(const std::int64_t side, map.get_int(key, 1, kSideMax));
  return static_cast<std::uint32_t>(side);
}

base::Result<void> read_size(const YamlMap& map, vision::Preparation& preparation) {
  if (map.has("width")) {
    TRY_ASSIGN(preparation.size.width, read_side(map, "width"));
  }
  if (map.has("height")) {
    TRY_ASSIGN(preparation.size.height, read_side(map, "height"));
  }
  if (map.has("shorter")) {
    TRY_ASSIGN(preparation.shorter, read_side(map, "shorter"));
  }
  return {};
}

base::Result<float> read_float(const YamlMap& map, std::string_view key, std::string_view text) {
  const auto number = base::parse_double(text);
  const float value = number ? static_cast<float>(*number) : 0;
  if (number && std::isfinite(value)) return value;
  return map.error_at(
      key, fmt::format("{}: expected finite numbers, got {}", base::quote(key), base::quote(text)));
}

// One for each channel, in the order in which the network has them.
base::Result<void> read_channels(const YamlMap& map, std::string_view key,
                                 std::array<float, 3>& value) {
  if (!map.has(key)) return {};
  TRY_ASSIGN(const std::vector<std::string> texts, map.get_strings(key));
  if (texts.size() != value.size()) {
    return map.error_at(key, fmt::format("{}: expected {} numbers, got {}", base::quote(key),
                                         value.size(), texts.size()));
  }
  for (std::size_t i = 0; i < texts.size(); ++i) {
    TRY_ASSIGN(value.at(i), read_float(map, key, texts[i]));
  }
  return {};
}

base::Result<void> read_numbers(const YamlMap& map, vision::Preparation& preparation) {
  if (map.has("divisor")) {
    TRY_ASSIGN(const double divisor, map.get_number("divisor"));
    preparation.divisor = static_cast<float>(divisor);
  }
  TRY(read_channels(map, "mean", preparation.mean));
  TRY(read_channels(map, "deviation", preparation.deviation));
  if (!std::isfinite(preparation.divisor) || preparation.divisor == 0) {
    return map.error_at("divisor", "\"divisor\": expected a finite number that is not 0");
  }
  if (std::count(preparation.deviation.begin(), preparation.deviation.end(), 0.0F) > 0) {
    return map.error_at("deviation", "\"deviation\": expected numbers that are not 0");
  }
  return {};
}

}  // namespace

base::Result<Image> read_image(const YamlMap& map) {
  TRY(map.only({"preset", "labels", "input", "output", "scores", "top_k", "width", "height",
                "geometry", "shorter", "filter", "channels", "divisor", "mean", "deviation",
                "layout", "type", "orient"}));
  Image image;
  vision::Preparation& preparation = image.preparation;
  TRY(read_preset(map, preparation));
  TRY_ASSIGN(image.labels, map.get_string("labels"));
  TRY(read_file_name(map, "labels", image.labels));
  TRY(read_text(map, "input", image.input));
  TRY(read_text(map, "output", image.output));
  TRY(read_word(map, "scores", kScores, image.scores));
  if (map.has("top_k")) {
    TRY_ASSIGN(const std::int64_t top_k, map.get_int("top_k", 1, kRanksMax));
    image.top_k = static_cast<std::size_t>(top_k);
  }
  TRY(read_size(map, preparation));
  TRY(read_choice(map, "geometry", preparation.geometry));
  TRY(read_choice(map, "filter", preparation.filter));
  TRY(read_word(map, "channels", kChannelOrders, preparation.bgr));
  TRY(read_choice(map, "layout", preparation.layout));
  TRY(read_choice(map, "type", preparation.type));
  TRY(read_numbers(map, preparation));
  if (map.has("orient")) {
    TRY_ASSIGN(preparation.orient, map.get_bool("orient"));
  }
  return image;
}

}  // namespace model
