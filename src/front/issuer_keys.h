#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "auth/random.h"
#include "base/digest.h"
#include "base/result.h"
#include "front/key_location.h"
#include "front/refresh_schedule.h"
#include "front/tokens.h"
#include "front/watched_files.h"
#include "net/http_client.h"
#include "telemetry/log.h"
#include "telemetry/metrics.h"

namespace front {

// Brings the issuer's keys to Tokens and keeps them fresh: from a file that is watched like
// keys.json, or from the issuer, every ten minutes and sooner when a token comes whose key is not
// known, but no more than once a minute. A key that is withdrawn stops working with the refresh
// that lacks it. Where a refresh fails, the last good keys stay: those of a file for as long as it
// takes, those of the issuer for RefreshSchedule::Options::age_max, since they may have been
// withdrawn by now; then tokens are refused. Each trouble is logged once, and its end too.
//   sooth_token_key_fetches_total{outcome}: ok, failed
class IssuerKeys {
 public:
  using Clock = std::chrono::steady_clock;
  struct Options {
    KeyLocation location;
    RefreshSchedule::Options schedule;
    std::chrono::milliseconds fetch_time_max{5000};  // Stopping may wait for so long.
  };
  // All outlive it.
  struct World {
    Tokens& tokens;
    net::HttpClient& http;
    telemetry::Log& log;
    telemetry::Metrics& metrics;
    std::function<Clock::time_point()> now;
    auth::Random random;
  };

  // Looks for keys once. Fails where a file cannot be used now; an issuer that cannot be reached is
  // no failure: the server starts without it.
  static base::Result<std::unique_ptr<IssuerKeys>> open(Options options, World world);
  IssuerKeys(const IssuerKeys&) = delete;
  IssuerKeys& operator=(const IssuerKeys&) = delete;
  ~IssuerKeys();

  // Does what is due now. Not while it watches.
  void poll();
  // Does it every second from now on, on a thread of its own.
  base::Result<void> watch();

 private:
  IssuerKeys(Options options, World world);

  base::Result<auth::TokenKeys> read_file(base::Result<WatchedFiles::Contents> contents) const;
  void poll_file();
  void poll_issuer();
  void publish(auth::TokenKeys keys);
  void report_failure(const base::Error& error);
  double chance() const;

  const Options options_;
  const World world_;
  telemetry::Counter& fetched_;
  telemetry::Counter& failed_;
  RefreshSchedule schedule_;
  std::optional<WatchedFiles> file_;
  std::optional<base::Digest> published_;  // Nothing: there are no keys.
  bool failing_ = false;
  std::jthread watcher_;
};

}  // namespace front
