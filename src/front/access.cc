#include "front/access.h"

#include <mutex>
#include <stop_token>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace front {
namespace {

constexpr std::chrono::seconds kPeriod{1};
// The keys of session tickets live as long as a context, so even a certificate that stays the same
// gets a new one now and then.
constexpr std::chrono::hours kTicketKeysAge{12};
constexpr std::size_t kCertificateBytesMax = 1U << 20U;

}  // namespace

Access::Access(Files files, telemetry::Log& log, std::function<Clock::time_point()> now)
    : files_(std::move(files)), log_(log), now_(std::move(now)) {
  if (files_.keys) {
    key_files_.emplace(std::vector{*files_.keys}, auth::kKeyFileBytesMax);
  }
  if (files_.tls_certificate && files_.tls_key) watch_tls();
}

Access::~Access() = default;

// Afresh: the next poll is news.
void Access::watch_tls() {
  std::vector<std::string> paths = {*files_.tls_certificate, *files_.tls_key};
  if (files_.tls_client_ca) paths.push_back(*files_.tls_client_ca);
  tls_files_.emplace(std::move(paths), kCertificateBytesMax);
}

base::Result<std::unique_ptr<Access>> Access::open(Files files, telemetry::Log& log,
                                                   std::function<Clock::time_point()> now) {
  if (files.tls_certificate.has_value() != files.tls_key.has_value()) {
    return base::Error(base::Code::Invalid, "TLS: expected a certificate and its key, got one");
  }
  if (files.tls_client_ca && !files.tls_certificate) {
    return base::Error(base::Code::Invalid,
                       "TLS: expected a certificate of the server beside clients' authorities");
  }
  std::unique_ptr<Access> access(new Access(std::move(files), log, std::move(now)));
  TRY(access->read_first());
  return access;
}

base::Result<void> Access::read_first() {
  if (key_files_) {
    TRY_ASSIGN(auto first, parse_keys(*key_files_->poll()));
    keys_ = std::make_unique<threads::Snapshot<auth::KeySet>>(std::move(first));
  }
  if (files_.keys_text) {
    TRY_ASSIGN(auth::KeySet only, auth::KeySet::parse(*files_.keys_text));
    keys_ = std::make_unique<threads::Snapshot<auth::KeySet>>(
        std::make_shared<const auth::KeySet>(std::move(only)));
  }
  if (tls_files_) {
    TRY_ASSIGN(auto first, parse_tls(*tls_files_->poll()));
    tls_ = std::make_shared<threads::Snapshot<net::TlsContext>>(std::move(first));
    tls_since_ = now_();
  }
  return {};
}

base::Result<std::shared_ptr<const auth::KeySet>> Access::parse_keys(
    base::Result<WatchedFiles::Contents> contents) const {
  TRY_ASSIGN(const WatchedFiles::Contents texts, std::move(contents));
  auto keys = auth::KeySet::parse(texts.front());
  if (!keys.ok()) return std::move(keys).error().within(base::quote(*files_.keys));
  return std::make_shared<const auth::KeySet>(*std::move(keys));
}

base::Result<std::shared_ptr<const net::TlsContext>> Access::parse_tls(
    base::Result<WatchedFiles::Contents> contents) const {
  TRY_ASSIGN(const WatchedFiles::Contents texts, std::move(contents));
  net::TlsContext::Options options{.profile = files_.tls_profile,
                                   .client_authorities = {},
                                   .client_required = files_.tls_client_required};
  if (files_.tls_client_ca) options.client_authorities = texts[2];
  auto context = net::TlsContext::make(texts[0], texts[1], options);
  if (context.ok()) return context;
  std::string names =
      fmt::format("{} and {}", base::quote(*files_.tls_certificate), base::quote(*files_.tls_key));
  if (files_.tls_client_ca) names += fmt::format(" and {}", base::quote(*files_.tls_client_ca));
  return std::move(context).error().within(std::move(names));
}

void Access::poll() {
  if (key_files_) poll_keys();
  if (tls_files_) poll_tls();
}

void Access::poll_keys() {
  auto contents = key_files_->poll();
  if (!contents) return;
  auto keys = parse_keys(*std::move(contents));
  if (!keys.ok()) {
    log_.error("keys stay as they were", {{"because", keys.error().message()}});
    return;
  }
  log_.info("keys have changed", {{"keys", (*keys)->records().size()}});
  keys_->publish(*std::move(keys));
}

void Access::poll_tls() {
  if (now_() - tls_since_ > kTicketKeysAge) {
    watch_tls();
    tls_since_ = now_();
  }
  auto contents = tls_files_->poll();
  if (!contents) return;
  auto context = parse_tls(*std::move(contents));
  if (!context.ok()) {
    log_.error("certificate stays as it was", {{"because", context.error().message()}});
    return;
  }
  tls_since_ = now_();
  log_.info("certificate was read again",
            {{"expires", auth::format_timestamp((*context)->expires())}});
  tls_->publish(*std::move(context));
}

base::Result<void> Access::watch() {
  if (!key_files_ && !tls_files_) return {};
  try {
    watcher_ = std::jthread([this](const std::stop_token& stop) {
      std::mutex mutex;
      std::condition_variable_any stopped;
      std::unique_lock lock(mutex);
      while (!stopped.wait_for(lock, stop, kPeriod, [&] { return stop.stop_requested(); })) poll();
    });
  } catch (const std::system_error& error) {
    return base::Error(base::Code::Exhausted, fmt::format("thread: {}", error.what()));
  }
  return {};
}

}  // namespace front
