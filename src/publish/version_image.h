#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/files.h"
#include "base/result.h"
#include "model/description.h"
#include "oci/blob_draft.h"
#include "oci/descriptor.h"
#include "oci/layout.h"
#include "oci/tar_reader.h"
#include "scorer/golden.h"

namespace publish {

// A version as an image that any tool reads: layers with `/model/<file>` and, above them, that of
// the configuration with `sooth.yaml`, `.sooth/version.json` and `.sooth/golden.json`. Layers are
// not packed, so that a file's bytes are used where they lie. A large file has a layer of its own,
// the others share one: what does not change from one version to the next is kept and pushed once.

// Files of this size and more have their own layer.
inline constexpr std::uint64_t kOwnLayerBytes = 64 << 20;
// The largest sooth.yaml, or MLmodel in its place.
inline constexpr std::uint64_t kRecipeBytesMax = 256 * 1024;
// No blob of an image is larger.
inline constexpr std::uint64_t kBlobBytesMax = std::uint64_t{1} << 42U;
// Beneath /model, what Sooth itself wrote.
inline constexpr std::string_view kVersionFile = ".sooth/version.json";
inline constexpr std::string_view kGoldenFile = ".sooth/golden.json";

// Called with the bytes done so far.
using OnBytes = std::function<void(std::uint64_t done)>;

class VersionFiles;

// A file that is about to become part of a version.
struct SourceFile {
  std::string name;  // Beneath /model.
  base::HeldBytes bytes;
  // The file that the bytes are, if they are one: then they are read from it (MappedFile::read).
  std::shared_ptr<const base::MappedFile> file = nullptr;

  static SourceFile of(std::string name, std::shared_ptr<const base::MappedFile> file) {
    return {std::move(name), {file->bytes(), file}, file};
  }
};

// The layers that hold the files of a version, and what is told of each file.
struct WrittenFiles {
  std::vector<oci::Descriptor> layers;
  std::vector<model::Description::File> files;  // Sorted by name.
};

// Such layers while it is still to be seen whether they are to be kept. Until commit() they are
// drafts (oci/blob_draft.h): they are digested and go to the disk while the model is loaded out of
// them. What becomes of them without commit(): nothing.
class DraftFiles {
 public:
  static base::Result<DraftFiles> write(const oci::Layout& layout, std::vector<SourceFile> files,
                                        const OnBytes& on_bytes);

  // The files as they were written. `place` is what messages call them.
  base::Result<std::unique_ptr<VersionFiles>> open(std::string place) const;
  base::Result<WrittenFiles> commit();

 private:
  struct Draft {
    std::unique_ptr<oci::BlobDraft> blob;
    base::HeldBytes bytes;
    std::vector<model::Description::File> files;  // Those of large ones get their digests last.
  };
  static base::Result<Draft> write_layer(const oci::Layout& layout,
                                         const std::vector<const SourceFile*>& members,
                                         const std::function<void(std::size_t)>& on_part);

  std::vector<Draft> drafts_;
};

// Writes the layer of the configuration, and the manifest: the whole version. `description` is
// model::Description::json().
struct WrittenVersion {
  base::Digest digest;  // Of the manifest.
  std::uint64_t manifest_size = 0;
  std::uint64_t size = 0;  // Of all blobs.
};
base::Result<WrittenVersion> write_version(const oci::Layout& layout,
                                           std::vector<oci::Descriptor> layers,
                                           const std::vector<SourceFile>& configuration,
                                           std::string_view description,
                                           const scorer::Golden& golden);

// The version that layers like those of write_version make: its configuration and manifest are
// stored, and are the same wherever the same layers are.
base::Result<WrittenVersion> write_manifest(const oci::Layout& layout,
                                            std::vector<oci::Descriptor> layers);

// The files of a version, read out of its layers. Every byte of a layer is checked against its
// digest when it is opened, before anything is read from it.
class VersionFiles final : public base::Files {
 public:
  static base::Result<std::unique_ptr<VersionFiles>> open(const oci::Layout& layout,
                                                          const base::Digest& manifest);
  // The same of layers alone, before there is a manifest. `place` is what messages call it.
  static base::Result<std::unique_ptr<VersionFiles>> open_layers(
      const oci::Layout& layout, const std::vector<oci::Descriptor>& layers, std::string place);

  base::Result<base::HeldBytes> open(const std::string& name,
                                     std::uint64_t bytes_max) const override;
  std::string place(const std::string& name) const override {
    const auto at = places_.find(name);
    return at == places_.end() ? place_ + "/" + name : at->second;
  }

  // What messages call one file, where it came from elsewhere.
  void call(const std::string& name, std::string place) { places_[name] = std::move(place); }
  // Puts a file beside those of the layers.
  void put(SourceFile file) { files_[std::move(file.name)] = std::move(file.bytes); }

  // Sorted.
  std::vector<std::string> names() const;
  bool has(const std::string& name) const { return files_.contains(name); }

 private:
  explicit VersionFiles(std::string place) : place_(std::move(place)) {}
  friend class DraftFiles;
  base::Result<void> add(const base::HeldBytes& layer);

  std::string place_;
  std::map<std::string, base::HeldBytes> files_;
  std::map<std::string, std::string> places_;
};

base::Result<model::Description> read_description(const base::Files& files);
base::Result<scorer::Golden> read_golden(const base::Files& files);

}  // namespace publish
