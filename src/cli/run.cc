#include "cli/run.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "base/status.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/networks.h"
#include "sklearn/outline.h"

namespace cli {
namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr std::string_view kAbout =
    "Turns models trained in Python into scoring services. Reads scikit-learn, LightGBM,\n"
    "XGBoost and CatBoost models without Python, and without executing anything in them.";

constexpr std::string_view kExitStatuses =
    "Exit status: 0 done, 2 invalid input, 3 not found, 4 in conflict with what is there, 5 "
    "denied,\n"
    "6 a limit was met or something is not ready, 7 a deadline passed, 8 the model file is "
    "corrupt,\n"
    "9 the model cannot be run, 1 a defect of this program.";

// The command line as it was declared, and what each command would do.
struct Declared {
  CLI::App app{std::string(kAbout), "sooth"};
  Common common;
  bool version = false;
  std::vector<std::pair<CLI::App*, Action>> actions;

  Declared() {
    app.footer(std::string(kExitStatuses));
    app.fallthrough();
    app.add_flag("--json", common.json, "Answers and errors as JSON");
    app.add_flag("--version", version, "Print the version of this program and exit");
    for (const Command& command : commands()) {
      CLI::App* sub = app.add_subcommand(std::string(command.name), std::string(command.summary));
      sub->add_flag("--json", common.json, "Answers and errors as JSON");
      actions.emplace_back(sub, command.declare(*sub));
    }
  }
};

Error unknown_word(const CLI::App& app, const std::string& place, const std::string& word) {
  std::vector<std::string> names;
  const bool option = word.starts_with('-');
  if (option) {
    for (const CLI::Option* each : app.get_options()) names.push_back(each->get_name());
  } else {
    for (const Command& command : commands()) names.emplace_back(command.name);
  }
  const std::vector<std::string_view> known(names.begin(), names.end());
  const auto near = base::nearest(word, known);
  return {Code::Invalid,
          fmt::format("unknown {} {}{}", option ? "option" : "command", base::quote(word),
                      near ? fmt::format("; did you mean {}?", base::quote(*near))
                           : fmt::format("; see `{} --help`", place))};
}

// What CLI11 throws, in the words of this program.
Error parse_error(const Declared& declared, const CLI::ParseError& problem) {
  const auto chosen = declared.app.get_subcommands();
  const CLI::App& app = chosen.empty() ? declared.app : *chosen.front();
  const std::string place = chosen.empty() ? "sooth" : "sooth " + app.get_name();
  const auto extras = declared.app.remaining(true);
  // First, since what is misspelt is also what is missing.
  if (!extras.empty()) {
    const std::string& word = extras.front();
    if (chosen.empty() || word.starts_with('-')) return unknown_word(app, place, word);
    return {Code::Invalid, fmt::format("{}: expected no more arguments, got {}", app.get_name(),
                                       base::quote(word))};
  }
  std::string message = problem.what();
  const std::size_t line = message.find('\n');
  if (line != std::string::npos) message.resize(line);
  return {Code::Invalid, fmt::format("{}; see `{} --help`", message, place)};
}

Result<void> help(const Declared& declared, World& world) {
  return world.out.write(declared.app.help());
}

Result<void> dispatch(Declared& declared, World& world) {
  std::vector<std::string> reversed(world.arguments.rbegin(), world.arguments.rend());
  try {
    declared.app.parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    return help(declared, world);
  } catch (const CLI::ParseError& problem) {
    return parse_error(declared, problem);
  }
  if (declared.version) return print_version(world, declared.common);
  for (const auto& [sub, action] : declared.actions) {
    if (sub->parsed()) return action(world, declared.common);
  }
  return help(declared, world);
}

std::string error_text(const Error& error, bool json) {
  if (!json) return fmt::format("sooth: {}\n", base::printable(error.message()));
  const nlohmann::ordered_json body = {
      {"error", {{"code", base::code_name(error.code())}, {"message", error.message()}}}};
  return body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace

int run(World& world) {
  const Networks networks(world);
  if (world.networks == nullptr) world.networks = &networks;
  Declared declared;
  const Result<void> done = dispatch(declared, world);
  if (world.networks == &networks) world.networks = nullptr;  // The world may outlive this call.
  if (done.ok()) return 0;
  // A command line that could not be parsed has not set the flag.
  const bool json =
      std::find(world.arguments.begin(), world.arguments.end(), "--json") != world.arguments.end();
  static_cast<void>(world.err.write(error_text(done.error(), json)).ok());
  return base::status_of(done.error().code()).exit;
}

}  // namespace cli
