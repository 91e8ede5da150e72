#include "oci/push_blobs.h"

#include <set>
#include <vector>

#include "threads/guarded.h"
#include "threads/parallel.h"

namespace oci {
namespace {

// Of blobs with one digest the first.
std::vector<std::size_t> distinct(std::span<const BlobToPush> blobs) {
  std::set<base::Digest> seen;
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < blobs.size(); ++i) {
    if (seen.insert(blobs[i].descriptor.digest).second) indices.push_back(i);
  }
  return indices;
}

}  // namespace

base::Result<void> push_blobs(Registry& registry, std::span<const BlobToPush> blobs,
                              const PushOptions& options) {
  const std::vector<std::size_t> indices = distinct(blobs);
  threads::Guarded<int> reporting;
  const auto report = [&](const PushProgress& progress) {
    if (!options.progress) return;
    const auto one_at_a_time = reporting.lock();
    options.progress(progress);
  };
  const auto push = [&](std::size_t at, const std::stop_token&) -> base::Result<void> {
    const std::size_t index = indices[at];
    const BlobToPush& blob = blobs[index];
    const auto on_bytes = [&](std::uint64_t sent) { report({.index = index, .sent_bytes = sent}); };
    TRY_ASSIGN(const BlobOutcome outcome,
               registry.push_blob(blob.descriptor, blob.bytes, blob.mount_from, on_bytes));
    const bool sent = outcome == BlobOutcome::Uploaded;
    report({.index = index,
            .sent_bytes = sent ? blob.descriptor.size : 0,
            .done = true,
            .outcome = outcome});
    return {};
  };
  return threads::in_parallel(indices.size(), options.parallel, push);
}

}  // namespace oci
