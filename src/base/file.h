#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace base {

// A regular file, read-only and mapped. Unmapped when the last owner lets go.
class MappedFile {
 public:
  // Refuses what is not a regular file and what is larger than `bytes_max`.
  static Result<std::shared_ptr<const MappedFile>> open(const std::string& path,
                                                        std::uint64_t bytes_max);
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  Bytes bytes() const { return {data_, size_}; }

 private:
  MappedFile(const std::byte* data, std::size_t size) : data_(data), size_(size) {}
  const std::byte* data_;
  std::size_t size_;
};

// Opens `name` beneath the folder `root`, following no links and never leaving it
// (openat2 RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS), and reads it whole.
Result<std::string> read_beneath(const std::string& root, const std::string& name,
                                 std::uint64_t bytes_max);

// Writes `path` whole or not at all: a temporary file beside it, fsync, rename. What was not
// committed is removed.
class AtomicFile {
 public:
  static Result<std::unique_ptr<AtomicFile>> create(const std::string& path);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  Result<void> append(std::string_view text);
  Result<void> commit();

 private:
  AtomicFile(int fd, std::string path, std::string temporary);
  int fd_;
  std::string path_;
  std::string temporary_;
  bool committed_ = false;
};

bool is_directory(const std::string& path);

}  // namespace base
