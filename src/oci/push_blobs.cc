#include "oci/push_blobs.h"

#include <algorithm>
#include <optional>
#include <set>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "threads/guarded.h"

namespace oci {
namespace {

// The list, and what the threads that work on it share.
class Push {
 public:
  Push(Registry& registry, std::span<const BlobToPush> blobs, const PushOptions& options)
      : registry_(registry), blobs_(blobs), options_(options) {}

  void work() {
    while (const auto index = next()) push(*index);
  }

  base::Result<void> outcome() {
    auto state = state_.lock();
    if (state->error) return *state->error;
    return {};
  }

 private:
  struct State {
    std::size_t next = 0;
    std::set<base::Digest> begun;
    std::optional<base::Error> error;
  };

  std::optional<std::size_t> next() {
    auto state = state_.lock();
    while (!state->error && state->next < blobs_.size()) {
      const std::size_t index = state->next++;
      if (state->begun.insert(blobs_[index].descriptor.digest).second) return index;
    }
    return std::nullopt;
  }

  void push(std::size_t index) {
    const BlobToPush& blob = blobs_[index];
    auto pushed = registry_.push_blob(
        blob.descriptor, blob.bytes, blob.mount_from,
        [this, index](std::uint64_t sent) { report({.index = index, .sent_bytes = sent}); });
    if (pushed.ok()) {
      const bool sent = *pushed == BlobOutcome::Uploaded;
      report({.index = index,
              .sent_bytes = sent ? blob.descriptor.size : 0,
              .done = true,
              .outcome = *pushed});
      return;
    }
    auto state = state_.lock();
    if (!state->error) state->error = std::move(pushed).error();
  }

  void report(const PushProgress& progress) {
    if (!options_.progress) return;
    const auto one_at_a_time = reporting_.lock();
    options_.progress(progress);
  }

  Registry& registry_;
  const std::span<const BlobToPush> blobs_;
  const PushOptions& options_;
  threads::Guarded<State> state_;
  threads::Guarded<int> reporting_;
};

}  // namespace

base::Result<void> push_blobs(Registry& registry, std::span<const BlobToPush> blobs,
                              const PushOptions& options) {
  Push push(registry, blobs, options);
  const std::size_t count = std::min(std::max<std::size_t>(options.parallel, 1), blobs.size());
  {
    std::vector<std::jthread> threads;
    try {
      for (std::size_t i = 1; i < count; ++i) threads.emplace_back([&push] { push.work(); });
    } catch (const std::system_error&) {  // Fewer threads do it too.
    }
    push.work();
  }
  return push.outcome();
}

}  // namespace oci
