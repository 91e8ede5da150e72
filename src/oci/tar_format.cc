#include "oci/tar_format.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"

namespace oci {
namespace {

using base::Code;
using base::Error;

Error bad_name(std::string_view what, std::string_view name, std::string_view expected) {
  return {Code::Invalid, fmt::format("{} {}: expected {}", what, base::quote(name), expected)};
}

}  // namespace

std::uint32_t tar_checksum(base::Bytes header) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < header.size(); ++i) {
    const bool own = i >= kTarSum.at && i < kTarSum.at + kTarSum.size;
    sum += own ? std::uint32_t{' '} : std::to_integer<std::uint32_t>(header[i]);
  }
  return sum;
}

base::Result<void> check_tar_name(std::string_view name) {
  constexpr std::string_view kWhat = "name in the archive";
  if (name.empty()) return bad_name(kWhat, name, "a name");
  if (name.size() > kTarNameMax) {
    return bad_name(kWhat, name, fmt::format("at most {} bytes", kTarNameMax));
  }
  if (name.find('\0') != std::string_view::npos) return bad_name(kWhat, name, "no NUL");
  std::size_t at = 0;
  while (at <= name.size()) {
    const std::size_t end = std::min(name.find('/', at), name.size());
    const std::string_view part = name.substr(at, end - at);
    if (part.empty() || part == "." || part == "..") {
      return bad_name(kWhat, name, "a relative path without empty, \".\" or \"..\" parts");
    }
    at = end + 1;
  }
  return {};
}

base::Result<void> check_tar_target(std::string_view target) {
  constexpr std::string_view kWhat = "target of a link in the archive";
  if (target.empty()) return bad_name(kWhat, target, "a path");
  if (target.size() > kTarNameMax) {
    return bad_name(kWhat, target, fmt::format("at most {} bytes", kTarNameMax));
  }
  if (target.find('\0') != std::string_view::npos) return bad_name(kWhat, target, "no NUL");
  return {};
}

}  // namespace oci
