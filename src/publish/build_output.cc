// Where a built image goes: a folder that is an OCI layout, or an archive of one.

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/text.h"
#include "image/sbom.h"
#include "oci/tar_writer.h"
#include "publish/build.h"
#include "publish/version_image.h"

namespace publish {
namespace {

using base::Code;
using base::Error;
using oci::Descriptor;

constexpr std::string_view kLayoutFile = R"({"imageLayoutVersion":"1.0.0"})";
constexpr std::string_view kRefName = "org.opencontainers.image.ref.name";
constexpr oci::TarAttributes kArchiveFolder{.mode = 0755};
constexpr oci::TarAttributes kArchiveFile{.mode = 0644};

// Every blob of the image, each once, by digest.
std::vector<Descriptor> all_blobs(const Built& built, bool with_sbom) {
  std::vector<Descriptor> blobs = {built.manifest};
  blobs.insert(blobs.end(), built.blobs.begin(), built.blobs.end());
  if (with_sbom) {
    blobs.push_back(built.sbom_manifest);
    blobs.insert(blobs.end(), built.sbom_blobs.begin(), built.sbom_blobs.end());
  }
  std::sort(blobs.begin(), blobs.end(),
            [](const Descriptor& a, const Descriptor& b) { return a.digest < b.digest; });
  blobs.erase(
      std::unique(blobs.begin(), blobs.end(),
                  [](const Descriptor& a, const Descriptor& b) { return a.digest == b.digest; }),
      blobs.end());
  return blobs;
}

Descriptor named_image(const Built& built) {
  Descriptor image = built.manifest;
  image.annotations.emplace(kRefName, built.reference);
  return image;
}

// What `docker load` of releases that know no OCI layout looks for.
std::string docker_manifest(const Built& built) {
  nlohmann::json layers = nlohmann::json::array();
  for (std::size_t i = 1; i < built.blobs.size(); ++i) {
    layers.push_back("blobs/sha256/" + built.blobs[i].digest.hex());
  }
  const nlohmann::json images = {{{"Config", "blobs/sha256/" + built.blobs[0].digest.hex()},
                                  {"RepoTags", {built.reference}},
                                  {"Layers", std::move(layers)}}};
  return images.dump();
}

// Its index is derived from its state, and images that it does not know would be garbage.
base::Result<void> check_no_workspace(const std::string& folder) {
  if (!base::exists(folder + "/state.db")) return {};
  return Error(Code::Invalid, fmt::format("{}: expected a folder for images, got a workspace; name "
                                          "another one",
                                          base::quote(folder)));
}

// Of which image an entry of the index is the bill of materials; nothing: of none.
std::optional<base::Digest> sbom_of(const oci::Layout& layout, const Descriptor& entry) {
  if (entry.artifact_type != image::kSbomType) return std::nullopt;
  const auto file = layout.open(entry.digest, oci::kManifestBytesMax);
  if (!file.ok()) return std::nullopt;
  const auto manifest = oci::Manifest::parse(base::as_text((*file)->bytes()));
  if (!manifest.ok() || !manifest->subject) return std::nullopt;
  return manifest->subject->digest;
}

bool is_named(const Descriptor& entry, const std::string& reference) {
  const auto name = entry.annotations.find(std::string(kRefName));
  return name != entry.annotations.end() && name->second == reference;
}

// An image of the same name before gives way, and its bill of materials with it where no other
// name has that image; entries are not repeated.
void replace_image(const oci::Layout& layout, const Built& built, oci::Index& index) {
  auto& entries = index.manifests;
  std::set<base::Digest> gone = {built.manifest.digest};
  for (const Descriptor& each : entries) {
    if (is_named(each, built.reference)) gone.insert(each.digest);
  }
  std::erase_if(entries, [&](const Descriptor& each) {
    return is_named(each, built.reference) || each.digest == built.manifest.digest;
  });
  for (const Descriptor& each : entries) gone.erase(each.digest);
  std::erase_if(entries, [&](const Descriptor& each) {
    const auto subject = sbom_of(layout, each);
    return each.digest == built.sbom_manifest.digest || (subject && gone.contains(*subject));
  });
  entries.push_back(named_image(built));
  entries.push_back(built.sbom_manifest);
}

}  // namespace

base::Result<void> write_layout(const workspace::Workspace& workspace, const Built& built,
                                const std::string& folder) {
  TRY(base::make_folder(folder));
  TRY(check_no_workspace(folder));
  TRY_ASSIGN(const oci::Layout target, oci::Layout::open(folder));
  // One after the other: who ends removes tmp/, and adds to the index that the last one has left.
  TRY_ASSIGN(const auto lock, target.lock_index());
  TRY(base::make_folder(folder + "/tmp"));
  for (const Descriptor& each : all_blobs(built, true)) {
    if (target.has(each.digest)) continue;
    TRY_ASSIGN(const auto blob, workspace.layout().open(each.digest, kBlobBytesMax));
    TRY_ASSIGN(oci::Layout::Writer writer, target.write(each.size));
    TRY(writer.append(blob->bytes()));
    TRY_ASSIGN(const oci::Stored stored, writer.commit(each.digest));
    static_cast<void>(stored);
  }
  TRY_ASSIGN(const std::string text, target.read_index());
  TRY_ASSIGN(oci::Index index, oci::Index::parse(text));
  replace_image(target, built, index);
  TRY(target.write_index(index.json()));
  return base::remove_empty_folder(folder + "/tmp");
}

base::Result<void> write_archive(const workspace::Workspace& workspace, const Built& built,
                                 const std::string& path) {
  TRY_ASSIGN(const auto file, base::AtomicFile::create(path));
  oci::TarWriter tar([&](base::Bytes bytes) { return file->append(base::as_text(bytes)); });
  TRY(tar.add_folder("blobs", kArchiveFolder));
  TRY(tar.add_folder("blobs/sha256", kArchiveFolder));
  for (const Descriptor& each : all_blobs(built, false)) {
    TRY_ASSIGN(const auto blob, workspace.layout().open(each.digest, kBlobBytesMax));
    TRY(tar.add_file("blobs/sha256/" + each.digest.hex(), blob->bytes(), kArchiveFile));
  }
  oci::Index index;
  // Tools that load an archive want exactly one image in it.
  index.manifests = {named_image(built)};
  TRY(tar.add_file("index.json", base::as_bytes(index.json()), kArchiveFile));
  TRY(tar.add_file("manifest.json", base::as_bytes(docker_manifest(built)), kArchiveFile));
  TRY(tar.add_file("oci-layout", base::as_bytes(kLayoutFile), kArchiveFile));
  TRY(tar.finish());
  return file->commit();
}

}  // namespace publish
