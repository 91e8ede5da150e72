#include "publish/source.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/text.h"
#include "engine_onnx/onnx_file.h"
#include "model/recipe.h"
#include "publish/foreign_model.h"
#include "scorer/network_folder.h"

namespace publish {
namespace {

using base::Code;
using base::Error;

constexpr std::uint64_t kFileBytesMax = std::uint64_t{64} << 30U;
constexpr std::string_view kRecipeName = "sooth.yaml";
constexpr std::string_view kOwnFolder = ".sooth/";

base::HeldBytes held(std::string text) {
  auto holder = std::make_shared<const std::string>(std::move(text));
  return {base::as_bytes(*holder), holder};
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

using ClassNames = std::vector<std::pair<std::string, std::string>>;

// A recipe for the file of that name. A string of JSON is one of YAML.
std::string recipe_for(const std::string& file, const ClassNames& classes) {
  std::string recipe = "model: " + nlohmann::json(file).dump() + "\n";
  if (!classes.empty()) recipe += "classes:\n";
  for (const auto& [name, as] : classes) {
    recipe += fmt::format("  {}: {}\n", nlohmann::json(name).dump(), nlohmann::json(as).dump());
  }
  return recipe;
}

base::Result<void> refuse_beside_recipe(const ClassNames& classes, const std::string& place) {
  if (classes.empty()) return {};
  return Error(Code::Invalid, fmt::format("--class: expected \"classes\" in {}, got {} beside it",
                                          base::quote(place), base::quote(classes.front().first)));
}

// Whether every reader takes it as it stands, the archive's and the recipe's among them.
bool is_plain_name(std::string_view name) {
  return name.size() < 64 && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '_' || c == '-';
         });
}

// The files of weights that a network refers to, beneath its folder. `within` is the model's name
// in the version.
base::Result<void> add_weights_beside(const std::string& model_path, const std::string& within,
                                      Source& source) {
  // Whoever loads it says whether its operators can be had.
  auto read = engine_onnx::OnnxFile::read(source.files.back().bytes.bytes, {.any_library = true});
  if (!read.ok()) return std::move(read).error().within(base::quote(model_path));
  const base::FolderFiles folder(folder_of(model_path));
  const std::string name = model_path.substr(model_path.rfind('/') + 1);
  TRY_ASSIGN(const auto files, engine_onnx::open_external(*read, folder, name, {}));
  const std::string beside = within.substr(0, within.rfind('/') + 1);
  for (const engine_onnx::ExternalFile& each : files) {
    TRY_ASSIGN(auto file, folder.map(each.location, kFileBytesMax));
    source.files.push_back(SourceFile::of(beside + each.location, std::move(file)));
  }
  return {};
}

// joblib before 0.10 kept large arrays in files beside the pickle: model.pkl_01.npy,
// model.pkl_02.npy.z. The pickle names them, so they keep their names. `within` is the model's name
// in the version.
base::Result<void> add_arrays_beside(const std::string& model_path, const std::string& within,
                                     Source& source) {
  const std::string prefix = model_path.substr(model_path.rfind('/') + 1) + "_";
  const std::string folder = folder_of(model_path);
  const base::FolderFiles files(folder);
  TRY_ASSIGN(const std::vector<std::string> names, base::list_folder(folder));
  for (const std::string& name : names) {
    if (!name.starts_with(prefix) || !(name.ends_with(".npy") || name.ends_with(".npy.z"))) {
      continue;
    }
    TRY_ASSIGN(auto file, files.map(name, kFileBytesMax));
    source.files.push_back(
        SourceFile::of(within.substr(0, within.rfind('/') + 1) + name, std::move(file)));
  }
  return {};
}

// A version has each name once, and some of its own.
base::Result<void> check_names(const std::string& place, const std::vector<SourceFile>& files) {
  std::set<std::string_view> seen;
  for (const SourceFile& each : files) {
    const bool own = each.name == kRecipeName || each.name.starts_with(kOwnFolder);
    if (!own && seen.insert(each.name).second) continue;
    return Error(Code::Invalid,
                 fmt::format("{}: expected files of different names, and none called as those of "
                             "the version itself, got {}",
                             base::quote(place), base::quote(each.name)));
  }
  return {};
}

// The recipe's own text, and the files that it names. `model` is the path of the model where
// somebody named it; else it is where the recipe says.
base::Result<void> add_named_files(const std::string& root, const std::string& model,
                                   base::HeldBytes text, const std::string& place, Source& source) {
  const base::FolderFiles folder(root);
  TRY_ASSIGN(const model::Recipe recipe, model::parse_recipe(place, base::as_text(text.bytes)));
  if (!recipe.name.empty()) source.name = recipe.name;
  source.model_path = model.empty() ? folder.place(recipe.model) : model;
  if (model.empty()) {
    TRY_ASSIGN(auto file, folder.map(recipe.model, kFileBytesMax));
    source.files.push_back(SourceFile::of(recipe.model, std::move(file)));
  } else {
    TRY_ASSIGN(auto file, base::MappedFile::open(model, kFileBytesMax));
    source.files.push_back(SourceFile::of(recipe.model, std::move(file)));
  }
  TRY(check_format(source.model_path, source.files.back().bytes.bytes));
  if (recipe.image || recipe.is_network()) {
    TRY(add_weights_beside(source.model_path, recipe.model, source));
  } else {
    TRY(add_arrays_beside(source.model_path, recipe.model, source));
  }
  const std::string named = recipe.match   ? recipe.match->candidates
                            : recipe.image ? recipe.image->labels
                                           : "";
  if (!named.empty()) {
    if (named == recipe.model) {
      return Error(Code::Invalid,
                   fmt::format("{}: expected a model and {} in two files, got {} for both",
                               base::quote(place), recipe.match ? "candidates" : "labels",
                               base::quote(named)));
    }
    TRY_ASSIGN(auto file, folder.map(named, kFileBytesMax));
    source.files.push_back(SourceFile::of(named, std::move(file)));
  }
  TRY(check_names(place, source.files));
  source.configuration.push_back({std::string(kRecipeName), std::move(text)});
  return {};
}

base::Result<Source> lone_file(const std::string& path, const std::string& recipe,
                               const ClassNames& classes) {
  Source source;
  source.kind = Source::Kind::File;
  source.name = model::name_from_path(path);
  source.model_path = path;
  if (!recipe.empty()) {
    TRY(refuse_beside_recipe(classes, recipe));
    TRY_ASSIGN(auto text, base::MappedFile::open(recipe, kRecipeBytesMax));
    TRY(add_named_files(folder_of(path), path, {text->bytes(), text}, recipe, source));
    return source;
  }
  TRY_ASSIGN(auto file, base::MappedFile::open(path, kFileBytesMax));
  const bool network = path.ends_with(".onnx") || engine_onnx::is_network(file->bytes());
  // Its own name may hold anything; within a version it has one that every reader takes.
  const std::string name = "model" + path.substr(std::min(path.rfind('.'), path.size()));
  const std::string kept = network ? "model.onnx" : is_plain_name(name) ? name : "model";
  source.files.push_back(SourceFile::of(kept, std::move(file)));
  if (network) {
    TRY(add_weights_beside(path, kept, source));
    TRY(check_names(path, source.files));
  } else {
    TRY(add_arrays_beside(path, kept, source));
  }
  source.configuration.push_back({std::string(kRecipeName), held(recipe_for(kept, classes))});
  return source;
}

base::Result<Source> mlflow_folder(const std::string& path, const base::FolderFiles& folder,
                                   base::HeldBytes mlmodel_text, const ClassNames& classes) {
  Source source;
  source.kind = Source::Kind::Mlflow;
  source.name = model::name_from_path(path);
  const std::string place = folder.place("MLmodel");
  TRY_ASSIGN(Mlmodel mlmodel, parse_mlmodel(place, base::as_text(mlmodel_text.bytes)));
  TRY_ASSIGN(auto file, folder.map(mlmodel.model, kFileBytesMax));
  source.model_path = folder.place(mlmodel.model);
  source.files.push_back(SourceFile::of(mlmodel.model, std::move(file)));
  source.configuration.push_back({"MLmodel", std::move(mlmodel_text)});
  std::string recipe = recipe_for(mlmodel.model, classes);
  // 3.11.7 -> 3.11
  if (const std::size_t dot = mlmodel.python.find('.'); dot != std::string::npos) {
    const std::string release = mlmodel.python.substr(0, mlmodel.python.find('.', dot + 1));
    if (text::PythonVersion::parse(release).ok())
      recipe += fmt::format("python: \"{}\"\n", release);
  }
  source.configuration.push_back({std::string(kRecipeName), held(std::move(recipe))});
  source.signature = std::move(mlmodel.signature);
  if (!mlmodel.example.empty()) {
    auto example = folder.open(mlmodel.example, kFileBytesMax);
    if (example.ok()) {
      source.example = *std::move(example);
    } else {
      source.notes.push_back(example.error().message());
    }
  }
  return source;
}

}  // namespace

base::Result<void> add_columns(const std::vector<std::string>& columns, Source& source) {
  for (SourceFile& each : source.configuration) {
    if (each.name != kRecipeName) continue;
    std::string text(base::as_text(each.bytes.bytes));
    if (!text.empty() && !text.ends_with('\n')) text += '\n';
    // A list of JSON is one of YAML.
    text += "columns: " + nlohmann::json(columns).dump() + "\n";
    const auto recipe = model::parse_recipe(kRecipeName, text);
    if (!recipe.ok() || recipe->columns != columns) break;
    each = {std::string(kRecipeName), held(std::move(text))};
    return {};
  }
  return Error(Code::Invalid,
               "sooth.yaml: expected one that \"columns\" can be added to; write "
               "there what the columns of a row are called");
}

base::Result<Source> find_source(const std::string& path, const std::string& recipe,
                                 const ClassNames& classes) {
  TRY(check_format(path));
  if (!base::is_directory(path)) return lone_file(path, recipe, classes);
  const base::FolderFiles folder(path);
  Source source;
  source.kind = Source::Kind::Folder;
  source.name = model::name_from_path(path);
  if (!recipe.empty()) {
    TRY(refuse_beside_recipe(classes, recipe));
    TRY_ASSIGN(auto text, base::MappedFile::open(recipe, kRecipeBytesMax));
    TRY(add_named_files(path, "", {text->bytes(), text}, recipe, source));
    return source;
  }
  auto own = folder.open(std::string(kRecipeName), kRecipeBytesMax);
  if (own.ok()) {
    TRY(refuse_beside_recipe(classes, folder.place(std::string(kRecipeName))));
    TRY(add_named_files(path, "", *std::move(own), folder.place(std::string(kRecipeName)), source));
    return source;
  }
  if (own.error().code() != Code::NotFound) return std::move(own).error();
  auto mlmodel = folder.open("MLmodel", kRecipeBytesMax);
  if (mlmodel.ok()) return mlflow_folder(path, folder, *std::move(mlmodel), classes);
  if (mlmodel.error().code() != Code::NotFound) return std::move(mlmodel).error();
  if (const auto network = scorer::find_network(path)) {
    TRY_ASSIGN(Source found, lone_file(folder.place(*network), "", classes));
    found.name = source.name;
    return found;
  }
  return Error(
      Code::NotFound,
      fmt::format(
          "{}: expected sooth.yaml, MLmodel or an ONNX file in it, got none of them; name the "
          "model's file, or write a sooth.yaml",
          base::quote(path)));
}

}  // namespace publish
