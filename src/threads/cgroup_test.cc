#include "threads/cgroup.h"

#include <filesystem>
#include <fstream>
#include <vector>

#include <gtest/gtest.h>

#include "threads/cpus.h"
#include "threads/memory.h"

namespace threads {
namespace {

constexpr std::uint64_t kMiB = 1 << 20;

// What a kernel shows, in a folder of its own.
class FakeKernel {
 public:
  FakeKernel() {
    std::string pattern = testing::TempDir() + "cgroup-XXXXXX";
    root_ = ::mkdtemp(pattern.data());
  }
  FakeKernel(const FakeKernel&) = delete;
  FakeKernel& operator=(const FakeKernel&) = delete;
  ~FakeKernel() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }

  void put(const std::string& path, const std::string& text) const {
    const std::filesystem::path file = root_ + "/" + path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
  }
  CgroupFiles files() const { return {.self = root_ + "/self", .mounts = root_ + "/sys"}; }

 private:
  std::string root_;
};

TEST(CgroupTest, FindsTheFolderOfAController) {
  const char* v1 = "5:memory:/m\n4:cpu,cpuacct:/docker/abc\n0::/unified/x\n";
  EXPECT_EQ(cgroup_folder(v1, "cpu"), "/docker/abc");
  EXPECT_EQ(cgroup_folder(v1, "cpuacct"), "/docker/abc");
  EXPECT_EQ(cgroup_folder(v1, ""), "/unified/x");
  EXPECT_EQ(cgroup_folder(v1, "pids"), "/");
  EXPECT_EQ(cgroup_folder("", "cpu"), "/");
  EXPECT_EQ(cgroup_folder("nonsense\n3:cpu\n::\n", "cpu"), "/");
  EXPECT_EQ(cgroup_folder("0::/../../elsewhere\n", ""), "/");
  EXPECT_EQ(cgroup_folder("0::/..\n", ""), "/");
  EXPECT_EQ(cgroup_folder("0::/a..b\n", ""), "/a..b");
}

TEST(CgroupTest, TheLeastLimitOfANestedCgroupCounts) {
  FakeKernel kernel;
  kernel.put("self", "0::/pods.slice/pod1/box\n");
  kernel.put("sys/pods.slice/cpu.max", "max 100000\n");
  kernel.put("sys/pods.slice/memory.max", "104857600\n");
  kernel.put("sys/pods.slice/pod1/cpu.max", "100000 100000\n");
  kernel.put("sys/pods.slice/pod1/memory.max", "max\n");
  kernel.put("sys/pods.slice/pod1/box/cpu.max", "400000 100000\n");
  kernel.put("sys/pods.slice/pod1/box/memory.max", "209715200\n");
  EXPECT_EQ(detect_cpus(kernel.files()), 1);
  EXPECT_EQ(detect_memory(kernel.files()), 100 * kMiB);
  kernel.put("sys/pods.slice/pod1/box/memory.high", "52428800\n");
  EXPECT_EQ(detect_memory(kernel.files()), 50 * kMiB);
}

TEST(CgroupTest, InANamespaceOfItsOwnTheMountIsTheCgroup) {
  FakeKernel kernel;
  kernel.put("self", "0::/\n");
  kernel.put("sys/cpu.max", "50000 100000\n");
  kernel.put("sys/memory.max", "33554432\n");
  EXPECT_EQ(detect_cpus(kernel.files()), 1);
  EXPECT_EQ(detect_memory(kernel.files()), 32 * kMiB);
}

TEST(CgroupTest, ReadsTheFirstVersionToo) {
  FakeKernel kernel;
  kernel.put("self", "9:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc\n");
  kernel.put("sys/cpu/docker/abc/cpu.cfs_quota_us", "-1\n");
  kernel.put("sys/cpu/docker/abc/cpu.cfs_period_us", "100000\n");
  kernel.put("sys/cpu/docker/cpu.cfs_quota_us", "100000\n");
  kernel.put("sys/cpu/docker/cpu.cfs_period_us", "100000\n");
  kernel.put("sys/memory/memory.limit_in_bytes", "9223372036854771712\n");
  kernel.put("sys/memory/docker/abc/memory.limit_in_bytes", "67108864\n");
  EXPECT_EQ(detect_cpus(kernel.files()), 1);
  EXPECT_EQ(detect_memory(kernel.files()), 64 * kMiB);
}

TEST(CgroupTest, FindsAMountOfControllersTogetherAndFoldersThatAreNotShown) {
  FakeKernel kernel;
  // The folder is the host's; within the container its cgroup is the mount.
  kernel.put("self", "4:cpu,cpuacct:/docker/abc\n");
  kernel.put("sys/cpu,cpuacct/cpu.cfs_quota_us", "80000\n");
  kernel.put("sys/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(detect_cpus(kernel.files()), 1);
}

TEST(CgroupTest, WithoutLimitsTheMachineCounts) {
  const FakeKernel kernel;
  EXPECT_EQ(detect_cpus(kernel.files()), usable_cpus({}, detect_cpus(kernel.files())));
  EXPECT_GT(detect_memory(kernel.files()), 64 * kMiB);
  EXPECT_LE(detect_memory(), detect_memory(kernel.files()));
}

TEST(MemoryTest, WhatIsNoLimitSetsNone) {
  for (const char* text : {"", "max\n", "0", "-1", "x", "99999999999999999999", "1 2"}) {
    EXPECT_EQ(usable_memory({text, text, text}, 1000), 1000U) << text;
  }
  EXPECT_EQ(usable_memory({"500\n", "max\n", ""}, 1000), 500U);
  EXPECT_EQ(usable_memory({"", "", "9223372036854771712\n"}, 1000), 1000U);
}

}  // namespace
}  // namespace threads
