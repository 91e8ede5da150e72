#include "serve/loader.h"

#include <chrono>
#include <system_error>
#include <utility>

#include <pthread.h>

#include <fmt/format.h>

#include "base/text.h"
#include "serve/placement_note.h"
#include "serve/warm_up.h"
#include "threads/give_way.h"

namespace serve {
namespace {

using base::Code;
using base::Error;
using base::Result;

telemetry::Counter& outcomes(telemetry::Metrics& metrics, const char* outcome) {
  return metrics.counter("sooth_loads_total", "Endpoints loaded and unloaded on request.",
                         {{"outcome", outcome}});
}

Error stopping() { return {Code::Unavailable, "the server is stopping: try again later"}; }

}  // namespace

Loader::Loader(Options options, std::unique_ptr<Disposal> disposal)
    : options_(options),
      disposal_(std::move(disposal)),
      loaded_(outcomes(options_.metrics, "loaded")),
      unloaded_(outcomes(options_.metrics, "unloaded")),
      failed_(outcomes(options_.metrics, "failed")) {}

Result<std::unique_ptr<Loader>> Loader::start(Options options) {
  TRY_ASSIGN(auto disposal, Disposal::start());
  std::unique_ptr<Loader> loader(new Loader(options, std::move(disposal)));
  try {
    loader->thread_ = std::jthread([&loader = *loader] { loader.work(); });
  } catch (const std::system_error& error) {
    return Error(Code::Exhausted, fmt::format("loader: thread: {}", error.what()));
  }
  ::pthread_setname_np(loader->thread_.native_handle(), "loader");
  return loader;
}

Loader::~Loader() {
  stop();
  if (thread_.joinable()) thread_.join();
}

void Loader::submit(Order order) {
  std::optional<Error> refusal;
  {
    auto state = state_.lock();
    if (state->stopping) {
      refusal = stopping();
    } else if (state->waiting.size() >= kWaitingMax) {
      refusal = Error(Code::Exhausted,
                      fmt::format("{} loads wait already: try again later", kWaitingMax));
    } else {
      state->waiting.push_back(std::move(order));
    }
  }
  changed_.notify_all();
  if (refusal) order.done(*std::move(refusal));
}

void Loader::stop() {
  std::deque<Order> dropped;
  {
    auto state = state_.lock();
    state->stopping = true;
    dropped = std::exchange(state->waiting, {});
  }
  changed_.notify_all();
  for (const Order& order : dropped) order.done(stopping());
}

void Loader::work() {
  // Loading computes for as long as many requests do.
  threads::give_way(threads::Way::OfBackground);
  while (const auto order = next()) run(*order);
}

std::optional<Loader::Order> Loader::next() {
  auto state = state_.lock();
  state.wait_until(changed_, std::chrono::steady_clock::time_point::max(),
                   [](const State& now) { return now.stopping || !now.waiting.empty(); });
  if (state->waiting.empty()) return std::nullopt;
  std::optional<Order> order(std::move(state->waiting.front()));
  state->waiting.pop_front();
  return order;
}

void Loader::run(const Order& order) {
  if (order.abandoned && order.abandoned()) {
    return order.done(Error(Code::Cancelled, "the client has left"));
  }
  const std::string& name = order.what.name;
  auto version = order.kind == Kind::Load ? load(order.what) : unload(name);
  (!version.ok() ? failed_ : order.kind == Kind::Load ? loaded_ : unloaded_).add();
  tell(order, version);
  order.done(std::move(version));
}

Result<std::string> Loader::load(const model::Reference& what) {
  const Note before = [&] {
    auto notes = notes_.lock();
    const auto at = notes->find(what.name);
    return at == notes->end() ? Note() : at->second;
  }();
  remember(what.name, {.loading = true, .reason = {}});
  auto model = options_.source.load(what);
  if (!model.ok()) {
    // A name that nothing has is nothing to remember.
    const bool known = model.error().code() != Code::NotFound;
    remember(what.name, known ? Note{.loading = false, .reason = model.error().message()} : before);
    return std::move(model).error();
  }
  note_placement(what.name, *model->scorer, options_.metrics, options_.log);
  auto deployment = disposal_->keep(std::make_unique<const Deployment>(
      what.name, model->version, std::move(model->scorer), model->examples, options_.numbers));
  warm_up(*deployment);
  if (!options_.endpoints.replace(what.name, deployment)) {
    options_.endpoints.add(
        std::make_shared<Endpoint>(what.name, std::move(deployment), options_.metrics));
  }
  remember(what.name, {});
  return model->version;
}

Result<std::string> Loader::unload(const std::string& name) {
  const auto endpoint = options_.endpoints.find(name);
  if (endpoint == nullptr) {
    return Error(Code::NotFound,
                 fmt::format("endpoint {}: there is none of this name", base::quote(name)));
  }
  std::string version = endpoint->deployment()->version();
  options_.endpoints.remove(name);
  remember(name, {.loading = false, .reason = "unloaded"});
  return version;
}

void Loader::remember(const std::string& name, Note note) {
  auto notes = notes_.lock();
  if (!note.loading && note.reason.empty()) {
    notes->erase(name);
  } else if (notes->size() < kRememberedMax || notes->contains(name)) {
    notes->insert_or_assign(name, std::move(note));
  }
  ++changes_;
}

bool Loader::is_loading(std::string_view name) const {
  auto notes = notes_.lock();
  const auto at = notes->find(name);
  return at != notes->end() && at->second.loading;
}

void Loader::tell(const Order& order, const Result<std::string>& version) {
  const std::string& name = order.what.name;
  if (!version.ok()) {
    options_.log.warn(order.kind == Kind::Load ? "not loaded" : "not unloaded",
                      {{"endpoint", name},
                       {"asked", order.what.text()},
                       {"key", order.who},
                       {"because", version.error().message()}});
  } else {
    options_.log.info(order.kind == Kind::Load ? "loaded" : "unloaded",
                      {{"endpoint", name}, {"version", *version}, {"key", order.who}});
  }
}

}  // namespace serve
