#pragma once

#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "base/files.h"
#include "engine/loader.h"
#include "engine_onnx/library.h"
#include "engine_onnx/runtime.h"

namespace engine_onnx {

// Files that a test has in its hand.
class TestFiles final : public base::Files {
 public:
  explicit TestFiles(std::map<std::string, std::string> files) : files_(std::move(files)) {}
  base::Result<base::HeldBytes> open(const std::string& name,
                                     std::uint64_t bytes_max) const override {
    const auto found = files_.find(name);
    if (found == files_.end())
      return base::Error(base::Code::NotFound, place(name) + ": no such file");
    if (found->second.size() > bytes_max) return base::Error(base::Code::Exhausted, "too large");
    // Gone with the last who holds them, so that a sanitizer sees who does not.
    const auto kept = std::make_shared<const std::string>(found->second);
    return base::HeldBytes{.bytes = base::as_bytes(*kept), .holder = kept};
  }
  std::string place(const std::string& name) const override { return "memory/" + name; }

 private:
  std::map<std::string, std::string> files_;
};

// The library of SOOTH_ONNXRUNTIME, or the one that `sooth engines install onnx` has put where it
// puts them; empty where there is none.
inline std::string test_library() {
  const auto variable = [](const char* name) -> std::string {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
  };
  std::string told = variable("SOOTH_ONNXRUNTIME");
  if (!told.empty()) return told;
  const std::string data = variable("XDG_DATA_HOME");
  const auto found =
      find_library((data.empty() ? variable("HOME") + "/.local/share" : data) + "/sooth/runtime");
  return found.ok() ? *found : "";
}

// Loads with the runtime, plainly.
class RuntimeLoader final : public engine::Loader {
 public:
  explicit RuntimeLoader(std::shared_ptr<const Runtime> runtime) : runtime_(std::move(runtime)) {}
  base::Result<std::unique_ptr<engine::Network>> load(
      const base::Files& files, const std::string& name,
      const engine::Settings& /*settings*/) const override {
    return runtime_->load(files, name, {});
  }

 private:
  std::shared_ptr<const Runtime> runtime_;
};

// A test that needs the runtime; skipped where there is none.
class WithRuntime : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string library = test_library();
    if (library.empty()) {
      GTEST_SKIP() << "no ONNX Runtime: SOOTH_ONNXRUNTIME=.../libonnxruntime.so.1 names one";
    }
    auto opened = Runtime::open(library);
    ASSERT_TRUE(opened.ok()) << opened.error().message();
    runtime_ = *std::move(opened);
  }

  base::Result<std::unique_ptr<engine::Network>> load(std::map<std::string, std::string> files,
                                                      const LoadOptions& options = {}) {
    return runtime_->load(TestFiles(std::move(files)), "model.onnx", options);
  }
  std::shared_ptr<const Runtime> runtime_;
};

}  // namespace engine_onnx
