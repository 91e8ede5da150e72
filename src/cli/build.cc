#include <memory>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/number.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/networks.h"
#include "cli/progress.h"
#include "cli/registry.h"
#include "cli/workspace.h"
#include "model/reference.h"
#include "oci/reference.h"
#include "publish/build.h"
#include "publish/transfer.h"

namespace cli {
namespace {

using base::Code;
using base::Error;
using base::Result;
using nlohmann::ordered_json;

struct BuildOptions {
  std::string workspace;
  std::string version;
  std::string output;
  std::string push;
  std::string sbom;
  std::string compression = "gzip";
  std::string mount_from;
  std::string base;
  RegistryFlags registry;
};

Result<oci::Compression> parse_compression(const std::string& name) {
  if (name == "gzip") return oci::Compression::Gzip;
  if (name == "zstd") return oci::Compression::Zstd;
  if (name == "none") return oci::Compression::None;
  return Error(Code::Invalid, fmt::format("--compression: expected gzip, zstd or none, got {}",
                                          base::quote(name)));
}

Result<std::int64_t> source_date(const World& world) {
  const std::string text = world.environment("SOURCE_DATE_EPOCH");
  if (text.empty()) return 0;
  const auto seconds = base::parse_int(text);
  if (seconds && *seconds >= 0) return *seconds;
  return Error(Code::Invalid, fmt::format("SOURCE_DATE_EPOCH: expected seconds since 1970, got {}",
                                          base::quote(text)));
}

// An image, and where it came to lie.
struct Work {
  const BuildOptions& options;
  const workspace::Workspace& workspace;
  const publish::Built& built;
  oci::ImageSource* base;  // Null: none.
};

Result<void> write(const Work& work, World& world) {
  const auto& [options, workspace, built, base] = work;
  if (!options.sbom.empty()) {
    TRY_ASSIGN(const auto file, base::AtomicFile::create(options.sbom));
    TRY(file->append(built.sbom));
    TRY(file->commit());
  }
  if (options.output.empty()) return {};
  if (base != nullptr) {
    Progress progress(world);
    TRY(publish::fetch_base_layers(workspace, *base, built.base_layers,
                                   [&](std::uint64_t done, std::uint64_t all) {
                                     progress.bytes("fetching the base", done, all);
                                   }));
  }
  if (options.output.ends_with('/') || base::is_directory(options.output)) {
    std::string folder = options.output;
    while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
    return publish::write_layout(workspace, built, folder);
  }
  return publish::write_archive(workspace, built, options.output);
}

Result<std::optional<publish::Pushed>> push(const Work& work, World& world) {
  const BuildOptions& options = work.options;
  if (options.push.empty()) return std::optional<publish::Pushed>();
  TRY_ASSIGN(const auto reference, oci::Reference::parse(options.push));
  if (reference.tag.empty()) {
    return Error(Code::Invalid,
                 fmt::format("{}: expected a tag to push to, got a digest alone", options.push));
  }
  TRY_ASSIGN(const auto access, RegistryAccess::open(world, options.registry));
  TRY_ASSIGN(const auto registry, access->connect(reference.host, reference.repository));
  Progress progress(world);
  const publish::Destination to{
      .registry = *registry,
      .tag = reference.tag,
      .mount_from = options.mount_from,
      .base = work.base,
      .on_fetch = [&](std::uint64_t done,
                      std::uint64_t all) { progress.bytes("fetching the base", done, all); },
      .on_push = [&](std::uint64_t done,
                     std::uint64_t all) { progress.bytes("pushing", done, all); }};
  TRY_ASSIGN(publish::Pushed pushed, publish::push_image(work.workspace, work.built, to));
  return std::optional(std::move(pushed));
}

Result<void> report(const publish::Built& built, const std::optional<publish::Pushed>& pushed,
                    const BuildOptions& options, World& world, bool json) {
  if (json) {
    ordered_json body = {
        {"reference", built.reference},     {"digest", built.manifest.digest.text()},
        {"model_bytes", built.model_bytes}, {"base_bytes", built.base_bytes},
        {"other_bytes", built.other_bytes}, {"layers", ordered_json::array()}};
    for (std::size_t i = 1; i < built.blobs.size(); ++i) {
      const auto& layer = built.blobs[i];
      body["layers"].push_back({{"digest", layer.digest.text()},
                                {"size", layer.size},
                                {"media_type", layer.media_type}});
    }
    if (pushed) {
      body["pushed"] = {
          {"to", options.push}, {"uploaded", pushed->uploaded}, {"present", pushed->present}};
    }
    return world.out.write(body.dump(2) + "\n");
  }
  std::string text = fmt::format("{}  {}\n  {} of the model, {} beside it", built.reference,
                                 built.manifest.digest.text(), base::human_bytes(built.model_bytes),
                                 base::human_bytes(built.other_bytes));
  text += built.base_layers.empty()
              ? "\n"
              : fmt::format(", on a base of {}\n", base::human_bytes(built.base_bytes));
  if (!options.output.empty()) text += fmt::format("  written to {}\n", options.output);
  if (pushed) {
    text += fmt::format("  pushed to {}: {} sent, {} were there\n", options.push,
                        base::human_bytes(pushed->uploaded), base::human_bytes(pushed->present));
  }
  return world.out.write(text);
}

Result<void> build(const BuildOptions& options, World& world, bool json) {
  if (options.output.empty() && options.push.empty()) {
    return Error(Code::Invalid, "build: expected -o or --push, to say where the image goes");
  }
  TRY_ASSIGN(const auto reference, model::Reference::parse(options.version));
  TRY_ASSIGN(const auto compression, parse_compression(options.compression));
  TRY_ASSIGN(const std::int64_t created, source_date(world));
  TRY_ASSIGN(const auto workspace, open_workspace(options.workspace, world, false));
  TRY_ASSIGN(const workspace::Version version, workspace->find(reference));
  TRY_ASSIGN(const auto held, workspace->hold());
  TRY_ASSIGN(const BaseAccess base, open_base(options.base, options.registry, world));
  TRY_ASSIGN(const publish::Built built,
             publish::build_image(*workspace, version,
                                  {.compression = compression,
                                   .program = world.program,
                                   .release = SOOTH_VERSION,
                                   .created = created,
                                   .base = base.source.get(),
                                   .find_engine = [&world] { return find_engine(world); }}));
  const Work work{options, *workspace, built, base.source.get()};
  TRY(write(work, world));
  TRY_ASSIGN(const auto pushed, push(work, world));
  return report(built, pushed, options, world, json);
}

void declare_common(CLI::App& app, BuildOptions& options) {
  app.add_option("--compression", options.compression, "gzip, zstd or none")->capture_default_str();
  app.add_option("--mount-from", options.mount_from,
                 "Another repository of the registry that may have the layers");
  add_base_option(app, options.base);
  add_registry_options(app, options.registry);
  add_workspace_option(app, options.workspace);
}

}  // namespace

Action declare_build(CLI::App& app) {
  const auto options = std::make_shared<BuildOptions>();
  app.add_option("version", options->version, "faq, faq:3, faq@champion or faq@sha256:...")
      ->required();
  app.add_option("-o,--output", options->output,
                 "Where to write the image: an archive, or a folder/ that is an OCI layout");
  app.add_option("--sbom", options->sbom, "Where to write its bill of materials, SPDX JSON");
  app.add_option("--push", options->push, "Where to push it: registry.example/team/faq:3");
  declare_common(app, *options);
  app.footer("Needs no daemon and no root. The same version and program give the same bytes.");
  return
      [options](World& world, const Common& common) { return build(*options, world, common.json); };
}

Action declare_push(CLI::App& app) {
  const auto options = std::make_shared<BuildOptions>();
  app.add_option("version", options->version, "faq, faq:3, faq@champion or faq@sha256:...")
      ->required();
  app.add_option("to", options->push, "registry.example/team/faq:3")->required();
  declare_common(app, *options);
  return
      [options](World& world, const Common& common) { return build(*options, world, common.json); };
}

}  // namespace cli
