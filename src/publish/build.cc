#include "publish/build.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/text.h"
#include "image/runtime_files.h"
#include "image/runtime_layer.h"
#include "image/sbom.h"
#include "image/system_root.h"
#include "oci/image_config.h"
#include "publish/difference.h"
#include "publish/version_image.h"

namespace publish {
namespace {

constexpr std::string_view kOnnx = "onnx";

using base::Code;
using base::Error;
using nlohmann::json;
using oci::Compression;
using oci::Descriptor;

constexpr std::size_t kSampleBytes = 1 << 20;
constexpr double kWorthPacking = 0.9;  // A layer that does not shrink below this stays as it is.

Descriptor describe(std::string_view media_type, const oci::Stored& stored) {
  Descriptor descriptor;
  descriptor.media_type = media_type;
  descriptor.digest = stored.digest;
  descriptor.size = stored.size;
  return descriptor;
}

// Packed layers that were made before, by what is inside: `cache/<diff id>.<compression>` holds
// the descriptor. The blob itself may have been collected since, or have broken.
class LayerCache {
 public:
  explicit LayerCache(const workspace::Workspace& workspace)
      : layout_(workspace.layout()), folder_(workspace.root() + "/cache") {}

  std::optional<Descriptor> find(const base::Digest& diff_id, Compression compression) const {
    const auto text = base::read_beneath(folder_, name(diff_id, compression), 4096);
    if (!text.ok()) return std::nullopt;
    const json object = json::parse(*text, nullptr, false);
    if (!object.is_object() || !object.contains("digest") || !object["digest"].is_string() ||
        !object.contains("size") || !object["size"].is_number_unsigned()) {
      return std::nullopt;
    }
    const auto digest = base::Digest::parse(object["digest"].get<std::string>());
    if (!digest.ok()) return std::nullopt;
    const auto size = object["size"].get<std::uint64_t>();
    const auto blob = layout_.open(*digest, kBlobBytesMax);
    if (!blob.ok() || (*blob)->bytes().size() != size) return std::nullopt;
    return describe(oci::layer_type(compression), {*digest, size});
  }

  base::Result<void> keep(const base::Digest& diff_id, Compression compression,
                          const Descriptor& packed) const {
    TRY(base::make_folder(folder_));
    TRY_ASSIGN(const auto file,
               base::AtomicFile::create(folder_ + "/" + name(diff_id, compression)));
    TRY(file->append(json{{"digest", packed.digest.text()}, {"size", packed.size}}.dump()));
    return file->commit();
  }

 private:
  static std::string name(const base::Digest& diff_id, Compression compression) {
    const std::string_view kind = compression == Compression::Gzip   ? "gzip"
                                  : compression == Compression::Zstd ? "zstd"
                                                                     : "plain";
    return fmt::format("{}.{}", diff_id.hex(), kind);
  }

  const oci::Layout& layout_;
  std::string folder_;
};

// A layer of the image: how it lies there, and what is inside.
struct ImagePart {
  Descriptor layer;
  base::Digest diff_id;
  std::string made_by;
};

base::Result<ImagePart> runtime_part(const image::RuntimeFiles& files, Compression compression,
                                     const oci::Layout& layout, const LayerCache& cache) {
  const auto nowhere = [](base::Bytes) { return base::Result<void>(); };
  TRY_ASSIGN(const oci::Layer plain, image::write_runtime_layer(files, Compression::None, nowhere));
  ImagePart part{.layer = {}, .diff_id = plain.diff_id, .made_by = "sooth runtime"};
  if (auto known = cache.find(plain.diff_id, compression)) {
    part.layer = *std::move(known);
    return part;
  }
  TRY_ASSIGN(oci::Layout::Writer writer, layout.write(plain.size));
  TRY_ASSIGN(const oci::Layer layer,
             image::write_runtime_layer(files, compression,
                                        [&](base::Bytes bytes) { return writer.append(bytes); }));
  TRY_ASSIGN(const oci::Stored stored, writer.commit(layer.digest));
  part.layer = describe(layer.media_type, stored);
  TRY(cache.keep(plain.diff_id, compression, part.layer));
  return part;
}

// Whether bytes from the middle of a layer say that packing it is worth while.
base::Result<bool> shrinks(base::Bytes bytes, Compression compression) {
  const std::size_t size = std::min(bytes.size(), kSampleBytes);
  const base::Bytes sample = bytes.subspan((bytes.size() - size) / 2, size);
  std::uint64_t packed = 0;
  TRY_ASSIGN(const auto compressor,
             oci::Compressor::make(compression, [&](base::Bytes part) -> base::Result<void> {
               packed += part.size();
               return {};
             }));
  TRY(compressor->append(sample));
  TRY(compressor->finish());
  return static_cast<double>(packed) < kWorthPacking * static_cast<double>(size);
}

base::Result<ImagePart> version_part(const Descriptor& plain, Compression compression,
                                     const oci::Layout& layout, const LayerCache& cache) {
  ImagePart part{.layer = plain, .diff_id = plain.digest, .made_by = "sooth register"};
  if (compression == Compression::None) return part;
  if (auto known = cache.find(plain.digest, compression)) {
    part.layer = *std::move(known);
    return part;
  }
  TRY_ASSIGN(const auto file, layout.open(plain.digest, kBlobBytesMax));
  TRY_ASSIGN(const bool worth, shrinks(file->bytes(), compression));
  if (!worth) return part;
  TRY_ASSIGN(oci::Layout::Writer writer, layout.write(plain.size));
  TRY_ASSIGN(
      const auto compressor,
      oci::Compressor::make(compression, [&](base::Bytes bytes) { return writer.append(bytes); },
                            {.level = 0, .size = plain.size}));
  TRY(compressor->append(file->bytes()));
  TRY(compressor->finish());
  TRY_ASSIGN(const oci::Stored stored, writer.commit());
  part.layer = describe(oci::layer_type(compression), stored);
  TRY(cache.keep(plain.digest, compression, part.layer));
  return part;
}

// How layers are packed, and where they are kept.
struct Packing {
  Compression compression;
  const oci::Layout& layout;
  const LayerCache& cache;
};

// The layers that are ours, and how large they are.
base::Result<std::vector<ImagePart>> make_parts(const image::RuntimeFiles& files,
                                                const oci::Manifest& version,
                                                const Packing& packing, Built& built) {
  const auto& [compression, layout, cache] = packing;
  std::vector<ImagePart> parts;
  TRY_ASSIGN(ImagePart runtime, runtime_part(files, compression, layout, cache));
  built.other_bytes = runtime.layer.size;
  parts.push_back(std::move(runtime));
  for (const Descriptor& each : version.layers) {
    TRY_ASSIGN(ImagePart part, version_part(each, compression, layout, cache));
    built.model_bytes += part.layer.size;
    parts.push_back(std::move(part));
  }
  return parts;
}

std::string time_text(std::int64_t seconds) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

// What an image says of its version without being pulled.
std::string inputs_json(const model::Description& description) {
  json inputs = json::array();
  for (const auto& each : description.inputs) {
    if (each.used) inputs.push_back({{"name", each.name}, {"type", each.type}});
  }
  if (description.inputs.empty() && description.network) {
    for (const engine::TensorSpec& each : description.network->inputs) {
      inputs.push_back({{"name", each.name}, {"type", engine::tensor_form(each)}});
    }
  }
  return inputs.dump(-1, ' ', false, json::error_handler_t::replace);
}

// The digests of what is inside the version's layers.
std::string parts_text(const oci::Manifest& version) {
  std::string text;
  for (const Descriptor& each : version.layers) {
    text += fmt::format("{}{}", text.empty() ? "" : ",", each.digest.text());
  }
  return text;
}

oci::ImageConfig make_config(const workspace::Version& version,
                             const model::Description& description,
                             const std::vector<ImagePart>& parts, const image::RuntimeFiles& files,
                             const BuildOptions& options) {
  oci::ImageConfig config;
  config.architecture = files.architecture;
  config.os = "linux";
  config.created = time_text(options.created);
  config.user = fmt::format("{0}:{0}", image::kRuntimeUser);
  config.entrypoint = files.command;
  config.env = files.environment;
  for (const char* each : {"serve", "/model"}) config.entrypoint.emplace_back(each);
  config.working_dir = "/";
  config.exposed_ports = {"8080/tcp"};
  config.stop_signal = "SIGTERM";
  config.labels = {{"org.opencontainers.image.title", version.model},
                   {"org.opencontainers.image.version", std::to_string(version.number)},
                   {std::string(kVersionKey), version.digest.text()},
                   {"dev.sooth.title", description.title},
                   {"dev.sooth.recipe", description.recipe},
                   {"dev.sooth.inputs", inputs_json(description)},
                   {"dev.sooth.release", options.release}};
  for (const ImagePart& part : parts) {
    config.diff_ids.push_back(part.diff_id);
    config.history.push_back({.created = config.created,
                              .created_by = part.made_by,
                              .comment = "",
                              .empty_layer = false});
  }
  return config;
}

oci::Manifest make_manifest(Descriptor config, const std::vector<ImagePart>& parts,
                            const std::optional<BaseImage>& base,
                            const workspace::Version& version) {
  oci::Manifest manifest;
  manifest.config = std::move(config);
  if (base) {
    for (const BaseLayer& each : base->layers) manifest.layers.push_back(each.layer);
  }
  for (const ImagePart& each : parts) manifest.layers.push_back(each.layer);
  manifest.annotations = {{std::string(kVersionKey), version.digest.text()},
                          {"org.opencontainers.image.title", version.model},
                          {"org.opencontainers.image.version", std::to_string(version.number)}};
  if (!base) return manifest;
  manifest.annotations["org.opencontainers.image.base.digest"] = base->digest.text();
  if (!base->name.empty()) manifest.annotations["org.opencontainers.image.base.name"] = base->name;
  return manifest;
}

base::Result<void> add_sbom(const oci::Layout& layout, const workspace::Version& version,
                            const image::RuntimeFiles& files, const BuildOptions& options,
                            const std::optional<BaseImage>& base, Built& built) {
  std::optional<image::SbomBase> named;
  if (base) named = image::SbomBase{.name = base->name, .digest = base->digest};
  const image::SbomModel model{
      .name = version.model, .version = std::to_string(version.number), .digest = version.digest};
  TRY_ASSIGN(built.sbom, image::make_sbom(files, model, options.created, named));
  TRY_ASSIGN(const image::SplitSbom split,
             image::make_split_sbom(files, model, options.created, named));
  TRY_ASSIGN(const oci::Stored below, layout.put(split.runtime));
  TRY_ASSIGN(const oci::Stored above, layout.put(split.image));
  TRY_ASSIGN(const oci::Stored empty, layout.put("{}"));
  oci::Manifest manifest;
  manifest.artifact_type = image::kSbomType;
  manifest.config = describe(oci::kEmptyType, empty);
  manifest.layers = {describe(image::kSbomType, below), describe(image::kSbomType, above)};
  manifest.subject = built.manifest;
  manifest.subject->annotations.clear();
  TRY_ASSIGN(const oci::Stored kept, layout.put(manifest.json()));
  built.sbom_manifest = describe(oci::kManifestType, kept);
  built.sbom_manifest.artifact_type = image::kSbomType;
  built.sbom_blobs = {manifest.config, manifest.layers[0], manifest.layers[1]};
  built.other_bytes += below.size + above.size + empty.size + kept.size;
  return {};
}

// What the engine opens for this version, of its folder.
std::string engine_folder_of(const model::Description& description) {
  const auto& agreement = description.agreement;
  return agreement && agreement->provider == "openvino" ? agreement->provider : "";
}

}  // namespace

base::Result<Built> build_image(workspace::Workspace& workspace, const workspace::Version& version,
                                const BuildOptions& options) {
  const oci::Layout& layout = workspace.layout();
  const LayerCache cache(workspace);
  TRY_ASSIGN(const model::Description description, find_description(layout, version.digest));
  std::string engine;
  if (description.engine == kOnnx && options.find_engine) {
    TRY_ASSIGN(engine, options.find_engine());
  }
  const image::SystemRoot root("/");
  TRY_ASSIGN(const image::RuntimeFiles files,
             image::find_runtime_files({.root = root,
                                        .program = options.program,
                                        .version = options.release,
                                        .on_base = options.base != nullptr,
                                        .engine = engine,
                                        .engine_folder = engine_folder_of(description)}));
  std::optional<BaseImage> base;
  if (options.base != nullptr) {
    TRY_ASSIGN(base, find_base(*options.base, files.architecture));
  }
  TRY_ASSIGN(const auto blob, layout.open(version.digest, oci::kManifestBytesMax));
  TRY_ASSIGN(const oci::Manifest plain, oci::Manifest::parse(base::as_text(blob->bytes())));

  Built built;
  built.reference = version.reference();
  TRY_ASSIGN(const std::vector<ImagePart> parts,
             make_parts(files, plain, {options.compression, layout, cache}, built));
  oci::ImageConfig config = make_config(version, description, parts, files, options);
  config.labels[std::string(kPartsKey)] = parts_text(plain);
  if (base) put_on_base(config, *base);
  TRY_ASSIGN(const oci::Stored stored_config, layout.put(config.json()));
  const oci::Manifest manifest =
      make_manifest(describe(oci::kConfigType, stored_config), parts, base, version);
  TRY_ASSIGN(const oci::Stored stored, layout.put(manifest.json()));
  built.manifest = describe(oci::kManifestType, stored);
  built.manifest.architecture = files.architecture;
  built.manifest.os = "linux";
  built.blobs = manifest.layers;
  built.blobs.insert(built.blobs.begin(), manifest.config);
  if (base) built.base_layers = base->layers;
  for (const BaseLayer& each : built.base_layers) built.base_bytes += each.layer.size;
  built.other_bytes += stored.size + stored_config.size;
  TRY(add_sbom(layout, version, files, options, base, built));
  return built;
}

}  // namespace publish
