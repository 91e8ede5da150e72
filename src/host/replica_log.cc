#include "host/replica_log.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"

namespace host {
namespace {

constexpr std::size_t kTailMax = 16U << 10U;
// In one go, so that one that writes without end does not keep the keeper from the others.
constexpr int kReadsMax = 64;

}  // namespace

base::Result<ReplicaLog> ReplicaLog::open(const std::string& path) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return base::system_error(path, errno);
  ReplicaLog log(path, Descriptor(ends[0]), Descriptor(ends[1]));
  if (::fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) return base::system_error(path, errno);
  // There may be none of these.
  static_cast<void>(::rename((path + ".log").c_str(), (path + ".previous.log").c_str()));
  static_cast<void>(::unlink((path + ".log.1").c_str()));
  TRY(log.reopen());
  return log;
}

base::Result<void> ReplicaLog::reopen() {
  const std::string name = path_ + ".log";
  file_ = Descriptor(::open(name.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  size_ = 0;
  if (!file_) return base::system_error(name, errno);
  return {};
}

// A disk that is full costs lines of log, never the replica.
void ReplicaLog::keep(std::string_view bytes) {
  tail_.append(bytes);
  if (tail_.size() > kTailMax) tail_.erase(0, tail_.size() - kTailMax);
  if (size_ + bytes.size() > kBytesMax) {
    const std::string name = path_ + ".log";
    static_cast<void>(::rename(name.c_str(), (name + ".1").c_str()));
    if (!reopen().ok()) return;
  }
  const ssize_t put = ::write(file_.get(), bytes.data(), bytes.size());
  if (put > 0) size_ += static_cast<std::uint64_t>(put);
}

void ReplicaLog::drain() {
  std::array<char, 16U << 10U> bytes;
  for (int i = 0; i < kReadsMax && read_; ++i) {
    const ssize_t got = ::read(read_.get(), bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) return read_.close();
    keep({bytes.data(), static_cast<std::size_t>(got)});
  }
}

}  // namespace host
