#include <charconv>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "base/file.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/format.h"
#include "cli/model_file.h"
#include "cli/model_source.h"
#include "cli/network_predict.h"
#include "cli/progress.h"
#include "cli/served_model.h"
#include "cli/stream.h"
#include "cli/workspace.h"
#include "data/frame.h"
#include "engine_onnx/onnx_file.h"
#include "oci/reference.h"
#include "pickle/limits.h"
#include "publish/foreign_model.h"
#include "sklearn/model.h"
#include "table/first_row.h"

namespace cli {
namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr std::size_t kBlockRows = 4096;
constexpr std::size_t kFlushBytes = std::size_t{256} << 10U;
constexpr std::string_view kRow = "row ";  // How steps begin what they say of a row.

struct PredictOptions {
  std::string model;
  std::string input;
  std::string output = "-";
  std::string method = "predict";
  std::string format;
  ReadingFlags reading;
  std::string workspace;
};

struct Formats {
  Format in = Format::Csv;
  Format out = Format::Csv;
};

// What a file's name says comes first; --format is for streams and for names that say nothing, and
// where it is not given, what is written is in the format of what was read.
Result<Formats> choose_formats(const PredictOptions& options) {
  Formats formats;
  const bool given = !options.format.empty();
  if (given) {
    TRY_ASSIGN(formats.in, parse_format(options.format));
  } else if (options.input != "-" && !format_of(options.input)) {
    return Error(Code::Invalid, fmt::format("{}: expected a name that ends with .csv, .tsv or "
                                            ".jsonl, or --format",
                                            base::quote(options.input)));
  }
  const Format asked = formats.in;
  if (const auto named = format_of(options.input)) formats.in = *named;
  formats.out = given ? asked : formats.in;
  if (const auto named = format_of(options.output)) formats.out = *named;
  return formats;
}

// Steps count rows from the first of the block: `row 5, column "age": ...` becomes
// `rows.csv:7: column "age": ...`.
Error located(const Error& error, const table::RowSource& rows) {
  std::string_view message = error.message();
  std::size_t row = 0;
  if (message.starts_with(kRow)) {
    message.remove_prefix(kRow.size());
    const auto [end, problem] =
        std::from_chars(message.data(), message.data() + message.size(), row);
    message.remove_prefix(static_cast<std::size_t>(end - message.data()));
    if (problem == std::errc{} && message.starts_with(", ")) {
      return {error.code(), fmt::format("{}: {}", rows.place(row), message.substr(2))};
    }
  }
  return {error.code(), fmt::format("from {} on: {}", rows.place(0), error.message())};
}

// Rows of the plan's answer to text.
class AnswerRows {
 public:
  AnswerRows(const plan::Output& output, const table::AnswerWriter& writer)
      : sparse_(output.form == plan::Form::Sparse), writer_(writer) {}

  void append(const plan::Buffer& buffer, std::string& out) {
    const std::size_t rows = sparse_ ? buffer.sparse.rows : buffer.dense.rows;
    for (std::size_t i = 0; i < rows; ++i) writer_.row(values(buffer, i), out);
  }

 private:
  std::span<const double> values(const plan::Buffer& buffer, std::size_t row) {
    if (!sparse_) return {buffer.dense.row(row), buffer.dense.columns};
    scratch_.assign(buffer.sparse.columns, 0);
    const auto indices = buffer.sparse.row_indices(row);
    const auto stored = buffer.sparse.row_values(row);
    for (std::size_t i = 0; i < indices.size(); ++i) scratch_[indices[i]] = stored[i];
    return scratch_;
  }

  bool sparse_;
  const table::AnswerWriter& writer_;
  std::vector<double> scratch_;
};

Result<void> score_rows(const plan::Plan& plan, table::RowSource& rows,
                        const table::AnswerWriter& writer, Product& product, Progress& progress) {
  data::Frame frame(plan.signature());
  plan::Plan::Scratch scratch(plan);
  AnswerRows answers(plan.output(), writer);
  std::string text;
  writer.begin(text);
  for (std::uint64_t done = 0;;) {
    TRY_ASSIGN(const std::size_t count, rows.read(frame, kBlockRows));
    if (count == 0) return product.append(text);
    const auto answer = plan.run(frame, scratch);
    if (!answer.ok()) return located(answer.error(), rows);
    answers.append(**answer, text);
    if (text.size() >= kFlushBytes) {
      TRY(product.append(text));
      text.clear();
    }
    progress.rows(done += count);
  }
}

// Where the rows come from.
struct RowsIn {
  Formats formats;
  std::unique_ptr<DescriptorSource> file;  // Null: standard input.
  std::string name;

  table::Source& source(World& world) const {
    return file != nullptr ? static_cast<table::Source&>(*file) : world.in;
  }
};

Result<RowsIn> open_input(const PredictOptions& options) {
  RowsIn in{.formats = {}, .file = nullptr, .name = "standard input"};
  TRY_ASSIGN(in.formats, choose_formats(options));
  if (options.input == "-") return in;
  TRY_ASSIGN(in.file, DescriptorSource::open(options.input));
  in.name = options.input;
  return in;
}

Result<void> predict_from(const plan::Plan& plan, const RowsIn& in, table::Source& source,
                          const PredictOptions& options, World& world) {
  TRY_ASSIGN(const OpenedRows opened, open_rows(in.formats.in, in.name, source, plan.signature()));
  if (!opened.note.empty()) TRY(world.err.write(fmt::format("sooth: {}\n", opened.note)));
  TRY_ASSIGN(const auto writer, open_writer(in.formats.out, plan.output()));
  TRY_ASSIGN(const auto product, open_product(options.output, world.out));

  Progress progress(world);
  TRY(score_rows(plan, *opened.rows, *writer, *product, progress));
  return product->commit();
}

Result<void> predict_rows(const plan::Plan& plan, const PredictOptions& options, World& world) {
  TRY_ASSIGN(const RowsIn in, open_input(options));
  return predict_from(plan, in, in.source(world), options, world);
}

// With a model that takes as many columns as the rows have.
Result<void> predict_any_columns(const sklearn::Model& model, plan::Method method,
                                 const PredictOptions& options, World& world) {
  TRY_ASSIGN(const RowsIn in, open_input(options));
  table::RewoundSource source(in.source(world));
  const char delimiter = in.formats.in == Format::Tsv ? '\t' : ',';
  TRY_ASSIGN(const table::FirstRow first, in.formats.in == Format::JsonLines
                                              ? table::first_json_row(in.name, source)
                                              : table::first_csv_row(in.name, source, delimiter));
  source.rewind();
  TRY_ASSIGN(const plan::Plan plan,
             model.compile(method, first.names.empty() ? sklearn::numbered_columns(first.cells)
                                                       : first.names));
  return predict_from(plan, in, source, options, world);
}

// A model that is more than one file of scikit-learn: a network, a folder, a version.
Result<void> predict_scorer(const scorer::Scorer& scorer, plan::Method method,
                            const PredictOptions& options, World& world) {
  const NetworkPredict asked{
      .input = options.input, .output = options.output, .format = options.format};
  if (scorer.tensors() != nullptr) return predict_tensors(scorer, asked, world);
  if (scorer.image() != nullptr) return predict_pictures(scorer, asked, world);
  const scorer::ColumnsScorer* columns = scorer.columns();
  if (columns == nullptr) {
    return Error(Code::Unsupported,
                 fmt::format("{}: expected a model of rows, pictures or tensors, "
                             "got one that matches; serve it to ask it",
                             base::quote(options.model)));
  }
  if (columns->has(method)) return predict_rows(columns->plan(method), options, world);
  return Error(Code::Unsupported,
               fmt::format("{}: expected a model with {}, got one without",
                           base::quote(options.model), plan::method_name(method)));
}

// Whether it is one file of scikit-learn, or one that is not there, which the reader of files says.
Result<bool> is_lone_file(const std::string& model) {
  if (base::is_directory(model)) return false;
  if (!base::exists(model)) return !names_a_version(model) && !oci::names_a_registry(model);
  TRY_ASSIGN(const auto file, base::MappedFile::open(model, pickle::Limits().file_bytes));
  return !model.ends_with(".onnx") && !engine_onnx::is_network(file->bytes());
}

// Where the model is another, it is loaded as a server does.
Result<std::optional<ServedModel>> find_scorer(const PredictOptions& options, World& world) {
  TRY(publish::check_format(options.model));
  TRY_ASSIGN(const bool lone, is_lone_file(options.model));
  if (lone) return std::optional<ServedModel>();
  std::unique_ptr<workspace::Workspace> workspace;
  const auto open = [&](bool create) -> Result<workspace::Workspace*> {
    TRY_ASSIGN(workspace, open_workspace(options.workspace, world, create));
    return workspace.get();
  };
  const ServedModelOptions where{
      .reading = options.reading, .workspace = options.workspace, .registry = {}};
  TRY_ASSIGN(const FoundModel found, find_served(options.model, where, open, world));
  const oci::Layout* layout = workspace != nullptr ? &workspace->layout() : nullptr;
  TRY_ASSIGN(ServedModel served, load_found(found, layout, options.reading, world.networks));
  return std::optional<ServedModel>(std::move(served));
}

Result<void> predict(const PredictOptions& options, World& world) {
  TRY_ASSIGN(const plan::Method method, plan::parse_method(options.method));
  TRY_ASSIGN(const fitted::ReadOptions reading, parse_reading(options.reading));
  TRY_ASSIGN(const auto served, find_scorer(options, world));
  if (served) return predict_scorer(*served->scorer, method, options, world);
  TRY_ASSIGN(const sklearn::Model model, load_model(options.model, reading));
  const auto plan = model.compile(method);
  if (plan.ok()) return predict_rows(*plan, options, world);
  if (model.takes_any_columns(method)) return predict_any_columns(model, method, options, world);
  return plan.error();
}

}  // namespace

Action declare_predict(CLI::App& app) {
  const auto options = std::make_shared<PredictOptions>();
  app.add_option(
         "model", options->model,
         "Model file (pickle, joblib, a booster's own, ONNX), folder with sooth.yaml or an ONNX "
         "file, or version")
      ->required();
  app.add_option(
         "input,--input", options->input,
         "Rows: a .csv, .tsv or .jsonl file, or - for standard input; of a network a picture "
         "or a folder of them, or a request of tensors: .npz, .npy or .json")
      ->required();
  app.add_option("--output", options->output,
                 "Where to write the answer; - for standard output; of tensors also an .npz")
      ->capture_default_str();
  app.add_option("--method", options->method,
                 "The estimator's method, such as predict_proba or transform")
      ->capture_default_str();
  app.add_option("--format", options->format,
                 "csv, tsv or jsonl, where no file name says it [csv; of pictures jsonl]");
  app.add_option("--python", options->reading.python,
                 "Python that the model was trained with, such as 3.11, for its rules of text");
  add_class_option(app, options->reading.classes);
  add_workspace_option(app, options->workspace);
  app.footer("Columns are bound by name. A file that is written is there whole or not at all.");
  return [options](World& world, const Common&) { return predict(*options, world); };
}

}  // namespace cli
