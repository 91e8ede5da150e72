#include "publish/base_image.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "base/file.h"
#include "base/text.h"
#include "oci/compress.h"
#include "publish/parts.h"
#include "publish/version_image.h"

namespace publish {
namespace {

using base::Code;
using base::Error;
using base::Result;
using oci::Descriptor;

// A layer may unpack to this many times its size, and to as much as a small one wants.
constexpr std::uint64_t kUnpackedTimes = 200;
constexpr std::uint64_t kUnpackedAlways = 64 << 20;
constexpr std::size_t kImagesReadMax = 16;  // Of an index, for this processor.
constexpr std::size_t kPlatformsShown = 20;

std::string platform_text(const std::string& os, const std::string& architecture,
                          const std::string& variant) {
  return fmt::format("{}/{}{}{}", os.empty() ? "?" : os, architecture.empty() ? "?" : architecture,
                     variant.empty() ? "" : "/", variant);
}

// What describes an image.
struct Described {
  base::Digest digest;  // Of the manifest.
  oci::Manifest manifest;
  oci::ImageConfig config;

  std::string platform() const {
    return platform_text(config.os, config.architecture, config.variant);
  }
  // Of a processor's variants only the one that every such processor runs.
  bool fits(const std::string& architecture) const {
    const std::string_view least = architecture == "arm64" ? "v8" : "v1";
    return config.os == "linux" && config.architecture == architecture &&
           (config.variant.empty() || config.variant == least);
  }
};

Result<oci::ImageConfig> fetch_base_config(oci::ImageSource& source, const Descriptor& config) {
  if (config.media_type != oci::kConfigType && config.media_type != oci::kDockerConfigType) {
    return Error(Code::Unsupported, fmt::format("expected the configuration of an image, got {}",
                                                base::quote(config.media_type)));
  }
  if (config.size > oci::kManifestBytesMax) {
    return Error(Code::Exhausted, fmt::format("image configuration: expected at most {}, got {}",
                                              base::human_bytes(oci::kManifestBytesMax),
                                              base::human_bytes(config.size)));
  }
  std::string text;
  TRY(source.fetch_blob(config, [&](base::Bytes bytes) -> Result<void> {
    text += base::as_text(bytes);
    return {};
  }));
  return oci::ImageConfig::parse(text);
}

Result<Described> describe(oci::ImageSource& source, const oci::RegistryManifest& found) {
  TRY_ASSIGN(oci::Manifest manifest, oci::Manifest::parse(found.text));
  TRY_ASSIGN(oci::ImageConfig config, fetch_base_config(source, manifest.config));
  return Described{
      .digest = found.digest, .manifest = std::move(manifest), .config = std::move(config)};
}

Error wrong_platform(const std::string& architecture, const std::string& there) {
  return {Code::Unsupported,
          fmt::format("expected an image for linux/{}, got {}", architecture, there)};
}

// What the index says of platforms is a hint; what counts is what an image says of itself.
Result<Described> choose_platform(oci::ImageSource& source, const std::string& text,
                                  const std::string& architecture) {
  TRY_ASSIGN(const oci::Index index, oci::Index::parse(text));
  std::vector<std::string> there;
  std::size_t read = 0;
  for (const Descriptor& each : index.manifests) {
    if (!each.artifact_type.empty() || each.os == "unknown") continue;  // What tells of images.
    std::string platform = platform_text(each.os, each.architecture, "");
    if (each.os == "linux" && each.architecture == architecture && ++read <= kImagesReadMax) {
      TRY_ASSIGN(const oci::RegistryManifest found, source.fetch_manifest(each));
      if (oci::is_index_type(found.media_type)) {
        return Error(Code::Unsupported, "expected images in its index, got another index");
      }
      TRY_ASSIGN(Described image, describe(source, found));
      if (image.fits(architecture)) return image;
      platform = image.platform();
    }
    if (there.size() < kPlatformsShown) there.push_back(base::printable(platform));
  }
  return wrong_platform(architecture,
                        there.empty() ? "none" : fmt::format("{}", fmt::join(there, ", ")));
}

// As it is, under the name that OCI has for its form.
Result<BaseLayer> take_layer(Descriptor layer, const base::Digest& diff_id) {
  TRY_ASSIGN(const oci::Compression compression, check_layer(layer));
  layer.media_type = oci::layer_type(compression);
  return BaseLayer{.layer = std::move(layer), .diff_id = diff_id};
}

Result<Described> read_described(oci::ImageSource& source, const std::string& architecture) {
  TRY_ASSIGN(const oci::RegistryManifest found, source.fetch_named());
  if (oci::is_index_type(found.media_type)) {
    return choose_platform(source, found.text, architecture);
  }
  TRY_ASSIGN(Described image, describe(source, found));
  if (image.fits(architecture)) return image;
  return wrong_platform(architecture, base::printable(image.platform()));
}

Result<BaseImage> read_base(oci::ImageSource& source, const std::string& architecture) {
  TRY_ASSIGN(Described described, read_described(source, architecture));
  auto& [digest, manifest, config] = described;
  if (manifest.layers.size() > kBaseLayersMax) {
    return Error(Code::Exhausted, fmt::format("expected at most {} layers, got {}", kBaseLayersMax,
                                              manifest.layers.size()));
  }
  if (manifest.layers.size() != config.diff_ids.size()) {
    return Error(
        Code::Corrupt,
        fmt::format("image configuration: expected {} diff ids as there are layers, got {}",
                    manifest.layers.size(), config.diff_ids.size()));
  }
  BaseImage image{.name = source.name(), .digest = digest, .layers = {}, .config = {}};
  for (std::size_t i = 0; i < manifest.layers.size(); ++i) {
    TRY_ASSIGN(BaseLayer layer, take_layer(std::move(manifest.layers[i]), config.diff_ids[i]));
    image.layers.push_back(std::move(layer));
  }
  image.config = std::move(config);
  return image;
}

// "1001", "1001:0": a number that is not root's.
bool is_other_user(std::string_view user) {
  const std::string_view name = user.substr(0, user.find(':'));
  return !name.empty() && name.find_first_not_of("0123456789") == std::string_view::npos &&
         name.find_first_not_of('0') != std::string_view::npos;
}

// The base's own, where it accounts for each of its layers; else a line for each.
std::vector<oci::History> history_of(const BaseImage& base) {
  const auto& told = base.config.history;
  const auto layers = std::count_if(told.begin(), told.end(),
                                    [](const oci::History& each) { return !each.empty_layer; });
  if (static_cast<std::size_t>(layers) == base.layers.size()) return told;
  return std::vector<oci::History>(
      base.layers.size(),
      {.created = {}, .created_by = "base image", .comment = {}, .empty_layer = false});
}

// What was seen to be inside a layer before: `cache/<digest>.inside` holds the diff id.
class SeenLayers {
 public:
  explicit SeenLayers(const workspace::Workspace& workspace)
      : folder_(workspace.root() + "/cache") {}

  bool has(const BaseLayer& layer) const {
    const auto text = base::read_beneath(folder_, name(layer), 256);
    return text.ok() && *text == layer.diff_id.text();
  }
  Result<void> keep(const BaseLayer& layer) const {
    TRY(base::make_folder(folder_));
    TRY_ASSIGN(const auto file, base::AtomicFile::create(folder_ + "/" + name(layer)));
    TRY(file->append(layer.diff_id.text()));
    return file->commit();
  }

 private:
  static std::string name(const BaseLayer& layer) { return layer.layer.digest.hex() + ".inside"; }
  std::string folder_;
};

// Unpacks what passes by, to its digest alone.
class Inside {
 public:
  static Result<std::unique_ptr<Inside>> make(const BaseLayer& layer) {
    std::unique_ptr<Inside> inside(new Inside(layer));
    TRY_ASSIGN(inside->unpack_, oci::Decompressor::make(
                                    *oci::find_compression(layer.layer.media_type),
                                    [inside = inside.get()](base::Bytes bytes) {
                                      inside->hasher_.update(bytes);
                                      return Result<void>();
                                    },
                                    layer_ceiling(layer.layer.size)));
    return inside;
  }

  Result<void> append(base::Bytes bytes) { return unpack_->append(bytes); }
  Result<void> finish() {
    TRY(unpack_->finish());
    const base::Digest digest = hasher_.finish();
    if (digest == layer_.diff_id) return {};
    return Error(Code::Corrupt, fmt::format("expected {} inside, as the image's configuration "
                                            "says, got {}",
                                            layer_.diff_id.text(), digest.text()));
  }

 private:
  explicit Inside(const BaseLayer& layer) : layer_(layer) {}

  const BaseLayer& layer_;
  base::Hasher hasher_;
  std::unique_ptr<oci::Decompressor> unpack_;
};

using OnLayerBytes = std::function<void(std::uint64_t)>;

Result<void> fetch_layer(const oci::Layout& layout, oci::ImageSource& source,
                         const BaseLayer& layer, const OnLayerBytes& on_bytes) {
  TRY_ASSIGN(const auto inside, Inside::make(layer));
  if (layout.has(layer.layer.digest)) {
    TRY_ASSIGN(const auto blob, layout.open(layer.layer.digest, kBlobBytesMax));
    TRY(inside->append(blob->bytes()));
    return inside->finish();
  }
  TRY_ASSIGN(oci::Layout::Writer writer, layout.write(layer.layer.size));
  std::uint64_t done = 0;
  TRY(source.fetch_blob(layer.layer, [&](base::Bytes bytes) -> Result<void> {
    if (bytes.size() > layer.layer.size - done) {
      return Error(Code::Corrupt, fmt::format("expected {} bytes, got more", layer.layer.size));
    }
    on_bytes(done += bytes.size());
    TRY(writer.append(bytes));
    return inside->append(bytes);
  }));
  TRY(inside->finish());
  TRY_ASSIGN(const oci::Stored stored, writer.commit(layer.layer.digest));
  static_cast<void>(stored);
  return {};
}

}  // namespace

Result<BaseImage> find_base(oci::ImageSource& source, const std::string& architecture) {
  auto found = read_base(source, architecture);
  if (found.ok()) return found;
  return std::move(found).error().within("base");
}

void put_on_base(oci::ImageConfig& config, const BaseImage& base) {
  std::vector<base::Digest> diff_ids;
  for (const BaseLayer& each : base.layers) diff_ids.push_back(each.diff_id);
  config.diff_ids.insert(config.diff_ids.begin(), diff_ids.begin(), diff_ids.end());
  const std::vector<oci::History> history = history_of(base);
  config.history.insert(config.history.begin(), history.begin(), history.end());
  std::vector<std::string> env = base.config.env;
  std::erase_if(env, [](const std::string& each) { return each.starts_with("LD_"); });
  config.env.insert(config.env.begin(), env.begin(), env.end());
  config.labels.insert(base.config.labels.begin(), base.config.labels.end());
  config.variant = base.config.variant;
  if (is_other_user(base.config.user)) config.user = base.config.user;
}

Result<void> fetch_base_layers(const workspace::Workspace& workspace, oci::ImageSource& source,
                               const std::vector<BaseLayer>& layers,
                               const OnTransfer& on_transfer) {
  const SeenLayers seen(workspace);
  std::uint64_t all = 0;
  for (const BaseLayer& each : layers) all += each.layer.size;
  std::uint64_t before = 0;
  for (const BaseLayer& each : layers) {
    if (!workspace.layout().has(each.layer.digest) || !seen.has(each)) {
      auto fetched = fetch_layer(workspace.layout(), source, each,
                                 [&](std::uint64_t done) { on_transfer(before + done, all); });
      if (!fetched.ok()) {
        return std::move(fetched).error().within(
            fmt::format("base: layer {}", each.layer.digest.text()));
      }
      TRY(seen.keep(each));
    }
    before += each.layer.size;
  }
  return {};
}

std::uint64_t layer_ceiling(std::uint64_t packed_bytes) {
  return std::min(std::max(packed_bytes * kUnpackedTimes, kUnpackedAlways), kBlobBytesMax);
}

}  // namespace publish
