#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/file.h"
#include "base/result.h"

namespace base {

// Where bytes lie in an open file, which is mapped.
struct FilePart {
  int descriptor = -1;  // Its holder's; -1: in none that is kept open.
  std::uint64_t offset = 0;
};

// Bytes that something else keeps alive.
struct HeldBytes {
  Bytes bytes;
  std::shared_ptr<const void> holder;
  FilePart part = {};
};

// Files under one root, read-only, by names that never lead out of it: a folder, or the layers of
// an image.
class Files {
 public:
  Files() = default;
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;
  virtual ~Files() = default;

  // NotFound where there is none; Exhausted where it is larger than `bytes_max`.
  virtual Result<HeldBytes> open(const std::string& name, std::uint64_t bytes_max) const = 0;
  // What messages call the file of that name.
  virtual std::string place(const std::string& name) const = 0;
};

// The files of a folder: follows no links, and never leaves it.
class FolderFiles final : public Files {
 public:
  explicit FolderFiles(std::string root) : root_(std::move(root)) {}

  Result<HeldBytes> open(const std::string& name, std::uint64_t bytes_max) const override {
    TRY_ASSIGN(auto file, map(name, bytes_max));
    return HeldBytes{file->bytes(), file, {.descriptor = file->descriptor()}};
  }
  Result<std::shared_ptr<const MappedFile>> map(const std::string& name,
                                                std::uint64_t bytes_max) const {
    return MappedFile::open_beneath(root_, name, bytes_max);
  }
  std::string place(const std::string& name) const override { return root_ + "/" + name; }

 private:
  std::string root_;
};

}  // namespace base
