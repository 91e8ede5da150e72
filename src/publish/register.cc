#include "publish/register.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "base/file.h"
#include "base/text.h"
#include "model/recipe.h"
#include "publish/agreement.h"
#include "publish/example_files.h"
#include "publish/examples.h"
#include "publish/source.h"
#include "scorer/scorer.h"
#include "sklearn/model.h"

namespace publish {
namespace {

using base::Code;
using base::Error;

constexpr double kTolerance = 1e-9;
constexpr std::uint64_t kTableBytesMax = std::uint64_t{1} << 30U;

bool is_network(const scorer::Scorer& scorer) {
  return scorer.image() != nullptr || scorer.tensors() != nullptr;
}

base::Result<scorer::Sample> find_sample(const Registration& registration, const Source& source,
                                         const scorer::Scorer& scorer, std::string& origin) {
  origin = "given";
  scorer::Sample given;
  if (!registration.example.empty()) {
    TRY_ASSIGN(given.examples, open_examples(registration.example, scorer));
    return given;
  }
  if (scorer.tensors() != nullptr && base::is_directory(registration.path)) {
    const std::string own = registration.path + "/example.npz";
    if (base::exists(own)) {
      TRY_ASSIGN(given.examples, open_examples({own}, scorer));
      return given;
    }
  }
  if (source.example) {
    TRY_ASSIGN(given.examples, read_mlflow_example(base::as_text(source.example->bytes), scorer));
    return given;
  }
  origin = "generated";
  return scorer::generate_sample(scorer);
}

// What a row's columns are called, for a model that takes as many as come: as the examples or the
// signature have them.
std::vector<std::string> find_columns(const Registration& registration, const Source& source) {
  auto columns = find_example_columns(registration.example);
  if (!columns.empty()) return columns;
  for (const auto& each : source.signature.columns) {
    if (each.name.empty()) return sklearn::numbered_columns(source.signature.columns.size());
    columns.push_back(each.name);
  }
  const std::int64_t width = source.signature.tensor_width;
  return columns.empty() && width > 0 ? sklearn::numbered_columns(static_cast<std::size_t>(width))
                                      : columns;
}

std::string report(const model::Parity& parity) {
  if (parity.labels_differ > 0) {
    return fmt::format("{} of {} labels differ, first at {}", parity.labels_differ, parity.values,
                       parity.worst);
  }
  return fmt::format("the largest relative error is {:.3g}, at {}", parity.rel_max, parity.worst);
}

// Compares each answer that somebody expects with ours; `whole`: to every row, not the first only.
base::Result<void> compare_all(const std::vector<scorer::Answered>& expected,
                               const std::vector<scorer::Answered>& ours, bool whole,
                               model::Parity& parity) {
  for (const scorer::Answered& each : expected) {
    const auto same = std::find_if(ours.begin(), ours.end(), [&](const scorer::Answered& answered) {
      return answered.method == each.method;
    });
    if (same == ours.end()) {
      parity.not_compared.push_back(each.method);
      continue;
    }
    if (whole ? same->rows() != each.rows() : same->rows() < each.rows()) {
      return Error(Code::Invalid, fmt::format("parity with {}: expected answers to {} rows, got {}",
                                              parity.against, same->rows(), each.rows()));
    }
    scorer::compare(each, *same, parity);
  }
  return {};
}

// The outputs that somebody expects, with ours to the same requests.
base::Result<void> compare_tensors(const Registration& registration, const scorer::Scorer& scorer,
                                   const scorer::Answers& ours, model::Parity& parity) {
  TRY_ASSIGN(const auto expected, open_tensor_answers(registration.expected, *scorer.tensors()));
  if (expected.size() != ours.outputs.size()) {
    return Error(Code::Invalid,
                 fmt::format("parity with {}: expected answers to {} requests, got {}",
                             parity.against, ours.outputs.size(), expected.size()));
  }
  for (std::size_t r = 0; r < expected.size(); ++r) {
    for (const engine::NamedTensor& output : ours.outputs[r]) {
      const auto same = std::ranges::find(expected[r], output.name, &engine::NamedTensor::name);
      if (same == expected[r].end()) {
        if (r == 0) parity.not_compared.push_back("output " + base::quote(output.name));
        continue;
      }
      const auto whole = scorer::keep(*same, std::numeric_limits<std::size_t>::max());
      if (auto compared = scorer::compare(whole, output, r, parity); !compared.ok()) {
        return Error(compared.error().code(),
                     fmt::format("parity with {}: {}; not registered", parity.against,
                                 compared.error().message()));
      }
    }
  }
  return {};
}

// The answers of a file to examples that are rows, queries or pictures.
base::Result<void> compare_rows(const Registration& registration, const scorer::Scorer& scorer,
                                const scorer::Answers& ours, model::Parity& parity) {
  if (registration.expected.size() > 1) {
    return Error(Code::Invalid, fmt::format("parity with {}: expected the answers in one file, got "
                                            "{} files",
                                            parity.against, registration.expected.size()));
  }
  const std::string& path = registration.expected.front();
  TRY_ASSIGN(const auto file, base::MappedFile::open(path, kTableBytesMax));
  TRY_ASSIGN(const scorer::Answered expected,
             read_expected(path, base::as_text(file->bytes()), scorer));
  return compare_all({expected}, ours.answered, true, parity);
}

base::Result<std::optional<model::Parity>> prove(const Registration& registration,
                                                 const Source& source, const scorer::Scorer& scorer,
                                                 scorer::Sample& sample) {
  if (registration.expected.empty() && !registration.verify) return std::optional<model::Parity>();
  if (!sample.answers) {
    TRY_ASSIGN(sample.answers, scorer::answer(scorer, sample.examples));
  }
  const scorer::Answers& ours = *sample.answers;
  model::Parity parity;
  parity.tolerance =
      registration.tolerance.value_or(is_network(scorer) ? scorer.replay_tolerance() : kTolerance);
  parity.not_compared = ours.left_out;
  if (!registration.expected.empty()) {
    parity.against = "expected answers";
    TRY((scorer.tensors() != nullptr ? compare_tensors : compare_rows)(registration, scorer, ours,
                                                                       parity));
  }
  if (registration.verify) {
    TRY_ASSIGN(const auto verdict, registration.verify(source, scorer, sample.examples));
    parity.against += (parity.against.empty() ? "" : " and ") + verdict.against;
    parity.not_compared.insert(parity.not_compared.end(), verdict.not_compared.begin(),
                               verdict.not_compared.end());
    TRY(compare_all(verdict.answers, ours.answered, false, parity));
  }
  if (parity.values == 0) {
    return Error(Code::Conflict, fmt::format("parity with {}: expected answers to compare, got "
                                             "none that this model gives",
                                             parity.against));
  }
  if (parity.within()) return std::optional<model::Parity>(std::move(parity));
  return Error(Code::Conflict,
               fmt::format("parity with {}: {}; expected at most {:g}; not registered",
                           parity.against, report(parity), parity.tolerance));
}

std::vector<std::string> label_texts(const std::vector<data::Labels>& classes) {
  std::vector<std::string> texts;
  for (const data::Labels& labels : classes) {
    for (std::size_t i = 0; i < data::label_count(labels) && texts.size() < data::kCategoriesMax;
         ++i) {
      texts.push_back(data::label_text(labels, i));
    }
  }
  return texts;
}

// What is written of them; the labels that a network brings may be many, and are its own.
model::Description::Network ends_of(const engine::Network& network) {
  model::Description::Network ends{.inputs = network.inputs(), .outputs = network.outputs()};
  for (auto* each : {&ends.inputs, &ends.outputs}) {
    for (engine::TensorSpec& end : *each) end.labels.clear();
  }
  return ends;
}

void describe(const scorer::Scorer& scorer, model::Description& description) {
  description.title = scorer.title();
  description.engine = is_network(scorer) ? "onnx" : "native";
  if (const engine::Network* network = scorer.tensors()) {
    description.recipe = "tensors";
    description.network = ends_of(*network);
    return;
  }
  if (const auto* image = scorer.image()) {
    description.recipe = "image";
    description.inputs = {{"image", "picture", true, {}, false}};
    description.outputs = {{"image", 3, {}}};
    description.candidates = image->labels().rows.size();
    description.network = ends_of(image->network());
    return;
  }
  if (const auto* match = scorer.match()) {
    description.recipe = "match";
    description.inputs = {{"input", "text", true, {}, false}};
    description.outputs = {{"match", 3, {}}};
    description.candidates = match->candidates().rows.size();
    return;
  }
  description.recipe = "columns";
  for (const data::Column& column : scorer.columns()->signature().columns) {
    const bool holds_json = column.json != data::Json::None;
    const auto type = holds_json ? std::string_view("json") : data::column_type_name(column.type);
    description.inputs.push_back(
        {column.name, std::string(type), column.used, column.categories, column.optional});
  }
  for (const plan::Method method : scorer.columns()->methods()) {
    const plan::Output& output = scorer.columns()->plan(method).output();
    description.outputs.push_back(
        {std::string(plan::method_name(method)), output.names.size(), label_texts(output.classes)});
  }
}

base::Result<void> check_words(const Registration& registration, const std::string& name) {
  TRY(model::check_name(name));
  if (!registration.alias.empty()) TRY(model::check_alias(registration.alias));
  for (const auto& [key, value] : registration.labels) TRY(model::check_label(key, value));
  return {};
}

// Whoever serves the version has no examples to learn the columns from.
base::Result<void> keep_columns(const scorer::Scorer& scorer,
                                const std::vector<std::string>& columns, Source& source) {
  const bool learned = scorer.columns() != nullptr && scorer.columns()->took_columns();
  if (!learned || !scorer.recipe().columns.empty()) return {};
  return add_columns(columns, source);
}

// What the model and what lies beside it say together, and notes of where they differ.
base::Result<void> describe_source(const Source& source, const scorer::Scorer& scorer,
                                   Registered& registered) {
  registered.notes = source.notes;
  describe(scorer, registered.description);
  if (scorer.columns() != nullptr) {
    TRY(check_signature(source.signature, scorer.columns()->signature(), registered.notes));
    complete_inputs(source.signature, registered.description.inputs);
  }
  registered.description.written_by = scorer.written_by();
  return {};
}

base::Result<Registered> register_held(workspace::Workspace& workspace,
                                       const Registration& registration,
                                       const OnProgress& on_progress) {
  TRY_ASSIGN(Source source,
             find_source(registration.path, registration.recipe, registration.classes));
  const std::string name = registration.name.empty() ? source.name : registration.name;
  TRY(check_words(registration, name));

  // Until the version has its number, its blobs must not be taken for garbage.
  TRY_ASSIGN(const auto held, workspace.hold());
  const oci::Layout& layout = workspace.layout();
  std::uint64_t all = 0;
  for (const SourceFile& each : source.files) all += each.bytes.bytes.size();
  TRY_ASSIGN(DraftFiles drafts, DraftFiles::write(layout, source.files, [&](std::uint64_t done) {
               on_progress(done, all);
             }));

  // What is proved is what is stored, not what lay there before or since: the model is loaded out
  // of the very file that is digested, synced and then gets its name.
  TRY_ASSIGN(const auto files, drafts.open(registration.path));
  for (const SourceFile& each : source.configuration) files->put(each);
  // A file that was named alone has another name within the version.
  if (source.kind == Source::Kind::File) {
    files->call(source.files.front().name, registration.path);
  }
  // Nobody but this process knows of the drafts, so they stay as they are.
  const auto columns = find_columns(registration, source);
  TRY_ASSIGN(const auto scorer, scorer::Scorer::load(*files, name,
                                                     {.columns = columns,
                                                      .find_origin = true,
                                                      .in_place = true,
                                                      .networks = registration.networks}));
  TRY(keep_columns(*scorer, columns, source));
  Registered registered;
  TRY(describe_source(source, *scorer, registered));
  model::Description& description = registered.description;

  std::string origin;
  TRY_ASSIGN(scorer::Sample sample, find_sample(registration, source, *scorer, origin));
  if (scorer->tensors() != nullptr && !registration.expected.empty() && origin != "given") {
    return Error(Code::Invalid,
                 "expected answers: expected the examples that they answer beside them, got none");
  }
  TRY_ASSIGN(description.parity, prove(registration, source, *scorer, sample));
  TRY_ASSIGN(const scorer::Golden golden,
             scorer::make_golden(*scorer, std::move(sample), std::move(origin)));
  TRY_ASSIGN(description.agreement,
             prove_agreement(*files, *scorer, golden, registration.networks));
  description.golden_source = golden.source;
  description.golden_rows = golden.examples.count();
  registered.notes.insert(registered.notes.end(), golden.left_out.begin(), golden.left_out.end());

  TRY_ASSIGN(WrittenFiles written, drafts.commit());
  description.files = std::move(written.files);
  registered.description_json = description.json();
  TRY_ASSIGN(const WrittenVersion version,
             write_version(layout, std::move(written.layers), source.configuration,
                           registered.description_json, golden));
  TRY_ASSIGN(auto added, workspace.add({.model = name,
                                        .digest = version.digest,
                                        .manifest_size = version.manifest_size,
                                        .size = version.size,
                                        .title = description.title,
                                        .labels = registration.labels,
                                        .alias = registration.alias}));
  registered.version = std::move(added.version);
  registered.is_new = added.is_new;
  return registered;
}

}  // namespace

base::Result<Registered> register_model(workspace::Workspace& workspace,
                                        const Registration& registration,
                                        const OnProgress& on_progress) {
  workspace.begin_attempt();
  auto registered = register_held(workspace, registration, on_progress);
  if (!registered.ok()) workspace.discard();
  return registered;
}

}  // namespace publish
