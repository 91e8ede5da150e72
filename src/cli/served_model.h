#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "cli/model_file.h"
#include "cli/registry.h"
#include "cli/world.h"
#include "model/parity.h"
#include "scorer/golden.h"
#include "scorer/scorer.h"
#include "workspace/workspace.h"

namespace cli {

// Where the models of a server are looked for.
struct ServedModelOptions {
  ReadingFlags reading;  // For a model without sooth.yaml.
  std::string workspace;
  RegistryFlags registry;
};

// A model that is there, and not loaded yet.
struct FoundModel {
  std::string name;  // Of the endpoint; empty: what the model is called.
  std::string what;  // As it was asked for.
  // In the workspace; without, `what` is a path.
  std::optional<workspace::Version> version;
};

struct ServedModel {
  std::string name;           // Of the endpoint.
  std::string version = "1";  // Of the deployment.
  std::shared_ptr<const scorer::Scorer> scorer;
  std::optional<model::Parity> replayed;  // Where there were golden rows.
  scorer::Examples examples;              // Of those, to show how it is called.
};

// The workspace, opened when it is needed for the first time.
using OpenWorkspace = std::function<base::Result<workspace::Workspace*>(bool create)>;

// `what` is a model's file, a folder with sooth.yaml, a version (faq:3, faq@champion), or the image
// of one in a registry, which is pulled now. What lies on the disk under that name comes first.
base::Result<FoundModel> find_served(const std::string& what, const ServedModelOptions& options,
                                     const OpenWorkspace& open, World& world);

// Loads it, and replays its golden rows where it has some: Corrupt where an answer differs. A
// network that asks for another provider than the runtime's own kernels gets it where it can be had
// and agrees with them; else the scorer says why not. Several threads may load from one layout,
// which a path does not need.
base::Result<ServedModel> load_found(const FoundModel& found, const oci::Layout* layout,
                                     const ReadingFlags& reading, const engine::Loader* networks);

}  // namespace cli
