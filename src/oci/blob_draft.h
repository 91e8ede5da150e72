#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/files.h"
#include "base/result.h"
#include "oci/layout.h"

namespace oci {

// A blob that is read before it has its name. While bytes are still written, a thread digests what
// has come so far out of the file itself, and another sends it to the disk; once all are written
// their owner may read them too, and decide by them whether the blob is to be kept. What is read,
// what is digested and what is kept are the same pages of the same file. Of one owner, who calls
// from one thread.
class BlobDraft {
 public:
  // At most `bytes_max` bytes will come.
  static base::Result<std::unique_ptr<BlobDraft>> start(const Layout& layout,
                                                        std::uint64_t bytes_max);
  BlobDraft(const BlobDraft&) = delete;
  BlobDraft& operator=(const BlobDraft&) = delete;
  // What was not committed is removed.
  ~BlobDraft();

  // Exhausted beyond `bytes_max`.
  base::Result<void> append(base::Bytes bytes);

  // All bytes have come; here they are, to be read where they lie. They outlive the draft, and are
  // the blob's once that is committed.
  base::HeldBytes finish();

  // Waits until no thread works on the draft. Precondition: finish() was called.
  void settle();
  // Waits until the bytes are digested and on the disk, and gives the blob its name: after this,
  // and not before, it is there. Precondition: finish() was called.
  base::Result<Stored> commit();

 private:
  BlobDraft(Layout::Writer writer, base::HeldBytes file);
  base::Result<void> start_threads();
  // The bytes that have come, once they are `least`, or fewer and all; nothing once it was stopped.
  std::optional<std::uint64_t> wait_for(std::uint64_t least) const;
  void digest();
  void send();

  Layout::Writer writer_;
  const base::HeldBytes file_;  // With room for all that may come.
  // Bytes written, and in the lowest bits whether they are all, and whether to stop.
  std::atomic<std::uint64_t> progress_{0};
  base::Hasher hasher_;  // The digesting thread's; the owner's once that has ended.
  std::vector<std::jthread> threads_;
};

}  // namespace oci
