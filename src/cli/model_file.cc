#include "cli/model_file.h"

#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "base/file.h"
#include "base/text.h"
#include "model/recipe.h"
#include "pickle/document.h"

namespace cli {
namespace {

constexpr std::uint64_t kModelFileBytesMax = std::uint64_t{64} << 30U;

base::Result<sklearn::Model> within_file(base::Result<sklearn::Model> model,
                                         const std::string& path) {
  if (!model.ok()) return std::move(model).error().within(base::quote(path));
  return model;
}

}  // namespace

void add_class_option(CLI::App& app, std::vector<std::string>& classes) {
  app.add_option("--class", classes,
                 "MODULE.CLASS=PACKAGE.CLASS: a class of your own, and the library's one that it "
                 "answers as; may be given again")
      ->allow_extra_args(false);
}

base::Result<ClassNames> parse_classes(const std::vector<std::string>& classes) {
  ClassNames names;
  for (const std::string& each : classes) {
    const std::size_t equals = each.find('=');
    if (equals == std::string::npos) {
      return base::Error(
          base::Code::Invalid,
          fmt::format("--class: expected MODULE.CLASS=PACKAGE.CLASS, got {}", base::quote(each)));
    }
    auto& [name, as] = names.emplace_back(each.substr(0, equals), each.substr(equals + 1));
    for (const std::string& one : {name, as}) {
      if (auto checked = model::check_class_name(one); !checked.ok()) {
        return std::move(checked).error().within("--class");
      }
    }
  }
  return names;
}

base::Result<fitted::ReadOptions> parse_reading(const ReadingFlags& flags) {
  fitted::ReadOptions options;
  TRY_ASSIGN(options.classes, parse_classes(flags.classes));
  if (flags.python.empty()) return options;
  auto version = text::PythonVersion::parse(flags.python);
  if (!version.ok()) return std::move(version).error().within("--python");
  options.python = *version;
  return options;
}

base::Result<sklearn::Model> load_model(const std::string& path,
                                        const fitted::ReadOptions& options) {
  TRY_ASSIGN(const auto file, base::MappedFile::open(path, kModelFileBytesMax));
  if (sklearn::is_booster_file(file->bytes())) {
    return within_file(sklearn::Model::read_file(file->bytes(), nullptr, {}, options), path);
  }
  TRY_ASSIGN(const pickle::Document document, pickle::Document::open(path));
  return within_file(sklearn::Model::read(document.root(), options), path);
}

}  // namespace cli
