#include "bare_session.h"

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>

namespace bench {
namespace {

const OrtApi* open_api(const std::string& library) {
  void* handle = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  void* symbol = handle != nullptr ? dlsym(handle, "OrtGetApiBase") : nullptr;
  if (symbol == nullptr) {
    std::fprintf(stderr, "%s: no ONNX Runtime\n", library.c_str());
    std::exit(1);
  }
  return reinterpret_cast<const OrtApiBase* (*)()>(symbol)()->GetApi(ORT_API_VERSION);
}

}  // namespace

BareSession::BareSession(const std::string& library, const std::string& model)
    : api_(open_api(library)) {
  check(api_->CreateEnv(ORT_LOGGING_LEVEL_FATAL, "bare", &env_));
  check(api_->CreateCpuMemoryInfo(OrtDeviceAllocator, OrtMemTypeDefault, &memory_));
  OrtSessionOptions* options = nullptr;
  check(api_->CreateSessionOptions(&options));
  check(api_->SetIntraOpNumThreads(options, 1));
  check(api_->CreateSession(env_, model.c_str(), options, &session_));
  api_->ReleaseSessionOptions(options);
  describe();
}

BareSession::~BareSession() {
  api_->ReleaseSession(session_);
  api_->ReleaseMemoryInfo(memory_);
  api_->ReleaseEnv(env_);
}

void BareSession::check(OrtStatus* status) const {
  if (status == nullptr) return;
  std::fprintf(stderr, "ONNX Runtime: %s\n", api_->GetErrorMessage(status));
  std::exit(1);
}

void BareSession::describe() {
  OrtAllocator* allocator = nullptr;
  check(api_->GetAllocatorWithDefaultOptions(&allocator));
  char* name = nullptr;
  check(api_->SessionGetInputName(session_, 0, allocator, &name));
  input_name_ = name;
  check(api_->AllocatorFree(allocator, name));
  check(api_->SessionGetOutputName(session_, 0, allocator, &name));
  output_name_ = name;
  check(api_->AllocatorFree(allocator, name));

  OrtTypeInfo* type = nullptr;
  check(api_->SessionGetInputTypeInfo(session_, 0, &type));
  const OrtTensorTypeAndShapeInfo* tensor = nullptr;
  check(api_->CastTypeInfoToTensorInfo(type, &tensor));
  std::size_t rank = 0;
  check(api_->GetDimensionsCount(tensor, &rank));
  shape_.resize(rank);
  check(api_->GetDimensions(tensor, shape_.data(), rank));
  api_->ReleaseTypeInfo(type);
  std::size_t count = 1;
  for (std::int64_t& extent : shape_) {
    if (extent < 0) extent = 1;
    count *= static_cast<std::size_t>(extent);
  }
  input_.resize(count);
}

void BareSession::run() {
  OrtValue* given = nullptr;
  check(api_->CreateTensorWithDataAsOrtValue(memory_, input_.data(), input_.size() * sizeof(float),
                                             shape_.data(), shape_.size(),
                                             ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT, &given));
  OrtValue* got = nullptr;
  const char* inputs[] = {input_name_.c_str()};
  const char* outputs[] = {output_name_.c_str()};
  check(api_->Run(session_, nullptr, inputs, &given, 1, outputs, 1, &got));
  OrtTensorTypeAndShapeInfo* form = nullptr;
  check(api_->GetTensorTypeAndShape(got, &form));
  std::size_t count = 0;
  check(api_->GetTensorShapeElementCount(form, &count));
  api_->ReleaseTensorTypeAndShapeInfo(form);
  void* numbers = nullptr;
  check(api_->GetTensorMutableData(got, &numbers));
  const auto* first = static_cast<const float*>(numbers);
  output_.assign(first, first + count);
  api_->ReleaseValue(got);
  api_->ReleaseValue(given);
}

}  // namespace bench
