#include "publish/source.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/file.h"
#include "base/text.h"
#include "model/recipe.h"

namespace publish {
namespace {

using base::Code;
using base::Error;

constexpr std::uint64_t kRecipeBytesMax = 256 * 1024;
constexpr std::uint64_t kFileBytesMax = std::uint64_t{64} << 30U;
constexpr std::string_view kRecipeName = "sooth.yaml";

base::HeldBytes held(std::string text) {
  auto holder = std::make_shared<const std::string>(std::move(text));
  return {base::as_bytes(*holder), holder};
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

// The recipe's own text, and the files that it names.
base::Result<void> add_named_files(const base::Files& folder, base::HeldBytes text,
                                   const std::string& place, Source& source) {
  TRY_ASSIGN(const model::Recipe recipe, model::parse_recipe(place, base::as_text(text.bytes)));
  if (!recipe.name.empty()) source.name = recipe.name;
  std::vector<std::string> names = {recipe.model};
  if (recipe.match) names.push_back(recipe.match->candidates);
  for (const std::string& name : names) {
    TRY_ASSIGN(base::HeldBytes bytes, folder.open(name, kFileBytesMax));
    source.files.push_back({name, std::move(bytes)});
  }
  source.configuration.push_back({std::string(kRecipeName), std::move(text)});
  return {};
}

base::Result<Source> lone_file(const std::string& path, const std::string& recipe) {
  Source source;
  source.kind = Source::Kind::File;
  source.name = model::name_from_path(path);
  TRY_ASSIGN(auto file, base::MappedFile::open(path, kFileBytesMax));
  if (!recipe.empty()) {
    TRY_ASSIGN(auto text, base::MappedFile::open(recipe, kRecipeBytesMax));
    const base::FolderFiles folder(folder_of(path));
    TRY(add_named_files(folder, {text->bytes(), text}, recipe, source));
    return source;
  }
  // Its own name may hold anything; within a version it has one that every reader takes.
  const std::string name = "model" + path.substr(std::min(path.rfind('.'), path.size()));
  const bool plain = name.find('/') == std::string::npos && name.size() < 64 &&
                     !base::find_invalid_utf8(name) &&
                     name.find_first_of("\"\\\n\r\t") == std::string::npos;
  const std::string kept = plain ? name : "model";
  source.files.push_back({kept, {file->bytes(), file}});
  source.configuration.push_back(
      {std::string(kRecipeName), held(fmt::format("model: \"{}\"\n", kept))});
  return source;
}

base::Result<Source> mlflow_folder(const std::string& path, const base::FolderFiles& folder,
                                   base::HeldBytes mlmodel_text) {
  Source source;
  source.kind = Source::Kind::Mlflow;
  source.name = model::name_from_path(path);
  const std::string place = folder.place("MLmodel");
  TRY_ASSIGN(Mlmodel mlmodel, parse_mlmodel(place, base::as_text(mlmodel_text.bytes)));
  TRY_ASSIGN(base::HeldBytes bytes, folder.open(mlmodel.model, kFileBytesMax));
  source.files.push_back({mlmodel.model, std::move(bytes)});
  source.configuration.push_back({"MLmodel", std::move(mlmodel_text)});
  std::string recipe = fmt::format("model: \"{}\"\n", mlmodel.model);
  // 3.11.7 -> 3.11
  if (const std::size_t dot = mlmodel.python.find('.'); dot != std::string::npos) {
    const std::string release = mlmodel.python.substr(0, mlmodel.python.find('.', dot + 1));
    if (text::PythonVersion::parse(release).ok())
      recipe += fmt::format("python: \"{}\"\n", release);
  }
  source.configuration.push_back({std::string(kRecipeName), held(std::move(recipe))});
  source.signature = std::move(mlmodel.columns);
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

base::Result<Source> find_source(const std::string& path, const std::string& recipe) {
  if (!base::is_directory(path)) return lone_file(path, recipe);
  const base::FolderFiles folder(path);
  Source source;
  source.kind = Source::Kind::Folder;
  source.name = model::name_from_path(path);
  if (!recipe.empty()) {
    TRY_ASSIGN(auto text, base::MappedFile::open(recipe, kRecipeBytesMax));
    TRY(add_named_files(folder, {text->bytes(), text}, recipe, source));
    return source;
  }
  auto own = folder.open(std::string(kRecipeName), kRecipeBytesMax);
  if (own.ok()) {
    TRY(add_named_files(folder, *std::move(own), folder.place(std::string(kRecipeName)), source));
    return source;
  }
  if (own.error().code() != Code::NotFound) return std::move(own).error();
  auto mlmodel = folder.open("MLmodel", kRecipeBytesMax);
  if (mlmodel.ok()) return mlflow_folder(path, folder, *std::move(mlmodel));
  if (mlmodel.error().code() != Code::NotFound) return std::move(mlmodel).error();
  return Error(Code::NotFound,
               fmt::format("{}: expected sooth.yaml or MLmodel in it, got neither; name the "
                           "model's file, or write a sooth.yaml",
                           base::quote(path)));
}

}  // namespace publish
