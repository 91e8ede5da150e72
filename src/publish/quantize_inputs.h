#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/recipe.h"
#include "vision/preparation.h"

namespace publish {

// What a network is calibrated with, as files that NumPy reads.
struct QuantizeInputs {
  std::vector<std::string> paths;        // Absolute, in the order of their names.
  std::vector<std::string> passed_over;  // Files that are no pictures, with what they are.
};

// At most `inputs_max` of a folder's files, spread evenly over their names. With an `image` recipe
// they are pictures, and each is written prepared into `work`; else they are .npz and .npy files,
// and stay where they are. NotFound where there is none.
base::Result<QuantizeInputs> find_quantize_inputs(const std::string& folder,
                                                  const model::Image* image, std::size_t inputs_max,
                                                  const std::string& work);

// The bytes of an .npy file of a prepared picture (NumPy's format, version 1.0).
std::string npy_of(const vision::Preparation& preparation, std::string_view prepared);

}  // namespace publish
