#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace base {

// A regular file, read-only and mapped. Unmapped when the last owner lets go.
class MappedFile {
 public:
  // Refuses what is not a regular file and what is larger than `bytes_max`.
  static Result<std::shared_ptr<const MappedFile>> open(const std::string& path,
                                                        std::uint64_t bytes_max);
  // The same for a file beneath the folder `root`, as read_beneath opens it.
  static Result<std::shared_ptr<const MappedFile>> open_beneath(const std::string& root,
                                                                const std::string& name,
                                                                std::uint64_t bytes_max);
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  Bytes bytes() const { return {data_, size_}; }
  // Of a large file; -1 of others.
  int descriptor() const { return fd_; }
  // The same bytes from `offset` on, for one who wants each of them once. Those of a large file,
  // which keeps its descriptor, are read, for that is cheaper. Fewer than there is room for: the
  // file ends there, or a large one has been cut since it was opened.
  Result<std::size_t> read(std::size_t offset, std::span<std::byte> to) const;
  static constexpr std::size_t kLarge = std::size_t{16} << 20U;

 private:
  MappedFile(int fd, std::string path, const std::byte* data, std::size_t size)
      : fd_(fd), path_(std::move(path)), data_(data), size_(size) {}
  static Result<std::shared_ptr<const MappedFile>> map(int fd, const std::string& path,
                                                       std::uint64_t bytes_max);
  int fd_;  // -1: not large.
  std::string path_;
  const std::byte* data_;
  std::size_t size_;
};

// Opens `name` beneath the folder `root`, following no links and never leaving it
// (openat2 RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS), and reads it whole.
Result<std::string> read_beneath(const std::string& root, const std::string& name,
                                 std::uint64_t bytes_max);

// The first bytes of it, at most so many.
Result<std::string> read_beginning_beneath(const std::string& root, const std::string& name,
                                           std::size_t bytes_max);

// Writes `path` whole or not at all: a temporary file, fsync, rename. What was not committed is
// removed.
class AtomicFile {
 public:
  // The temporary file lies beside `path`.
  static Result<std::unique_ptr<AtomicFile>> create(const std::string& path);
  // The temporary file lies in `folder`, of the same file system, where somebody may look for what
  // a crash has left.
  static Result<std::unique_ptr<AtomicFile>> create_in(const std::string& folder,
                                                       const std::string& path);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  // For what its owner alone may read. Before the first append().
  Result<void> keep_private();
  Result<void> append(std::string_view text);
  Result<void> commit();

 private:
  static Result<std::unique_ptr<AtomicFile>> open(const std::string& path, std::string temporary);
  AtomicFile(int fd, std::string path, std::string temporary);
  int fd_;
  std::string path_;
  std::string temporary_;
  bool committed_ = false;
};

bool is_directory(const std::string& path);
// Whether there is something of that name, be it only a link to nothing.
bool exists(const std::string& path);

// Makes the folder, and waits until its name is on the disk; one that is there already is as good.
Result<void> make_folder(const std::string& path);

// Waits until the folder's entries are on the disk: what was created, renamed or removed in it.
Result<void> sync_folder(const std::string& path);

// The names in a folder, without "." and "..", sorted.
Result<std::vector<std::string>> list_folder(const std::string& path);

// Removes a folder that holds nothing; one that holds something stays, which is no error.
Result<void> remove_empty_folder(const std::string& path);

// Removes a file; one that is not there is as good.
Result<void> remove_file(const std::string& path);

// What the errno of a call on `path` means.
Error system_error(const std::string& path, int error);

// As long as others wait for the database of a workspace. What holds a lock for longer is a
// transfer, or stands still.
inline constexpr std::chrono::seconds kLockWait{60};

// A lock that every process which opens the same file respects. It ends with its holder, however
// that ends, so a crash leaves none behind.
class FileLock {
 public:
  enum class Kind : unsigned char { Shared, Exclusive };
  // For how long to wait for others, and what to do meanwhile.
  struct Patience {
    std::chrono::milliseconds at_most = kLockWait;
    // Called once, when it has waited for a second, with who is in the way: "process 4711 (sooth)".
    std::function<void(const std::string& holder)> on_wait;
  };
  // Waits while others hold it otherwise; Unavailable, naming one of them, where that takes too
  // long. The file is created where it is absent.
  static Result<FileLock> take(const std::string& path, Kind kind, const Patience& patience);
  static Result<FileLock> take(const std::string& path, Kind kind) {
    return take(path, kind, Patience());
  }
  // Does not wait: nothing, where others hold it otherwise.
  static Result<std::optional<FileLock>> try_take(const std::string& path, Kind kind);
  FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileLock& operator=(FileLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileLock();

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  static Result<FileLock> open(const std::string& path);
  int fd_;
};

}  // namespace base
