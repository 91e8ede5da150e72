#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/result.h"
#include "cli/endpoint.h"
#include "cli/world.h"
#include "deploy/change.h"

namespace CLI {
class App;
}  // namespace CLI

namespace cli {

// `--to` and what belongs to it.
struct TargetFlags {
  std::string to;  // "local", "context:NAME", or a context's name.
  std::string in_namespace = "default";
  std::string server;
  std::string workspace;
};
void add_target_options(CLI::App& app, TargetFlags& flags);

// How a change is carried out.
struct Conduct {
  bool dry_run = false;
  bool wait = false;
  bool keep = false;   // Leave what failed as it is.
  bool force = false;  // Take over fields that others have set.
  std::int64_t time_max_s = 600;
};

// What an endpoint would become, not yet done.
class PlannedChange {
 public:
  PlannedChange() = default;
  PlannedChange(const PlannedChange&) = delete;
  PlannedChange& operator=(const PlannedChange&) = delete;
  virtual ~PlannedChange() = default;

  virtual const std::string& endpoint() const = 0;
  virtual const std::vector<deploy::Change>& changes() const = 0;
  // What a person should know although it is right.
  virtual const std::vector<std::string>& advice() const = 0;
  // Whether the target would take it. Changes nothing.
  virtual base::Result<void> check(const Conduct& conduct) = 0;
  // Gives where it answers, where that is known; with `wait` when it does. Where that fails it goes
  // back to what was there, and the error says so.
  virtual base::Result<std::string> carry_out(const Conduct& conduct) = 0;
};

// One deployment as it is.
struct Seen {
  std::string version;
  std::string text;     // "faq-blue: 2 of 2 copies are ready"
  std::string because;  // Where it is not ready and something says why.
  nlohmann::ordered_json json;
};

struct Look {
  std::string headline;  // Of the endpoint as a whole; empty: nothing to say.
  nlohmann::ordered_json more = nlohmann::ordered_json::object();  // The same, for JSON.
  std::vector<Seen> deployments;
};

struct LogQuery {
  std::string endpoint;
  std::string deployment;  // Empty: all.
  std::int64_t lines = 100;
  bool previous = false;
};
struct CopyLog {
  std::string name;
  std::string text;
};

struct ScoreQuery {
  std::string endpoint;
  std::string deployment;  // Empty: whichever its share of traffic chooses.
  std::string key;         // Empty: none.
  std::string body;
};
struct Answer {
  int status = 0;
  std::string body;
};

// Where deployments run: this machine, or a namespace of a cluster. Commands say what is to be
// done and show what came; a target does it.
class Target {
 public:
  Target() = default;
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;
  virtual ~Target() = default;

  virtual base::Result<std::unique_ptr<PlannedChange>> plan_deploy(const EndpointFlags& flags,
                                                                   bool dry_run) = 0;
  virtual base::Result<std::unique_ptr<PlannedChange>> plan_rollback(
      const std::string& endpoint) = 0;
  // Until nothing of it is left.
  virtual base::Result<void> undeploy(const std::string& endpoint,
                                      std::chrono::seconds time_max) = 0;
  virtual base::Result<Look> look(const std::string& endpoint) = 0;
  virtual base::Result<std::vector<CopyLog>> logs(const LogQuery& query) = 0;
  virtual std::string_view copy_word() const = 0;  // What it calls a copy: "pod".
  virtual base::Result<Answer> score(const ScoreQuery& query) = 0;
};

// The world outlives it.
base::Result<std::unique_ptr<Target>> open_target(const TargetFlags& flags, World& world);
// What the workspace calls a namespace of a cluster, which need not be there any more. Invalid for
// this machine, of which that is never so.
base::Result<std::string> cluster_name(const TargetFlags& flags);
base::Result<std::unique_ptr<Target>> open_kubernetes(const TargetFlags& flags, World& world);
base::Result<std::unique_ptr<Target>> open_local(const TargetFlags& flags, World& world);

// A sentence about how it goes, on standard error.
void say_progress(World& world, const std::string& sentence);

}  // namespace cli
