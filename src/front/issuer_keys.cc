#include "front/issuer_keys.h"

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <stop_token>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace front {
namespace {

constexpr std::chrono::seconds kLookPeriod{1};

telemetry::Counter& fetches(telemetry::Metrics& metrics, const char* outcome) {
  return metrics.counter("sooth_token_key_fetches_total",
                         "Times that the issuer was asked for its keys.", {{"outcome", outcome}});
}

}  // namespace

IssuerKeys::IssuerKeys(Options options, World world)
    : options_(std::move(options)),
      world_(std::move(world)),
      fetched_(fetches(world_.metrics, "ok")),
      failed_(fetches(world_.metrics, "failed")),
      schedule_(options_.schedule) {
  if (const auto* const file = std::get_if<KeyFile>(&options_.location)) {
    file_.emplace(std::vector{file->path}, auth::kTokenKeysBytesMax);
  }
}

IssuerKeys::~IssuerKeys() = default;

base::Result<std::unique_ptr<IssuerKeys>> IssuerKeys::open(Options options, World world) {
  std::unique_ptr<IssuerKeys> keys(new IssuerKeys(std::move(options), std::move(world)));
  if (keys->file_) {
    TRY_ASSIGN(auto first, keys->read_file(*keys->file_->poll()));
    keys->publish(std::move(first));
  } else {
    keys->poll_issuer();
  }
  return keys;
}

base::Result<auth::TokenKeys> IssuerKeys::read_file(
    base::Result<WatchedFiles::Contents> contents) const {
  TRY_ASSIGN(const WatchedFiles::Contents texts, std::move(contents));
  auto keys = auth::TokenKeys::parse(texts.front());
  if (keys.ok()) return keys;
  return std::move(keys).error().within(
      base::quote(std::get_if<KeyFile>(&options_.location)->path));
}

void IssuerKeys::poll() {
  if (file_) {
    poll_file();
  } else {
    poll_issuer();
  }
}

void IssuerKeys::poll_file() {
  auto contents = file_->poll();
  if (!contents) return;
  auto keys = read_file(*std::move(contents));
  if (!keys.ok()) {
    world_.log.error("token keys stay as they were", {{"because", keys.error().message()}});
    return;
  }
  publish(*std::move(keys));
}

void IssuerKeys::poll_issuer() {
  if (world_.tokens.take_unknown()) schedule_.wish();
  if (schedule_.is_stale(world_.now()) && published_) {
    world_.tokens.publish(nullptr);
    published_.reset();
    world_.log.error("token keys are too old: tokens are refused until there are new ones");
  }
  if (!schedule_.is_due(world_.now())) return;
  auto keys =
      fetch_token_keys(world_.http, options_.location, Clock::now() + options_.fetch_time_max);
  if (!keys.ok()) {
    failed_.add();
    schedule_.failed(world_.now(), chance());
    report_failure(keys.error());
    return;
  }
  fetched_.add();
  schedule_.succeeded(world_.now(), chance());
  if (std::exchange(failing_, false)) world_.log.info("the issuer's keys were read again");
  publish(*std::move(keys));
}

void IssuerKeys::publish(auth::TokenKeys keys) {
  if (published_ == keys.digest()) return;
  published_ = keys.digest();
  for (const std::string& reason : keys.refused()) {
    world_.log.warn("a token key is not used", {{"because", reason}});
  }
  world_.log.info("token keys", {{"keys", keys.keys().size()}});
  world_.tokens.publish(std::make_shared<const auth::TokenKeys>(std::move(keys)));
}

void IssuerKeys::report_failure(const base::Error& error) {
  if (std::exchange(failing_, true)) return;
  world_.log.error(published_ ? "token keys stay as they were"
                              : "tokens are refused until the issuer's keys can be read",
                   {{"because", error.message()}});
}

// Where there is nothing random, the middle will do.
double IssuerKeys::chance() const {
  std::array<std::byte, sizeof(std::uint32_t)> bytes{};
  if (!world_.random(bytes).ok()) return 0.5;
  std::uint32_t number = 0;
  std::memcpy(&number, bytes.data(), sizeof number);
  return static_cast<double>(number) / 4294967296.0;
}

base::Result<void> IssuerKeys::watch() {
  try {
    watcher_ = std::jthread([this](const std::stop_token& stop) {
      std::mutex mutex;
      std::condition_variable_any stopped;
      std::unique_lock lock(mutex);
      const auto asked = [&] { return stop.stop_requested(); };
      while (!stopped.wait_for(lock, stop, kLookPeriod, asked)) poll();
    });
  } catch (const std::system_error& error) {
    return base::Error(base::Code::Exhausted, fmt::format("thread: {}", error.what()));
  }
  return {};
}

}  // namespace front
