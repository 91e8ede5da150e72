#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "base/result.h"
#include "oci/descriptor.h"
#include "oci/image_config.h"
#include "oci/image_source.h"
#include "workspace/workspace.h"

namespace publish {

// Bytes that went over the network so far, of about how many.
using OnTransfer = std::function<void(std::uint64_t done, std::uint64_t all)>;

// The layers below an image that overlay file systems still take, with ours above.
inline constexpr std::size_t kBaseLayersMax = 100;

// A layer of somebody else's image.
struct BaseLayer {
  oci::Descriptor layer;  // With OCI's media type for what may have had Docker's.
  base::Digest diff_id;
};

// The image that others are built upon, for one platform.
struct BaseImage {
  std::string name;  // As a registry is asked for it; empty: it has none.
  base::Digest digest;
  std::vector<BaseLayer> layers;
  oci::ImageConfig config;
};

// Reads what the source names; of an index the one for linux and this processor. Its layers stay
// where they are. Refuses other platforms, layers that registries do not hand out, more layers than
// kBaseLayersMax, and what does not fit together.
base::Result<BaseImage> find_base(oci::ImageSource& source, const std::string& architecture);

// Puts the base below an image's configuration: its layers and their history first; its variables,
// but not those that steer its own loader (LD_*); its labels, where ours do not say otherwise; and
// its user, where that is a number and not root, so that "runAsNonRoot" can be checked. What it
// would run, its ports, volumes and working folder are not taken over.
void put_on_base(oci::ImageConfig& config, const BaseImage& base);

// Sees to it that the layers lie in the workspace, with the digests of themselves and of what is
// inside, which may be at most so much larger (see layer_ceiling). The workspace has to be held.
base::Result<void> fetch_base_layers(const workspace::Workspace& workspace,
                                     oci::ImageSource& source, const std::vector<BaseLayer>& layers,
                                     const OnTransfer& on_transfer);

// How many bytes a layer of so many may unpack to.
std::uint64_t layer_ceiling(std::uint64_t packed_bytes);

}  // namespace publish
