#include "publish/version_image.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "oci/image_config.h"
#include "oci/tar_writer.h"

namespace publish {
namespace {

using base::Code;
using base::Error;

using OnPart = std::function<void(std::size_t)>;

constexpr std::string_view kRoot = "model";
constexpr std::size_t kPart = 4 << 20;  // Of bytes in memory, between two calls of progress.
// Of a file that is read: as much stays in the nearest cache but one until it is written.
constexpr std::size_t kReadAtOnce = 256 << 10;
// The kernel copies between aligned places twice as fast.
struct alignas(4096) ReadBuffer {
  std::array<std::byte, kReadAtOnce> bytes;
};
constexpr std::uint64_t kTarOverhead = 64 << 10;
// Drafts that threads may work on at once.
constexpr std::size_t kDraftsAtOnce = 4;
constexpr std::uint64_t kDescriptionBytesMax = 64 << 20;
constexpr oci::TarAttributes kFolder{.mode = 0755};
constexpr oci::TarAttributes kFile{.mode = 0644};

// At most what an archive holds beside a file's bytes: headers for itself and for each folder that
// its name leads through, those for long names among them, and what fills its last block.
std::uint64_t tar_bytes_beside(const std::string& name) {
  constexpr std::uint64_t kHeaders = 4096;
  const auto entries = 1 + static_cast<std::uint64_t>(std::count(name.begin(), name.end(), '/'));
  return entries * (kHeaders + name.size());
}

oci::Descriptor layer_of(const oci::Stored& stored) {
  oci::Descriptor layer;
  layer.media_type = oci::kLayerType;
  layer.digest = stored.digest;
  layer.size = stored.size;
  return layer;
}

// The archive of one layer: files beneath kRoot.
class LayerTar {
 public:
  explicit LayerTar(oci::Sink sink) : tar_(std::move(sink)) {}

  base::Result<void> begin() { return tar_.add_folder(kRoot, kFolder); }

  // The file's body follows. Makes the folders that the name leads through, each once.
  base::Result<void> begin_file(const std::string& name, std::uint64_t size) {
    const std::string path = std::string(kRoot) + "/" + name;
    for (std::size_t at = path.find('/', kRoot.size() + 1); at != std::string::npos;
         at = path.find('/', at + 1)) {
      const std::string folder = path.substr(0, at);
      if (std::find(folders_.begin(), folders_.end(), folder) != folders_.end()) continue;
      TRY(tar_.add_folder(folder, kFolder));
      folders_.push_back(folder);
    }
    return tar_.begin_file(path, size, kFile);
  }
  base::Result<void> append(base::Bytes part) { return tar_.append(part); }
  base::Result<void> add(const std::string& name, base::Bytes bytes) {
    TRY(begin_file(name, bytes.size()));
    return append(bytes);
  }

  base::Result<void> finish() { return tar_.finish(); }

 private:
  oci::TarWriter tar_;
  std::vector<std::string> folders_;
};

bool has_own_layer(const SourceFile& file) { return file.bytes.bytes.size() >= kOwnLayerBytes; }

// Which files share a layer: the large ones alone, first, then all others together.
std::vector<std::vector<const SourceFile*>> group(const std::vector<SourceFile>& files) {
  std::vector<std::vector<const SourceFile*>> groups;
  std::vector<const SourceFile*> small;
  for (const SourceFile& each : files) {
    if (has_own_layer(each)) {
      groups.push_back({&each});
    } else {
      small.push_back(&each);
    }
  }
  if (!small.empty()) groups.push_back(std::move(small));
  return groups;
}

std::string config_json(const std::vector<oci::Descriptor>& layers) {
  oci::ImageConfig config;
  // Only data, the same everywhere; tools insist on a platform.
  config.architecture = "amd64";
  config.os = "linux";
  for (const oci::Descriptor& layer : layers) config.diff_ids.push_back(layer.digest);
  return config.json();
}

base::Result<void> append_held(LayerTar& tar, base::Bytes bytes, const OnPart& on_part) {
  while (!bytes.empty()) {
    const base::Bytes part = bytes.first(std::min(bytes.size(), kPart));
    TRY(tar.append(part));
    bytes = bytes.subspan(part.size());
    on_part(part.size());
  }
  return {};
}

base::Result<void> append_read(LayerTar& tar, const base::MappedFile& file, const OnPart& on_part) {
  const auto buffer = std::make_unique<ReadBuffer>();
  const std::size_t size = file.bytes().size();
  for (std::size_t done = 0; done < size;) {
    const std::span part = std::span(buffer->bytes).first(std::min(size - done, kReadAtOnce));
    TRY_ASSIGN(const std::size_t got, file.read(done, part));
    if (got < part.size()) {
      return Error(Code::Conflict, fmt::format("expected {} bytes, as it had, got {}: it was cut "
                                               "while it was read",
                                               size, done + got));
    }
    TRY(tar.append(part));
    done += got;
    on_part(got);
  }
  return {};
}

base::Result<void> append_file(LayerTar& tar, const SourceFile& source, const OnPart& on_part) {
  auto done = source.file != nullptr ? append_read(tar, *source.file, on_part)
                                     : append_held(tar, source.bytes.bytes, on_part);
  if (!done.ok()) return std::move(done).error().within(source.name);
  return {};
}

}  // namespace

base::Result<DraftFiles::Draft> DraftFiles::write_layer(
    const oci::Layout& layout, const std::vector<const SourceFile*>& members,
    const OnPart& on_part) {
  std::uint64_t expected = kTarOverhead;
  for (const SourceFile* each : members) {
    expected += each->bytes.bytes.size() + tar_bytes_beside(each->name);
  }
  Draft draft;
  const bool own_layer = has_own_layer(*members.front());
  TRY_ASSIGN(draft.blob, oci::BlobDraft::start(layout, expected));
  std::uint64_t written = 0;
  std::vector<std::uint64_t> begins;  // Of the files, in the layer.
  LayerTar tar([&](base::Bytes bytes) {
    written += bytes.size();
    return draft.blob->append(bytes);
  });
  TRY(tar.begin());
  for (const SourceFile* each : members) {
    const base::Bytes bytes = each->bytes.bytes;
    TRY(tar.begin_file(each->name, bytes.size()));
    begins.push_back(written);
    draft.files.push_back(
        {.name = each->name, .digest = {}, .own_layer = own_layer, .size = bytes.size()});
    TRY(append_file(tar, *each, on_part));
  }
  TRY(tar.finish());
  draft.bytes = draft.blob->finish();
  // A large file is known by its layer, which is digested anyhow: twice would be twice the time.
  for (std::size_t i = 0; i < members.size() && !own_layer; ++i) {
    model::Description::File& file = draft.files[i];
    file.digest = base::Digest::of(draft.bytes.bytes.subspan(begins[i], file.size));
  }
  return draft;
}

base::Result<DraftFiles> DraftFiles::write(const oci::Layout& layout, std::vector<SourceFile> files,
                                           const OnBytes& on_bytes) {
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.name < b.name; });
  DraftFiles made;
  std::uint64_t done = 0;
  for (const auto& members : group(files)) {
    if (made.drafts_.size() >= kDraftsAtOnce) {
      made.drafts_[made.drafts_.size() - kDraftsAtOnce].blob->settle();
    }
    TRY_ASSIGN(Draft draft,
               write_layer(layout, members, [&](std::size_t count) { on_bytes(done += count); }));
    made.drafts_.push_back(std::move(draft));
  }
  return made;
}

base::Result<std::unique_ptr<VersionFiles>> DraftFiles::open(std::string place) const {
  std::unique_ptr<VersionFiles> files(new VersionFiles(std::move(place)));
  for (const Draft& each : drafts_) TRY(files->add(each.bytes));
  return files;
}

base::Result<WrittenFiles> DraftFiles::commit() {
  WrittenFiles written;
  for (Draft& each : drafts_) {
    TRY_ASSIGN(const oci::Stored blob, each.blob->commit());
    written.layers.push_back(layer_of(blob));
    for (model::Description::File& file : each.files) {
      if (file.own_layer) file.digest = blob.digest;
      written.files.push_back(std::move(file));
    }
  }
  std::sort(written.files.begin(), written.files.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return written;
}

base::Result<WrittenVersion> write_version(const oci::Layout& layout,
                                           std::vector<oci::Descriptor> layers,
                                           const std::vector<SourceFile>& configuration,
                                           std::string_view description,
                                           const scorer::Golden& golden) {
  const std::string golden_json = golden.json();
  std::uint64_t expected = golden_json.size() + description.size() + kTarOverhead;
  for (const SourceFile& each : configuration) expected += each.bytes.bytes.size();
  TRY_ASSIGN(oci::Layout::Writer writer, layout.write(expected));
  LayerTar tar([&](base::Bytes bytes) { return writer.append(bytes); });
  TRY(tar.begin());
  TRY(tar.add(std::string(kGoldenFile), base::as_bytes(golden_json)));
  TRY(tar.add(std::string(kVersionFile), base::as_bytes(description)));
  for (const SourceFile& each : configuration) TRY(tar.add(each.name, each.bytes.bytes));
  TRY(tar.finish());
  TRY_ASSIGN(const oci::Stored stored, writer.commit());
  layers.push_back(layer_of(stored));
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
    TRY_ASSIGN(const auto layer, layout.open(each.digest, kBlobBytesMax));
    TRY(files->add({layer->bytes(), layer, {.descriptor = layer->descriptor()}}));
  }
  return files;
}

base::Result<void> VersionFiles::add(const base::HeldBytes& layer) {
  TRY_ASSIGN(const oci::TarIndex index, oci::TarIndex::read(layer.bytes));
  const std::string root = std::string(kRoot) + "/";
  for (const oci::TarEntry& entry : index.entries()) {
    if (entry.type != oci::TarType::File || !entry.name.starts_with(root)) continue;
    const base::Bytes bytes = layer.bytes.subspan(static_cast<std::size_t>(entry.offset),
                                                  static_cast<std::size_t>(entry.size));
    files_[entry.name.substr(root.size())] = {
        bytes, layer.holder, {layer.part.descriptor, layer.part.offset + entry.offset}};
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
