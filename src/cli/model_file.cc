#include "cli/model_file.h"

#include <utility>

#include "base/text.h"
#include "pickle/document.h"

namespace cli {

base::Result<fitted::ReadOptions> parse_python(const std::string& python) {
  fitted::ReadOptions options;
  if (python.empty()) return options;
  auto version = text::PythonVersion::parse(python);
  if (!version.ok()) return std::move(version).error().within("--python");
  options.python = *version;
  return options;
}

base::Result<sklearn::Model> load_model(const std::string& path,
                                        const fitted::ReadOptions& options) {
  TRY_ASSIGN(const pickle::Document document, pickle::Document::open(path));
  auto model = sklearn::Model::read(document.root(), options);
  if (!model.ok()) return std::move(model).error().within(base::quote(path));
  return model;
}

}  // namespace cli
