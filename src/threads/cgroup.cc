#include "threads/cgroup.h"

#include <algorithm>
#include <array>
#include <fstream>

namespace threads {
namespace {

constexpr std::size_t kCgroupFileMax = 64 << 10;

// Whether a folder leads out of its mount: so are those shown that are above a cgroup namespace.
bool leads_out(std::string_view folder) {
  return (std::string(folder) + "/").find("/../") != std::string::npos;
}

// `folder`, the one above it, and so on up to the mount itself.
void visit_up(const std::string& mount, std::string folder,
              const std::function<void(const std::string& folder)>& visit) {
  while (folder.size() > 1) {
    visit(mount + folder);
    folder.resize(folder.rfind('/'));
  }
  visit(mount);
}

}  // namespace

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
    if (ours && folder.starts_with('/')) return leads_out(folder) ? "/" : std::string(folder);
  }
  return "/";
}

void each_cgroup_up(const CgroupFiles& files, std::string_view controller,
                    const std::function<void(const std::string& folder)>& visit) {
  const std::string folder = cgroup_folder(read_cgroup_file(files.self), controller);
  if (controller.empty()) return visit_up(files.mounts, folder, visit);
  visit_up(files.mounts + "/" + std::string(controller), folder, visit);
  // Where systems mount the controllers of processor time together without a link to each.
  constexpr std::array<std::string_view, 2> kTogether = {"cpu,cpuacct", "cpuacct,cpu"};
  if (controller != "cpu") return;
  for (const std::string_view together : kTogether) {
    visit_up(files.mounts + "/" + std::string(together), folder, visit);
  }
}

std::string read_cgroup_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kCgroupFileMax, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  return text;
}

}  // namespace threads
