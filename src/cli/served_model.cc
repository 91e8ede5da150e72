#include "cli/served_model.h"

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "base/file.h"
#include "base/files.h"
#include "cli/pull.h"
#include "engine/loader.h"
#include "engine/settings.h"
#include "oci/reference.h"
#include "publish/foreign_model.h"
#include "publish/transfer.h"
#include "publish/version_image.h"
#include "scorer/agreement.h"
#include "scorer/golden.h"
#include "text/unicode.h"

namespace cli {
namespace {

using base::Code;
using base::Result;

using scorer::Scorer;
using Loading = std::function<Result<std::shared_ptr<const Scorer>>(const Scorer::Options& how)>;

Result<std::optional<scorer::Golden>> find_golden(const base::Files& files) {
  auto golden = publish::read_golden(files);
  if (golden.ok()) return std::optional(*std::move(golden));
  if (golden.error().code() == Code::NotFound) return std::optional<scorer::Golden>();
  return std::move(golden).error();
}

// Whether the network may answer by its own provider: its answers to golden rows, or to a few that
// are made up for the runtime's own kernels, are within the bound of its owner. Else why not.
Result<std::string> find_disagreement(const Scorer& scorer, const Loading& load,
                                      Scorer::Options how, const scorer::Golden* golden,
                                      ServedModel& served) {
  std::optional<scorer::Golden> made;
  if (golden == nullptr) {
    how.placing = Scorer::Placing::Plain;
    TRY_ASSIGN(const auto plain, load(how));
    TRY_ASSIGN(scorer::Sample sample, scorer::generate_sample(*plain));
    TRY_ASSIGN(made, scorer::make_golden(*plain, std::move(sample), "generated"));
  }
  auto measured = scorer::measure_agreement(scorer, golden != nullptr ? *golden : *made);
  if (!measured.ok()) return measured.error().message();
  if (golden != nullptr) served.replayed = measured->parity;
  return scorer::disagreement(*measured);
}

// Loads the model and replays its golden rows, if it has some.
Result<void> load_proved(const Loading& load, Scorer::Options how,
                         std::optional<scorer::Golden> golden, ServedModel& served) {
  const scorer::Golden* rows = golden ? &*golden : nullptr;
  how.placing = Scorer::Placing::OrPlain;
  TRY_ASSIGN(served.scorer, load(how));
  bool replay = rows != nullptr;
  const engine::Placement placement = served.scorer->placement();
  if (placement.provider != engine::Provider::Cpu) {
    TRY_ASSIGN(how.fallback, find_disagreement(*served.scorer, load, how, rows, served));
    replay = replay && !how.fallback.empty();
    if (!how.fallback.empty()) {
      how.placing = Scorer::Placing::Plain;
      TRY_ASSIGN(served.scorer, load(how));
    }
  }
  if (replay) {
    TRY_ASSIGN(served.replayed,
               scorer::replay(*served.scorer, *rows, served.scorer->replay_tolerance()));
  }
  if (golden) served.examples = std::move(golden->examples);
  return {};
}

// A booster's own file and a network hold no class of anybody's.
Result<bool> holds_classes(const std::string& path, const Scorer::Options& how) {
  if (base::is_directory(path)) return true;
  TRY_ASSIGN(const auto file, base::MappedFile::open(path, how.model_bytes_max));
  const bool network = path.ends_with(".onnx") ||
                       (how.networks != nullptr && how.networks->recognises(file->bytes()));
  return !network && !sklearn::is_booster_file(file->bytes());
}

Result<ServedModel> load_path(const std::string& path, const ReadingFlags& reading,
                              const engine::Loader* networks) {
  TRY(publish::check_format(path));
  Scorer::Options how;
  how.networks = networks;
  TRY_ASSIGN(fitted::ReadOptions said, parse_reading(reading));
  how.python = said.python;
  how.classes = std::move(said.classes);
  if (!how.classes.empty() && reading.classes_of_some) {
    TRY_ASSIGN(const bool holds, holds_classes(path, how));
    if (!holds) how.classes.clear();
  }
  std::optional<scorer::Golden> golden;
  if (base::is_directory(path)) {
    TRY_ASSIGN(golden, find_golden(base::FolderFiles(path)));
  }
  ServedModel served;
  TRY(load_proved([&](const Scorer::Options& options) { return Scorer::load(path, options); }, how,
                  std::move(golden), served));
  served.name = served.scorer->name();
  return served;
}

Result<ServedModel> load_version(const oci::Layout& layout, const workspace::Version& version,
                                 const engine::Loader* networks) {
  TRY_ASSIGN(const auto files, publish::VersionFiles::open(layout, version.digest));
  TRY_ASSIGN(auto golden, find_golden(*files));
  Scorer::Options how;
  how.networks = networks;
  ServedModel served;
  served.name = version.model;
  served.version = std::to_string(version.number);
  TRY(load_proved(
      [&](const Scorer::Options& options) { return Scorer::load(*files, version.model, options); },
      how, std::move(golden), served));
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
                               const ReadingFlags& reading, const engine::Loader* networks) {
  auto served = found.version && layout != nullptr ? load_version(*layout, *found.version, networks)
                                                   : load_path(found.what, reading, networks);
  if (!served.ok()) {
    if (!found.version) return served;
    return std::move(served).error().within(found.version->reference());
  }
  if (!found.name.empty()) served->name = found.name;
  return served;
}

}  // namespace cli
