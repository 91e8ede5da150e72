#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/files.h"
#include "base/result.h"
#include "cli/world.h"
#include "text/unicode.h"

namespace cli {

// The file of a model that was named in some way, and what lies beside it.
struct ModelSource {
  std::string path;  // As messages call it.
  base::HeldBytes bytes;
  std::unique_ptr<base::Files> files;
  std::string name;  // Of the model among the files.
  text::PythonVersion python;
  std::vector<std::string> columns;                          // What its recipe calls a row's.
  std::vector<std::pair<std::string, std::string>> classes;  // Of its recipe.
  bool network = false;                                      // By its bytes, or by its name.
};

// Whether what is not on the disk is more likely a version than a file that is missing: it has a
// number or an alias, or no ending.
bool names_a_version(const std::string& what);

// `what` is a model's file, a folder with sooth.yaml or a network, or where nothing of that name is
// on the disk, a version in the workspace (faq:3). What only other programs read is refused with
// the line of Python that registers it.
base::Result<ModelSource> open_model(const std::string& what, const std::string& workspace,
                                     World& world);

}  // namespace cli
