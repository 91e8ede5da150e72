#include "cli/served_models.h"

#include <algorithm>
#include <map>
#include <utility>

#include <malloc.h>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "auth/key.h"
#include "base/file.h"
#include "base/text.h"
#include "batching/shared_runs.h"
#include "cli/progress.h"
#include "cli/workspace.h"
#include "model/recipe.h"
#include "serve/placement_note.h"
#include "serve/warm_up.h"
#include "threads/guarded.h"
#include "threads/parallel.h"

namespace cli {
namespace {

using base::Code;
using base::Error;
using base::Result;

// Loading is mostly computing; more at once than that wait for the disk together.
constexpr std::size_t kLoadedAtOnce = 16;
// Names that are said; of more endpoints only how many there are.
constexpr std::size_t kNamesSaid = 8;

// A workspace that is opened once, when it is needed.
class Opened {
 public:
  Opened(const std::string& option, World& world) : option_(option), world_(world) {}

  Result<workspace::Workspace*> open(bool create) {
    if (workspace_ == nullptr) {
      TRY_ASSIGN(workspace_, open_workspace(option_, world_, create));
    }
    return workspace_.get();
  }
  const oci::Layout* layout() const {
    return workspace_ == nullptr ? nullptr : &workspace_->layout();
  }

 private:
  const std::string& option_;
  World& world_;
  std::unique_ptr<workspace::Workspace> workspace_;
};

// The version of a model that is served where nothing says which.
Result<workspace::Version> find_usual(workspace::Workspace& workspace, const std::string& model,
                                      const std::string& alias) {
  if (!alias.empty()) {
    auto version = workspace.find({.name = model, .which = model::Reference::Alias{alias}});
    if (version.ok() || version.error().code() != Code::NotFound) return version;
  }
  return workspace.find({.name = model, .which = model::Reference::Newest{}});
}

// The name in NAME=what, where what is given so; else nothing.
std::string take_name(std::string& what) {
  const std::size_t equals = what.find('=');
  if (equals == std::string::npos || base::exists(what)) return {};
  std::string name = what.substr(0, equals);
  if (!model::check_name(name).ok()) return {};
  what.erase(0, equals + 1);
  return name;
}

Result<std::vector<FoundModel>> find_all(const ServedModelsFlags& flags, Opened& opened,
                                         World& world) {
  std::vector<FoundModel> all;
  for (std::string what : flags.what) {
    std::string name = take_name(what);
    TRY_ASSIGN(FoundModel found,
               find_served(
                   what, flags.where, [&](bool create) { return opened.open(create); }, world));
    found.name = name.empty() ? flags.name : std::move(name);
    all.push_back(std::move(found));
  }
  if (!flags.all) return all;
  TRY_ASSIGN(workspace::Workspace * workspace, opened.open(false));
  TRY_ASSIGN(const auto models, workspace->models());
  for (const workspace::Model& model : models) {
    TRY_ASSIGN(workspace::Version version, flags.alias.empty()
                                               ? Result<workspace::Version>(model.newest)
                                               : find_usual(*workspace, model.name, flags.alias));
    all.push_back({.name = {}, .what = model.name, .version = std::move(version)});
  }
  return all;
}

Result<void> check_flags(const ServedModelsFlags& flags) {
  if (flags.what.empty() && !flags.all && !flags.allow_load) {
    return Error(Code::Invalid,
                 "serve: expected a model, --all for those of the workspace, or --allow-load");
  }
  if (!flags.name.empty() && (flags.what.size() != 1 || flags.all)) {
    return Error(Code::Invalid,
                 "--name: expected one model; several are named as in faq=model.joblib");
  }
  if (!flags.alias.empty() && !flags.all && !flags.allow_load) {
    return Error(Code::Invalid, "--alias: expected --all or --allow-load beside it");
  }
  return flags.alias.empty() ? Result<void>() : model::check_alias(flags.alias);
}

// A model that is ready to serve.
struct Ready {
  std::shared_ptr<serve::Endpoint> endpoint;
  std::optional<model::Parity> replayed;
};

class ModelLoading {
 public:
  ModelLoading(const std::vector<FoundModel>& found, const oci::Layout* layout,
               const ReadingFlags& reading, const ServedModels::Options& options, World& world,
               telemetry::Metrics& metrics)
      : found_(found),
        layout_(layout),
        reading_(reading),
        options_(options),
        metrics_(metrics),
        ready_(found.size()),
        progress_(world) {
    reading_.classes_of_some = found.size() > 1;
  }

  Result<std::vector<Ready>> load() {
    TRY(threads::in_parallel(
        found_.size(), std::min(options_.threads, kLoadedAtOnce),
        [this](std::size_t index, const std::stop_token&) { return load_one(index); }));
    progress_.lock()->clear();
    // What reading them has needed goes back to the system.
    if (found_.size() > 1) ::malloc_trim(0);
    return std::move(ready_);
  }

 private:
  Result<void> load_one(std::size_t index) {
    const FoundModel& found = found_[index];
    auto served = load_found(found, layout_, reading_, options_.networks);
    if (!served.ok()) {
      if (found_.size() == 1) return std::move(served).error();
      return std::move(served).error().within(base::quote(found.what));
    }
    auto deployment = std::make_shared<const serve::Deployment>(served->name, served->version,
                                                                std::move(served->scorer),
                                                                served->examples, options_.numbers);
    serve::warm_up(*deployment);
    ready_[index] = {
        std::make_shared<serve::Endpoint>(served->name, std::move(deployment), metrics_),
        std::move(served->replayed)};
    auto progress = progress_.lock();
    progress->models(++done_, found_.size());
    return {};
  }

  const std::vector<FoundModel>& found_;
  const oci::Layout* layout_;
  ReadingFlags reading_;
  const ServedModels::Options& options_;
  telemetry::Metrics& metrics_;
  std::vector<Ready> ready_;  // Each by one thread.
  threads::Guarded<Progress> progress_;
  std::size_t done_ = 0;  // Under the lock of progress_.
};

Result<void> check_names(const std::vector<FoundModel>& found, const std::vector<Ready>& ready) {
  std::map<std::string, std::string> known;
  for (std::size_t i = 0; i < ready.size(); ++i) {
    const std::string& name = ready[i].endpoint->name();
    const auto [at, is_new] = known.emplace(name, found[i].what);
    if (is_new) continue;
    return Error(Code::Conflict,
                 fmt::format("endpoint {}: expected one model, got {} and {}; name one of them "
                             "otherwise, as in other={}",
                             base::quote(name), base::quote(at->second), base::quote(found[i].what),
                             found[i].what));
  }
  return {};
}

// What was found out of the models while they were loaded.
void log_models(const std::vector<Ready>& ready, telemetry::Metrics& metrics, telemetry::Log& log) {
  model::Parity sum;
  std::size_t replayed = 0;
  for (const Ready& each : ready) {
    if (each.replayed) {
      ++replayed;
      sum.rows += each.replayed->rows;
      sum.values += each.replayed->values;
      sum.equal += each.replayed->equal;
    }
    const auto deployment = each.endpoint->deployment();
    serve::note_placement(each.endpoint->name(), deployment->scorer(), metrics, log);
    const auto* match = deployment->scorer().match();
    if (match != nullptr && match->plain_because()) {
      log.warn("pairs are scored one by one",
               {{"endpoint", each.endpoint->name()}, {"because", *match->plain_because()}});
    }
  }
  if (replayed == 0) return;
  log.info(
      "golden rows replayed",
      {{"models", replayed}, {"rows", sum.rows}, {"values", sum.values}, {"equal", sum.equal}});
}

// The workspace, for a server that is asked to load from it.
class WorkspaceSource final : public serve::ModelSource {
 public:
  // `models` are those of endpoints that are called otherwise.
  WorkspaceSource(const ServedModelsFlags& flags, World& world, const engine::Loader* networks,
                  std::map<std::string, std::string> models)
      : flags_(flags), world_(world), networks_(networks), models_(std::move(models)) {}

  // Opened anew each time: what it holds changes, and so may the folder that has its name.
  Result<serve::LoadedModel> load(const model::Reference& what) override {
    Opened opened(flags_.where.workspace, world_);
    TRY_ASSIGN(workspace::Workspace * workspace, opened.open(false));
    const auto model = models_.find(what.name);
    const std::string& name = model == models_.end() ? what.name : model->second;
    FoundModel found{.name = what.name, .what = what.text(), .version = {}};
    if (std::holds_alternative<model::Reference::Newest>(what.which)) {
      TRY_ASSIGN(found.version, find_usual(*workspace, name, flags_.alias));
    } else {
      TRY_ASSIGN(found.version, workspace->find({.name = name, .which = what.which}));
    }
    TRY_ASSIGN(ServedModel served, load_found(found, opened.layout(), {}, networks_));
    return serve::LoadedModel{.version = std::move(served.version),
                              .scorer = std::move(served.scorer),
                              .examples = std::move(served.examples)};
  }

 private:
  const ServedModelsFlags& flags_;
  World& world_;
  const engine::Loader* networks_;
  const std::map<std::string, std::string> models_;
};

std::map<std::string, std::string> renamed(const std::vector<FoundModel>& found) {
  std::map<std::string, std::string> models;
  for (const FoundModel& each : found) {
    if (each.version && !each.name.empty()) models[each.name] = each.version->model;
  }
  return models;
}

}  // namespace

void add_served_models_options(CLI::App& app, ServedModelsFlags& flags) {
  app.add_option(
      "model", flags.what,
      "Model files, folders with sooth.yaml, versions (faq:3, faq@champion) or images in "
      "a registry; NAME=... names the endpoint of one");
  app.add_option("--name", flags.name, "Name of the endpoint of one model (default: the model's)");
  app.add_flag("--all", flags.all, "Serve the newest version of every model of the workspace");
  app.add_option("--alias", flags.alias,
                 "With --all and --allow-load: of models that have this alias, the version that it "
                 "points at instead of the newest");
  app.add_flag("--allow-load", flags.allow_load,
               "Load, exchange and unload models of the workspace on request; where there are "
               "keys, with one of scope manage");
  app.add_option("--python", flags.where.reading.python,
                 "Python release whose text rules apply, for a model without sooth.yaml");
  add_class_option(app, flags.where.reading.classes);
  add_registry_options(app, flags.where.registry);
  add_workspace_option(app, flags.where.workspace);
}

Result<std::unique_ptr<ServedModels>> ServedModels::load(const ServedModelsFlags& flags,
                                                         const Options& options, World& world,
                                                         telemetry::Log& log,
                                                         telemetry::Metrics& metrics) {
  TRY(check_flags(flags));
  Opened opened(flags.where.workspace, world);
  // A server that may load says at its start that it cannot.
  if (flags.allow_load) TRY(opened.open(false));
  TRY_ASSIGN(const auto found, find_all(flags, opened, world));
  if (found.size() > kModelsMax) {
    return Error(Code::Exhausted, fmt::format("serve: expected at most {} models, got {}",
                                              kModelsMax, found.size()));
  }
  ModelLoading loading(found, opened.layout(), flags.where.reading, options, world, metrics);
  TRY_ASSIGN(const auto ready, loading.load());
  TRY(check_names(found, ready));
  log_models(ready, metrics, log);
  std::unique_ptr<ServedModels> models(new ServedModels());
  std::vector<std::shared_ptr<serve::Endpoint>> endpoints;
  for (const Ready& each : ready) endpoints.push_back(each.endpoint);
  models->endpoints_.add(std::move(endpoints));
  if (flags.allow_load) {
    models->source_ =
        std::make_unique<WorkspaceSource>(flags, world, options.networks, renamed(found));
    TRY_ASSIGN(models->loader_, serve::Loader::start({.endpoints = models->endpoints_,
                                                      .source = *models->source_,
                                                      .metrics = metrics,
                                                      .log = log,
                                                      .numbers = options.numbers}));
  }
  return models;
}

std::size_t ServedModels::useful_workers(std::size_t cpus) const {
  std::size_t most = cpus;
  for (const auto& endpoint : endpoints_.all()) {
    const auto deployment = endpoint->deployment();
    if (const engine::Network* network = deployment->scorer().network()) {
      most = std::max(most, batching::useful_callers(*network, cpus));
    }
  }
  return most;
}

std::string ServedModels::title() const {
  const auto all = endpoints_.all();
  if (all.size() == 1) return all.front()->name();
  if (all.empty()) return "no endpoints yet";
  if (all.size() > kNamesSaid) return fmt::format("{} endpoints", all.size());
  std::string names;
  for (const auto& each : all) names += (names.empty() ? "" : ", ") + each->name();
  return names;
}

std::string ServedModels::keyed() const {
  const auto all = endpoints_.all();
  return std::string(all.size() == 1 && loader_ == nullptr ? all.front()->name()
                                                           : auth::kSomeEndpoint);
}

std::string ServedModels::greeting(const std::string& url) const {
  if (endpoints_.find("") != nullptr) {
    return fmt::format("{} at {}/score, to try at {}/\n", title(), url, url);
  }
  return fmt::format("{} at {}/endpoints/{{name}}/score\n", title(), url);
}

}  // namespace cli
