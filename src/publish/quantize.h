#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "publish/python.h"

namespace publish {

// A network to be made int8, and what it is calibrated with.
struct Quantization {
  std::string model;      // Path of an ONNX file, or of a folder with sooth.yaml.
  std::string recipe;     // Path of a sooth.yaml in place of the folder's own; empty: none.
  std::string calibrate;  // Folder of pictures, where the recipe has an `image` section; else of
                          // .npz or .npy files.
  std::string output;     // Path of the file that is made.
  std::size_t inputs_max = 0;  // Of the folder's, spread over it.
};

// How far the int8 network is from the one that it was made of.
struct Quantized {
  struct Output {
    std::string name;
    std::uint64_t values = 0;
    double abs_max = 0;
    double abs_mean = 0;
    double largest = 0;  // The largest absolute value that the first network gave.
    double rel_max() const { return largest > 0 ? abs_max / largest : 0; }
    bool operator==(const Output&) const = default;
  };
  std::string made_by;  // "onnxruntime 1.32.0 and onnx 1.23.2 under Python 3.11.7"
  std::size_t calibrated = 0;
  std::size_t compared = 0;
  bool held_out = false;                 // None of what was compared was calibrated with.
  std::vector<std::string> passed_over;  // Files that are no pictures, with what they are.
  std::vector<Output> outputs;
  // Of pictures: for how many the best category is the same, and is among the five best.
  std::optional<std::uint64_t> top_1;
  std::optional<std::uint64_t> top_5;
  std::uint64_t bytes_before = 0;  // With weights in other files.
  std::uint64_t bytes_after = 0;
};

// Which of `count` inputs are calibrated with and which are compared: of ten and more every fifth
// is kept for the comparison alone.
struct Shares {
  std::vector<std::size_t> calibrate;
  std::vector<std::size_t> compare;
  bool held_out = false;
  bool operator==(const Shares&) const = default;
};
Shares share(std::size_t count);

// Makes it by ONNX Runtime's own quantiser, in the user's Python: QDQ, unsigned activations, signed
// weights with a scale for each channel. Pictures are prepared here, as the recipe says, so that
// Python needs nothing but numpy, onnx and onnxruntime. The output is there whole or not at all.
// Invalid: an input that does not fit · NotFound: no such file, or nothing to calibrate with ·
// Unavailable: packages are missing, or it failed.
base::Result<Quantized> quantize(const Quantization& quantization, const PythonOptions& python);

// What the process wrote; `ranked`: it had pictures. Corrupt where it is something else.
base::Result<Quantized> read_quantized(std::string_view output, bool ranked);

}  // namespace publish
