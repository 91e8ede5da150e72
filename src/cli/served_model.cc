#include "cli/served_model.h"

#include <utility>

#include "base/file.h"
#include "base/files.h"
#include "cli/pull.h"
#include "cli/workspace.h"
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
  TRY_ASSIGN(served.replayed, scorer::replay(*served.scorer, *golden, publish::kReplayTolerance));
  served.examples = std::move(golden->examples);
  return {};
}

Result<ServedModel> load_path(const ServedModelOptions& options) {
  scorer::Scorer::Options how;
  if (!options.python.empty()) {
    TRY_ASSIGN(how.python, text::PythonVersion::parse(options.python));
  }
  ServedModel served;
  TRY_ASSIGN(served.scorer, scorer::Scorer::load(options.what, how));
  served.name = served.scorer->name();
  if (base::is_directory(options.what)) TRY(replay(base::FolderFiles(options.what), served));
  return served;
}

Result<ServedModel> load_version(const workspace::Workspace& workspace,
                                 const workspace::Version& version) {
  TRY_ASSIGN(const auto files, publish::VersionFiles::open(workspace.layout(), version.digest));
  ServedModel served;
  served.name = version.model;
  served.version = std::to_string(version.number);
  TRY_ASSIGN(served.scorer, scorer::Scorer::load(*files, version.model, {}));
  TRY(replay(*files, served));
  return served;
}

}  // namespace

Result<ServedModel> load_served(const ServedModelOptions& options, World& world) {
  if (base::exists(options.what)) return load_path(options);
  if (oci::names_a_registry(options.what)) {
    TRY_ASSIGN(const auto workspace, open_workspace(options.workspace, world, true));
    TRY_ASSIGN(const auto pulled,
               pull_reference(options.what, "", options.registry, *workspace, world));
    return load_version(*workspace, pulled.version);
  }
  const auto reference = model::Reference::parse(options.what);
  if (!reference.ok()) return load_path(options);  // No version's name: the error of the path.
  TRY_ASSIGN(const auto workspace, open_workspace(options.workspace, world, false));
  TRY_ASSIGN(const auto version, workspace->find(*reference));
  auto served = load_version(*workspace, version);
  if (!served.ok()) return std::move(served).error().within(version.reference());
  return served;
}

}  // namespace cli
