#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "auth/key_set.h"
#include "base/result.h"
#include "front/watched_files.h"
#include "net/tls_context.h"
#include "telemetry/log.h"
#include "threads/snapshot.h"

namespace front {

// The keys and the certificates of a server, read from files that may change: keys that were
// revoked stop working within a second or two, a renewed certificate and other authorities of
// clients are used for new connections, and no connection is dropped for any of them. Files that
// cannot be used leave what was there before in place, and say so in the log once.
class Access {
 public:
  struct Files {
    std::optional<std::string> keys;             // keys.json; without either no keys are asked for.
    std::optional<std::string> keys_text;        // The same, of keys that are in no file.
    std::optional<std::string> tls_certificate;  // Both or none; none: no TLS.
    std::optional<std::string> tls_key;
    std::optional<std::string> tls_client_ca;  // Authorities of clients' certificates.
    bool tls_client_required = true;           // Whether a client must have one of them.
    net::TlsProfile tls_profile = net::TlsProfile::Intermediate;
  };
  using Clock = std::chrono::steady_clock;

  // The log outlives it. Fails where the files cannot be used now.
  static base::Result<std::unique_ptr<Access>> open(Files files, telemetry::Log& log,
                                                    std::function<Clock::time_point()> now);
  Access(const Access&) = delete;
  Access& operator=(const Access&) = delete;
  ~Access();

  // Null where the server has none.
  const threads::Snapshot<auth::KeySet>* keys() const { return keys_.get(); }
  std::shared_ptr<const threads::Snapshot<net::TlsContext>> tls() const { return tls_; }

  // Looks at the files now. Not while they are watched.
  void poll();
  // Looks at them every second from now on, on a thread of its own.
  base::Result<void> watch();

 private:
  Access(Files files, telemetry::Log& log, std::function<Clock::time_point()> now);

  base::Result<void> read_first();
  void watch_tls();
  void poll_keys();
  void poll_tls();
  base::Result<std::shared_ptr<const auth::KeySet>> parse_keys(
      base::Result<WatchedFiles::Contents> contents) const;
  base::Result<std::shared_ptr<const net::TlsContext>> parse_tls(
      base::Result<WatchedFiles::Contents> contents) const;

  const Files files_;
  telemetry::Log& log_;
  const std::function<Clock::time_point()> now_;
  std::optional<WatchedFiles> key_files_;
  std::optional<WatchedFiles> tls_files_;
  Clock::time_point tls_since_;
  std::unique_ptr<threads::Snapshot<auth::KeySet>> keys_;
  std::shared_ptr<threads::Snapshot<net::TlsContext>> tls_;
  std::jthread watcher_;
};

}  // namespace front
