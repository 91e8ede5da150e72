#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "base/result.h"
#include "model/reference.h"
#include "serve/disposal.h"
#include "serve/endpoint.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"
#include "threads/guarded.h"

namespace serve {

// A model that was loaded to be served.
struct LoadedModel {
  std::string version;
  std::shared_ptr<const scorer::Scorer> scorer;
  scorer::Examples examples;  // Of its golden rows, which it has answered as it should.
};

// Where models come from while a server runs. One thread at a time asks it.
class ModelSource {
 public:
  ModelSource() = default;
  ModelSource(const ModelSource&) = delete;
  ModelSource& operator=(const ModelSource&) = delete;
  virtual ~ModelSource() = default;

  // What an endpoint of that name is to serve, and in which version; loaded, and its golden rows
  // replayed. NotFound where there is none of that name or version.
  virtual base::Result<LoadedModel> load(const model::Reference& what) = 0;
};

// Loads, exchanges and unloads endpoints while the server runs, one after the other on a thread of
// its own, which gives way to those that answer requests. An endpoint is exchanged when the new
// model has answered its golden rows and is warm; a load that fails changes nothing, and why it
// failed is remembered until the next one of that name. Any thread may order.
//   sooth_loads_total{outcome}: loaded, unloaded, failed
//   sooth_networks_fallen_back_total{provider}: placement_note.h
class Loader {
 public:
  // Orders that wait; one more is refused.
  static constexpr std::size_t kWaitingMax = 64;
  // Names of which something is remembered; of further ones nothing is.
  static constexpr std::size_t kRememberedMax = 10'000;

  struct Options {
    Endpoints& endpoints;
    ModelSource& source;
    telemetry::Metrics& metrics;
    telemetry::Log& log;
    contract::Offer::Numbers numbers;
  };

  enum class Kind : std::uint8_t { Load, Unload };
  // What is to be done. `done` is called exactly once, now or later and on any thread, with the
  // version that serves from then on (of an unload: that served until then). NotFound: there is
  // nothing of that name · Exhausted: too many wait · Unavailable: the server stops · Cancelled:
  // nobody waits for it any more · else why it could not be loaded.
  struct Order {
    Kind kind = Kind::Load;
    model::Reference what;
    std::string who;  // Stands in the log.
    std::function<bool()> abandoned;
    std::function<void(base::Result<std::string> version)> done;
  };

  // What is remembered of a name.
  struct Note {
    bool loading = false;
    std::string reason;  // Why the last load failed, or that it was unloaded; else empty.
  };
  using Notes = std::map<std::string, Note, std::less<>>;

  static base::Result<std::unique_ptr<Loader>> start(Options options);
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;
  ~Loader();

  void submit(Order order);
  Notes notes() const { return *notes_.lock(); }
  bool is_loading(std::string_view name) const;
  // Another number: other names may be loading.
  std::uint64_t changes() const { return changes_; }

  // Refuses what is ordered from now on, and what waits; what runs is finished. Does not wait.
  void stop();

 private:
  struct State {
    std::deque<Order> waiting;
    bool stopping = false;
  };

  explicit Loader(Options options, std::unique_ptr<Disposal> disposal);
  void work();
  std::optional<Order> next();
  void run(const Order& order);
  base::Result<std::string> load(const model::Reference& what);
  base::Result<std::string> unload(const std::string& name);
  void remember(const std::string& name, Note note);
  void tell(const Order& order, const base::Result<std::string>& version);

  const Options options_;
  const std::unique_ptr<Disposal> disposal_;
  telemetry::Counter& loaded_;
  telemetry::Counter& unloaded_;
  telemetry::Counter& failed_;
  threads::Guarded<State> state_;
  std::condition_variable changed_;
  mutable threads::Guarded<Notes> notes_;
  std::atomic<std::uint64_t> changes_ = 0;
  std::jthread thread_;
};

}  // namespace serve
