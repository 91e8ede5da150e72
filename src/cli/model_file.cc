#include "cli/model_file.h"

#include <cstdint>
#include <utility>

#include "base/file.h"
#include "base/text.h"
#include "pickle/document.h"

namespace cli {
namespace {

constexpr std::uint64_t kModelFileBytesMax = std::uint64_t{64} << 30U;

base::Result<sklearn::Model> load_any(const std::string& path, const fitted::ReadOptions& options) {
  TRY_ASSIGN(const auto file, base::MappedFile::open(path, kModelFileBytesMax));
  if (sklearn::is_booster_file(file->bytes())) {
    return sklearn::Model::read_file(file->bytes(), nullptr, {}, options);
  }
  TRY_ASSIGN(const pickle::Document document, pickle::Document::open(path));
  return sklearn::Model::read(document.root(), options);
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
  auto model = load_any(path, options);
  if (!model.ok()) return std::move(model).error().within(base::quote(path));
  return model;
}

}  // namespace cli
