#include "publish/parts.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "publish/build.h"
#include "publish/version_image.h"
#include "threads/guarded.h"
#include "threads/parallel.h"

namespace publish {
namespace {

using base::Code;
using base::Error;
using oci::Descriptor;

Error not_ours() {
  return {Code::Unsupported,
          "image: expected one that sooth built, got none that holds a version's layers"};
}

base::Result<std::vector<Part>> all_parts(const oci::Manifest& manifest,
                                          const oci::ImageConfig& config) {
  std::vector<Part> parts;
  std::set<base::Digest> seen;
  for (std::size_t i = 0; i < manifest.layers.size(); ++i) {
    const Descriptor& layer = manifest.layers[i];
    const bool is_new = seen.insert(config.diff_ids[i]).second;
    if (layer.media_type != oci::kLayerType || !is_new) return not_ours();
    parts.push_back({layer, config.diff_ids[i]});
  }
  if (parts.empty()) return not_ours();
  return parts;
}

// The parts of one version on their way.
class Fetch {
 public:
  Fetch(oci::Registry& registry, const oci::Layout& layout, const std::vector<Part>& parts,
        const OnTransfer& on_transfer)
      : registry_(registry),
        layout_(layout),
        parts_(parts),
        on_transfer_(on_transfer),
        sizes_(parts.size(), 0),
        received_(std::vector<std::uint64_t>(parts.size(), 0)) {
    for (const Part& part : parts) all_ += part.layer.size;
  }

  base::Result<void> fetch(std::size_t index, const std::stop_token& stop) {
    const Part& part = parts_[index];
    TRY_ASSIGN(const oci::Compression compression, check_layer(part.layer));
    // What is there and is not whole is fetched anew.
    if (const auto there = layout_.open(part.diff_id, kBlobBytesMax); there.ok()) {
      sizes_[index] = (*there)->bytes().size();
      return {};
    }
    TRY_ASSIGN(oci::Layout::Writer writer, layout_.write(part.layer.size));
    TRY_ASSIGN(const auto unpack,
               oci::Decompressor::make(
                   compression, [&](base::Bytes bytes) { return writer.append(bytes); },
                   layer_ceiling(part.layer.size)));
    TRY(registry_.fetch_blob(part.layer, [&](base::Bytes bytes) -> base::Result<void> {
      if (stop.stop_requested()) return Error(Code::Cancelled, "another layer could not be had");
      report(index, bytes.size());
      return unpack->append(bytes);
    }));
    TRY(unpack->finish());
    TRY_ASSIGN(const oci::Stored stored, writer.commit(part.diff_id));
    sizes_[index] = stored.size;
    return {};
  }

  // The layer of this part as it lies here.
  Descriptor layer(std::size_t index) const {
    Descriptor plain;
    plain.media_type = oci::kLayerType;
    plain.digest = parts_[index].diff_id;
    plain.size = sizes_[index];
    return plain;
  }
  std::uint64_t downloaded() {
    auto received = received_.lock();
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      if ((*received)[i] > 0) bytes += parts_[i].layer.size;
    }
    return bytes;
  }

 private:
  void report(std::size_t index, std::size_t bytes) {
    auto received = received_.lock();
    (*received)[index] += bytes;
    std::uint64_t done = 0;
    for (const std::uint64_t each : *received) done += each;
    on_transfer_(done, all_);
  }

  oci::Registry& registry_;
  const oci::Layout& layout_;
  const std::vector<Part>& parts_;
  const OnTransfer& on_transfer_;
  std::uint64_t all_ = 0;
  std::vector<std::uint64_t> sizes_;  // Unpacked; each written by the thread that fetches it.
  threads::Guarded<std::vector<std::uint64_t>> received_;  // Bytes of each part.
};

}  // namespace

base::Result<oci::Compression> check_layer(const Descriptor& layer) {
  const auto compression = oci::find_compression(layer.media_type);
  if (!compression) {
    return Error(Code::Unsupported,
                 fmt::format("layer {}: expected a tar, packed with gzip or zstd or not, got {}",
                             layer.digest.text(), base::quote(layer.media_type)));
  }
  if (layer.size > kBlobBytesMax) {
    return Error(Code::Exhausted,
                 fmt::format("layer {}: expected at most {}, got {}", layer.digest.text(),
                             base::human_bytes(kBlobBytesMax), base::human_bytes(layer.size)));
  }
  return *compression;
}

base::Result<std::vector<Part>> find_parts(const oci::Manifest& manifest,
                                           const oci::ImageConfig& config) {
  if (config.diff_ids.size() != manifest.layers.size()) {
    return Error(
        Code::Corrupt,
        fmt::format("image configuration: expected {} diff ids as there are layers, got {}",
                    manifest.layers.size(), config.diff_ids.size()));
  }
  const auto label = config.labels.find(std::string(kPartsKey));
  if (label == config.labels.end()) return all_parts(manifest, config);
  std::map<std::string, std::size_t> layers;
  for (std::size_t i = 0; i < config.diff_ids.size(); ++i) {
    layers.emplace(config.diff_ids[i].text(), i);
  }
  std::vector<Part> parts;
  std::string_view rest = label->second;
  while (!rest.empty()) {
    const std::string_view text = rest.substr(0, rest.find(','));
    rest.remove_prefix(std::min(text.size() + 1, rest.size()));
    const auto at = layers.find(std::string(text));
    if (at == layers.end()) return not_ours();
    parts.push_back({manifest.layers[at->second], config.diff_ids[at->second]});
    layers.erase(at);  // No version has a part twice.
  }
  if (parts.empty()) return not_ours();
  return parts;
}

base::Result<FetchedParts> fetch_parts(oci::Registry& registry, const oci::Layout& layout,
                                       const std::vector<Part>& parts,
                                       const OnTransfer& on_transfer) {
  Fetch fetch(registry, layout, parts, on_transfer);
  TRY(threads::in_parallel(
      parts.size(), kPartsAtOnce,
      [&](std::size_t index, const std::stop_token& stop) { return fetch.fetch(index, stop); }));
  FetchedParts fetched{.layers = {}, .downloaded = fetch.downloaded()};
  for (std::size_t i = 0; i < parts.size(); ++i) fetched.layers.push_back(fetch.layer(i));
  return fetched;
}

}  // namespace publish
