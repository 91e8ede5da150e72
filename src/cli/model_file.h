#pragma once

#include <string>

#include "base/result.h"
#include "sklearn/model.h"
#include "sklearn/reader.h"

namespace cli {

// `--python`, the release whose rules of str and re text steps follow.
base::Result<sklearn::ReadOptions> parse_python(const std::string& python);

// Reads a fitted model from a file. Errors start with the path.
base::Result<sklearn::Model> load_model(const std::string& path,
                                        const sklearn::ReadOptions& options);

}  // namespace cli
