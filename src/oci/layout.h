#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/file.h"
#include "base/files.h"
#include "base/result.h"
#include "oci/descriptor.h"

namespace oci {

// A blob that lies in a layout.
struct Stored {
  base::Digest digest;
  std::uint64_t size = 0;
};

// An OCI image layout on disk, version 1.0.0: `oci-layout`, `index.json`, `blobs/sha256/<hex>`,
// and beside them `tmp/` for what is being written. Any number of processes may add blobs and
// read them at once. A blob is seen under its digest only once it is whole and on the disk.
class Layout {
 public:
  // Writes one blob whose digest is not known before its end.
  class Writer;

  // Opens the layout at `root`, a folder that exists; makes what a new one lacks.
  static base::Result<Layout> open(std::string root);

  const std::string& root() const { return root_; }

  bool has(const base::Digest& digest) const;
  // Where the blob lies, or would.
  std::string path(const base::Digest& digest) const;
  // Maps a blob and reads all of it: Corrupt where its bytes are not those of its digest.
  base::Result<std::shared_ptr<const base::MappedFile>> open(const base::Digest& digest,
                                                             std::uint64_t bytes_max) const;

  // `expected` bytes are about to come, for what is said when the disk is full; 0: unknown.
  base::Result<Writer> write(std::uint64_t expected) const;
  base::Result<Stored> put(std::string_view bytes) const;
  // The blobs that were not there before they were written through this layout, or a copy of it;
  // from now on they are counted anew.
  std::vector<base::Digest> take_new() const;

  // Every blob; names that are no digests are left alone.
  base::Result<std::vector<base::Digest>> list() const;
  // Removing and cleaning are for one to whom nobody adds blobs meanwhile.
  base::Result<void> remove(const base::Digest& digest) const;
  // Removes what writers that crashed have left, and says how much.
  base::Result<std::uint64_t> clean() const;

  base::Result<std::string> read_index() const;
  // Reads no more of it than that; false where it cannot be read.
  bool index_begins_with(std::string_view text) const;
  // To be held by whoever writes the index, from before it is derived.
  base::Result<base::FileLock> lock_index() const;
  // Replaces index.json, whole or not at all.
  base::Result<void> write_index(std::string_view json) const;

 private:
  explicit Layout(std::string root) : root_(std::move(root)) {}
  base::Result<void> create() const;
  bool is_whole(const base::Digest& digest, std::uint64_t size) const;

  // What became a blob through this layout; shared, since copies are the same layout.
  struct New {
    std::mutex mutex;
    std::vector<base::Digest> digests;
  };

  std::string root_;
  std::shared_ptr<New> new_ = std::make_shared<New>();
};

class Layout::Writer {
 public:
  // Bytes whose way to the disk begins together.
  static constexpr std::uint64_t kSentAtOnce = 8 << 20;

  Writer(Writer&& other) noexcept;
  Writer& operator=(Writer&& other) noexcept;
  // What was not committed is removed.
  ~Writer();

  base::Result<void> append(base::Bytes bytes);
  // After this, and not before, the blob is there.
  base::Result<Stored> commit();
  // The same for bytes that must have this digest: Corrupt, and nothing is kept, where they have
  // another.
  base::Result<Stored> commit(const base::Digest& expected);

 private:
  friend class Layout;
  friend class BlobDraft;
  Writer(const Layout& layout, int fd, std::string temporary, std::uint64_t expected)
      : root_(layout.root()),
        new_(layout.new_),
        fd_(fd),
        temporary_(std::move(temporary)),
        expected_(expected) {}
  base::Error write_error(int error) const;
  std::uint64_t size() const { return size_; }
  // Takes the room for all that is expected, at once and not page by page, which costs a quarter
  // more. Exhausted where it is not there; nothing on a file system that cannot. For bytes that
  // are at hand: what a stranger says is about to come takes no room.
  base::Result<void> reserve();
  // Appends without digesting.
  base::Result<void> put(base::Bytes bytes);
  // Begins the way of these bytes to the disk, which does not wait for what comes behind them.
  void send(std::uint64_t begin, std::uint64_t end) const;
  // The first bytes of the file as it will be: only those that were put may be read. Precondition:
  // more than none.
  base::Result<base::HeldBytes> map(std::uint64_t bytes) const;
  base::Result<Stored> publish(const base::Digest& digest);

  std::string root_;
  std::shared_ptr<New> new_;
  int fd_ = -1;
  std::string temporary_;
  std::uint64_t expected_ = 0;
  std::uint64_t size_ = 0;
  std::uint64_t sent_ = 0;  // Bytes whose way to the disk has begun.
  bool reserved_ = false;
  base::Hasher hasher_;
};

}  // namespace oci
