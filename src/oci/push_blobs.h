#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "oci/descriptor.h"
#include "oci/registry.h"

namespace oci {

struct BlobToPush {
  Descriptor descriptor;
  base::Bytes bytes;
  std::string mount_from;  // Another repository that may have it; empty: none.
};

// What has become of blob `index` of the list.
struct PushProgress {
  std::size_t index = 0;
  std::uint64_t sent_bytes = 0;
  bool done = false;
  BlobOutcome outcome = BlobOutcome::Uploaded;  // Where done.
};

struct PushOptions {
  std::size_t parallel = 4;
  std::function<void(const PushProgress&)> progress;  // Called by one thread at a time.
};

// Pushes several blobs at once, each digest once, and waits for all. At the first error no further
// blob is begun; that error is the outcome.
base::Result<void> push_blobs(Registry& registry, std::span<const BlobToPush> blobs,
                              const PushOptions& options);

}  // namespace oci
