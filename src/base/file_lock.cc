// Locks that processes share, and who holds them.

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/file.h"
#include "base/text.h"

namespace base {
namespace {

constexpr std::chrono::milliseconds kStepMin{1};
constexpr std::chrono::milliseconds kStepMax{20};
constexpr std::chrono::seconds kTellAfter{1};

bool try_lock(int fd, FileLock::Kind kind) {
  const int operation = kind == FileLock::Kind::Shared ? LOCK_SH : LOCK_EX;
  return ::flock(fd, operation | LOCK_NB) == 0;
}

// The process that a line of /proc/locks says holds a lock on this file; 0: it is about another.
//   "4: FLOCK  ADVISORY  WRITE 4711 fe:01:131076 0 EOF"
long holder_in(const std::string& line, ino_t file) {
  std::istringstream words(line);
  std::string number;
  std::string kind;
  std::string way;
  std::string access;
  std::string where;
  long process = 0;
  words >> number >> kind >> way >> access >> process >> where;
  // "4: -> FLOCK" is one that waits.
  if (!words || kind != "FLOCK") return 0;
  return where.ends_with(fmt::format(":{}", file)) ? process : 0;
}

std::string holder_of(int fd) {
  struct stat about {};
  if (::fstat(fd, &about) != 0) return "another process";
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    const long process = holder_in(line, about.st_ino);
    // Those of another container are 0 or less here.
    if (process <= 0) continue;
    std::string name;
    std::getline(std::ifstream(fmt::format("/proc/{}/comm", process)), name);
    return fmt::format("process {} ({})", process, printable(name));
  }
  return "another process";
}

Error held_too_long(const std::string& path, int fd, std::chrono::milliseconds waited) {
  return {Code::Unavailable,
          fmt::format("{}: expected it to be free within {:g} s, got {} that holds it; try again "
                      "when that has ended",
                      quote(path), std::chrono::duration<double>(waited).count(), holder_of(fd))};
}

}  // namespace

Result<FileLock> FileLock::open(const std::string& path) {
  FileLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666));
  if (lock.fd_ < 0) return system_error(path, errno);
  return lock;
}

Result<FileLock> FileLock::take(const std::string& path, Kind kind, const Patience& patience) {
  using Clock = std::chrono::steady_clock;
  TRY_ASSIGN(FileLock lock, open(path));
  const auto start = Clock::now();
  bool told = false;
  // flock() knows no deadline; the steps are short at first, since most holders are soon done.
  for (auto step = kStepMin; !try_lock(lock.fd_, kind); step = std::min(2 * step, kStepMax)) {
    if (errno != EWOULDBLOCK && errno != EINTR) return system_error(path, errno);
    const auto waited = Clock::now() - start;
    if (waited >= patience.at_most) return held_too_long(path, lock.fd_, patience.at_most);
    if (!told && waited >= kTellAfter && patience.on_wait) {
      patience.on_wait(holder_of(lock.fd_));
      told = true;
    }
    std::this_thread::sleep_for(step);
  }
  return lock;
}

Result<std::optional<FileLock>> FileLock::try_take(const std::string& path, Kind kind) {
  TRY_ASSIGN(FileLock lock, open(path));
  if (try_lock(lock.fd_, kind)) return std::optional(std::move(lock));
  if (errno == EWOULDBLOCK) return std::optional<FileLock>();
  return system_error(path, errno);
}

FileLock::~FileLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace base
