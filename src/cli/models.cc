#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/compile.h>
#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/agreement_text.h"
#include "cli/commands.h"
#include "cli/json_answer.h"
#include "cli/workspace.h"
#include "model/reference.h"
#include "publish/difference.h"
#include "publish/version_image.h"

namespace cli {
namespace {

using base::Code;
using base::Error;
using base::Result;
using nlohmann::ordered_json;
using workspace::Version;
using workspace::Workspace;

// One of the things that can be done with models, chosen by the second word.
struct ModelsOptions {
  std::string workspace;
  std::string reference;
  std::string other;
  std::string word;
  std::string value;
  bool remove = false;
  bool dry_run = false;
};

using ModelsAct = Result<void> (*)(const ModelsOptions&, Workspace&, World&, bool json);

ordered_json to_json(const Version& version) {
  return {{"reference", version.reference()},
          {"digest", version.digest.text()},
          {"size", version.size},
          {"created", utc_text(version.created)},
          {"who", version.who},
          {"title", version.title},
          {"aliases", version.aliases},
          {"labels", version.labels}};
}

void append_line(const Version& version, std::string& text) {
  fmt::format_to(std::back_inserter(text), FMT_COMPILE("{:<24} {}  {:>9}  {}"), version.reference(),
                 utc_text(version.created), base::human_bytes(version.size),
                 base::printable(version.title));
  for (const std::string& alias : version.aliases) text.append("  @").append(alias);
  text += '\n';
}

std::string line_of(const Version& version) {
  std::string line;
  append_line(version, line);
  return line;
}

Result<void> list_models(const ModelsOptions& options, Workspace& workspace, World& world,
                         bool json) {
  std::vector<Version> versions;
  if (options.reference.empty()) {
    TRY_ASSIGN(auto models, workspace.models());
    for (auto& model : models) versions.push_back(std::move(model.newest));
  } else {
    TRY_ASSIGN(versions, workspace.versions(options.reference));
  }
  if (json) {
    ordered_json body = ordered_json::array();
    for (const Version& each : versions) body.push_back(to_json(each));
    return write_json(world, body);
  }
  std::string text;
  for (const Version& each : versions) append_line(each, text);
  return world.out.write(text);
}

void append_ends(std::string_view what, const std::vector<engine::TensorSpec>& ends,
                 std::string& text) {
  for (const engine::TensorSpec& each : ends) {
    text += fmt::format("  {} {}  {}\n", what, base::quote(each.name), engine::tensor_form(each));
  }
}

std::string describe(const model::Description& description) {
  std::string text;
  for (const std::string& each : description.written_by) text += fmt::format("  by {}\n", each);
  for (const auto& file : description.files) {
    text += fmt::format("  file {}  {}\n", file.name, base::human_bytes(file.size));
  }
  if (description.candidates > 0) text += fmt::format("  candidates {}\n", description.candidates);
  for (const auto& input : description.inputs) {
    text += fmt::format("  input {}  {}{}{}", base::quote(input.name), input.type,
                        input.used ? "" : ", not read", input.optional ? ", may be omitted" : "");
    if (!input.categories.empty()) {
      text += fmt::format(", {} categories", input.categories.size());
    }
    text += "\n";
  }
  for (const auto& output : description.outputs) {
    text += description.recipe == "image"
                ? "  output categories: label, id and score\n"
                : fmt::format("  output {}  {} columns\n", output.method, output.columns);
  }
  if (const auto& network = description.network) {
    append_ends("network input", network->inputs, text);
    append_ends("network output", network->outputs, text);
  }
  if (description.parity) {
    text += fmt::format("  parity with {}: {} values, largest relative error {:.2g}\n",
                        description.parity->against, description.parity->values,
                        description.parity->rel_max);
  }
  if (description.agreement) text += agreement_text(*description.agreement);
  return text +
         fmt::format("  golden rows {}, {}\n", description.golden_rows, description.golden_source);
}

// Where the version runs, or what would be gone back to, as far as the workspace knows.
Result<std::vector<workspace::Deployed>> deployed_of(const Version& version, Workspace& workspace) {
  TRY_ASSIGN(auto all, workspace.deployed());
  std::erase_if(all, [&](const workspace::Deployed& each) {
    return std::find(each.digests.begin(), each.digests.end(), version.digest) ==
           each.digests.end();
  });
  return all;
}

Result<void> show(const ModelsOptions& options, Workspace& workspace, World& world, bool json) {
  TRY_ASSIGN(const auto reference, model::Reference::parse(options.reference));
  TRY_ASSIGN(const Version version, workspace.find(reference));
  TRY_ASSIGN(const auto description, publish::find_description(workspace.layout(), version.digest));
  TRY_ASSIGN(const auto deployed, deployed_of(version, workspace));
  if (json) {
    ordered_json body = to_json(version);
    body["description"] = ordered_json::parse(description.json());
    body["deployed"] = ordered_json::array();
    for (const auto& each : deployed) {
      body["deployed"].push_back({{"target", each.target}, {"endpoint", each.endpoint}});
    }
    return write_json(world, body);
  }
  std::string text = line_of(version) + fmt::format("  {}\n", version.digest.text());
  for (const auto& [key, value] : version.labels)
    text += fmt::format("  label {}={}\n", key, value);
  for (const auto& each : deployed)
    text += fmt::format("  runs as endpoint {} on {}\n", each.endpoint, each.target);
  return world.out.write(base::printable_lines(text + describe(description)));
}

Result<void> diff(const ModelsOptions& options, Workspace& workspace, World& world, bool json) {
  TRY_ASSIGN(const auto before, model::Reference::parse(options.reference));
  TRY_ASSIGN(const auto after, model::Reference::parse(options.other));
  TRY_ASSIGN(const Version first, workspace.find(before));
  TRY_ASSIGN(const Version second, workspace.find(after));
  TRY_ASSIGN(
      const publish::Difference difference,
      publish::find_difference(workspace.layout(), first.digest, second.digest, world.networks));
  return world.out.write(json ? publish::to_json(difference) : publish::to_text(difference));
}

Result<void> alias(const ModelsOptions& options, Workspace& workspace, World& world, bool json) {
  TRY_ASSIGN(const auto reference, model::Reference::parse(options.reference));
  if (options.remove) {
    TRY(workspace.remove_alias(reference.name, options.word));
    const std::string removed = fmt::format("{}@{}", reference.name, options.word);
    if (json) return write_json(world, {{"alias", removed}, {"removed", true}});
    return world.out.write(fmt::format("{} removed\n", removed));
  }
  TRY_ASSIGN(const Version version, workspace.set_alias(reference, options.word));
  if (json) return write_json(world, to_json(version));
  return world.out.write(line_of(version));
}

Result<void> label(const ModelsOptions& options, Workspace& workspace, World& world, bool json) {
  TRY_ASSIGN(const auto reference, model::Reference::parse(options.reference));
  const std::size_t equals = options.word.find('=');
  if (!options.remove && equals == std::string::npos) {
    return Error(Code::Invalid,
                 fmt::format("label: expected key=value, got {}", base::quote(options.word)));
  }
  const std::string key = options.word.substr(0, equals);
  const auto value = options.remove ? std::nullopt : std::optional(options.word.substr(equals + 1));
  TRY_ASSIGN(const Version version, workspace.set_label(reference, key, value));
  if (json) return write_json(world, to_json(version));
  return world.out.write(line_of(version));
}

Result<void> remove(const ModelsOptions& options, Workspace& workspace, World& world, bool json) {
  TRY_ASSIGN(const auto reference, model::Reference::parse(options.reference));
  if (std::holds_alternative<model::Reference::Newest>(reference.which)) {
    return Error(Code::Invalid,
                 fmt::format("remove: expected a version, as in {}:3, got the model's name alone",
                             reference.name));
  }
  TRY_ASSIGN(const Version version, workspace.remove(reference));
  if (json) return write_json(world, to_json(version));
  return world.out.write(
      fmt::format("{} removed; sooth models gc frees its bytes\n", version.reference()));
}

Result<void> collect(const ModelsOptions& options, Workspace& workspace, World& world, bool json) {
  TRY_ASSIGN(const auto garbage, workspace.collect(options.dry_run));
  if (json) {
    ordered_json blobs = ordered_json::array();
    for (const base::Digest& each : garbage.blobs) blobs.push_back(each.text());
    return write_json(
        world,
        {{"removed", !options.dry_run}, {"bytes", garbage.bytes}, {"blobs", std::move(blobs)}});
  }
  return world.out.write(fmt::format("{} blobs, {}{}\n", garbage.blobs.size(),
                                     base::human_bytes(garbage.bytes),
                                     options.dry_run ? " would be freed" : " freed"));
}

Result<void> log(const ModelsOptions&, Workspace& workspace, World& world, bool json) {
  return workspace.each_change(0, [&](const workspace::Change& change) -> Result<void> {
    if (json) {
      const ordered_json line = {{"seq", change.seq},
                                 {"at", utc_text(change.at)},
                                 {"who", change.who},
                                 {"action", change.action},
                                 {"subject", change.subject},
                                 {"before", ordered_json::parse(change.before, nullptr, false)},
                                 {"after", ordered_json::parse(change.after, nullptr, false)}};
      return world.out.write(line.dump(-1, ' ', false, ordered_json::error_handler_t::replace) +
                             "\n");
    }
    return world.out.write(base::printable_lines(
        fmt::format("{:>6}  {}  {:<12} {:<14} {}  {} -> {}\n", change.seq, utc_text(change.at),
                    change.who, change.action, change.subject, change.before, change.after)));
  });
}

// What one second word takes and does.
struct ModelsPart {
  const char* name;
  const char* summary;
  void (*declare)(CLI::App& app, ModelsOptions& options);
  ModelsAct act;
};

void take_nothing(CLI::App&, ModelsOptions&) {}
void take_name(CLI::App& app, ModelsOptions& options) {
  app.add_option("model", options.reference, "Name of one model, for all of its versions");
}
void take_version(CLI::App& app, ModelsOptions& options) {
  app.add_option("version", options.reference, "faq, faq:3, faq@champion or faq@sha256:...")
      ->required();
}
void take_two(CLI::App& app, ModelsOptions& options) {
  app.add_option("before", options.reference, "faq:2")->required();
  app.add_option("after", options.other, "faq:3")->required();
}
void take_alias(CLI::App& app, ModelsOptions& options) {
  take_version(app, options);
  app.add_option("alias", options.word, "champion")->required();
  app.add_flag("--remove", options.remove, "Remove the alias instead");
}
void take_label(CLI::App& app, ModelsOptions& options) {
  take_version(app, options);
  app.add_option("label", options.word, "key=value")->required();
  app.add_flag("--remove", options.remove, "Remove the label of that key instead");
}
void take_dry_run(CLI::App& app, ModelsOptions& options) {
  app.add_flag("--dry-run", options.dry_run, "Only say what would go");
}

constexpr ModelsPart kModelsParts[] = {
    {"list", "The models and their newest versions, or all versions of one", take_name,
     list_models},
    {"show", "What a version is: files, signature, parity", take_version, show},
    {"diff", "What changed from one version to another", take_two, diff},
    {"alias", "Move an alias to a version", take_alias, alias},
    {"label", "Set a label of a version", take_label, label},
    {"remove", "Remove a version; its number is not given again", take_version, remove},
    {"gc", "Free the bytes that no version needs", take_dry_run, collect},
    {"log", "Every change of what names mean, oldest first", take_nothing, log},
};

}  // namespace

Action declare_models(CLI::App& app) {
  const auto options = std::make_shared<ModelsOptions>();
  add_workspace_option(app, options->workspace);
  app.require_subcommand(1);
  std::vector<std::pair<CLI::App*, ModelsAct>> parts;
  for (const ModelsPart& part : kModelsParts) {
    CLI::App* sub = app.add_subcommand(part.name, part.summary);
    part.declare(*sub, *options);
    parts.emplace_back(sub, part.act);
  }
  return [options, parts](World& world, const Common& common) -> Result<void> {
    TRY_ASSIGN(const auto workspace, open_workspace(options->workspace, world, false));
    for (const auto& [sub, act] : parts) {
      if (sub->parsed()) return act(*options, *workspace, world, common.json);
    }
    return {};
  };
}

}  // namespace cli
