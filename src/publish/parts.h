#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "oci/compress.h"
#include "oci/descriptor.h"
#include "oci/image_config.h"
#include "oci/layout.h"
#include "oci/registry.h"
#include "publish/base_image.h"

namespace publish {

// How a layer of an image is packed. Unsupported where it is no tar, or packed as nothing that is
// read here; Exhausted beyond kBlobBytesMax.
base::Result<oci::Compression> check_layer(const oci::Descriptor& layer);

// A layer of an image that holds a part of the version.
struct Part {
  oci::Descriptor layer;
  base::Digest diff_id;
};

// The version's layers in their order, as the image's label names them by what is inside: they may
// have been packed anew and may lie between layers of others. Without the label the image is the
// version and nothing else: all of its layers, not packed. Unsupported for any other image.
base::Result<std::vector<Part>> find_parts(const oci::Manifest& manifest,
                                           const oci::ImageConfig& config);

struct FetchedParts {
  std::vector<oci::Descriptor> layers;  // As they lie here, in the order of the parts.
  std::uint64_t downloaded = 0;         // Bytes.
};

// Of the parts of one version.
inline constexpr std::size_t kPartsAtOnce = 4;

// Brings parts into the layout, unpacked, each under the digest of what is inside: several at once,
// and none that is there and whole. The first that cannot be had ends the others.
base::Result<FetchedParts> fetch_parts(oci::Registry& registry, const oci::Layout& layout,
                                       const std::vector<Part>& parts,
                                       const OnTransfer& on_transfer);

}  // namespace publish
