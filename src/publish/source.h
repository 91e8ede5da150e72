#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "base/result.h"
#include "publish/mlflow_signature.h"
#include "publish/version_image.h"

namespace publish {

// What somebody registers, told apart by what it holds: a model's file, a folder with sooth.yaml,
// or a folder that MLflow wrote.
struct Source {
  enum class Kind : unsigned char { File, Folder, Mlflow };

  Kind kind = Kind::File;
  std::string name;        // What the model would be called if nobody says.
  std::string model_path;  // Where the model's own file lies.
  std::vector<SourceFile> files;
  // sooth.yaml, written where there was none, and MLmodel.
  std::vector<SourceFile> configuration;
  // Of an MLflow folder.
  std::optional<base::HeldBytes> example;  // input_example.json
  MlflowSignature signature;
  std::vector<std::string> notes;  // What was passed over, for people.
};

// `recipe` is the path of a sooth.yaml that stands for the folder's own; empty: none is given.
// Where `path` is a model's file, that file is the model, under the name that the recipe gives it.
// `classes` (model::Recipe) are said in the sooth.yaml that is written where there is none; where
// there is one, it is refused to say them beside it.
base::Result<Source> find_source(
    const std::string& path, const std::string& recipe,
    const std::vector<std::pair<std::string, std::string>>& classes = {});

// Writes into the source's recipe what a row's columns are called. Refuses a recipe that cannot be
// added to.
base::Result<void> add_columns(const std::vector<std::string>& columns, Source& source);

// What an MLmodel file says, as far as it matters here.
struct Mlmodel {
  std::string model;    // File of the model, beneath the folder.
  std::string flavor;   // "sklearn" or "lightgbm"
  std::string example;  // File of the input example; empty: none.
  std::string python;   // "3.11.7"; empty: not said.
  MlflowSignature signature;
};

// `file` stands in messages only. Unsupported for a flavour that is not read here, or one that is
// loaded through cloudpickle's code.
base::Result<Mlmodel> parse_mlmodel(std::string_view file, std::string_view text);

}  // namespace publish
