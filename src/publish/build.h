#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "oci/compress.h"
#include "oci/descriptor.h"
#include "oci/image_source.h"
#include "publish/base_image.h"
#include "workspace/workspace.h"

namespace publish {

// Labels in the configuration of an image, where they stay when tools write its manifest anew: the
// digest of the version in it, and what is inside the version's layers, in order ("sha256:...,").
inline constexpr std::string_view kVersionKey = "dev.sooth.version";
inline constexpr std::string_view kPartsKey = "dev.sooth.parts";

struct BuildOptions {
  oci::Compression compression = oci::Compression::Gzip;
  std::string program;               // The `sooth` that the image runs.
  std::string release;               // Its version.
  std::int64_t created = 0;          // Seconds since 1970, as SOURCE_DATE_EPOCH says.
  oci::ImageSource* base = nullptr;  // The image to build upon; null: none.
  // The library of the engine that runs networks; asked for a version that is one.
  std::function<base::Result<std::string>()> find_engine = {};
};

// An image whose blobs lie in the workspace's layout, but for the base's layers, which may still be
// where they come from. Until it has been written or pushed somewhere, the workspace has to be
// held.
struct Built {
  oci::Descriptor manifest;
  std::vector<oci::Descriptor> blobs;       // What the manifest names: configuration, then layers.
  std::vector<BaseLayer> base_layers;       // The first of those layers.
  oci::Descriptor sbom_manifest;            // A referrer of the manifest.
  std::vector<oci::Descriptor> sbom_blobs;  // Its configuration, the runtime's bill, the image's.
  std::string sbom;                         // Both bills as one document.
  std::string reference;                    // "faq:3"
  std::uint64_t model_bytes = 0;            // Of the layers that are the version's.
  std::uint64_t base_bytes = 0;             // Of the base's layers.
  std::uint64_t other_bytes = 0;            // Of everything else.
};

// Builds the image of a version: the base if there is one, the runtime, the model, the
// configuration, the most stable layer first. Needs no daemon and no root, without a base in a
// registry no network, and the same input gives the same bytes. The runtime's layer is packed once
// for each program and kept until garbage is collected. Of a base only what describes it is
// fetched.
base::Result<Built> build_image(workspace::Workspace& workspace, const workspace::Version& version,
                                const BuildOptions& options);

// Both of these want the base's layers in the workspace (fetch_base_layers).
//
// Writes it as an OCI layout in a folder, which may hold other images already, with its bill of
// materials, or as an archive of such a layout, the image alone, that `docker load` and
// `podman load` take. The archive is there whole or not at all. A folder is written by one at a
// time, the others wait; Invalid where it is a workspace.
base::Result<void> write_layout(const workspace::Workspace& workspace, const Built& built,
                                const std::string& folder);
base::Result<void> write_archive(const workspace::Workspace& workspace, const Built& built,
                                 const std::string& path);

}  // namespace publish
