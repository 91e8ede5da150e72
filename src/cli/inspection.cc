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

Result<void> add_methods(pickle::Value root, const fitted::ReadOptions& options,
                         Inspection& inspection) {
  TRY_ASSIGN(const sklearn::Model model, sklearn::Model::read(root, options));
  for (const plan::Method method : model.methods()) {
    TRY_ASSIGN(const plan::Plan plan, model.compile(method));
    if (inspection.methods.empty()) inspection.signature = plan.signature();
    inspection.methods.push_back({method, plan.output(), plan.row_us(), plan.describe()});
  }
  return {};
}

}  // namespace

Result<Inspection> inspect_pickle(const ModelSource& source, const fitted::ReadOptions& options) {
  const base::Bytes bytes = source.bytes.bytes;
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
  if (inspection.problems.empty()) TRY(add_methods(document.root(), options, inspection));
  return inspection;
}

}  // namespace cli
