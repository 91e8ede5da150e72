// Loaded into the program before every other library (LD_PRELOAD): counts the calls that change
// files beneath one folder, and makes the n-th of them go wrong. Nothing of the program is changed.
//
// The program starts once and waits here, before main, for orders; each is carried out by a fork,
// so that a run costs no loading of libraries. Without a root in the environment it does nothing.

#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "protocol.h"

namespace {

using fault::Action;
using fault::Call;

// Set before main and never after; what counts is shared with the process that waits for this one.
std::string_view root;
fault::Order order;
fault::Outcome* outcome = nullptr;
int log_fd = -1;

bool beneath(std::string_view path) {
  return !root.empty() && path.starts_with(root) &&
         (path.size() == root.size() || path[root.size()] == '/');
}

std::string path_of(int fd) {
  char link[64];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  char path[4096];
  const ssize_t size = ::readlink(link, path, sizeof path);
  return size < 0 ? std::string() : std::string(path, static_cast<std::size_t>(size));
}

std::string path_at(int folder, const char* name) {
  if (name[0] == '/') return name;
  return (folder == AT_FDCWD ? std::string(".") : path_of(folder)) + "/" + name;
}

bool needs_room(Call call) {
  return call == Call::Create || call == Call::Write || call == Call::Sync ||
         call == Call::Rename || call == Call::Allocate || call == Call::Folder;
}

bool is_full() { return order.action == Action::Full && outcome->calls >= order.at; }

// Counts one call and says what is to become of it: 0 to go on, an errno to fail with, or
// `part` set to the bytes of a write that are to be done.
int consider(Call call, std::size_t size = 0, std::size_t* part = nullptr) {
  const std::int64_t number = ++outcome->calls;
  if (number <= fault::kKindsMax) outcome->kinds[number - 1] = call;
  if (is_full() && needs_room(call) && (call != Call::Sync)) {
    outcome->fired = true;
    return ENOSPC;
  }
  if (number != order.at) return 0;
  switch (order.action) {
    case Action::None:
    case Action::Full:
    case Action::Record: return 0;
    case Action::Kill:
      outcome->fired = true;
      ::raise(SIGKILL);
      return 0;
    case Action::Eio: outcome->fired = true; return EIO;
    case Action::Enospc: outcome->fired = needs_room(call); return outcome->fired ? ENOSPC : 0;
    case Action::Tear:
    case Action::Short:
      outcome->fired = part != nullptr && size > 1;
      if (outcome->fired) *part = size / 2;
      return 0;
  }
  return 0;
}

void put(const void* data, std::size_t size) {
  static_cast<void>(!::syscall(SYS_write, log_fd, data, size));
}

void record(Call call, int fd, std::uint64_t offset, const std::string& path,
            const std::string& other = "", const void* data = nullptr, std::size_t size = 0) {
  if (order.action != Action::Record) return;
  struct stat about {};
  if (fd >= 0) ::fstat(fd, &about);
  const fault::Recorded recorded{.call = call,
                                 .file = about.st_ino,
                                 .offset = offset,
                                 .path = path.size(),
                                 .other = other.size(),
                                 .data = size};
  put(&recorded, sizeof recorded);
  put(path.data(), path.size());
  put(other.data(), other.size());
  put(data, size);
}

int fail(int error) {
  errno = error;
  return -1;
}

// One run of the program for each order; returns in the process that is to be that run.
void serve() {
  void* shared = ::mmap(nullptr, sizeof(fault::Outcome), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) ::_exit(120);
  outcome = static_cast<fault::Outcome*>(shared);
  while (::read(fault::kOrders, &order, sizeof order) == sizeof order) {
    outcome->calls = 0;
    outcome->fired = false;
    const pid_t child = ::fork();
    if (child < 0) ::_exit(121);
    if (child == 0) {
      ::close(fault::kOrders);
      ::close(fault::kOutcomes);
      if (order.action == Action::Record) {
        const char* path = std::getenv(fault::kLogVariable);
        log_fd = static_cast<int>(
            ::syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
      }
      root = std::getenv(fault::kRootVariable);
      return;
    }
    ::waitpid(child, &outcome->status, 0);
    if (::syscall(SYS_write, fault::kOutcomes, outcome, sizeof *outcome) < 0) ::_exit(122);
  }
  ::_exit(0);
}

using Main = int (*)(int, char**, char**);
Main real_main = nullptr;

// What every run would begin with, done once for all of them.
void warm_up() {
  using Digest = int (*)(void*, const char*, const char*, const void*, std::size_t, unsigned char*,
                         std::size_t*);
  unsigned char digest[64];
  std::size_t size = 0;
  if (const auto find = ::dlsym(RTLD_DEFAULT, "EVP_Q_digest"); find != nullptr) {
    reinterpret_cast<Digest>(find)(nullptr, "SHA256", nullptr, "", 0, digest, &size);
  }
  if (const auto find = ::dlsym(RTLD_DEFAULT, "sqlite3_initialize"); find != nullptr) {
    reinterpret_cast<int (*)()>(find)();
  }
}

int serve_first(int count, char** words, char** environment) {
  if (std::getenv(fault::kRootVariable) != nullptr) {
    warm_up();
    serve();
  }
  return real_main(count, words, environment);
}

int open_at(int folder, const char* name, int flags, mode_t mode) {
  const auto go_on = [&] {
    return static_cast<int>(::syscall(SYS_openat, folder, name, flags, mode));
  };
  if ((flags & O_CREAT) == 0) return go_on();
  const std::string path = path_at(folder, name);
  if (!beneath(path)) return go_on();
  const bool was_there = ::access(path.c_str(), F_OK) == 0;
  if (const int error = consider(was_there ? Call::Open : Call::Create)) return fail(error);
  const int fd = go_on();
  if (fd >= 0 && !was_there) record(Call::Create, fd, 0, path);
  return fd;
}

using Make = int (*)(char*, int);

int make_temporary(char* name, int flags) {
  // POSIX gives functions as data.
  static const auto kNext = reinterpret_cast<Make>(::dlsym(RTLD_NEXT, "mkostemp"));
  if (!beneath(name)) return kNext(name, flags);
  if (const int error = consider(Call::Create)) return fail(error);
  const int fd = kNext(name, flags);
  if (fd >= 0) record(Call::Create, fd, 0, name);
  return fd;
}

// `at` < 0: where the file stands.
ssize_t write_at(int fd, const void* data, std::size_t size, off_t at) {
  const auto go_on = [&](std::size_t part) -> ssize_t {
    if (at < 0) return ::syscall(SYS_write, fd, data, part);
    return ::syscall(SYS_pwrite64, fd, data, part, at);
  };
  if (root.empty() || !beneath(path_of(fd))) return go_on(size);
  std::size_t part = size;
  if (const int error = consider(Call::Write, size, &part)) return fail(error);
  const off_t where = at < 0 ? ::lseek(fd, 0, SEEK_CUR) : at;
  const ssize_t done = go_on(part);
  if (part < size && order.action == Action::Tear) ::raise(SIGKILL);
  if (done > 0) {
    record(Call::Write, fd, static_cast<std::uint64_t>(where), "", "", data,
           static_cast<std::size_t>(done));
  }
  return done;
}

int sync(int fd, long number) {
  if (root.empty()) return static_cast<int>(::syscall(number, fd));
  const std::string path = path_of(fd);
  if (beneath(path)) {
    if (const int error = consider(Call::Sync)) return fail(error);
    record(Call::Sync, fd, 0, path);
  }
  return static_cast<int>(::syscall(number, fd));
}

int move(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) {
  const std::string source = path_at(from_folder, from);
  const std::string target = path_at(to_folder, to);
  const bool counts = beneath(target);
  if (counts) {
    if (const int error = consider(Call::Rename)) return fail(error);
  }
  const auto done =
      static_cast<int>(::syscall(SYS_renameat2, from_folder, from, to_folder, to, flags));
  if (counts && done == 0) record(Call::Rename, -1, 0, source, target);
  return done;
}

int remove_at(int folder, const char* name, int flags) {
  const std::string path = path_at(folder, name);
  const bool counts = beneath(path);
  if (counts) {
    if (const int error = consider(Call::Unlink)) return fail(error);
  }
  const auto done = static_cast<int>(::syscall(SYS_unlinkat, folder, name, flags));
  if (counts && done == 0) record(Call::Unlink, -1, 0, path);
  return done;
}

int cut(int fd, off_t size) {
  const bool counts = !root.empty() && beneath(path_of(fd));
  if (counts) {
    if (const int error = consider(Call::Truncate)) return fail(error);
  }
  const auto done = static_cast<int>(::syscall(SYS_ftruncate, fd, size));
  if (counts && done == 0) record(Call::Truncate, fd, static_cast<std::uint64_t>(size), "");
  return done;
}

// An errno, or 0.
int allocate(int fd, int mode, off_t at, off_t size) {
  if (!root.empty() && beneath(path_of(fd))) {
    if (const int error = consider(Call::Allocate)) return error;
    struct stat about {};
    if (mode == 0 && ::fstat(fd, &about) == 0 && about.st_size < at + size) {
      record(Call::Truncate, fd, static_cast<std::uint64_t>(at + size), "");
    }
  }
  return ::syscall(SYS_fallocate, fd, mode, at, size) == 0 ? 0 : errno;
}

template <typename Where>
int ask_room(const char* function, Where where, struct statvfs* disk) {
  const auto next = reinterpret_cast<int (*)(Where, struct statvfs*)>(::dlsym(RTLD_NEXT, function));
  const int done = next(where, disk);
  if (done == 0 && outcome != nullptr && is_full()) disk->f_bavail = disk->f_bfree = 0;
  return done;
}

mode_t mode_of(int flags, va_list arguments) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
}

}  // namespace

// The library's own names, in both of the forms that 64-bit offsets have.
extern "C" {

// What calls main, once everything before it is done.
int __libc_start_main(Main main, int count, char** words, void (*begin)(), void (*end)(),
                      void (*unload)(), void* stack) {
  using Start = int (*)(Main, int, char**, void (*)(), void (*)(), void (*)(), void*);
  real_main = main;
  const auto next = reinterpret_cast<Start>(::dlsym(RTLD_NEXT, "__libc_start_main"));
  return next(serve_first, count, words, begin, end, unload, stack);
}

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_at(AT_FDCWD, path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_at(AT_FDCWD, path, flags, mode);
}
int openat(int folder, const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_at(folder, path, flags, mode);
}
int openat64(int folder, const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  return open_at(folder, path, flags, mode);
}
int mkostemp(char* name, int flags) { return make_temporary(name, flags); }
int mkostemp64(char* name, int flags) { return make_temporary(name, flags); }
int mkstemp(char* name) { return make_temporary(name, 0); }
int mkstemp64(char* name) { return make_temporary(name, 0); }

ssize_t write(int fd, const void* data, std::size_t size) { return write_at(fd, data, size, -1); }
ssize_t pwrite(int fd, const void* data, std::size_t size, off_t at) {
  return write_at(fd, data, size, at);
}
ssize_t pwrite64(int fd, const void* data, std::size_t size, off64_t at) {
  return write_at(fd, data, size, at);
}
ssize_t writev(int fd, const iovec* parts, int count) {
  if (count == 1) return write_at(fd, parts[0].iov_base, parts[0].iov_len, -1);
  std::string all;
  for (int i = 0; i < count; ++i) {
    all.append(static_cast<const char*>(parts[i].iov_base), parts[i].iov_len);
  }
  return write_at(fd, all.data(), all.size(), -1);
}

int fsync(int fd) { return sync(fd, SYS_fsync); }
int fdatasync(int fd) { return sync(fd, SYS_fdatasync); }
int sync_file_range(int fd, off64_t at, off64_t size, unsigned flags) {
  if (!root.empty() && beneath(path_of(fd))) {
    if (const int error = consider(Call::Hint)) return fail(error);
  }
  return static_cast<int>(::syscall(SYS_sync_file_range, fd, at, size, flags));
}

int rename(const char* from, const char* to) noexcept {
  return move(AT_FDCWD, from, AT_FDCWD, to, 0);
}
int renameat(int from_folder, const char* from, int to_folder, const char* to) noexcept {
  return move(from_folder, from, to_folder, to, 0);
}
int renameat2(int from_folder, const char* from, int to_folder, const char* to,
              unsigned flags) noexcept {
  return move(from_folder, from, to_folder, to, flags);
}

int unlink(const char* path) noexcept { return remove_at(AT_FDCWD, path, 0); }
int unlinkat(int folder, const char* path, int flags) noexcept {
  return remove_at(folder, path, flags);
}
int rmdir(const char* path) noexcept { return remove_at(AT_FDCWD, path, AT_REMOVEDIR); }

int ftruncate(int fd, off_t size) noexcept { return cut(fd, size); }
int ftruncate64(int fd, off64_t size) noexcept { return cut(fd, size); }

int fallocate(int fd, int mode, off_t at, off_t size) {
  const int error = allocate(fd, mode, at, size);
  return error == 0 ? 0 : fail(error);
}
int fallocate64(int fd, int mode, off64_t at, off64_t size) {
  return fallocate(fd, mode, at, size);
}
int posix_fallocate(int fd, off_t at, off_t size) { return allocate(fd, 0, at, size); }
int posix_fallocate64(int fd, off64_t at, off64_t size) { return allocate(fd, 0, at, size); }

int mkdir(const char* path, mode_t mode) noexcept {
  const bool counts = beneath(path);
  if (counts) {
    const bool was_there = ::access(path, F_OK) == 0;
    if (const int error = consider(was_there ? Call::Open : Call::Folder)) return fail(error);
  }
  const auto done = static_cast<int>(::syscall(SYS_mkdirat, AT_FDCWD, path, mode));
  if (counts && done == 0) record(Call::Folder, -1, 0, path);
  return done;
}

int fchmod(int fd, mode_t mode) noexcept {
  if (!root.empty() && beneath(path_of(fd))) {
    if (const int error = consider(Call::Mode)) return fail(error);
  }
  return static_cast<int>(::syscall(SYS_fchmod, fd, mode));
}

int statvfs(const char* path, struct statvfs* disk) noexcept {
  return ask_room("statvfs", path, disk);
}
int fstatvfs(int fd, struct statvfs* disk) noexcept { return ask_room("fstatvfs", fd, disk); }
int statvfs64(const char* path, struct statvfs64* disk) noexcept {
  return ask_room("statvfs", path, reinterpret_cast<struct statvfs*>(disk));
}
int fstatvfs64(int fd, struct statvfs64* disk) noexcept {
  return ask_room("fstatvfs", fd, reinterpret_cast<struct statvfs*>(disk));
}

}  // extern "C"
