#include "image/debian.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

namespace image {
namespace {

constexpr std::string_view kInfo = "/var/lib/dpkg/info";
constexpr std::string_view kStatus = "/var/lib/dpkg/status";
constexpr std::string_view kList = ".list";

std::string_view take_line(std::string_view& text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// What follows "Key: " where the line begins so.
std::optional<std::string> field_of(std::string_view line, std::string_view key) {
  if (line.substr(0, key.size()) != key) return std::nullopt;
  return std::string(line.substr(key.size()));
}

using Packages = std::map<std::string, std::vector<DebianPackage>, std::less<>>;

// The paragraphs of dpkg's status file that say "installed".
Packages installed(const SystemRoot& root) {
  Packages packages;
  const auto file = root.open(kStatus);
  if (!file.ok()) return packages;
  std::string_view text = base::as_text((*file)->bytes());
  DebianPackage package;
  bool is_installed = false;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (auto name = field_of(line, "Package: ")) package.name = std::move(*name);
    if (auto version = field_of(line, "Version: ")) package.version = std::move(*version);
    if (auto machine = field_of(line, "Architecture: ")) package.architecture = std::move(*machine);
    if (const auto status = field_of(line, "Status: "))
      is_installed = ends_with(*status, " installed");
    if (line.empty() || text.empty()) {
      if (is_installed && !package.name.empty()) packages[package.name].push_back(package);
      package = {};
      is_installed = false;
    }
  }
  return packages;
}

// "libc6:amd64.list" -> {"libc6", "amd64"}
std::pair<std::string, std::string> package_of(std::string_view list) {
  const std::string_view stem = list.substr(0, list.size() - kList.size());
  const std::size_t colon = stem.find(':');
  if (colon == std::string_view::npos) return {std::string(stem), {}};
  return {std::string(stem.substr(0, colon)), std::string(stem.substr(colon + 1))};
}

const DebianPackage* find_in(const Packages& packages, const std::string& name,
                             const std::string& architecture) {
  const auto at = packages.find(name);
  if (at == packages.end()) return nullptr;
  for (const DebianPackage& each : at->second) {
    if (architecture.empty() || each.architecture == architecture) return &each;
  }
  return nullptr;
}

}  // namespace

std::map<std::string, DebianPackage> find_owners(const SystemRoot& root,
                                                 const std::vector<std::string>& paths) {
  std::unordered_map<std::string_view, const std::string*> wanted;
  for (const std::string& path : paths) {
    const std::string_view whole = path;
    wanted.emplace(whole, &path);
    if (whole.substr(0, 8) == "/usr/lib") wanted.emplace(whole.substr(4), &path);
  }
  const Packages packages = installed(root);
  std::map<std::string, DebianPackage> owners;
  for (const std::string& list : root.list(kInfo)) {
    if (!ends_with(list, kList)) continue;
    const auto [name, architecture] = package_of(list);
    const DebianPackage* const package = find_in(packages, name, architecture);
    const auto file = root.open(fmt::format("{}/{}", kInfo, list));
    if (package == nullptr || !file.ok()) continue;
    std::string_view text = base::as_text((*file)->bytes());
    while (!text.empty()) {
      const auto at = wanted.find(take_line(text));
      if (at != wanted.end()) owners.emplace(*at->second, *package);
    }
  }
  return owners;
}

std::optional<DebianPackage> find_package(const SystemRoot& root, std::string_view name) {
  const Packages packages = installed(root);
  const DebianPackage* const package = find_in(packages, std::string(name), {});
  if (package == nullptr) return std::nullopt;
  return *package;
}

}  // namespace image
