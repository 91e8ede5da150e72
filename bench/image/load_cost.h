#pragma once

#include <cstdio>
#include <cstring>
#include <ctime>

// What loading a network has cost this process: the same few lines for who is compared.

namespace bench {

inline double seconds_now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// A line of /proc/self/status such as "VmHWM", in kB.
inline long status_kb(const char* name) {
  std::FILE* file = std::fopen("/proc/self/status", "r");
  if (file == nullptr) return 0;
  char line[256];
  long value = 0;
  while (std::fgets(line, sizeof line, file) != nullptr) {
    if (std::strncmp(line, name, std::strlen(name)) != 0) continue;
    std::sscanf(line + std::strlen(name), ": %ld", &value);
  }
  std::fclose(file);
  return value;
}

struct LoadCost {
  double load_s = 0;
  long resident_kb = 0;
  long peak_kb = 0;
};

inline LoadCost load_cost(double started) {
  return {.load_s = seconds_now() - started,
          .resident_kb = status_kb("VmRSS"),
          .peak_kb = status_kb("VmHWM")};
}

// One line of JSON: after the load, and after the first run.
inline void print_costs(const LoadCost& loaded, const LoadCost& ran) {
  std::printf(
      "{\"load_s\": %.4f, \"resident_kb\": %ld, \"peak_kb\": %ld, "
      "\"run_s\": %.4f, \"run_resident_kb\": %ld, \"run_peak_kb\": %ld}\n",
      loaded.load_s, loaded.resident_kb, loaded.peak_kb, ran.load_s, ran.resident_kb, ran.peak_kb);
}

}  // namespace bench
