#include "base/file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
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

// As many bytes as there are, up to those that there is room for.
Result<std::size_t> read_at(int fd, const std::string& path, std::size_t offset,
                            std::span<std::byte> to) {
  std::size_t have = 0;
  while (have < to.size()) {
    const ssize_t got =
        ::pread(fd, to.data() + have, to.size() - have, static_cast<off_t>(offset + have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(path, errno);
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  return have;
}

Result<std::string> read_text(int fd, const std::string& path, std::size_t bytes_max) {
  std::string text(bytes_max, '\0');
  TRY_ASSIGN(const std::size_t size, read_at(fd, path, 0, std::as_writable_bytes(std::span(text))));
  text.resize(size);
  return text;
}

// The folder that holds it.
std::string parent_of(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  const std::size_t at = path.rfind('/');
  if (at == std::string::npos) return ".";
  return at == 0 ? "/" : path.substr(0, at);
}

// Beneath `root`, through no link.
Result<int> open_beneath(const std::string& root, const std::string& name) {
  const Descriptor folder(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0) return system_error(root, errno);
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  const auto fd =
      static_cast<int>(::syscall(SYS_openat2, folder.get(), name.c_str(), &how, sizeof how));
  if (fd < 0) return system_error(root + "/" + name, errno);
  return fd;
}

}  // namespace

Error system_error(const std::string& path, int error) {
  const Code code = error == ENOENT || error == ENOTDIR  ? Code::NotFound
                    : error == EACCES || error == EPERM  ? Code::Denied
                    : error == ELOOP || error == EXDEV   ? Code::Denied
                    : error == ENOSPC || error == EDQUOT ? Code::Exhausted
                    : error == EMFILE || error == ENFILE ? Code::Exhausted
                                                         : Code::Internal;
  struct statvfs disk {};
  if ((error == ENOSPC || error == EDQUOT) &&
      (::statvfs(path.c_str(), &disk) == 0 || ::statvfs(parent_of(path).c_str(), &disk) == 0)) {
    const std::uint64_t room = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
    return {code, fmt::format("{}: the disk is full: expected room for it, got {} free",
                              quote(path), human_bytes(room))};
  }
  return {code, fmt::format("{}: {}", quote(path), reason(error))};
}

Result<std::shared_ptr<const MappedFile>> MappedFile::open(const std::string& path,
                                                           std::uint64_t bytes_max) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (fd < 0) return system_error(path, errno);
  return map(fd, path, bytes_max);
}

Result<std::shared_ptr<const MappedFile>> MappedFile::open_beneath(const std::string& root,
                                                                   const std::string& name,
                                                                   std::uint64_t bytes_max) {
  TRY_ASSIGN(const int fd, base::open_beneath(root, name));
  return map(fd, root + "/" + name, bytes_max);
}

// Closes `opened`, now or at its end.
Result<std::shared_ptr<const MappedFile>> MappedFile::map(int opened, const std::string& path,
                                                          std::uint64_t bytes_max) {
  Descriptor fd(opened);
  TRY_ASSIGN(const std::size_t size, regular_size(fd.get(), path, bytes_max));
  const void* data = nullptr;
  if (size > 0) {
    void* const mapped = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
    if (mapped == MAP_FAILED) return system_error(path, errno);
    ::madvise(mapped, size, MADV_WILLNEED);
    data = mapped;
  }
  const int kept = size >= kLarge ? fd.release() : -1;
  return std::shared_ptr<const MappedFile>(
      new MappedFile(kept, path, static_cast<const std::byte*>(data), size));
}

MappedFile::~MappedFile() {
  if (size_ > 0) ::munmap(const_cast<std::byte*>(data_), size_);
  if (fd_ >= 0) ::close(fd_);
}

Result<std::size_t> MappedFile::read(std::size_t offset, std::span<std::byte> to) const {
  if (fd_ >= 0) return read_at(fd_, path_, offset, to);
  const Bytes from = bytes().subspan(std::min(offset, size_));
  const std::size_t size = std::min(from.size(), to.size());
  std::copy_n(from.begin(), size, to.begin());
  return size;
}

Result<std::string> read_beneath(const std::string& root, const std::string& name,
                                 std::uint64_t bytes_max) {
  const std::string path = root + "/" + name;
  TRY_ASSIGN(const int opened, open_beneath(root, name));
  const Descriptor fd(opened);
  TRY_ASSIGN(const std::size_t size, regular_size(fd.get(), path, bytes_max));
  return read_text(fd.get(), path, size);
}

Result<std::string> read_beginning_beneath(const std::string& root, const std::string& name,
                                           std::size_t bytes_max) {
  TRY_ASSIGN(const int opened, open_beneath(root, name));
  const Descriptor fd(opened);
  return read_text(fd.get(), root + "/" + name, bytes_max);
}

Result<std::unique_ptr<AtomicFile>> AtomicFile::create(const std::string& path) {
  return open(path, path + ".XXXXXX");
}

Result<std::unique_ptr<AtomicFile>> AtomicFile::create_in(const std::string& folder,
                                                          const std::string& path) {
  return open(path, folder + path.substr(path.rfind('/')) + ".XXXXXX");
}

Result<std::unique_ptr<AtomicFile>> AtomicFile::open(const std::string& path,
                                                     std::string temporary) {
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

Result<void> AtomicFile::keep_private() {
  if (::fchmod(fd_, S_IRUSR | S_IWUSR) != 0) return system_error(path_, errno);
  return {};
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

Result<void> make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0777) == 0) return sync_folder(parent_of(path));
  const int error = errno;
  if (error == EEXIST && is_directory(path)) return {};
  if (error == EEXIST) {
    return Error(Code::Invalid, fmt::format("{}: expected a folder, got a file", quote(path)));
  }
  return system_error(path, error);
}

Result<void> sync_folder(const std::string& path) {
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0 || ::fsync(fd.get()) != 0) return system_error(path, errno);
  return {};
}

Result<std::vector<std::string>> list_folder(const std::string& path) {
  DIR* folder = ::opendir(path.c_str());
  if (folder == nullptr) return system_error(path, errno);
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(folder)) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  const int error = errno;
  ::closedir(folder);
  if (error != 0) return system_error(path, error);
  std::sort(names.begin(), names.end());
  return names;
}

Result<void> remove_file(const std::string& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return system_error(path, errno);
  return {};
}

Result<void> remove_empty_folder(const std::string& path) {
  if (::rmdir(path.c_str()) != 0 && errno != ENOENT && errno != ENOTEMPTY && errno != EEXIST) {
    return system_error(path, errno);
  }
  return {};
}

bool exists(const std::string& path) {
  struct stat about {};
  return ::lstat(path.c_str(), &about) == 0;
}

bool is_directory(const std::string& path) {
  struct stat about {};
  return ::stat(path.c_str(), &about) == 0 && S_ISDIR(about.st_mode);
}

}  // namespace base
