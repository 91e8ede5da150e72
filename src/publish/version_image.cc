#include "publish/version_image.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "oci/image_config.h"
#include "oci/tar_writer.h"

namespace publish {
namespace {

using base::Code;
using base::Error;

constexpr std::string_view kRoot = "model";
constexpr std::size_t kPart = 4 << 20;  // Bytes between two calls of progress.
constexpr std::uint64_t kTarOverhead = 64 << 10;
constexpr std::uint64_t kLayerBytesMax = std::uint64_t{1} << 42U;
constexpr std::uint64_t kDescriptionBytesMax = 64 << 20;
constexpr oci::TarAttributes kFolder{.mode = 0755};
constexpr oci::TarAttributes kFile{.mode = 0644};

oci::Descriptor layer_of(const oci::Stored& stored) {
  oci::Descriptor layer;
  layer.media_type = oci::kLayerType;
  layer.digest = stored.digest;
  layer.size = stored.size;
  return layer;
}

// One layer on its way into the layout.
class LayerFile {
 public:
  static base::Result<std::unique_ptr<LayerFile>> make(const oci::Layout& layout,
                                                       std::uint64_t expected) {
    TRY_ASSIGN(oci::Layout::Writer writer, layout.write(expected));
    std::unique_ptr<LayerFile> file(new LayerFile(std::move(writer)));
    TRY(file->tar_.add_folder(kRoot, kFolder));
    return file;
  }

  // Makes the folders that the name leads through, each once.
  base::Result<void> add(const std::string& name, base::Bytes bytes, base::Hasher* hasher,
                         const std::function<void(std::size_t)>& on_part) {
    const std::string path = std::string(kRoot) + "/" + name;
    for (std::size_t at = path.find('/', kRoot.size() + 1); at != std::string::npos;
         at = path.find('/', at + 1)) {
      const std::string folder = path.substr(0, at);
      if (std::find(folders_.begin(), folders_.end(), folder) != folders_.end()) continue;
      TRY(tar_.add_folder(folder, kFolder));
      folders_.push_back(folder);
    }
    TRY(tar_.begin_file(path, bytes.size(), kFile));
    while (!bytes.empty()) {
      const base::Bytes part = bytes.first(std::min(bytes.size(), kPart));
      if (hasher != nullptr) hasher->update(part);
      TRY(tar_.append(part));
      bytes = bytes.subspan(part.size());
      on_part(part.size());
    }
    return {};
  }

  base::Result<oci::Descriptor> commit() {
    TRY(tar_.finish());
    TRY_ASSIGN(const oci::Stored stored, writer_.commit());
    return layer_of(stored);
  }

 private:
  explicit LayerFile(oci::Layout::Writer writer)
      : writer_(std::move(writer)),
        tar_([this](base::Bytes bytes) { return writer_.append(bytes); }) {}

  oci::Layout::Writer writer_;
  oci::TarWriter tar_;
  std::vector<std::string> folders_;
};

// Which files share a layer: the large ones alone, first, then all others together.
std::vector<std::vector<const SourceFile*>> group(const std::vector<SourceFile>& files) {
  std::vector<std::vector<const SourceFile*>> groups;
  std::vector<const SourceFile*> small;
  for (const SourceFile& each : files) {
    if (each.bytes.bytes.size() >= kOwnLayerBytes) {
      groups.push_back({&each});
    } else {
      small.push_back(&each);
    }
  }
  if (!small.empty()) groups.push_back(std::move(small));
  return groups;
}

void ignore(std::size_t) {}

std::string config_json(const std::vector<oci::Descriptor>& layers) {
  oci::ImageConfig config;
  // Only data, the same everywhere; tools insist on a platform.
  config.architecture = "amd64";
  config.os = "linux";
  for (const oci::Descriptor& layer : layers) config.diff_ids.push_back(layer.digest);
  return config.json();
}

}  // namespace

base::Result<WrittenFiles> write_files(const oci::Layout& layout, std::vector<SourceFile> files,
                                       const OnBytes& on_bytes) {
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.name < b.name; });
  WrittenFiles written;
  std::uint64_t done = 0;
  for (const auto& members : group(files)) {
    std::uint64_t expected = kTarOverhead;
    for (const SourceFile* each : members) expected += each->bytes.bytes.size();
    TRY_ASSIGN(const auto layer, LayerFile::make(layout, expected));
    for (const SourceFile* each : members) {
      base::Hasher hasher;
      TRY(layer->add(each->name, each->bytes.bytes, &hasher,
                     [&](std::size_t part) { on_bytes(done += part); }));
      written.files.push_back({each->name, hasher.finish(), each->bytes.bytes.size()});
    }
    TRY_ASSIGN(oci::Descriptor descriptor, layer->commit());
    written.layers.push_back(std::move(descriptor));
  }
  std::sort(written.files.begin(), written.files.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return written;
}

base::Result<WrittenVersion> write_version(const oci::Layout& layout,
                                           std::vector<oci::Descriptor> layers,
                                           const std::vector<SourceFile>& configuration,
                                           const model::Description& description,
                                           const scorer::Golden& golden) {
  const std::string golden_json = golden.json();
  const std::string version_json = description.json();
  std::uint64_t expected = golden_json.size() + version_json.size() + kTarOverhead;
  for (const SourceFile& each : configuration) expected += each.bytes.bytes.size();
  TRY_ASSIGN(const auto layer, LayerFile::make(layout, expected));
  TRY(layer->add(std::string(kGoldenFile), base::as_bytes(golden_json), nullptr, ignore));
  TRY(layer->add(std::string(kVersionFile), base::as_bytes(version_json), nullptr, ignore));
  for (const SourceFile& each : configuration) {
    TRY(layer->add(each.name, each.bytes.bytes, nullptr, ignore));
  }
  TRY_ASSIGN(oci::Descriptor descriptor, layer->commit());
  layers.push_back(std::move(descriptor));
  return write_manifest(layout, std::move(layers));
}

base::Result<WrittenVersion> write_manifest(const oci::Layout& layout,
                                            std::vector<oci::Descriptor> layers) {
  TRY_ASSIGN(const oci::Stored config, layout.put(config_json(layers)));
  oci::Manifest manifest;
  manifest.config.media_type = oci::kConfigType;
  manifest.config.digest = config.digest;
  manifest.config.size = config.size;
  manifest.layers = std::move(layers);
  TRY_ASSIGN(const oci::Stored stored, layout.put(manifest.json()));
  WrittenVersion written{
      .digest = stored.digest, .manifest_size = stored.size, .size = stored.size + config.size};
  for (const oci::Descriptor& each : manifest.layers) written.size += each.size;
  return written;
}

base::Result<std::unique_ptr<VersionFiles>> VersionFiles::open(const oci::Layout& layout,
                                                               const base::Digest& manifest) {
  TRY_ASSIGN(const auto blob, layout.open(manifest, oci::kManifestBytesMax));
  TRY_ASSIGN(const oci::Manifest parsed, oci::Manifest::parse(base::as_text(blob->bytes())));
  return open_layers(layout, parsed.layers, manifest.text());
}

base::Result<std::unique_ptr<VersionFiles>> VersionFiles::open_layers(
    const oci::Layout& layout, const std::vector<oci::Descriptor>& layers, std::string place) {
  std::unique_ptr<VersionFiles> files(new VersionFiles(std::move(place)));
  for (const oci::Descriptor& each : layers) {
    if (each.media_type != oci::kLayerType) {
      return Error(Code::Unsupported,
                   fmt::format("{}: expected layers of {}, got {}", files->place_, oci::kLayerType,
                               base::quote(each.media_type)));
    }
    TRY_ASSIGN(auto layer, layout.open(each.digest, kLayerBytesMax));
    TRY(files->add(std::move(layer)));
  }
  return files;
}

base::Result<void> VersionFiles::add(std::shared_ptr<const base::MappedFile> layer) {
  TRY_ASSIGN(const oci::TarIndex index, oci::TarIndex::read(layer->bytes()));
  const std::string root = std::string(kRoot) + "/";
  for (const oci::TarEntry& entry : index.entries()) {
    if (entry.type != oci::TarType::File || !entry.name.starts_with(root)) continue;
    const base::Bytes bytes = layer->bytes().subspan(static_cast<std::size_t>(entry.offset),
                                                     static_cast<std::size_t>(entry.size));
    files_[entry.name.substr(root.size())] = {bytes, layer};
  }
  return {};
}

base::Result<base::HeldBytes> VersionFiles::open(const std::string& name,
                                                 std::uint64_t bytes_max) const {
  const auto at = files_.find(name);
  if (at == files_.end()) {
    return Error(Code::NotFound, fmt::format("{}: there is no such file", place(name)));
  }
  if (at->second.bytes.size() > bytes_max) {
    return Error(Code::Exhausted, fmt::format("{}: expected at most {}, got {}", place(name),
                                              base::human_bytes(bytes_max),
                                              base::human_bytes(at->second.bytes.size())));
  }
  return at->second;
}

std::vector<std::string> VersionFiles::names() const {
  std::vector<std::string> names;
  for (const auto& [name, bytes] : files_) names.push_back(name);
  return names;
}

base::Result<model::Description> read_description(const base::Files& files) {
  TRY_ASSIGN(const auto bytes, files.open(std::string(kVersionFile), kDescriptionBytesMax));
  return model::Description::parse(base::as_text(bytes.bytes));
}

base::Result<scorer::Golden> read_golden(const base::Files& files) {
  TRY_ASSIGN(const auto bytes, files.open(std::string(kGoldenFile), kDescriptionBytesMax));
  return scorer::Golden::parse(base::as_text(bytes.bytes));
}

}  // namespace publish
