#include "cli/stream.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/file.h"
#include "base/text.h"

namespace cli {
namespace {

using base::Code;
using base::Error;
using base::Result;

Error system_error(const std::string& name, int error) {
  char text[128];
  const Code code = error == ENOENT || error == ENOTDIR ? Code::NotFound
                    : error == EACCES || error == EPERM ? Code::Denied
                    : error == ENOSPC                   ? Code::Exhausted
                    : error == EPIPE                    ? Code::Cancelled
                    : error == EISDIR                   ? Code::Invalid
                                                        : Code::Internal;
  return {code, fmt::format("{}: {}", base::quote(name), ::strerror_r(error, text, sizeof text))};
}

class WholeFile final : public Product {
 public:
  explicit WholeFile(std::unique_ptr<base::AtomicFile> file) : file_(std::move(file)) {}
  Result<void> append(std::string_view text) override { return file_->append(text); }
  Result<void> commit() override { return file_->commit(); }

 private:
  std::unique_ptr<base::AtomicFile> file_;
};

class Stream final : public Product {
 public:
  explicit Stream(Sink& sink) : sink_(sink) {}
  Result<void> append(std::string_view text) override { return sink_.write(text); }
  Result<void> commit() override { return {}; }

 private:
  Sink& sink_;
};

class Device final : public Product {
 public:
  Device(int fd, const std::string& name) : fd_(fd), sink_(fd, name) {}
  ~Device() override { ::close(fd_); }
  Result<void> append(std::string_view text) override { return sink_.write(text); }
  Result<void> commit() override { return {}; }

 private:
  int fd_;
  DescriptorSink sink_;
};

}  // namespace

Result<std::unique_ptr<DescriptorSource>> DescriptorSource::open(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) return system_error(path, errno);
  return std::unique_ptr<DescriptorSource>(new DescriptorSource(fd, path, true));
}

DescriptorSource::~DescriptorSource() {
  if (owned_) ::close(fd_);
}

Result<std::size_t> DescriptorSource::read(std::span<char> into) {
  while (true) {
    const ssize_t got = ::read(fd_, into.data(), into.size());
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) return system_error(name_, errno);
  }
}

Result<void> DescriptorSink::write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = ::write(fd_, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return system_error(name_, errno);
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

Result<std::unique_ptr<Product>> open_product(const std::string& path, Sink& out) {
  if (path == "-") return std::make_unique<Stream>(out);
  struct stat about {};
  if (::stat(path.c_str(), &about) == 0 && !S_ISREG(about.st_mode)) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) return system_error(path, errno);
    return std::make_unique<Device>(fd, path);
  }
  TRY_ASSIGN(auto file, base::AtomicFile::create(path));
  return std::make_unique<WholeFile>(std::move(file));
}

}  // namespace cli
