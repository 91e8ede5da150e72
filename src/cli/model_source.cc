#include "cli/model_source.h"

#include <algorithm>
#include <utility>

#include "base/file.h"
#include "base/text.h"
#include "cli/workspace.h"
#include "engine_onnx/onnx_file.h"
#include "model/recipe.h"
#include "model/reference.h"
#include "pickle/limits.h"
#include "publish/foreign_model.h"
#include "publish/version_image.h"
#include "scorer/network_folder.h"

namespace cli {
namespace {

using base::Result;

bool is_onnx(const std::string& name, base::Bytes bytes) {
  return name.ends_with(".onnx") || engine_onnx::is_network(bytes);
}

// The model that sooth.yaml among the files names.
Result<ModelSource> open_recipe(std::unique_ptr<base::Files> files) {
  TRY_ASSIGN(const base::HeldBytes text, files->open("sooth.yaml", publish::kRecipeBytesMax));
  TRY_ASSIGN(const model::Recipe recipe,
             model::parse_recipe(files->place("sooth.yaml"), base::as_text(text.bytes)));
  ModelSource source{.path = files->place(recipe.model), .bytes = {}, .name = recipe.model};
  source.python = recipe.python;
  source.columns = recipe.columns;
  source.classes = recipe.classes;
  TRY_ASSIGN(source.bytes, files->open(recipe.model, pickle::Limits().file_bytes));
  TRY(publish::check_format(source.path, source.bytes.bytes));
  source.network = is_onnx(recipe.model, source.bytes.bytes);
  source.files = std::move(files);
  return source;
}

Result<ModelSource> open_file(const std::string& path) {
  TRY(publish::check_format(path));
  ModelSource source{.path = path, .bytes = {}, .name = path.substr(path.rfind('/') + 1)};
  TRY_ASSIGN(const auto file, base::MappedFile::open(path, pickle::Limits().file_bytes));
  source.bytes = {file->bytes(), file};
  source.network = is_onnx(source.name, source.bytes.bytes);
  const std::size_t slash = path.rfind('/');
  source.files = std::make_unique<base::FolderFiles>(
      slash == std::string::npos ? "." : path.substr(0, std::max<std::size_t>(slash, 1)));
  return source;
}

Result<ModelSource> open_folder(const std::string& path) {
  TRY(publish::check_format(path));
  if (!base::exists(path + "/sooth.yaml")) {
    if (const auto network = scorer::find_network(path)) return open_file(path + "/" + *network);
  }
  return open_recipe(std::make_unique<base::FolderFiles>(path));
}

}  // namespace

bool names_a_version(const std::string& what) {
  return what.find_first_of(":@") != std::string::npos || what.find('.') == std::string::npos;
}

Result<ModelSource> open_model(const std::string& what, const std::string& workspace,
                               World& world) {
  if (base::is_directory(what)) return open_folder(what);
  const auto reference = model::Reference::parse(what);
  if (base::exists(what) || !reference.ok() || !names_a_version(what)) return open_file(what);
  TRY_ASSIGN(const auto opened, open_workspace(workspace, world, false));
  TRY_ASSIGN(const auto version, opened->find(*reference));
  TRY_ASSIGN(auto files, publish::VersionFiles::open(opened->layout(), version.digest));
  auto source = open_recipe(std::move(files));
  if (source.ok()) source->path = version.reference();
  return source;
}

}  // namespace cli
