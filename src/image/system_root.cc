#include "image/system_root.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace image {
namespace {

namespace fs = std::filesystem;
using base::Code;
using base::Error;
using base::Result;

// As Linux has it.
constexpr int kLinksMax = 40;
constexpr std::uint64_t kFileBytesMax = std::uint64_t{1} << 30U;

// The first part of a path, which is taken away from it.
std::string_view take_part(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of('/'), rest.size()));
  const std::string_view part = rest.substr(0, rest.find('/'));
  rest.remove_prefix(part.size());
  return part;
}

}  // namespace

std::string_view parent_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos || slash == 0 ? "/" : path.substr(0, slash);
}

std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

SystemRoot::SystemRoot(std::string folder) : folder_(std::move(folder)) {
  while (!folder_.empty() && folder_.back() == '/') folder_.pop_back();
}

std::optional<std::string> SystemRoot::find_real(std::string_view path) const {
  std::string real;
  std::string pending(path);
  int links = 0;
  for (std::string_view rest = pending;;) {
    const std::string_view part = take_part(rest);
    if (part.empty()) break;
    if (part == ".") continue;
    if (part == "..") {
      real = std::string(real.empty() ? "" : parent_of(real));
      if (real == "/") real.clear();
      continue;
    }
    const std::string here = fmt::format("{}/{}", real, part);
    std::error_code error;
    const fs::file_status status = fs::symlink_status(folder_ + here, error);
    if (error || !fs::exists(status)) return std::nullopt;
    if (status.type() != fs::file_type::symlink) {
      real = here;
      continue;
    }
    const std::string target = fs::read_symlink(folder_ + here, error).string();
    if (error || ++links > kLinksMax) return std::nullopt;
    if (target.substr(0, 1) == "/") real.clear();
    pending = fmt::format("{}/{}", target, rest);
    rest = pending;
  }
  return real.empty() ? "/" : real;
}

Result<std::shared_ptr<const base::MappedFile>> SystemRoot::open(std::string_view path) const {
  const auto real = find_real(path);
  if (!real) {
    return Error(Code::NotFound, fmt::format("{}: expected a file", base::quote(path)));
  }
  return base::MappedFile::open(folder_ + *real, kFileBytesMax);
}

std::vector<std::string> SystemRoot::list(std::string_view path) const {
  std::vector<std::string> names;
  std::error_code error;
  fs::directory_iterator at(folder_ + std::string(path), error);
  for (; !error && at != fs::directory_iterator(); at.increment(error)) {
    names.push_back(at->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace image
