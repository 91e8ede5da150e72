#include "front/watched_files.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/text.h"

namespace front {
namespace {

using base::Code;
using base::Error;

constexpr std::size_t kReadBytes = 64 << 10;

Error file_error(const std::string& path, int error) {
  std::array<char, 128> text{};
  return {error == ENOENT ? Code::NotFound : Code::Denied,
          fmt::format("{}: {}", base::quote(path), ::strerror_r(error, text.data(), text.size()))};
}

class OpenFile {
 public:
  explicit OpenFile(const std::string& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  int fd() const { return fd_; }

 private:
  const int fd_;
};

base::Result<std::string> read_file(const std::string& path, std::size_t bytes_max) {
  const OpenFile file(path);
  if (file.fd() < 0) return file_error(path, errno);
  std::string text;
  for (;;) {
    const std::size_t have = text.size();
    text.resize(have + kReadBytes);
    const ssize_t got = ::read(file.fd(), text.data() + have, kReadBytes);
    const int error = errno;
    text.resize(have + (got > 0 ? static_cast<std::size_t>(got) : 0));
    if (got < 0 && error == EINTR) continue;
    if (got < 0) return file_error(path, error);
    if (got == 0) return text;
    if (text.size() > bytes_max) {
      return Error(Code::Exhausted, fmt::format("{}: expected at most {}", base::quote(path),
                                                base::human_bytes(bytes_max)));
    }
  }
}

}  // namespace

WatchedFiles::WatchedFiles(std::vector<std::string> paths, std::size_t bytes_max)
    : paths_(std::move(paths)), bytes_max_(bytes_max) {}

std::optional<base::Result<WatchedFiles::Contents>> WatchedFiles::poll() {
  base::Hasher hasher;
  Contents contents;
  std::optional<Error> problem;
  for (const std::string& path : paths_) {
    auto text = read_file(path, bytes_max_);
    if (!text.ok()) {
      problem = std::move(text).error();
      hasher.update(problem->message());
      break;
    }
    hasher.update(base::Digest::of(*text).text());
    contents.push_back(*std::move(text));
  }
  const base::Digest now = hasher.finish();
  if (last_ == now) return std::nullopt;
  last_ = now;
  if (problem) return base::Result<Contents>(*std::move(problem));
  return base::Result<Contents>(std::move(contents));
}

}  // namespace front
