#include "engine_onnx/work_thread.h"

#include <cerrno>
#include <system_error>
#include <thread>

#include <sys/resource.h>
#include <unistd.h>

#include <fmt/format.h>

#include "threads/give_way.h"

namespace engine_onnx {
namespace {

// Whether the thread that calls gives way already, as one does that loads while others are served.
bool gives_way() {
  errno = 0;
  const int mine = ::getpriority(PRIO_PROCESS, 0);
  const int first = ::getpriority(PRIO_PROCESS, static_cast<id_t>(::getpid()));
  return errno == 0 && mine > first;
}

}  // namespace

base::Result<void> run_on_work_thread(const std::function<base::Result<void>()>& make) {
  base::Result<void> made;
  try {
    std::thread thread([&] {
      if (!gives_way()) threads::give_way(threads::Way::OfWork);
      made = make();
    });
    thread.join();
  } catch (const std::system_error& error) {
    return base::Error(base::Code::Exhausted, fmt::format("onnx: thread: {}", error.what()));
  }
  return made;
}

}  // namespace engine_onnx
