#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/served_model.h"
#include "cli/world.h"
#include "contract/offer.h"
#include "serve/endpoint.h"
#include "serve/loader.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace CLI {
class App;
}  // namespace CLI

namespace cli {

// What `sooth serve` is told of the models that it serves.
struct ServedModelsFlags {
  std::vector<std::string> what;  // Each as in find_served(), or NAME=what.
  std::string name;               // Of the only one's endpoint.
  bool all = false;               // Every model of the workspace.
  std::string alias;              // The version that it points at comes before the newest.
  bool allow_load = false;        // More are loaded from the workspace on request.
  ServedModelOptions where;
};
void add_served_models_options(CLI::App& app, ServedModelsFlags& flags);

// The endpoints of a server, and what loads others while it runs.
class ServedModels {
 public:
  // As many models; more are refused.
  static constexpr std::size_t kModelsMax = 10'000;

  struct Options {
    contract::Offer::Numbers numbers;
    std::size_t threads = 1;  // That load at once.
    // What networks are loaded with, now and while the server runs; null: they are refused.
    const engine::Loader* networks = nullptr;
  };
  // Loads them all and scores an example with each: the first that fails is the error, and names
  // the model. Flags, world, log and metrics outlive it.
  static base::Result<std::unique_ptr<ServedModels>> load(const ServedModelsFlags& flags,
                                                          const Options& options, World& world,
                                                          telemetry::Log& log,
                                                          telemetry::Metrics& metrics);

  // How many workers can be of use on so many processors: more than these where requests that wait
  // are computed together.
  std::size_t useful_workers(std::size_t cpus) const;

  const serve::Endpoints& endpoints() const { return endpoints_; }
  serve::Loader* loader() { return loader_.get(); }  // Null: nothing is loaded on request.
  // No more is loaded on request.
  void stop() {
    if (loader_ != nullptr) loader_->stop();
  }

  // What is served there, for people: "faq at http://.../score, to try at http://.../"
  std::string greeting(const std::string& url) const;
  // The same for the log: the endpoint's name, or how many there are.
  std::string title() const;
  // The endpoint that keys must open for clients to have any: its name, or some where there are
  // several or may be.
  std::string keyed() const;

 private:
  ServedModels() = default;

  // In the order in which they need each other.
  serve::Endpoints endpoints_;
  std::unique_ptr<serve::ModelSource> source_;
  std::unique_ptr<serve::Loader> loader_;
};

}  // namespace cli
