#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "base/files.h"

namespace engine_onnx {

// Gives the pages of mapped files back to the system, again and again, while somebody else makes
// copies of what is in them: what has been read no longer counts as this process's memory, and what
// is read once more comes from the file again. A thread of its own, from construction on until
// destruction, which gives back all of them. Leaves alone what lies in no file.
class PageRelease {
 public:
  PageRelease() = default;
  PageRelease(const PageRelease&) = delete;
  PageRelease& operator=(const PageRelease&) = delete;
  ~PageRelease();

  // Before start().
  void add(const base::HeldBytes& mapped);
  // Without a thread to be had, pages are given back in the end.
  void start();

 private:
  void give_back() const;
  void repeat();

  std::vector<base::Bytes> pages_;  // Whole ones.
  std::mutex mutex_;
  std::condition_variable over_;
  bool is_over_ = false;
  std::thread thread_;
};

}  // namespace engine_onnx
