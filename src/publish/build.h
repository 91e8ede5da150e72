#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "oci/compress.h"
#include "oci/descriptor.h"
#include "workspace/workspace.h"

namespace publish {

// On the manifest of an image: the digest of the version in it.
inline constexpr std::string_view kVersionKey = "dev.sooth.version";
// On a layer: which part of the version it holds, counted from 0, whether packed or not.
inline constexpr std::string_view kPartKey = "dev.sooth.part";

struct BuildOptions {
  oci::Compression compression = oci::Compression::Gzip;
  std::string program;       // The `sooth` that the image runs.
  std::string release;       // Its version.
  std::int64_t created = 0;  // Seconds since 1970, as SOURCE_DATE_EPOCH says.
};

// An image whose blobs lie in the workspace's layout. Until it has been written or pushed
// somewhere, the workspace has to be held.
struct Built {
  oci::Descriptor manifest;
  std::vector<oci::Descriptor> blobs;  // What the manifest names: configuration, then layers.
  oci::Descriptor sbom_manifest;       // A referrer of the manifest.
  std::vector<oci::Descriptor> sbom_blobs;
  std::string reference;          // "faq:3"
  std::uint64_t model_bytes = 0;  // Of the layers that are the version's.
  std::uint64_t other_bytes = 0;  // Of everything else.
};

// Builds the image of a version: the runtime, the model, the configuration, the most stable layer
// first. Needs no daemon, no root and no network, and the same input gives the same bytes. The
// runtime's layer is packed once for each program and kept until garbage is collected.
base::Result<Built> build_image(workspace::Workspace& workspace, const workspace::Version& version,
                                const BuildOptions& options);

// Writes it as an OCI layout in a folder, which may hold other images already, with its bill of
// materials, or as an archive of such a layout, the image alone, that `docker load` and
// `podman load` take. The archive is there whole or not at all.
base::Result<void> write_layout(const workspace::Workspace& workspace, const Built& built,
                                const std::string& folder);
base::Result<void> write_archive(const workspace::Workspace& workspace, const Built& built,
                                 const std::string& path);

}  // namespace publish
