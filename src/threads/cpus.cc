#include "threads/cpus.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <optional>

#include <sched.h>

#include "base/number.h"

namespace threads {
namespace {

constexpr std::size_t kFileMax = 64 << 10;

std::string_view trim(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\n' || c == '\t'; };
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  return text;
}

// Processors that a quota of `quota` microseconds in each `period` keeps busy.
std::optional<int> cpus_of(std::string_view quota, std::string_view period) {
  const auto used = base::parse_int(trim(quota));
  const auto of = base::parse_int(trim(period));
  if (!used || !of || *used <= 0 || *of <= 0) return std::nullopt;
  const std::int64_t cpus = (*used - 1) / *of + 1;
  return static_cast<int>(std::min<std::int64_t>(cpus, 1 << 20));
}

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kFileMax, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return text;
}

int schedulable_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return CPU_COUNT(&set);
}

// `folder`, the one above it, and so on up to the root.
template <typename Visit>
void each_folder_up(std::string folder, Visit visit) {
  while (folder.size() > 1) {
    visit(folder);
    folder.resize(folder.rfind('/'));
  }
  visit("");
}

}  // namespace

int usable_cpus(const CpuQuotaFiles& files, int schedulable) {
  int cpus = std::max(schedulable, 1);
  const std::string_view v2 = trim(files.v2_max);
  if (const std::size_t gap = v2.find(' '); gap != std::string_view::npos) {
    cpus = std::min(cpus, cpus_of(v2.substr(0, gap), v2.substr(gap)).value_or(cpus));
  }
  return std::min(cpus, cpus_of(files.v1_quota, files.v1_period).value_or(cpus));
}

std::string cgroup_folder(std::string_view proc_self_cgroup, std::string_view controller) {
  // Lines of "<hierarchy>:<controller,controller...>:<folder>".
  while (!proc_self_cgroup.empty()) {
    const std::size_t end = std::min(proc_self_cgroup.find('\n'), proc_self_cgroup.size());
    const std::string_view line = proc_self_cgroup.substr(0, end);
    proc_self_cgroup.remove_prefix(std::min(end + 1, proc_self_cgroup.size()));
    const std::size_t first = line.find(':');
    if (first == std::string_view::npos) continue;
    const std::size_t second = line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    const std::string names = "," + std::string(line.substr(first + 1, second - first - 1)) + ",";
    const std::string_view folder = line.substr(second + 1);
    const bool ours = names.find("," + std::string(controller) + ",") != std::string::npos;
    if (ours && folder.starts_with('/')) return std::string(folder);
  }
  return "/";
}

int detect_cpus() {
  const std::string groups = read("/proc/self/cgroup");
  int cpus = schedulable_cpus();
  each_folder_up(cgroup_folder(groups, ""), [&](const std::string& folder) {
    cpus = usable_cpus(
        {.v2_max = read("/sys/fs/cgroup" + folder + "/cpu.max"), .v1_quota = "", .v1_period = ""},
        cpus);
  });
  each_folder_up(cgroup_folder(groups, "cpu"), [&](const std::string& folder) {
    const std::string at = "/sys/fs/cgroup/cpu" + folder;
    cpus = usable_cpus({.v2_max = "",
                        .v1_quota = read(at + "/cpu.cfs_quota_us"),
                        .v1_period = read(at + "/cpu.cfs_period_us")},
                       cpus);
  });
  return cpus;
}

}  // namespace threads
