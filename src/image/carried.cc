#include "image/carried.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace image {
namespace {

constexpr std::size_t kCells = 4;

// Whether it may become a part of a path.
bool is_name(std::string_view text) {
  return !text.empty() && text.front() != '.' && text.find('/') == std::string_view::npos;
}

}  // namespace

std::map<std::string, DebianPackage> read_carried(std::string_view text) {
  std::map<std::string, DebianPackage> packages;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    std::array<std::string, kCells> cells;
    for (std::string& cell : cells) {
      cell = line.substr(0, line.find('\t'));
      line.remove_prefix(std::min(cell.size() + 1, line.size()));
    }
    auto& [library, name, version, architecture] = cells;
    if (!line.empty() || version.empty() || !is_name(library) || !is_name(name)) continue;
    packages[library] = {std::move(name), std::move(version), std::move(architecture)};
  }
  return packages;
}

Carried find_carried(const SystemRoot& root, std::string_view program) {
  const auto real = root.find_real(program);
  if (!real) return {};
  const std::string_view folder = parent_of(parent_of(*real));
  const auto file = root.open(fmt::format("{}/share/packages.tsv", folder));
  if (!file.ok()) return {};
  Carried carried{.share = fmt::format("{}/share", folder), .packages = {}};
  for (auto& [library, package] : read_carried(base::as_text((*file)->bytes()))) {
    carried.packages.emplace(fmt::format("{}/lib/{}", folder, library), std::move(package));
  }
  return carried;
}

}  // namespace image
