#pragma once

#include <memory>
#include <optional>
#include <string>

#include <onnxruntime_c_api.h>

#include "base/result.h"
#include "threads/guarded.h"

namespace engine_onnx {

// Gives back what the runtime made.
struct Release {
  const OrtApi* api = nullptr;
  void operator()(OrtEnv* object) const { api->ReleaseEnv(object); }
  void operator()(OrtMemoryInfo* object) const { api->ReleaseMemoryInfo(object); }
  void operator()(OrtSession* object) const { api->ReleaseSession(object); }
  void operator()(OrtSessionOptions* object) const { api->ReleaseSessionOptions(object); }
  void operator()(OrtStatus* object) const { api->ReleaseStatus(object); }
  void operator()(OrtTensorTypeAndShapeInfo* object) const {
    api->ReleaseTensorTypeAndShapeInfo(object);
  }
  void operator()(OrtTypeInfo* object) const { api->ReleaseTypeInfo(object); }
  void operator()(OrtValue* object) const { api->ReleaseValue(object); }
};
template <typename T>
using Owned = std::unique_ptr<T, Release>;

// What has been tried to get OpenVINO, once.
struct OpenVino {
  std::optional<base::Error> problem;
  const OrtEpDevice* cpu = nullptr;  // The environment's.
  std::string version;
};

// The opened library, and what every session of it shares.
struct Library {
  std::string path;
  std::string version;
  const OrtApi* api = nullptr;
  Owned<OrtEnv> env;
  Owned<OrtMemoryInfo> memory;        // The caller's own.
  OrtAllocator* allocator = nullptr;  // The runtime's own, which is nobody's to give back.
  mutable threads::Guarded<std::optional<OpenVino>> openvino;
};

// What the runtime was asked for: whose fault it is when it says no.
enum class Asked : unsigned char { ToLoad, ToRun };

// The error that a status is; it is given back. Null is none.
base::Result<void> outcome(const OrtApi& api, OrtStatus* status, Asked asked = Asked::ToLoad);

// The runtime's words as one line of at most 400 bytes, without places in its source.
std::string one_line(const char* message);

}  // namespace engine_onnx
