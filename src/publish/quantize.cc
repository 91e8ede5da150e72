// The exchange with quantize.py is as that says.
#include "publish/quantize.h"

#include <stdlib.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/files.h"
#include "base/text.h"
#include "engine_onnx/onnx_file.h"
#include "model/recipe.h"
#include "publish/foreign_model.h"
#include "publish/quantize_inputs.h"
#include "publish/quantize_script.h"
#include "publish/version_image.h"
#include "scorer/network_folder.h"

namespace publish {
namespace {

namespace fs = std::filesystem;

using base::Code;
using base::Error;
using nlohmann::json;

constexpr std::size_t kAnswerBytesMax = std::size_t{16} << 20U;
constexpr std::uint64_t kNetworkBytesMax = std::uint64_t{64} << 30U;
constexpr std::size_t kHeldOutFrom = 10;
constexpr std::size_t kHeldOutEvery = 5;

// A folder beside what is made, removed with all that is left in it.
class WorkFolder {
 public:
  static base::Result<std::unique_ptr<WorkFolder>> make(const std::string& beside) {
    std::string path = beside + ".XXXXXX";
    if (::mkdtemp(path.data()) == nullptr) return base::system_error(path, errno);
    return std::unique_ptr<WorkFolder>(new WorkFolder(std::move(path)));
  }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  ~WorkFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  explicit WorkFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

// The network's file, and how pictures are prepared for it, if it takes pictures.
struct Found {
  std::string file;
  std::optional<model::Image> image;
};

base::Result<Found> find_network(const Quantization& quantization) {
  TRY(check_foreign(quantization.model));
  const bool is_folder = base::is_directory(quantization.model);
  const base::FolderFiles folder(quantization.model);
  Found found{.file = quantization.model, .image = {}};
  std::string recipe = quantization.recipe;
  if (recipe.empty() && is_folder) recipe = folder.place("sooth.yaml");
  if (quantization.recipe.empty() && is_folder && !base::exists(recipe)) {
    if (const auto alone = scorer::find_network(quantization.model)) {
      found.file = folder.place(*alone);
      return found;
    }
  }
  if (recipe.empty()) return found;
  TRY_ASSIGN(const auto text, base::MappedFile::open(recipe, kRecipeBytesMax));
  TRY_ASSIGN(model::Recipe read, model::parse_recipe(recipe, base::as_text(text->bytes())));
  if (is_folder) found.file = folder.place(read.model);
  found.image = std::move(read.image);
  return found;
}

// Refuses what is no network before minutes are spent: its bytes, with those of its weights.
base::Result<std::uint64_t> check_network(const std::string& file) {
  TRY_ASSIGN(const auto bytes, base::MappedFile::open(file, kNetworkBytesMax));
  const auto read = engine_onnx::OnnxFile::read(bytes->bytes(), {});
  if (!read.ok()) return Error(read.error()).within(base::quote(file));
  const std::size_t slash = file.rfind('/');
  const base::FolderFiles folder(slash == std::string::npos ? "." : file.substr(0, slash + 1));
  TRY_ASSIGN(const auto weights,
             engine_onnx::open_external(*read, folder, file.substr(slash + 1), {}));
  std::uint64_t all = bytes->bytes().size();
  for (const auto& each : weights) all += each.held.bytes.size();
  return all;
}

json chosen(const std::vector<std::string>& paths, const std::vector<std::size_t>& places) {
  json list = json::array();
  for (const std::size_t each : places) list.push_back(paths[each]);
  return list;
}

base::Result<std::string> absolute_path(const std::string& path) {
  std::error_code problem;
  const auto made = fs::absolute(path, problem);
  if (problem) return base::system_error(path, problem.value());
  return made.string();
}

// Throws what the JSON library throws where it is not as said.
Quantized take_quantized(const json& document, bool ranked) {
  Quantized quantized;
  quantized.made_by = name_versions(document.at("versions"));
  quantized.compared = document.at("rows").get<std::size_t>();
  for (const json& each : document.at("outputs")) {
    quantized.outputs.push_back({.name = each.at("name").get<std::string>(),
                                 .values = each.at("values").get<std::uint64_t>(),
                                 .abs_max = each.at("abs_max").get<double>(),
                                 .abs_mean = each.at("abs_mean").get<double>(),
                                 .largest = each.at("largest").get<double>()});
  }
  if (ranked) {
    quantized.top_1 = document.at("top_1").get<std::uint64_t>();
    quantized.top_5 = document.at("top_5").get<std::uint64_t>();
  }
  return quantized;
}

base::Result<Quantized> ask_python(const PythonOptions& python, const json& asked, bool ranked) {
  TRY_ASSIGN(
      const std::string output,
      run_python(python, {.script = quantize_script(),
                          .input = asked.dump(-1, ' ', false, json::error_handler_t::replace),
                          .output_bytes_max = kAnswerBytesMax,
                          .expected = "it to quantise the network"}));
  auto read = read_quantized(output, ranked);
  if (read.ok() || read.error().code() == Code::Invalid) return read;
  return Error(Code::Unavailable,
               fmt::format("{}: {}", base::quote(python.program), read.error().message()));
}

base::Result<void> move_into_place(const std::string& made, const std::string& output) {
  if (std::rename(made.c_str(), output.c_str()) != 0) return base::system_error(output, errno);
  return {};
}

}  // namespace

Shares share(std::size_t count) {
  Shares shares;
  shares.held_out = count >= kHeldOutFrom;
  for (std::size_t i = 0; i < count; ++i) {
    const bool kept = shares.held_out && i % kHeldOutEvery == kHeldOutEvery - 1;
    if (!kept) shares.calibrate.push_back(i);
    if (kept || !shares.held_out) shares.compare.push_back(i);
  }
  return shares;
}

base::Result<Quantized> read_quantized(std::string_view output, bool ranked) {
  const json document = json::parse(output, nullptr, false);
  try {
    if (document.is_object() && document.contains("missing")) {
      return Error(Code::Unavailable,
                   fmt::format("expected numpy, onnx and onnxruntime: {}; pip install onnxruntime "
                               "onnx, or name another Python with --python",
                               base::printable(document["missing"].get<std::string>())));
    }
    if (document.is_object() && document.contains("problem")) {
      return Error(Code::Invalid, document["problem"].get<std::string>());
    }
    return take_quantized(document, ranked);
  } catch (const json::exception&) {
    return Error(Code::Corrupt, "expected a report as JSON, got something else");
  }
}

base::Result<Quantized> quantize(const Quantization& quantization, const PythonOptions& python) {
  TRY_ASSIGN(const Found found, find_network(quantization));
  TRY_ASSIGN(const std::uint64_t bytes_before, check_network(found.file));
  TRY_ASSIGN(const std::string model, absolute_path(found.file));
  TRY_ASSIGN(const std::string output, absolute_path(quantization.output));
  std::error_code absent;
  if (fs::equivalent(model, output, absent)) {
    return Error(Code::Invalid, fmt::format("{}: expected another file to be made than the network",
                                            base::quote(quantization.output)));
  }
  TRY_ASSIGN(const auto work, WorkFolder::make(output));
  const model::Image* image = found.image ? &*found.image : nullptr;
  TRY_ASSIGN(QuantizeInputs inputs, find_quantize_inputs(quantization.calibrate, image,
                                                         quantization.inputs_max, work->path()));
  const Shares shares = share(inputs.paths.size());
  const std::string made = work->path() + "/made.onnx";
  const json asked = {{"model", model},
                      {"output", made},
                      {"work", work->path()},
                      {"calibrate", chosen(inputs.paths, shares.calibrate)},
                      {"compare", chosen(inputs.paths, shares.compare)},
                      {"input", image != nullptr ? image->input : ""},
                      {"ranked", image != nullptr ? json(image->output) : json()}};
  TRY_ASSIGN(Quantized quantized, ask_python(python, asked, image != nullptr));
  TRY_ASSIGN(const auto after, base::MappedFile::open(made, kNetworkBytesMax));
  quantized.bytes_before = bytes_before;
  quantized.bytes_after = after->bytes().size();
  quantized.calibrated = shares.calibrate.size();
  quantized.held_out = shares.held_out;
  quantized.passed_over = std::move(inputs.passed_over);
  TRY(move_into_place(made, output));
  return quantized;
}

}  // namespace publish
