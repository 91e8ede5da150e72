#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/agreement_text.h"
#include "cli/commands.h"
#include "cli/model_file.h"
#include "cli/progress.h"
#include "cli/python.h"
#include "cli/workspace.h"
#include "publish/register.h"
#include "publish/verify.h"

namespace cli {
namespace {

using base::Code;
using base::Error;
using base::Result;
using nlohmann::ordered_json;

struct RegisterOptions {
  publish::Registration registration;
  std::vector<std::string> labels;
  std::string workspace;
  std::string python;  // That verifies; empty: none.
  std::vector<std::string> classes;
};

constexpr auto kVerifyTime = std::chrono::minutes(10);

Result<void> read_labels(const std::vector<std::string>& given,
                         std::map<std::string, std::string>& labels) {
  for (const std::string& each : given) {
    const std::size_t equals = each.find('=');
    if (equals == std::string::npos) {
      return Error(Code::Invalid,
                   fmt::format("--label: expected key=value, got {}", base::quote(each)));
    }
    labels[each.substr(0, equals)] = each.substr(equals + 1);
  }
  return {};
}

std::string parity_text(const model::Description& description) {
  const model::Parity& parity = *description.parity;
  std::string text =
      fmt::format("{} values of {} {} agree with {}", parity.values, parity.rows,
                  description.recipe == "tensors" ? "requests" : "rows", parity.against);
  if (parity.equal == parity.values) return text + ", each to the bit";
  return text + fmt::format(", {} to the bit; largest relative error {:.2g}, absolute {:.2g}",
                            parity.equal, parity.rel_max, parity.abs_max);
}

std::string to_text(const publish::Registered& registered) {
  const auto& version = registered.version;
  const auto& description = registered.description;
  std::string text = fmt::format("{}{}\n", version.reference(),
                                 registered.is_new ? "" : " (registered before, unchanged)");
  text += fmt::format("  {}  {}, {}\n", version.digest.text(), description.title,
                      base::human_bytes(version.size));
  for (const std::string& alias : version.aliases) text += fmt::format("  alias {}\n", alias);
  if (description.parity) text += fmt::format("  {}\n", parity_text(description));
  for (const std::string& each :
       description.parity ? description.parity->not_compared : std::vector<std::string>()) {
    text += fmt::format("  not compared: {}\n", base::printable(each));
  }
  if (description.agreement) text += agreement_text(*description.agreement);
  text += fmt::format("  {} golden rows, {}\n", description.golden_rows, description.golden_source);
  return text;
}

// The description stands there as the version holds it: it may be long.
std::string to_json(const publish::Registered& registered) {
  const auto& version = registered.version;
  const ordered_json body = {{"reference", version.reference()}, {"digest", version.digest.text()},
                             {"new", registered.is_new},         {"size", version.size},
                             {"aliases", version.aliases},       {"labels", version.labels},
                             {"notes", registered.notes}};
  std::string text = body.dump(2, ' ', false, ordered_json::error_handler_t::replace);
  text.resize(text.rfind('\n'));
  return text + ",\n  \"description\": " + registered.description_json + "\n}\n";
}

Result<void> register_one(RegisterOptions options, World& world, bool json) {
  TRY(read_labels(options.labels, options.registration.labels));
  TRY_ASSIGN(options.registration.classes, parse_classes(options.classes));
  TRY_ASSIGN(const auto workspace, open_workspace(options.workspace, world, true));
  if (!options.python.empty()) {
    options.registration.verify = [&](const publish::Source& source, const scorer::Scorer& scorer,
                                      const scorer::Examples& examples) {
      return publish::verify_with_python(python_of(options.python, world, kVerifyTime), source,
                                         scorer, examples);
    };
  }
  options.registration.networks = world.networks;
  Progress progress(world);
  TRY_ASSIGN(const publish::Registered registered,
             publish::register_model(*workspace, options.registration,
                                     [&](std::uint64_t done, std::uint64_t all) {
                                       progress.bytes("storing", done, all);
                                     }));
  progress.clear();
  for (const std::string& note : registered.notes) {
    TRY(world.err.write(fmt::format("sooth: note: {}\n", base::printable(note))));
  }
  if (const auto& problem = workspace->index_problem()) {
    TRY(world.err.write(fmt::format("sooth: note: index.json was not updated: {}\n",
                                    base::printable(problem->message()))));
  }
  return world.out.write(json ? to_json(registered) : to_text(registered));
}

}  // namespace

Action declare_register(CLI::App& app) {
  const auto options = std::make_shared<RegisterOptions>();
  publish::Registration& registration = options->registration;
  app.add_option("path", registration.path,
                 "Model file (pickle, joblib, a booster's own, ONNX), or folder with sooth.yaml, "
                 "MLmodel or an ONNX file")
      ->required();
  app.add_option("--name", registration.name,
                 "Name of the model (default: the recipe's or path's)");
  app.add_option("--recipe", registration.recipe, "A sooth.yaml in place of the folder's own");
  app.add_option(
         "--example", registration.example,
         "Example rows: .csv, .tsv or .jsonl; of pictures a picture; of a network's tensors "
         "a request: .npz, .npy or .json. May be given again, and be a folder of them")
      ->allow_extra_args(false);
  app.add_option(
         "--expected", registration.expected,
         "The answers to them that the model must give, as `sooth predict` writes them: .csv or "
         ".tsv; of tensors .npz, .npy or .json, one for each request")
      ->allow_extra_args(false);
  app.add_option("--verify-with", options->python,
                 "Python whose own libraries must give the same answers, such as "
                 "python3; it loads the model, in a process of its own");
  app.add_option(
         "--tolerance", registration.tolerance,
         "Largest relative error of an answer that is taken as the same (default: 1e-9; of a "
         "network 1e-4)")
      ->check(CLI::Range(0.0, 1.0));
  add_class_option(app, options->classes);
  app.add_option("--label", options->labels, "key=value; may be given again");
  app.add_option("--alias", registration.alias, "Alias to move to the version");
  add_workspace_option(app, options->workspace);
  app.footer("What is registered was scored from what was stored, and keeps its number for ever.");
  return [options](World& world, const Common& common) {
    return register_one(*options, world, common.json);
  };
}

}  // namespace cli
