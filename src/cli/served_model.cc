#include "cli/served_model.h"

#include <utility>

#include "base/file.h"
#include "base/files.h"
#include "cli/pull.h"
#include "oci/reference.h"
#include "publish/transfer.h"
#include "publish/version_image.h"
#include "scorer/golden.h"
#include "text/unicode.h"

namespace cli {
namespace {

using base::Code;
using base::Result;

Result<void> replay(const base::Files& files, ServedModel& served) {
  auto golden = publish::read_golden(files);
  if (!golden.ok() && golden.error().code() == Code::NotFound) return {};
  if (!golden.ok()) return golden.error();
  TRY_ASSIGN(served.replayed,
             scorer::replay(*served.scorer, *golden, served.scorer->replay_tolerance()));
  served.examples = std::move(golden->examples);
  return {};
}

Result<ServedModel> load_path(const std::string& path, const std::string& python,
                              const engine::Loader* networks) {
  scorer::Scorer::Options how;
  how.networks = networks;
  if (!python.empty()) {
    TRY_ASSIGN(how.python, text::PythonVersion::parse(python));
  }
  ServedModel served;
  TRY_ASSIGN(served.scorer, scorer::Scorer::load(path, how));
  served.name = served.scorer->name();
  if (base::is_directory(path)) TRY(replay(base::FolderFiles(path), served));
  return served;
}

Result<ServedModel> load_version(const oci::Layout& layout, const workspace::Version& version,
                                 const engine::Loader* networks) {
  TRY_ASSIGN(const auto files, publish::VersionFiles::open(layout, version.digest));
  ServedModel served;
  served.name = version.model;
  served.version = std::to_string(version.number);
  TRY_ASSIGN(served.scorer, scorer::Scorer::load(*files, version.model, {.networks = networks}));
  TRY(replay(*files, served));
  return served;
}

}  // namespace

Result<FoundModel> find_served(const std::string& what, const ServedModelOptions& options,
                               const OpenWorkspace& open, World& world) {
  FoundModel found{.name = {}, .what = what, .version = {}};
  if (base::exists(what)) return found;
  if (oci::names_a_registry(what)) {
    TRY_ASSIGN(workspace::Workspace * workspace, open(true));
    TRY_ASSIGN(const auto pulled, pull_reference(what, "", options.registry, *workspace, world));
    found.version = pulled.version;
    return found;
  }
  const auto reference = model::Reference::parse(what);
  if (!reference.ok()) return found;  // No version's name: the error of the path.
  TRY_ASSIGN(workspace::Workspace * workspace, open(false));
  TRY_ASSIGN(found.version, workspace->find(*reference));
  return found;
}

Result<ServedModel> load_found(const FoundModel& found, const oci::Layout* layout,
                               const std::string& python, const engine::Loader* networks) {
  auto served = found.version && layout != nullptr ? load_version(*layout, *found.version, networks)
                                                   : load_path(found.what, python, networks);
  if (!served.ok()) {
    if (!found.version) return served;
    return std::move(served).error().within(found.version->reference());
  }
  if (!found.name.empty()) served->name = found.name;
  return served;
}

}  // namespace cli
