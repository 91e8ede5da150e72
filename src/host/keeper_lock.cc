#include "host/keeper_lock.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"

namespace host {
namespace {

struct flock whole_file() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

}  // namespace

base::Result<std::optional<KeeperLock>> KeeperLock::take(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return base::system_error(path, errno);
  struct flock lock = whole_file();
  if (::fcntl(file.get(), F_SETLK, &lock) == 0) {
    return std::optional<KeeperLock>(KeeperLock(std::move(file)));
  }
  if (errno == EACCES || errno == EAGAIN) return std::optional<KeeperLock>();
  return base::system_error(path, errno);
}

base::Result<std::optional<pid_t>> find_holder(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  if (!file && errno == ENOENT) return std::optional<pid_t>();
  if (!file) return base::system_error(path, errno);
  struct flock lock = whole_file();
  if (::fcntl(file.get(), F_GETLK, &lock) != 0) return base::system_error(path, errno);
  if (lock.l_type == F_UNLCK || lock.l_pid <= 0) return std::optional<pid_t>();
  return std::optional<pid_t>(lock.l_pid);
}

base::Result<bool> signal_holder(const std::string& path, int signal) {
  TRY_ASSIGN(const auto before, find_holder(path));
  if (!before) return false;
  const Descriptor handle(static_cast<int>(::syscall(SYS_pidfd_open, *before, 0U)));
  if (!handle && errno == ESRCH) return false;
  if (!handle) return base::system_error(path, errno);
  // It held the lock before the handle was opened and holds it now: the handle is its.
  TRY_ASSIGN(const auto after, find_holder(path));
  if (after != before) return false;
  if (::syscall(SYS_pidfd_send_signal, handle.get(), signal, nullptr, 0U) == 0) return true;
  if (errno == ESRCH) return false;
  return base::system_error(path, errno);
}

}  // namespace host
