#include "oci/image_source.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/text.h"
#include "oci/tar_reader.h"

namespace oci {
namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr std::string_view kScheme = "oci:";
constexpr std::string_view kRefName = "org.opencontainers.image.ref.name";
constexpr std::uint64_t kBlobBytesMax = std::uint64_t{1} << 42U;

class RegistrySource final : public ImageSource {
 public:
  RegistrySource(Registry& registry, Reference reference)
      : registry_(registry), reference_(std::move(reference)) {}

  std::string name() const override { return reference_.text(); }
  std::string repository_at(std::string_view host) const override {
    return host == registry_.options().host ? reference_.repository : "";
  }
  Result<RegistryManifest> fetch_named() override {
    return registry_.fetch_manifest(reference_.manifest());
  }
  Result<RegistryManifest> fetch_manifest(const Descriptor& manifest) override {
    return registry_.fetch_manifest(manifest.digest.text());
  }
  Result<void> fetch_blob(const Descriptor& blob, const Sink& sink) override {
    return registry_.fetch_blob(blob, sink);
  }

 private:
  Registry& registry_;
  Reference reference_;
};

// The files of a layout, wherever they lie. What is opened stays mapped for the object's life.
class LayoutFiles {
 public:
  static Result<LayoutFiles> open(const std::string& path) {
    LayoutFiles files;
    files.path_ = path;
    if (base::is_directory(path)) return files;
    TRY_ASSIGN(files.archive_, base::MappedFile::open(path, kBlobBytesMax));
    auto index = TarIndex::read(files.archive_->bytes());
    if (!index.ok()) return std::move(index).error().within(base::quote(path));
    files.index_ = *std::move(index);
    return files;
  }

  // Held by `file` where it is one of its own.
  struct Opened {
    base::Bytes bytes;
    std::shared_ptr<const base::MappedFile> file;
  };
  Result<Opened> find(const std::string& name, std::uint64_t bytes_max) const {
    if (!archive_) {
      TRY_ASSIGN(auto file, base::MappedFile::open_beneath(path_, name, bytes_max));
      return Opened{file->bytes(), std::move(file)};
    }
    const TarEntry* entry = index_.find(name);
    if (entry == nullptr || entry->type != TarType::File) {
      return Error(Code::NotFound,
                   fmt::format("{} in {}: there is no such file", name, base::quote(path_)));
    }
    if (entry->size > bytes_max) {
      return Error(Code::Exhausted,
                   fmt::format("{} in {}: expected at most {}, got {}", name, base::quote(path_),
                               base::human_bytes(bytes_max), base::human_bytes(entry->size)));
    }
    return Opened{archive_->bytes().subspan(static_cast<std::size_t>(entry->offset),
                                            static_cast<std::size_t>(entry->size)),
                  archive_};
  }

  const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::shared_ptr<const base::MappedFile> archive_;  // None: a folder.
  TarIndex index_;
};

std::string name_of(const Descriptor& image) {
  const auto at = image.annotations.find(std::string(kRefName));
  return at == image.annotations.end() ? "" : at->second;
}

// What else lies there, such as bills of materials, is no image.
Result<Descriptor> choose(std::vector<Descriptor> images, const std::string& name) {
  std::erase_if(images, [](const Descriptor& each) { return !each.artifact_type.empty(); });
  std::string names;
  for (const Descriptor& each : images) {
    if (name_of(each).empty()) continue;
    names += fmt::format("{}{}", names.empty() ? "" : ", ", base::quote(name_of(each)));
  }
  if (names.empty()) names = "none with a name";
  if (!name.empty()) {
    std::erase_if(images, [&](const Descriptor& each) { return name_of(each) != name; });
  }
  if (images.size() == 1) return images.front();
  if (!name.empty()) {
    return Error(images.empty() ? Code::NotFound : Code::Conflict,
                 fmt::format("expected one image {}, got {}", base::quote(name), names));
  }
  return Error(Code::Conflict,
               fmt::format("expected one image, got {}; name one, as in oci:PATH:NAME", names));
}

class LayoutSource final : public ImageSource {
 public:
  LayoutSource(LayoutFiles files, Descriptor image)
      : files_(std::move(files)), image_(std::move(image)) {}

  std::string name() const override {
    // Names of a layout are anybody's; only such that a registry can be asked for say where from.
    const std::string name = name_of(image_);
    return Reference::parse(name).ok() ? name : "";
  }
  std::string repository_at(std::string_view) const override { return ""; }
  Result<RegistryManifest> fetch_named() override { return fetch_manifest(image_); }
  Result<RegistryManifest> fetch_manifest(const Descriptor& manifest) override {
    TRY_ASSIGN(const LayoutFiles::Opened blob, open(manifest, kManifestBytesMax));
    RegistryManifest fetched{.media_type = manifest.media_type,
                             .digest = manifest.digest,
                             .text = std::string(base::as_text(blob.bytes))};
    // Either may be meant to deceive where they differ: CVE-2021-41190.
    const auto object = nlohmann::json::parse(fetched.text, nullptr, false);
    if (object.is_object() && object.contains("mediaType") &&
        object["mediaType"] != manifest.media_type) {
      return Error(
          Code::Corrupt,
          fmt::format("manifest {}: expected one media type, got {} and {}", manifest.digest.text(),
                      base::quote(manifest.media_type), base::quote(object["mediaType"].dump())));
    }
    return fetched;
  }
  Result<void> fetch_blob(const Descriptor& blob, const Sink& sink) override {
    TRY_ASSIGN(const LayoutFiles::Opened opened, open(blob, kBlobBytesMax));
    return sink(opened.bytes);
  }

 private:
  // All of it is read before anything is believed.
  Result<LayoutFiles::Opened> open(const Descriptor& blob, std::uint64_t bytes_max) const {
    TRY_ASSIGN(LayoutFiles::Opened opened,
               files_.find("blobs/sha256/" + blob.digest.hex(), bytes_max));
    const base::Digest digest = base::Digest::of(opened.bytes);
    if (digest != blob.digest || opened.bytes.size() != blob.size) {
      return Error(Code::Corrupt,
                   fmt::format("blob {} in {}: expected {} bytes of that digest, got {} of {}",
                               blob.digest.text(), base::quote(files_.path()), blob.size,
                               opened.bytes.size(), digest.text()));
    }
    return opened;
  }

  LayoutFiles files_;
  Descriptor image_;
};

}  // namespace

std::unique_ptr<ImageSource> registry_source(Registry& registry, Reference reference) {
  return std::make_unique<RegistrySource>(registry, std::move(reference));
}

bool LayoutReference::is_one(std::string_view text) { return text.starts_with(kScheme); }

Result<LayoutReference> LayoutReference::parse(std::string_view text) {
  std::string_view rest = is_one(text) ? text.substr(kScheme.size()) : std::string_view();
  const std::size_t colon = std::min(rest.find(':'), rest.size());
  LayoutReference reference{.path = std::string(rest.substr(0, colon)), .name = {}};
  const bool named = colon < rest.size();
  if (named) reference.name = rest.substr(colon + 1);
  if (reference.path.empty() || (named && reference.name.empty())) {
    return Error(Code::Invalid,
                 fmt::format("{}: expected oci:PATH or oci:PATH:NAME", base::quote(text)));
  }
  return reference;
}

Result<std::unique_ptr<ImageSource>> open_layout_source(const LayoutReference& reference) {
  TRY_ASSIGN(LayoutFiles files, LayoutFiles::open(reference.path));
  const auto text = files.find("index.json", kManifestBytesMax);
  if (!text.ok() && text.error().code() == Code::NotFound) {
    return Error(Code::Invalid,
                 fmt::format("{}: expected an OCI layout, with an index.json, or an archive of one",
                             base::quote(reference.path)));
  }
  if (!text.ok()) return text.error();
  auto index = Index::parse(base::as_text(text->bytes));
  if (!index.ok()) return std::move(index).error().within(base::quote(reference.path));
  auto image = choose(std::move(index->manifests), reference.name);
  if (!image.ok()) return std::move(image).error().within(base::quote(reference.path));
  return std::unique_ptr<ImageSource>(
      std::make_unique<LayoutSource>(std::move(files), *std::move(image)));
}

}  // namespace oci
