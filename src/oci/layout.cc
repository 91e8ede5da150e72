#include "oci/layout.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/text.h"

namespace oci {
namespace {

using base::Code;
using base::Error;

constexpr std::string_view kLayoutFile = R"({"imageLayoutVersion":"1.0.0"})";
constexpr std::uint64_t kLayoutBytesMax = 4096;
constexpr std::uint64_t kIndexBytesMax = std::uint64_t{1} << 30U;

std::string blobs(const std::string& root) { return root + "/blobs/sha256"; }

base::Result<void> replace(const std::string& root, const std::string& name,
                           std::string_view text) {
  // Not beside it: there, what a crash leaves would stay for ever.
  TRY_ASSIGN(const auto file, base::AtomicFile::create_in(root + "/tmp", root + "/" + name));
  TRY(file->append(text));
  TRY(file->commit());
  return base::sync_folder(root);
}

}  // namespace

base::Result<Layout> Layout::open(std::string root) {
  Layout layout(std::move(root));
  const auto text = base::read_beneath(layout.root_, "oci-layout", kLayoutBytesMax);
  if (!text.ok() && text.error().code() != Code::NotFound) return text.error();
  if (!text.ok()) {
    TRY(layout.create());
    return layout;
  }
  // Written by others it may have spaces and more keys.
  if (text->find("\"1.0.0\"") == std::string::npos) {
    return Error(Code::Unsupported,
                 fmt::format("{}: expected imageLayoutVersion 1.0.0, got {}",
                             base::quote(layout.root_ + "/oci-layout"), base::quote(*text)));
  }
  TRY(base::make_folder(layout.root_ + "/tmp"));
  return layout;
}

// The file that makes it a layout comes last, once all others are on the disk.
base::Result<void> Layout::create() const {
  TRY_ASSIGN(const auto lock, lock_index());
  TRY(base::make_folder(root_ + "/blobs"));
  TRY(base::make_folder(blobs(root_)));
  TRY(base::make_folder(root_ + "/tmp"));
  // Another process may have been first, and have put versions there.
  if (!read_index().ok()) TRY(write_index(Index{}.json()));
  return replace(root_, "oci-layout", kLayoutFile);
}

std::string Layout::path(const base::Digest& digest) const {
  return blobs(root_) + "/" + digest.hex();
}

bool Layout::has(const base::Digest& digest) const {
  struct stat about {};
  return ::lstat(path(digest).c_str(), &about) == 0 && S_ISREG(about.st_mode);
}

base::Result<std::shared_ptr<const base::MappedFile>> Layout::open(const base::Digest& digest,
                                                                   std::uint64_t bytes_max) const {
  auto file = base::MappedFile::open_beneath(blobs(root_), digest.hex(), bytes_max);
  if (!file.ok()) return std::move(file).error();
  const base::Digest found = base::Digest::of((*file)->bytes());
  if (found == digest) return file;
  return Error(Code::Corrupt,
               fmt::format("blob {}: its bytes have changed: their digest is {}; run sooth doctor",
                           digest.text(), found.text()));
}

// One whose bytes have changed is written anew.
bool Layout::is_whole(const base::Digest& digest, std::uint64_t size) const {
  return has(digest) && open(digest, size).ok();
}

base::Result<Layout::Writer> Layout::write(std::uint64_t expected) const {
  std::string temporary = root_ + "/tmp/blob.XXXXXX";
  const int fd = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (fd < 0) return base::system_error(root_ + "/tmp", errno);
  Writer writer(*this, fd, std::move(temporary), expected);
  struct statvfs disk {};
  const bool known = ::fstatvfs(fd, &disk) == 0;
  if (known && expected > static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize) {
    return writer.write_error(ENOSPC);
  }
  return writer;
}

base::Result<Stored> Layout::put(std::string_view bytes) const {
  const base::Digest digest = base::Digest::of(bytes);
  if (is_whole(digest, bytes.size())) {
    // Whoever put it there may not have come as far as this.
    TRY(base::sync_folder(blobs(root_)));
    return Stored{digest, bytes.size()};
  }
  TRY_ASSIGN(Writer writer, write(bytes.size()));
  TRY(writer.append(base::as_bytes(bytes)));
  return writer.commit();
}

base::Result<std::vector<base::Digest>> Layout::list() const {
  TRY_ASSIGN(const auto names, base::list_folder(blobs(root_)));
  std::vector<base::Digest> digests;
  for (const std::string& name : names) {
    if (const auto digest = base::Digest::parse("sha256:" + name); digest.ok()) {
      digests.push_back(*digest);
    }
  }
  return digests;
}

base::Result<void> Layout::remove(const base::Digest& digest) const {
  return base::remove_file(path(digest));
}

base::Result<std::uint64_t> Layout::clean() const {
  // An index on its way lies there too.
  TRY_ASSIGN(const auto lock, lock_index());
  TRY_ASSIGN(const auto names, base::list_folder(root_ + "/tmp"));
  std::uint64_t freed = 0;
  for (const std::string& name : names) {
    const std::string leftover = root_ + "/tmp/" + name;
    struct stat about {};
    if (::lstat(leftover.c_str(), &about) != 0 || !S_ISREG(about.st_mode)) continue;
    TRY(base::remove_file(leftover));
    freed += static_cast<std::uint64_t>(about.st_size);
  }
  return freed;
}

base::Result<std::string> Layout::read_index() const {
  return base::read_beneath(root_, "index.json", kIndexBytesMax);
}

bool Layout::index_begins_with(std::string_view text) const {
  const auto begin = base::read_beginning_beneath(root_, "index.json", text.size());
  return begin.ok() && *begin == text;
}

base::Result<base::FileLock> Layout::lock_index() const {
  return base::FileLock::take(root_ + "/index.lock", base::FileLock::Kind::Exclusive);
}

base::Result<void> Layout::write_index(std::string_view json) const {
  return replace(root_, "index.json", json);
}

std::vector<base::Digest> Layout::take_new() const {
  const std::scoped_lock lock(new_->mutex);
  return std::exchange(new_->digests, {});
}

Layout::Writer::Writer(Writer&& other) noexcept
    : root_(std::move(other.root_)),
      new_(std::move(other.new_)),
      fd_(std::exchange(other.fd_, -1)),
      temporary_(std::exchange(other.temporary_, {})),
      expected_(other.expected_),
      size_(other.size_),
      sent_(other.sent_),
      reserved_(other.reserved_),
      hasher_(std::move(other.hasher_)) {}

Layout::Writer& Layout::Writer::operator=(Writer&& other) noexcept {
  std::swap(root_, other.root_);
  std::swap(new_, other.new_);
  std::swap(fd_, other.fd_);
  std::swap(temporary_, other.temporary_);
  std::swap(expected_, other.expected_);
  std::swap(size_, other.size_);
  std::swap(sent_, other.sent_);
  std::swap(reserved_, other.reserved_);
  std::swap(hasher_, other.hasher_);
  return *this;
}

Layout::Writer::~Writer() {
  if (fd_ >= 0) ::close(fd_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

base::Result<void> Layout::Writer::append(base::Bytes bytes) {
  hasher_.update(bytes);
  TRY(put(bytes));
  // The disk writes while the next bytes are still hashed.
  if (size_ - sent_ >= kSentAtOnce) {
    send(sent_, size_);
    sent_ = size_;
  }
  return {};
}

base::Result<void> Layout::Writer::reserve() {
  if (::fallocate(fd_, FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(expected_)) == 0) {
    reserved_ = true;
    return {};
  }
  // What was taken before it failed is given back.
  const int problem = errno;
  if (problem == EOPNOTSUPP || problem == ENOSYS) return {};
  if (::ftruncate(fd_, static_cast<off_t>(size_)) != 0) return write_error(errno);
  if (problem == ENOSPC || problem == EDQUOT) return write_error(problem);
  return {};
}

base::Result<void> Layout::Writer::put(base::Bytes bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return write_error(errno);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    size_ += static_cast<std::uint64_t>(written);
  }
  return {};
}

// Only a hint: what it cannot do, fsync does. It must not wait for the disk, for then an error that
// the disk reports would be told here, and not to fsync.
void Layout::Writer::send(std::uint64_t begin, std::uint64_t end) const {
  static_cast<void>(::sync_file_range(fd_, static_cast<off_t>(begin),
                                      static_cast<off_t>(end - begin), SYNC_FILE_RANGE_WRITE));
}

base::Result<base::HeldBytes> Layout::Writer::map(std::uint64_t bytes) const {
  void* data = ::mmap(nullptr, bytes, PROT_READ, MAP_SHARED, fd_, 0);
  if (data == MAP_FAILED) return base::system_error(temporary_, errno);
  std::shared_ptr<const void> holder(
      data, [bytes](const void* at) { ::munmap(const_cast<void*>(at), bytes); });
  return base::HeldBytes{{static_cast<const std::byte*>(data), bytes}, std::move(holder)};
}

base::Result<Stored> Layout::Writer::commit() { return publish(hasher_.finish()); }

base::Result<Stored> Layout::Writer::commit(const base::Digest& expected) {
  const base::Digest digest = hasher_.finish();
  if (digest == expected) return publish(digest);
  return Error(Code::Corrupt, fmt::format("blob {}: expected these bytes, got others, of {}",
                                          expected.text(), digest.text()));
}

base::Result<Stored> Layout::Writer::publish(const base::Digest& digest) {
  ::fchmod(fd_, 0444);
  // Gives back what was reserved and did not come.
  if (reserved_ && ::ftruncate(fd_, static_cast<off_t>(size_)) != 0) return write_error(errno);
  if (::fsync(fd_) != 0) return write_error(errno);
  if (::close(std::exchange(fd_, -1)) != 0) return write_error(errno);
  const std::string folder = blobs(root_);
  const std::string path = folder + "/" + digest.hex();
  const bool is_new = !base::exists(path);
  if (::rename(temporary_.c_str(), path.c_str()) != 0) {
    return base::system_error(folder, errno);
  }
  if (is_new) {
    const std::scoped_lock lock(new_->mutex);
    new_->digests.push_back(digest);
  }
  temporary_.clear();
  TRY(base::sync_folder(folder));
  return Stored{digest, size_};
}

base::Error Layout::Writer::write_error(int error) const {
  struct statvfs disk {};
  if ((error != ENOSPC && error != EDQUOT) || ::statvfs(root_.c_str(), &disk) != 0) {
    return base::system_error(temporary_, error);
  }
  const std::uint64_t free = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize + size_;
  return {Code::Exhausted,
          fmt::format("{}: the disk is full: expected {} free, got {}", base::quote(root_),
                      expected_ > 0 ? base::human_bytes(expected_) : "more than was",
                      base::human_bytes(free))};
}

}  // namespace oci
