#include "engine_onnx/page_release.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <system_error>

#include <sys/mman.h>
#include <unistd.h>

namespace engine_onnx {
namespace {

// In which a copy is made of some ten megabytes.
constexpr std::chrono::milliseconds kInterval(5);

}  // namespace

PageRelease::~PageRelease() {
  {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  over_.notify_all();
  if (thread_.joinable()) thread_.join();
  give_back();
}

void PageRelease::add(const base::HeldBytes& mapped) {
  if (mapped.part.descriptor < 0) return;
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<std::uintptr_t>(mapped.bytes.data());
  const std::size_t skipped = (page - begin % page) % page;
  if (mapped.bytes.size() < skipped + page) return;
  const std::size_t size = (mapped.bytes.size() - skipped) / page * page;
  pages_.push_back(mapped.bytes.subspan(skipped, size));
}

void PageRelease::start() {
  if (pages_.empty()) return;
  try {
    thread_ = std::thread([this] { repeat(); });
  } catch (const std::system_error&) {
    return;
  }
}

void PageRelease::give_back() const {
  for (const base::Bytes each : pages_) {
    ::madvise(const_cast<std::byte*>(each.data()), each.size(), MADV_DONTNEED);
  }
}

void PageRelease::repeat() {
  std::unique_lock lock(mutex_);
  while (!over_.wait_for(lock, kInterval, [this] { return is_over_; })) give_back();
}

}  // namespace engine_onnx
