#include "cli/model_file.h"

#include <cstdint>
#include <utility>

#include "base/file.h"
#include "base/text.h"
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
  TRY_ASSIGN(const auto file, base::MappedFile::open(path, kModelFileBytesMax));
  if (sklearn::is_booster_file(file->bytes())) {
    return within_file(sklearn::Model::read_file(file->bytes(), nullptr, {}, options), path);
  }
  TRY_ASSIGN(const pickle::Document document, pickle::Document::open(path));
  return within_file(sklearn::Model::read(document.root(), options), path);
}

}  // namespace cli
