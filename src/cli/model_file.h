#pragma once

#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/result.h"
#include "fitted/reader.h"
#include "sklearn/model.h"

namespace cli {

// `--class`: a class of the model's owner, and the library's one that it answers as.
using ClassNames = std::vector<std::pair<std::string, std::string>>;
void add_class_option(CLI::App& app, std::vector<std::string>& classes);
base::Result<ClassNames> parse_classes(const std::vector<std::string>& classes);

// How a lone model file is to be read.
struct ReadingFlags {
  std::string python;                // `--python`, whose rules of str and re text steps follow.
  std::vector<std::string> classes;  // `--class`
  // Of several models at once the classes are said of those files that can hold one.
  bool classes_of_some = false;
};
base::Result<fitted::ReadOptions> parse_reading(const ReadingFlags& flags);

// Reads a fitted model from a file. Errors start with the path.
base::Result<sklearn::Model> load_model(const std::string& path,
                                        const fitted::ReadOptions& options);

}  // namespace cli
