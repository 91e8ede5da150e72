#include "publish/transfer.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "oci/compress.h"
#include "oci/image_config.h"
#include "oci/push_blobs.h"
#include "publish/version_image.h"
#include "scorer/golden.h"
#include "scorer/scorer.h"

namespace publish {
namespace {

using base::Code;
using base::Error;
using oci::Descriptor;

constexpr std::uint64_t kBlobBytesMax = std::uint64_t{1} << 42U;
// A layer may unpack to this many times its size, and to as much as a small one wants.
constexpr std::uint64_t kUnpackedTimes = 200;
constexpr std::uint64_t kUnpackedAlways = 64 << 20;
constexpr std::size_t kImagesMax = 16;  // Of one index: processors there may be.

// A layer of an image that holds a part of the version.
struct Part {
  Descriptor layer;
  base::Digest diff_id;
};

// Which version an image says it holds; empty: it does not say.
base::Result<std::string> version_in(const oci::RegistryManifest& image) {
  TRY_ASSIGN(const oci::Manifest manifest, oci::Manifest::parse(image.text));
  const auto mark = manifest.annotations.find(std::string(kVersionKey));
  return mark == manifest.annotations.end() ? std::string() : mark->second;
}

// The image under the reference. Of an index the first: one for each processor is the same model,
// and an index of others is refused.
base::Result<oci::RegistryManifest> fetch_image(oci::Registry& registry,
                                                const std::string& reference) {
  TRY_ASSIGN(oci::RegistryManifest found, registry.fetch_manifest(reference));
  if (!oci::is_index_type(found.media_type)) return found;
  TRY_ASSIGN(oci::Index index, oci::Index::parse(found.text));
  std::erase_if(index.manifests, [](const Descriptor& each) {
    return !each.artifact_type.empty() || each.os == "unknown";
  });
  if (index.manifests.empty() || index.manifests.size() > kImagesMax) {
    return Error(index.manifests.empty() ? Code::NotFound : Code::Exhausted,
                 fmt::format("image {}: expected 1 to {} images in its index, got {}",
                             base::quote(reference), kImagesMax, index.manifests.size()));
  }
  std::optional<oci::RegistryManifest> first;
  std::string version;
  for (const Descriptor& each : index.manifests) {
    TRY_ASSIGN(oci::RegistryManifest image, registry.fetch_manifest(each.digest.text()));
    TRY_ASSIGN(std::string holds, version_in(image));
    if (!first) {
      first = std::move(image);
      version = std::move(holds);
    } else if (version.empty() || holds != version) {
      return Error(Code::Conflict,
                   fmt::format("image {}: expected images of one version in its index, got {}; "
                               "name one by its digest",
                               base::quote(reference), index.manifests.size()));
    }
  }
  return *std::move(first);
}

base::Result<oci::ImageConfig> fetch_config(oci::Registry& registry, const Descriptor& config) {
  if (config.size > oci::kManifestBytesMax) {
    return Error(Code::Exhausted, fmt::format("image configuration: expected at most {}, got {}",
                                              base::human_bytes(oci::kManifestBytesMax),
                                              base::human_bytes(config.size)));
  }
  std::string text;
  TRY(registry.fetch_blob(config, [&](base::Bytes bytes) -> base::Result<void> {
    text += base::as_text(bytes);
    return {};
  }));
  return oci::ImageConfig::parse(text);
}

Error not_ours() {
  return {Code::Unsupported,
          "image: expected one that sooth built, got none of its layers in order"};
}

// The version's layers in their order, and the digest that must come out of them.
base::Result<std::vector<Part>> find_parts(const oci::Manifest& manifest,
                                           const oci::ImageConfig& config) {
  if (config.diff_ids.size() != manifest.layers.size()) {
    return Error(
        Code::Corrupt,
        fmt::format("image configuration: expected {} diff ids as there are layers, got {}",
                    manifest.layers.size(), config.diff_ids.size()));
  }
  const bool marked = manifest.annotations.contains(std::string(kVersionKey));
  std::map<std::size_t, Part> parts;
  for (std::size_t i = 0; i < manifest.layers.size(); ++i) {
    const Descriptor& layer = manifest.layers[i];
    std::size_t position = i;
    if (marked) {
      const auto key = layer.annotations.find(std::string(kPartKey));
      if (key == layer.annotations.end()) continue;
      const std::string& text = key->second;
      const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), position);
      if (problem != std::errc{} || end != text.data() + text.size()) position = SIZE_MAX;
    }
    if (!parts.emplace(position, Part{layer, config.diff_ids[i]}).second) position = SIZE_MAX;
    if (position == SIZE_MAX) return not_ours();
  }
  std::vector<Part> ordered;
  for (auto& [position, part] : parts) {
    if (position != ordered.size()) break;
    ordered.push_back(std::move(part));
  }
  if (ordered.empty() || ordered.size() != parts.size()) return not_ours();
  return ordered;
}

// Brings one layer into the layout, unpacked, under the digest of what is inside.
base::Result<Descriptor> fetch_part(oci::Registry& registry, const oci::Layout& layout,
                                    const Part& part, const oci::Registry::Progress& on_bytes) {
  const auto compression = oci::find_compression(part.layer.media_type);
  if (!compression) {
    return Error(Code::Unsupported,
                 fmt::format("layer {}: expected a tar, packed with gzip or zstd "
                             "or not, got {}",
                             part.layer.digest.text(), base::quote(part.layer.media_type)));
  }
  Descriptor plain;
  plain.media_type = oci::kLayerType;
  plain.digest = part.diff_id;
  std::uint64_t size = 0;
  if (part.layer.size > kBlobBytesMax) {
    return Error(Code::Exhausted,
                 fmt::format("layer {}: expected at most {}, got {}", part.layer.digest.text(),
                             base::human_bytes(kBlobBytesMax), base::human_bytes(part.layer.size)));
  }
  if (!layout.has(part.diff_id)) {
    TRY_ASSIGN(oci::Layout::Writer writer, layout.write(part.layer.size));
    const std::uint64_t ceiling =
        std::min(std::max(part.layer.size * kUnpackedTimes, kUnpackedAlways), kBlobBytesMax);
    TRY_ASSIGN(const auto unpack,
               oci::Decompressor::make(
                   *compression, [&](base::Bytes bytes) { return writer.append(bytes); }, ceiling));
    std::uint64_t done = 0;
    TRY(registry.fetch_blob(part.layer, [&](base::Bytes bytes) -> base::Result<void> {
      on_bytes(done += bytes.size());
      return unpack->append(bytes);
    }));
    TRY(unpack->finish());
    TRY_ASSIGN(const oci::Stored stored, writer.commit(part.diff_id));
    size = stored.size;
  }
  if (size == 0) {
    TRY_ASSIGN(const auto blob, layout.open(part.diff_id, kBlobBytesMax));
    size = blob->bytes().size();
  }
  plain.size = size;
  return plain;
}

base::Result<void> check_version(const oci::Manifest& image, const base::Digest& manifest,
                                 const base::Digest& version) {
  const auto marked = image.annotations.find(std::string(kVersionKey));
  const std::string expected = marked != image.annotations.end() ? marked->second : manifest.text();
  if (version.text() == expected) return {};
  return Error(Code::Corrupt, fmt::format("image: expected version {} in it, got {}",
                                          base::quote(expected), version.text()));
}

}  // namespace

base::Result<Pushed> push_image(const workspace::Workspace& workspace, const Built& built,
                                oci::Registry& registry, const std::string& tag,
                                const std::string& mount_from, const OnTransfer& on_transfer) {
  std::vector<Descriptor> wanted = built.blobs;
  wanted.insert(wanted.end(), built.sbom_blobs.begin(), built.sbom_blobs.end());
  std::vector<std::shared_ptr<const base::MappedFile>> open;
  std::vector<oci::BlobToPush> blobs;
  std::uint64_t all = 0;
  for (Descriptor& each : wanted) {
    TRY_ASSIGN(auto file, workspace.layout().open(each.digest, kBlobBytesMax));
    all += each.size;
    blobs.push_back({std::move(each), file->bytes(), mount_from});
    open.push_back(std::move(file));
  }
  Pushed pushed;
  std::vector<std::uint64_t> sent(blobs.size(), 0);
  oci::PushOptions options;
  options.progress = [&](const oci::PushProgress& progress) {
    sent[progress.index] =
        progress.done ? blobs[progress.index].descriptor.size : progress.sent_bytes;
    if (progress.done) {
      const bool moved = progress.outcome == oci::BlobOutcome::Uploaded;
      (moved ? pushed.uploaded : pushed.present) += blobs[progress.index].descriptor.size;
    }
    std::uint64_t done = 0;
    for (const std::uint64_t each : sent) done += each;
    on_transfer(done, all);
  };
  TRY(oci::push_blobs(registry, blobs, options));
  TRY_ASSIGN(const auto manifest,
             workspace.layout().open(built.manifest.digest, oci::kManifestBytesMax));
  TRY_ASSIGN(pushed.digest, registry.push_manifest(tag, std::string(oci::kManifestType),
                                                   base::as_text(manifest->bytes())));
  TRY_ASSIGN(const auto sbom,
             workspace.layout().open(built.sbom_manifest.digest, oci::kManifestBytesMax));
  TRY_ASSIGN(const oci::Manifest referrer, oci::Manifest::parse(base::as_text(sbom->bytes())));
  TRY_ASSIGN(const base::Digest kept, registry.push_referrer(referrer));
  static_cast<void>(kept);
  return pushed;
}

base::Result<Pulled> pull_version(workspace::Workspace& workspace, oci::Registry& registry,
                                  const std::string& manifest, const std::string& name,
                                  const OnTransfer& on_transfer) {
  TRY_ASSIGN(const oci::RegistryManifest fetched, fetch_image(registry, manifest));
  TRY_ASSIGN(const oci::Manifest image, oci::Manifest::parse(fetched.text));
  TRY_ASSIGN(const oci::ImageConfig config, fetch_config(registry, image.config));
  TRY_ASSIGN(const std::vector<Part> parts, find_parts(image, config));

  TRY_ASSIGN(const auto held, workspace.hold());
  const oci::Layout& layout = workspace.layout();
  Pulled pulled;
  std::uint64_t all = 0;
  for (const Part& part : parts) all += part.layer.size;
  std::vector<Descriptor> layers;
  for (const Part& part : parts) {
    const bool there = layout.has(part.diff_id);
    const std::uint64_t before = pulled.downloaded;
    TRY_ASSIGN(Descriptor layer, fetch_part(registry, layout, part, [&](std::uint64_t done) {
                 on_transfer(before + done, all);
               }));
    if (!there) pulled.downloaded += part.layer.size;
    layers.push_back(std::move(layer));
  }
  TRY_ASSIGN(const WrittenVersion written, write_manifest(layout, std::move(layers)));
  TRY(check_version(image, fetched.digest, written.digest));

  TRY_ASSIGN(const auto files, VersionFiles::open(layout, written.digest));
  TRY_ASSIGN(const model::Description description, read_description(*files));
  TRY_ASSIGN(const auto scorer, scorer::Scorer::load(*files, name, {}));
  TRY_ASSIGN(const scorer::Golden golden, read_golden(*files));
  TRY_ASSIGN(const model::Parity parity, scorer::replay(*scorer, golden, kReplayTolerance));
  static_cast<void>(parity);
  TRY_ASSIGN(auto added, workspace.add({.model = name,
                                        .digest = written.digest,
                                        .manifest_size = written.manifest_size,
                                        .size = written.size,
                                        .title = description.title,
                                        .labels = {},
                                        .alias = ""}));
  pulled.version = std::move(added.version);
  pulled.is_new = added.is_new;
  return pulled;
}

}  // namespace publish
