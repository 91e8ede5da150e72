#pragma once

#include <string>

#include "base/result.h"
#include "fitted/reader.h"
#include "sklearn/model.h"

namespace cli {

// `--python`, the release whose rules of str and re text steps follow.
base::Result<fitted::ReadOptions> parse_python(const std::string& python);

// Reads a fitted model from a file. Errors start with the path.
base::Result<sklearn::Model> load_model(const std::string& path,
                                        const fitted::ReadOptions& options);

}  // namespace cli
