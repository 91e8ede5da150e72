#pragma once

#include <cstddef>
#include <memory>

#include "base/bytes.h"
#include "base/result.h"
#include "pickle/container.h"

namespace pickle {

// A decompressor that is fed piece by piece: the one adapter over zlib, bzip2, liblzma and lz4.
class Codec {
 public:
  virtual ~Codec() = default;

  struct Step {
    std::size_t taken = 0;
    std::size_t given = 0;
    bool done = false;
  };
  // Takes from `in`, writes to `out`; no progress where there was room on both sides means that
  // the input ends too early.
  virtual base::Result<Step> step(base::Bytes in, std::byte* out, std::size_t room) = 0;
};

// `memory_max` is what the decompressor may hold for itself.
base::Result<std::unique_ptr<Codec>> make_codec(Container container, std::uint64_t memory_max);

}  // namespace pickle
