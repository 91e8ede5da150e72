#include "cli/inspection.h"

#include <utility>

#include "base/text.h"
#include "pickle/document.h"

namespace cli {
namespace {

using base::Result;

// PROTO is the first opcode of every pickle since protocol 2.
std::optional<unsigned> protocol_of(base::Bytes bytes) {
  constexpr std::byte kProto{0x80};
  if (bytes.size() < 2 || bytes[0] != kProto) return std::nullopt;
  return static_cast<unsigned>(bytes[1]);
}

// `columns` are what the recipe calls them.
Result<void> add_methods(const sklearn::Model& model, std::vector<std::string> columns,
                         Inspection& inspection) {
  for (const plan::Method method : model.methods()) {
    if (columns.empty() && model.takes_any_columns(method)) {
      inspection.any_columns = true;
      columns = sklearn::numbered_columns(1);
    }
    TRY_ASSIGN(const plan::Plan plan, model.compile(method, columns));
    if (inspection.methods.empty()) inspection.signature = plan.signature();
    inspection.methods.push_back({method, plan.output(), plan.row_us(), plan.describe()});
  }
  return {};
}

// A gradient boosting library's own model file.
Result<Inspection> inspect_booster(const ModelSource& source, const fitted::ReadOptions& options) {
  Inspection inspection;
  inspection.path = source.path;
  inspection.file_bytes = source.bytes.bytes.size();
  inspection.stream_bytes = inspection.file_bytes;
  inspection.container = pickle::container_name(pickle::Container::Raw);
  auto model = sklearn::Model::read_file(source.bytes.bytes, nullptr, {}, options);
  if (!model.ok()) {
    if (model.error().code() != base::Code::Unsupported) {
      return std::move(model).error().within(base::quote(source.path));
    }
    inspection.problems.push_back({"model", std::move(model).error()});
    return inspection;
  }
  inspection.origin.versions = model->written_by();
  inspection.outline.title = model->title();
  TRY(add_methods(*model, {}, inspection));
  return inspection;
}

}  // namespace

Result<Inspection> inspect_pickle(const ModelSource& source, const fitted::ReadOptions& options) {
  const base::Bytes bytes = source.bytes.bytes;
  if (sklearn::is_booster_file(bytes)) return inspect_booster(source, options);
  auto read = pickle::Document::read(bytes, {}, source.files.get());
  if (!read.ok()) return std::move(read).error().within(base::quote(source.path));
  const pickle::Document& document = *read;
  Inspection inspection;
  inspection.path = source.path;
  inspection.file_bytes = bytes.size();
  inspection.stream_bytes = document.stream_bytes();
  inspection.container = pickle::container_name(document.container());
  if (document.container() == pickle::Container::Raw) {
    inspection.protocol = protocol_of(bytes);
  }
  inspection.origin = sklearn::find_origin(document.root());
  inspection.outline = sklearn::make_outline(document.root());
  inspection.problems = sklearn::find_problems(document.root(), options);
  if (!inspection.problems.empty()) return inspection;
  TRY_ASSIGN(const sklearn::Model model, sklearn::Model::read(document.root(), options));
  TRY(add_methods(model, source.columns, inspection));
  return inspection;
}

}  // namespace cli
