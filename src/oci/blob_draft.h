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
#include "threads/guarded.h"

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

  // The next `size` bytes get a digest of their own. Parts do not overlap.
  void begin_part(std::uint64_t size);
  // Exhausted beyond `bytes_max`.
  base::Result<void> append(base::Bytes bytes);

  // All bytes have come; here they are, to be read where they lie. They outlive the draft, and are
  // the blob's once that is committed.
  base::HeldBytes finish();

  // Waits until no thread works on the draft. Precondition: finish() was called.
  void settle();
  // Waits until the bytes are digested and on the disk, and gives the blob its name: after this,
  // and not before, it is there. Precondition: finish() was called.
  struct Committed {
    Stored blob;
    std::vector<base::Digest> parts;  // In their order.
  };
  base::Result<Committed> commit();

 private:
  struct Part {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
  };
  // What the digesting thread has done; the owner's once that has ended.
  struct Digests {
    base::Hasher whole;
    base::Hasher part;
    std::vector<base::Digest> parts;
  };

  BlobDraft(Layout::Writer writer, base::HeldBytes file);
  base::Result<void> start_threads();
  // The bytes that have come, once they are `least`, or fewer and all; nothing once it was stopped.
  std::optional<std::uint64_t> wait_for(std::uint64_t least) const;
  void digest();
  void digest_parts(std::uint64_t begin, base::Bytes bytes);
  void send();

  Layout::Writer writer_;
  const base::HeldBytes file_;  // With room for all that may come.
  // Bytes written, and in the lowest bits whether they are all, and whether to stop.
  std::atomic<std::uint64_t> progress_{0};
  threads::Guarded<std::vector<Part>> parts_;
  Digests digests_;
  std::vector<std::jthread> threads_;
};

}  // namespace oci
