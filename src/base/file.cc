#include "base/file.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/text.h"

namespace base {
namespace {

// Closes what it holds.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

std::string reason(int error) {
  char text[128];
  return ::strerror_r(error, text, sizeof text);
}

Error system_error(const std::string& path, int error) {
  const Code code = error == ENOENT || error == ENOTDIR  ? Code::NotFound
                    : error == EACCES || error == EPERM  ? Code::Denied
                    : error == ELOOP || error == EXDEV   ? Code::Denied
                    : error == ENOSPC || error == EDQUOT ? Code::Exhausted
                    : error == EMFILE || error == ENFILE ? Code::Exhausted
                                                         : Code::Internal;
  return {code, fmt::format("{}: {}", quote(path), reason(error))};
}

Result<std::size_t> regular_size(int fd, const std::string& path, std::uint64_t bytes_max) {
  struct stat about {};
  if (::fstat(fd, &about) != 0) return system_error(path, errno);
  if (!S_ISREG(about.st_mode)) {
    return Error(Code::Invalid, fmt::format("{}: expected a regular file", quote(path)));
  }
  const auto size = static_cast<std::uint64_t>(about.st_size);
  if (size > bytes_max) {
    return Error(Code::Exhausted, fmt::format("{}: expected at most {}, got {}", quote(path),
                                              human_bytes(bytes_max), human_bytes(size)));
  }
  return static_cast<std::size_t>(size);
}

}  // namespace

Result<std::shared_ptr<const MappedFile>> MappedFile::open(const std::string& path,
                                                           std::uint64_t bytes_max) {
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (fd.get() < 0) return system_error(path, errno);
  TRY_ASSIGN(const std::size_t size, regular_size(fd.get(), path, bytes_max));
  if (size == 0) return std::shared_ptr<const MappedFile>(new MappedFile(nullptr, 0));
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (data == MAP_FAILED) return system_error(path, errno);
  ::madvise(data, size, MADV_WILLNEED);
  return std::shared_ptr<const MappedFile>(
      new MappedFile(static_cast<const std::byte*>(data), size));
}

MappedFile::~MappedFile() {
  if (size_ > 0) ::munmap(const_cast<std::byte*>(data_), size_);
}

Result<std::string> read_beneath(const std::string& root, const std::string& name,
                                 std::uint64_t bytes_max) {
  const Descriptor folder(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0) return system_error(root, errno);
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  const std::string path = root + "/" + name;
  const Descriptor fd(
      static_cast<int>(::syscall(SYS_openat2, folder.get(), name.c_str(), &how, sizeof how)));
  if (fd.get() < 0) return system_error(path, errno);
  TRY_ASSIGN(const std::size_t size, regular_size(fd.get(), path, bytes_max));
  std::string text(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    const ssize_t got = ::read(fd.get(), text.data() + have, size - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(path, errno);
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  text.resize(have);
  return text;
}

Result<std::unique_ptr<AtomicFile>> AtomicFile::create(const std::string& path) {
  std::string temporary = path + ".XXXXXX";
  const int fd = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (fd < 0) return system_error(path, errno);
  const mode_t mask = ::umask(0);
  ::umask(mask);
  ::fchmod(fd, 0666 & ~mask);
  return std::unique_ptr<AtomicFile>(new AtomicFile(fd, path, std::move(temporary)));
}

AtomicFile::AtomicFile(int fd, std::string path, std::string temporary)
    : fd_(fd), path_(std::move(path)), temporary_(std::move(temporary)) {}

AtomicFile::~AtomicFile() {
  if (fd_ >= 0) ::close(fd_);
  if (!committed_) ::unlink(temporary_.c_str());
}

Result<void> AtomicFile::append(std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = ::write(fd_, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return system_error(path_, errno);
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

Result<void> AtomicFile::commit() {
  if (::fsync(fd_) != 0) return system_error(path_, errno);
  const int fd = std::exchange(fd_, -1);
  if (::close(fd) != 0) return system_error(path_, errno);
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) return system_error(path_, errno);
  committed_ = true;
  return {};
}

bool is_directory(const std::string& path) {
  struct stat about {};
  return ::stat(path.c_str(), &about) == 0 && S_ISDIR(about.st_mode);
}

}  // namespace base
