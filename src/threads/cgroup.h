#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace threads {

// Where the kernel shows in which cgroups this process is, and what they may use.
struct CgroupFiles {
  std::string self = "/proc/self/cgroup";
  std::string mounts = "/sys/fs/cgroup";
};

// Where the hierarchy of a controller puts this process, from the text of /proc/self/cgroup: the
// folder below the mount of cgroup v2 ("") or v1 ("cpu"); "/" where the text does not say, or
// names a place outside of what this process is shown.
std::string cgroup_folder(std::string_view proc_self_cgroup, std::string_view controller);

// The folders of this process's cgroup of a controller and of those above it, up to the mount:
// each bounds what it may use. Some may not exist.
void each_cgroup_up(const CgroupFiles& files, std::string_view controller,
                    const std::function<void(const std::string& folder)>& visit);

// The text of a file of the kernel's; empty where it is absent.
std::string read_cgroup_file(const std::string& path);

}  // namespace threads
