#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"
#include "model/description.h"
#include "oci/registry.h"
#include "publish/build.h"
#include "workspace/workspace.h"

namespace publish {

// Bytes that went over the network so far, of about how many.
using OnTransfer = std::function<void(std::uint64_t done, std::uint64_t all)>;

// What a push moved.
struct Pushed {
  base::Digest digest;         // Of the image's manifest.
  std::uint64_t uploaded = 0;  // Bytes of blobs that the registry did not have.
  std::uint64_t present = 0;   // Of those that it had, or took from another repository.
};

// Sends what the registry lacks of the image, then its manifest under the tag, then the bill of
// materials that refers to it.
base::Result<Pushed> push_image(const workspace::Workspace& workspace, const Built& built,
                                oci::Registry& registry, const std::string& tag,
                                const std::string& mount_from, const OnTransfer& on_transfer);

// What a pull brought.
struct Pulled {
  workspace::Version version;
  bool is_new = true;
  std::uint64_t downloaded = 0;  // Bytes.
};

// Fetches the version in an image and registers it under `name`: of the image only the layers that
// hold the model, so the runtime stays where it is. Nothing is believed: every blob is checked
// against its digest, what is packed stops at its declared ceiling, the version's own digest must
// come out, and its golden rows are replayed before it gets a number.
base::Result<Pulled> pull_version(workspace::Workspace& workspace, oci::Registry& registry,
                                  const std::string& manifest, const std::string& name,
                                  const OnTransfer& on_transfer);

// Of the largest relative error, when golden rows are replayed: what another machine's libm may do.
inline constexpr double kReplayTolerance = 1e-12;

}  // namespace publish
