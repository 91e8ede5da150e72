#include <memory>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/inspection.h"
#include "cli/model_file.h"
#include "cli/model_source.h"
#include "cli/network_inspection.h"
#include "cli/workspace.h"

namespace cli {
namespace {

using base::Code;
using base::Error;
using base::Result;

struct InspectOptions {
  std::string model;
  ReadingFlags reading;
  std::string workspace;
};

Result<void> inspect(const InspectOptions& options, World& world, bool json) {
  TRY_ASSIGN(fitted::ReadOptions reading, parse_reading(options.reading));
  TRY_ASSIGN(const ModelSource source, open_model(options.model, options.workspace, world));
  if (source.network) {
    TRY(fitted::refuse_classes(reading.classes.empty() ? source.classes : reading.classes,
                               "a network"));
    TRY_ASSIGN(const NetworkInspection network,
               inspect_network(source.path, source.bytes.bytes, *source.files, source.name));
    return world.out.write(json ? to_json(network) : to_text(network));
  }
  if (options.reading.python.empty()) reading.python = source.python;
  if (options.reading.classes.empty()) reading.classes = source.classes;
  TRY_ASSIGN(const Inspection inspection, inspect_pickle(source, reading));
  TRY(world.out.write(json ? to_json(inspection) : to_text(inspection)));
  if (inspection.problems.empty()) return {};
  const fitted::Problem& first = inspection.problems.front();
  const std::size_t more = inspection.problems.size() - 1;
  return Error(Code::Unsupported, fmt::format("{}: {}: {}{}", base::quote(options.model),
                                              first.path, first.error.message(),
                                              more > 0 ? fmt::format(" (and {} more)", more) : ""));
}

}  // namespace

Action declare_inspect(CLI::App& app) {
  const auto options = std::make_shared<InspectOptions>();
  app.add_option(
         "model", options->model,
         "Model file (pickle, joblib, a booster's own, ONNX), folder with sooth.yaml or an ONNX "
         "file, or version")
      ->required();
  app.add_option("--python", options->reading.python,
                 "Python that the model was trained with, such as 3.11, for its rules of text");
  add_class_option(app, options->reading.classes);
  add_workspace_option(app, options->workspace);
  app.footer("Nothing in the file is executed. What cannot be run is named, with exit status 9.");
  return [options](World& world, const Common& common) {
    return inspect(*options, world, common.json);
  };
}

}  // namespace cli
