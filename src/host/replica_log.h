#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "host/descriptor.h"

namespace host {

// What one replica writes, through a pipe into files that stay small: NAME.log, what came before it
// in NAME.log.1, and what the process before it wrote in NAME.previous.log.
class ReplicaLog {
 public:
  static constexpr std::uint64_t kBytesMax = 4U << 20U;  // Of each file.

  // `path` ends with "blue-1".
  static base::Result<ReplicaLog> open(const std::string& path);

  int handle() const { return read_.get(); }
  // The end that the process writes to, until it was started.
  int output() const { return write_.get(); }
  void started() { write_.close(); }

  // Takes what is there; does not wait.
  void drain();
  // The end of what it wrote.
  const std::string& last_words() const { return tail_; }

 private:
  ReplicaLog(std::string path, Descriptor read, Descriptor write)
      : path_(std::move(path)), read_(std::move(read)), write_(std::move(write)) {}
  base::Result<void> reopen();
  void keep(std::string_view bytes);

  std::string path_;
  Descriptor read_;
  Descriptor write_;
  Descriptor file_;
  std::uint64_t size_ = 0;
  std::string tail_;
};

}  // namespace host
