#include "engine_onnx/runtime.h"

#include <string_view>
#include <utility>

#include <dlfcn.h>
#include <fmt/format.h>

#include "base/file.h"
#include "base/text.h"
#include "engine_onnx/library.h"
#include "engine_onnx/ort.h"
#include "engine_onnx/session.h"

namespace engine_onnx {
namespace {

using base::Code;
using base::Error;
using base::Result;

static_assert(kApi == ORT_API_VERSION);

constexpr std::string_view kInstall = "install it with `sooth engines install onnx`";

// What is worth saying comes back with the status of a call.
void drop(void* /*param*/, OrtLoggingLevel /*severity*/, const char* /*category*/,
          const char* /*logid*/, const char* /*location*/, const char* /*message*/) {}

using GetBase = const OrtApiBase* (*)();

Result<const OrtApiBase*> open_base(const std::string& path) {
  // Without a '/' the system would search for one of that name.
  if (path.find('/') == std::string::npos || !base::exists(path)) {
    return Error(Code::NotFound,
                 fmt::format("onnx: no runtime at {}; {}", base::printable(path), kInstall));
  }
  void* handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  void* symbol = handle == nullptr ? nullptr : ::dlsym(handle, "OrtGetApiBase");
  if (symbol == nullptr) {
    const char* problem = ::dlerror();  // NOLINT(concurrency-mt-unsafe): glibc has one a thread.
    return Error(Code::Unsupported,
                 fmt::format("onnx: expected a library of ONNX Runtime, got {}; {}",
                             one_line(problem != nullptr ? problem : path.c_str()), kInstall));
  }
  return reinterpret_cast<GetBase>(symbol)();
}

Result<const OrtApi*> find_api(const OrtApiBase& base, const std::string& path) {
  const char* version = base.GetVersionString();
  // A library that is asked for more than it knows says so on standard error.
  const OrtApi* api = speaks_api(version, kApi) ? base.GetApi(kApi) : nullptr;
  if (api != nullptr) return api;
  return Error(Code::Unsupported,
               fmt::format("onnx: {}: expected ONNX Runtime 1.{} or later, got {}; {}",
                           base::printable(path), kApi, one_line(version), kInstall));
}

Result<std::shared_ptr<const Library>> make_library(const OrtApi& api, const char* version,
                                                    const std::string& path) {
  auto library = std::make_shared<Library>();
  library->path = path;
  library->version = version;
  library->api = &api;
  OrtEnv* env = nullptr;
  TRY(outcome(
      api, api.CreateEnvWithCustomLogger(drop, nullptr, ORT_LOGGING_LEVEL_FATAL, "sooth", &env)));
  library->env = Owned<OrtEnv>(env, {&api});
  TRY(outcome(api, api.DisableTelemetryEvents(env)));
  OrtMemoryInfo* memory = nullptr;
  TRY(outcome(api, api.CreateCpuMemoryInfo(OrtDeviceAllocator, OrtMemTypeDefault, &memory)));
  library->memory = Owned<OrtMemoryInfo>(memory, {&api});
  TRY(outcome(api, api.GetAllocatorWithDefaultOptions(&library->allocator)));
  return std::shared_ptr<const Library>(std::move(library));
}

Result<void> check_precision(const engine::Settings& settings, const OnnxFile& file) {
  if (settings.precision != engine::Precision::Int8 || file.is_quantised()) return {};
  return Error(Code::Invalid,
               "expected a quantised network, as \"precision: int8\" says, got one that is not; "
               "quantise it first with `sooth quantize`");
}

}  // namespace

Result<std::shared_ptr<const Runtime>> Runtime::open(const std::string& library) {
  TRY_ASSIGN(const OrtApiBase* base, open_base(library));
  TRY_ASSIGN(const OrtApi* api, find_api(*base, library));
  TRY_ASSIGN(auto opened, make_library(*api, base->GetVersionString(), library));
  return std::shared_ptr<const Runtime>(new Runtime(std::move(opened)));
}

const std::string& Runtime::version() const { return library_->version; }

Result<std::unique_ptr<engine::Network>> Runtime::load(const base::Files& files,
                                                       const std::string& name,
                                                       const LoadOptions& options) const {
  TRY_ASSIGN(const auto held, files.open(name, options.limits.file_bytes));
  auto loaded = [&]() -> Result<std::unique_ptr<engine::Network>> {
    OnnxLimits limits = options.limits;
    limits.any_library = !options.custom_operators.empty();
    TRY_ASSIGN(const OnnxFile file, OnnxFile::read(held.bytes, limits));
    TRY(check_precision(options.settings, file));
    TRY_ASSIGN(const auto external, open_external(file, files, name, limits));
    return make_network(library_, {.file = file, .held = held, .external = external}, options);
  }();
  if (!loaded.ok()) return std::move(loaded).error().within(files.place(name));
  return loaded;
}

}  // namespace engine_onnx
