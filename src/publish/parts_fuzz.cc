#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <span>
#include <string>
#include <utility>

#include "publish/build.h"
#include "publish/parts.h"

// The label that says which layers of an image are a version's: whoever pushed the image wrote it.
// The first byte says how many layers there are; behind it 'a' to 'h' stand for what is inside the
// layers, since no search would find a digest, and every other byte for itself.

namespace {

constexpr std::size_t kLayersMax = 6;  // So that 'g' and 'h' are in no image.

std::string inside(std::size_t layer) { return base::Digest::of(std::to_string(layer)).text(); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  oci::Manifest manifest;
  oci::ImageConfig config;
  for (std::size_t i = 0; i < data[0] % (kLayersMax + 1); ++i) {
    oci::Descriptor layer;
    layer.media_type = data[0] < 128 ? oci::kLayerType : oci::kGzipLayerType;
    layer.digest = base::Digest::of("layer" + std::to_string(i));
    layer.size = i;
    manifest.layers.push_back(std::move(layer));
    // Two may hold the same.
    config.diff_ids.push_back(*base::Digest::parse(inside(i == 5 ? 0 : i)));
  }
  std::string label;
  for (const std::uint8_t byte : std::span(data + 1, size - 1)) {
    if (byte >= 'a' && byte <= 'h') {
      label += inside(byte - 'a');
    } else {
      label += static_cast<char>(byte);
    }
  }
  if (size > 1) config.labels[std::string(publish::kPartsKey)] = label;
  const auto parts = publish::find_parts(manifest, config);
  if (!parts.ok()) return 0;
  if (parts->empty() || parts->size() > manifest.layers.size()) std::abort();
  std::set<base::Digest> seen;
  for (const publish::Part& each : *parts) {
    if (!seen.insert(each.diff_id).second) std::abort();
    const auto at = std::find_if(
        manifest.layers.begin(), manifest.layers.end(),
        [&](const oci::Descriptor& layer) { return layer.digest == each.layer.digest; });
    if (at == manifest.layers.end()) std::abort();
    const auto index = static_cast<std::size_t>(at - manifest.layers.begin());
    if (config.diff_ids[index] != each.diff_id) std::abort();
  }
  return 0;
}
