// Where a built image goes: a folder that is an OCI layout, or an archive of one.

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/text.h"
#include "oci/tar_writer.h"
#include "publish/build.h"

namespace publish {
namespace {

using oci::Descriptor;

constexpr std::uint64_t kBlobBytesMax = std::uint64_t{1} << 42U;
constexpr std::string_view kLayoutFile = R"({"imageLayoutVersion":"1.0.0"})";
constexpr std::string_view kRefName = "org.opencontainers.image.ref.name";
constexpr oci::TarAttributes kFolder{.mode = 0755};
constexpr oci::TarAttributes kFile{.mode = 0644};

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

}  // namespace

base::Result<void> write_layout(const workspace::Workspace& workspace, const Built& built,
                                const std::string& folder) {
  TRY(base::make_folder(folder));
  TRY_ASSIGN(const oci::Layout target, oci::Layout::open(folder));
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
  // An image of the same name before gives way, and entries are not repeated.
  for (const Descriptor& entry : std::vector{named_image(built), built.sbom_manifest}) {
    std::erase_if(index.manifests, [&](const Descriptor& each) {
      const auto name = each.annotations.find(std::string(kRefName));
      return each.digest == entry.digest ||
             (name != each.annotations.end() && entry.annotations.contains(std::string(kRefName)) &&
              name->second == built.reference);
    });
    index.manifests.push_back(entry);
  }
  TRY(target.write_index(index.json()));
  return base::remove_empty_folder(folder + "/tmp");
}

base::Result<void> write_archive(const workspace::Workspace& workspace, const Built& built,
                                 const std::string& path) {
  TRY_ASSIGN(const auto file, base::AtomicFile::create(path));
  oci::TarWriter tar([&](base::Bytes bytes) { return file->append(base::as_text(bytes)); });
  TRY(tar.add_folder("blobs", kFolder));
  TRY(tar.add_folder("blobs/sha256", kFolder));
  for (const Descriptor& each : all_blobs(built, false)) {
    TRY_ASSIGN(const auto blob, workspace.layout().open(each.digest, kBlobBytesMax));
    TRY(tar.add_file("blobs/sha256/" + each.digest.hex(), blob->bytes(), kFile));
  }
  oci::Index index;
  // Tools that load an archive want exactly one image in it.
  index.manifests = {named_image(built)};
  TRY(tar.add_file("index.json", base::as_bytes(index.json()), kFile));
  TRY(tar.add_file("manifest.json", base::as_bytes(docker_manifest(built)), kFile));
  TRY(tar.add_file("oci-layout", base::as_bytes(kLayoutFile), kFile));
  TRY(tar.finish());
  return file->commit();
}

}  // namespace publish
