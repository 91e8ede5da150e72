#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <onnxruntime_c_api.h>

namespace bench {

// ONNX Runtime as its C API is called by hand, and nothing of Sooth's: what the engine is measured
// against. One thread; float32 in and out; what fails ends the process.
class BareSession {
 public:
  // A file of the model, with the library's path.
  BareSession(const std::string& library, const std::string& model);
  BareSession(const BareSession&) = delete;
  BareSession& operator=(const BareSession&) = delete;
  ~BareSession();

  // Of the first input, an open extent as 1.
  const std::vector<std::int64_t>& shape() const { return shape_; }
  std::vector<float>& input() { return input_; }
  // Computes the first output of the input.
  void run();
  const std::vector<float>& output() const { return output_; }

 private:
  void check(OrtStatus* status) const;
  void describe();

  const OrtApi* api_ = nullptr;
  OrtEnv* env_ = nullptr;
  OrtSession* session_ = nullptr;
  OrtMemoryInfo* memory_ = nullptr;
  std::string input_name_;
  std::string output_name_;
  std::vector<std::int64_t> shape_;
  std::vector<float> input_;
  std::vector<float> output_;
};

}  // namespace bench
