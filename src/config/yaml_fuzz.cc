#include <cstddef>
#include <cstdint>
#include <string_view>

#include "config/settings.h"
#include "config/yaml.h"

namespace {

constexpr config::Option kOptions[] = {
    {.name = "on", .type = config::Type::Bool, .fallback = "true"},
    {.name = "count", .type = config::Type::Int, .fallback = "3", .min = 1, .max = 9},
    {.name = "size", .type = config::Type::Bytes, .fallback = "8 MiB"},
    {.name = "time", .type = config::Type::Duration, .fallback = "10 s"},
    {.name = "names", .type = config::Type::Texts, .fallback = "a,b"},
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto map = config::YamlMap::parse("fuzz.yaml", text);
  if (!map.ok()) return 0;
  config::Settings settings(kOptions);
  if (const auto read = settings.read(*map); !read.ok()) return 0;
  for (const std::string_view key : map->keys()) {
    if (const auto found = map->get_strings(key); found.ok()) continue;
    if (const auto found = map->get_map(key); found.ok()) continue;
  }
  return 0;
}
