#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "cli/registry.h"
#include "cli/world.h"
#include "model/parity.h"
#include "scorer/golden.h"
#include "scorer/scorer.h"

namespace cli {

// What `sooth serve` is asked to serve.
struct ServedModelOptions {
  // A model's file, a folder with sooth.yaml, a version (faq:3, faq@champion), or the image of one
  // in a registry, which is pulled first. What lies on the disk under that name comes first.
  std::string what;
  std::string python;  // For a model without sooth.yaml.
  std::string workspace;
  RegistryFlags registry;
};

struct ServedModel {
  std::string name;           // Of the endpoint.
  std::string version = "1";  // Of the deployment.
  std::shared_ptr<const scorer::Scorer> scorer;
  std::optional<model::Parity> replayed;  // Where there were golden rows.
  scorer::Examples examples;              // Of those, to show how it is called.
};

// Loads it, and replays its golden rows where it has some: Corrupt where an answer differs.
base::Result<ServedModel> load_served(const ServedModelOptions& options, World& world);

}  // namespace cli
