#include "publish/transfer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "model/recipe.h"
#include "oci/image_config.h"
#include "oci/push_blobs.h"
#include "publish/parts.h"
#include "publish/version_image.h"
#include "scorer/golden.h"
#include "scorer/scorer.h"

namespace publish {
namespace {

using base::Code;
using base::Error;
using oci::Descriptor;

constexpr std::size_t kTagBytesMax = 128;  // Of the distribution specification.
constexpr std::size_t kImagesMax = 16;     // Of one index: processors there may be.

// An image of a registry, with what describes it.
struct Image {
  base::Digest digest;  // Of its manifest.
  oci::Manifest manifest;
  oci::ImageConfig config;

  // Which version it says it holds; empty: it does not say.
  std::string version() const {
    const auto label = config.labels.find(std::string(kVersionKey));
    return label == config.labels.end() ? "" : label->second;
  }
};

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

base::Result<Image> read_image(oci::Registry& registry, const oci::RegistryManifest& found) {
  TRY_ASSIGN(oci::Manifest manifest, oci::Manifest::parse(found.text));
  TRY_ASSIGN(oci::ImageConfig config, fetch_config(registry, manifest.config));
  return Image{
      .digest = found.digest, .manifest = std::move(manifest), .config = std::move(config)};
}

// The image under the reference. Of an index the first: one for each processor is the same model,
// and an index of others is refused.
base::Result<Image> fetch_image(oci::Registry& registry, const std::string& reference) {
  TRY_ASSIGN(const oci::RegistryManifest found, registry.fetch_manifest(reference));
  if (!oci::is_index_type(found.media_type)) return read_image(registry, found);
  TRY_ASSIGN(oci::Index index, oci::Index::parse(found.text));
  std::erase_if(index.manifests, [](const Descriptor& each) {
    return !each.artifact_type.empty() || each.os == "unknown";
  });
  if (index.manifests.empty() || index.manifests.size() > kImagesMax) {
    return Error(index.manifests.empty() ? Code::NotFound : Code::Exhausted,
                 fmt::format("image {}: expected 1 to {} images in its index, got {}",
                             base::quote(reference), kImagesMax, index.manifests.size()));
  }
  std::optional<Image> first;
  for (const Descriptor& each : index.manifests) {
    TRY_ASSIGN(const oci::RegistryManifest one, registry.fetch_manifest(each.digest.text()));
    TRY_ASSIGN(Image image, read_image(registry, one));
    if (!first) {
      first = std::move(image);
    } else if (first->version().empty() || image.version() != first->version()) {
      return Error(Code::Conflict,
                   fmt::format("image {}: expected images of one version in its index, got {}; "
                               "name one by its digest",
                               base::quote(reference), index.manifests.size()));
    }
  }
  return *std::move(first);
}

base::Result<void> check_version(const Image& image, const base::Digest& version) {
  const bool says = image.config.labels.contains(std::string(kPartsKey));
  const std::string expected = says ? image.version() : image.digest.text();
  if (version.text() == expected) return {};
  return Error(Code::Corrupt, fmt::format("image: expected version {} in it, got {}",
                                          base::quote(expected), version.text()));
}

// What the registry makes of the base's layers: those it has, or takes from where the base is, need
// not be sent, and the others are brought here.
base::Result<std::vector<Descriptor>> place_base(const workspace::Workspace& workspace,
                                                 const Built& built, const Destination& to,
                                                 Pushed& pushed) {
  std::vector<Descriptor> wanted;
  if (to.base == nullptr) return wanted;
  const std::string at_home = to.base->repository_at(to.registry.options().host);
  std::vector<BaseLayer> missing;
  for (const BaseLayer& each : built.base_layers) {
    TRY_ASSIGN(const auto found,
               to.registry.find_blob(each.layer.digest, at_home.empty() ? to.mount_from : at_home));
    if (found) {
      pushed.present += each.layer.size;
    } else {
      missing.push_back(each);
    }
  }
  TRY(fetch_base_layers(workspace, *to.base, missing, to.on_fetch));
  for (BaseLayer& each : missing) wanted.push_back(std::move(each.layer));
  return wanted;
}

base::Result<void> push_layers(const workspace::Workspace& workspace,
                               const std::vector<Descriptor>& wanted, const Destination& to,
                               Pushed& pushed) {
  std::vector<std::shared_ptr<const base::MappedFile>> open;
  std::vector<oci::BlobToPush> blobs;
  std::uint64_t all = 0;
  for (const Descriptor& each : wanted) {
    TRY_ASSIGN(auto file, workspace.layout().open(each.digest, kBlobBytesMax));
    all += each.size;
    blobs.push_back({each, file->bytes(), to.mount_from});
    open.push_back(std::move(file));
  }
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
    to.on_push(done, all);
  };
  return oci::push_blobs(to.registry, blobs, options);
}

}  // namespace

std::string tag_of(std::string_view repository, const workspace::Version& version) {
  const std::string number = std::to_string(version.number);
  if (repository.substr(repository.rfind('/') + 1) == version.model) return number;
  const std::string tag = version.model + "-" + number;
  // Without a hyphen and of fixed length: no other tag is like it.
  return tag.size() <= kTagBytesMax ? tag : version.digest.hex();
}

base::Result<Pushed> push_image(const workspace::Workspace& workspace, const Built& built,
                                const Destination& to) {
  Pushed pushed;
  TRY_ASSIGN(std::vector<Descriptor> wanted, place_base(workspace, built, to, pushed));
  for (std::size_t i = 0; i < built.blobs.size(); ++i) {
    const bool of_base = i >= 1 && i <= built.base_layers.size();
    if (!of_base || to.base == nullptr) wanted.push_back(built.blobs[i]);
  }
  wanted.insert(wanted.end(), built.sbom_blobs.begin(), built.sbom_blobs.end());
  TRY(push_layers(workspace, wanted, to, pushed));
  const oci::Layout& layout = workspace.layout();
  TRY_ASSIGN(const auto manifest, layout.open(built.manifest.digest, oci::kManifestBytesMax));
  TRY_ASSIGN(pushed.digest, to.registry.push_manifest(to.tag, std::string(oci::kManifestType),
                                                      base::as_text(manifest->bytes())));
  TRY_ASSIGN(const auto sbom, layout.open(built.sbom_manifest.digest, oci::kManifestBytesMax));
  TRY_ASSIGN(const oci::Manifest referrer, oci::Manifest::parse(base::as_text(sbom->bytes())));
  TRY_ASSIGN(const base::Digest kept, to.registry.push_referrer(referrer));
  static_cast<void>(kept);
  return pushed;
}

namespace {

base::Result<Pulled> pull_held(workspace::Workspace& workspace, oci::Registry& registry,
                               const std::string& manifest, const std::string& name,
                               const PullOptions& options) {
  TRY(model::check_name(name));
  TRY_ASSIGN(const Image image, fetch_image(registry, manifest));
  TRY_ASSIGN(const std::vector<Part> parts, find_parts(image.manifest, image.config));

  TRY_ASSIGN(const auto held, workspace.hold());
  const oci::Layout& layout = workspace.layout();
  TRY_ASSIGN(FetchedParts fetched, fetch_parts(registry, layout, parts, options.on_transfer));
  TRY_ASSIGN(const WrittenVersion written, write_manifest(layout, std::move(fetched.layers)));
  TRY(check_version(image, written.digest));

  TRY_ASSIGN(const auto files, VersionFiles::open(layout, written.digest));
  TRY_ASSIGN(const model::Description description, read_description(*files));
  TRY_ASSIGN(const auto scorer, scorer::Scorer::load(*files, name, {.networks = options.networks}));
  TRY_ASSIGN(const scorer::Golden golden, read_golden(*files));
  TRY_ASSIGN(const model::Parity parity,
             scorer::replay(*scorer, golden, scorer->replay_tolerance()));
  static_cast<void>(parity);
  TRY_ASSIGN(auto added, workspace.add({.model = name,
                                        .digest = written.digest,
                                        .manifest_size = written.manifest_size,
                                        .size = written.size,
                                        .title = description.title,
                                        .labels = {},
                                        .alias = ""}));
  return Pulled{.version = std::move(added.version),
                .is_new = added.is_new,
                .downloaded = fetched.downloaded};
}

}  // namespace

base::Result<Pulled> pull_version(workspace::Workspace& workspace, oci::Registry& registry,
                                  const std::string& manifest, const std::string& name,
                                  const PullOptions& options) {
  workspace.begin_attempt();
  auto pulled = pull_held(workspace, registry, manifest, name, options);
  if (!pulled.ok()) workspace.discard();
  return pulled;
}

}  // namespace publish
