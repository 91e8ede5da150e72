#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "image/runtime_files.h"
#include "image/system_root.h"
#include "oci/compress.h"
#include "oci/image_config.h"
#include "oci/image_source.h"
#include "oci/tar_writer.h"

// For tests: an image of somebody else, in memory, and what counts its fetches.

namespace publish {

class TestBase final : public oci::ImageSource {
 public:
  TestBase() {
    const auto files = image::find_runtime_files(
        {.root = root_, .program = "/usr/bin/true", .version = "0", .on_base = true});
    EXPECT_TRUE(files.ok());
    config.architecture = files.ok() ? files->architecture : "";
    config.os = "linux";
  }

  oci::ImageConfig config;
  std::vector<oci::Descriptor> layers;
  std::string config_type = std::string(oci::kConfigType);
  std::map<std::string, std::string> blobs;  // By digest; manifests too.
  std::string named = "registry.example/os/small:1";
  std::string repository;  // In whatever registry it is asked for.
  int layers_fetched = 0;
  // The index or manifest that it is known by; empty: finish() makes it.
  oci::RegistryManifest top;

  static std::string pack(std::string_view plain, oci::Compression compression) {
    std::string packed;
    const auto compressor = oci::Compressor::make(compression, [&](base::Bytes part) {
      packed += base::as_text(part);
      return base::Result<void>();
    });
    EXPECT_TRUE((*compressor)->append(base::as_bytes(plain)).ok());
    EXPECT_TRUE((*compressor)->finish().ok());
    return packed;
  }
  static std::string tar_with(const std::string& name, std::string_view text) {
    std::string tar;
    oci::TarWriter writer([&](base::Bytes part) {
      tar += base::as_text(part);
      return base::Result<void>();
    });
    EXPECT_TRUE(writer.add_file(name, base::as_bytes(text), {}).ok());
    EXPECT_TRUE(writer.finish().ok());
    return tar;
  }
  // Adds a layer that holds one file, packed with gzip and named as Docker does.
  void add_layer(const std::string& name, std::string_view text) {
    const std::string plain = tar_with(name, text);
    layers.push_back(put("application/vnd.docker.image.rootfs.diff.tar.gzip",
                         pack(plain, oci::Compression::Gzip)));
    config.diff_ids.push_back(base::Digest::of(plain));
    config.history.push_back({.created = "2024-01-01T00:00:00Z",
                              .created_by = "COPY " + name,
                              .comment = {},
                              .empty_layer = false});
  }
  oci::Descriptor put(std::string_view media_type, std::string bytes) {
    oci::Descriptor blob;
    blob.media_type = media_type;
    blob.digest = base::Digest::of(bytes);
    blob.size = bytes.size();
    blobs[blob.digest.text()] = std::move(bytes);
    return blob;
  }
  // The manifest of what it is now; known by it from here on.
  oci::Descriptor finish() {
    oci::Manifest manifest;
    manifest.config = put(config_type, config.json());
    manifest.layers = layers;
    oci::Descriptor image = put(oci::kManifestType, manifest.json());
    image.os = config.os;
    image.architecture = config.architecture;
    top = {std::string(oci::kManifestType), image.digest, blobs.at(image.digest.text())};
    return image;
  }
  void know_by_index(const oci::Index& index) {
    const oci::Descriptor blob = put(oci::kIndexType, index.json());
    top = {std::string(oci::kIndexType), blob.digest, blobs.at(blob.digest.text())};
  }

  std::string name() const override { return named; }
  std::string repository_at(std::string_view) const override { return repository; }
  base::Result<oci::RegistryManifest> fetch_named() override { return top; }
  base::Result<oci::RegistryManifest> fetch_manifest(const oci::Descriptor& manifest) override {
    return oci::RegistryManifest{manifest.media_type, manifest.digest,
                                 blobs.at(manifest.digest.text())};
  }
  base::Result<void> fetch_blob(const oci::Descriptor& blob, const oci::Sink& sink) override {
    if (oci::find_compression(blob.media_type)) ++layers_fetched;
    const std::string& bytes = blobs.at(blob.digest.text());
    // In two parts, as a network would.
    TRY(sink(base::as_bytes(bytes).first(bytes.size() / 2)));
    return sink(base::as_bytes(bytes).subspan(bytes.size() / 2));
  }

 private:
  const image::SystemRoot root_{"/"};
};

}  // namespace publish
