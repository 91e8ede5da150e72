#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>

#include "base/result.h"
#include "cli/served_models.h"
#include "cli/telemetry_flags.h"
#include "cli/tls_flags.h"
#include "cli/token_options.h"
#include "cli/world.h"
#include "config/option.h"
#include "config/settings.h"
#include "contract/offer.h"
#include "front/deadline.h"
#include "front/front.h"
#include "net/server.h"
#include "serve/queue_options.h"

namespace CLI {
class App;
}  // namespace CLI

namespace cli {

// What `sooth serve` is told.
struct ServeOptions {
  ServedModelsFlags models;
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;
  std::size_t threads = 0;  // 0: as many as there are processors.
  AccessFlags access;
  TokenFlags tokens;
  TelemetryFlags telemetry;
  std::map<std::string, std::string> limits;  // Flag to value, as given.
};

void add_serve_options(CLI::App& app, ServeOptions& options);

// Threads that serve, and as many that score.
std::size_t thread_count(const ServeOptions& options);

// The limits of `sooth serve` that belong to no other room.
std::span<const config::Option> serve_options();

// The values of the tables of limits; those that the front keeps are in front_options().
struct ServeSettings {
  config::Settings serving{serve_options()};
  config::Settings limits{net::limit_options()};
  config::Settings queueing{serve::queue_options()};
  config::Settings deadlines{front::deadline_options()};
};
// Invalid for a value that its table refuses.
base::Result<ServeSettings> read_settings(const ServeOptions& options);

// The same for those who do the work.
net::Server::Options server_options(const ServeOptions& options, const ServeSettings& settings,
                                    const World& world);
base::Result<front::Front::Options> front_options(const ServeOptions& options,
                                                  const ServeSettings& settings,
                                                  const World& world);
contract::Offer::Numbers numbers_of(const ServeSettings& settings);

}  // namespace cli
