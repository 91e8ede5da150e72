#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/description.h"
#include "oci/image_source.h"
#include "oci/registry.h"
#include "publish/base_image.h"
#include "publish/build.h"
#include "workspace/workspace.h"

namespace engine {
class Loader;
}

namespace publish {

// What a push moved.
struct Pushed {
  base::Digest digest;         // Of the image's manifest.
  std::uint64_t uploaded = 0;  // Bytes of blobs that the registry did not have.
  std::uint64_t present = 0;   // Of those that it had, or took from another repository.
};

// Where an image goes.
struct Destination {
  oci::Registry& registry;
  std::string tag;
  std::string mount_from;            // Another repository that may have layers; empty: none.
  oci::ImageSource* base = nullptr;  // Where the base's layers are; null: there is no base.
  OnTransfer on_fetch = [](std::uint64_t, std::uint64_t) {};  // Of the base's layers.
  OnTransfer on_push = [](std::uint64_t, std::uint64_t) {};
};

// The tag of a version's image where nobody has named one: its number where the repository is the
// model's ("team/faq" and faq:3: "3"), else with the model in front ("faq-3"), so that no model
// takes another's tag in a repository that they share.
std::string tag_of(std::string_view repository, const workspace::Version& version);

// Sends what the registry lacks of the image, then its manifest under the tag, then the bill of
// materials that refers to it. Of the base's layers only those are fetched that the registry
// neither has nor can take from the base's own repository.
base::Result<Pushed> push_image(const workspace::Workspace& workspace, const Built& built,
                                const Destination& to);

// What a pull brought.
struct Pulled {
  workspace::Version version;
  bool is_new = true;
  std::uint64_t downloaded = 0;  // Bytes.
};

struct PullOptions {
  OnTransfer on_transfer;
  const engine::Loader* networks = nullptr;  // What networks are loaded with.
};

// Fetches the version in an image and registers it under `name`: of the image only the layers that
// hold the model, several at once, so the runtime stays where it is. `on_transfer` is called by one
// thread at a time. Nothing is believed: every blob is checked
// against its digest, what is packed stops at its declared ceiling, the version's own digest must
// come out, and its golden rows are replayed before it gets a number.
base::Result<Pulled> pull_version(workspace::Workspace& workspace, oci::Registry& registry,
                                  const std::string& manifest, const std::string& name,
                                  const PullOptions& options);

}  // namespace publish
