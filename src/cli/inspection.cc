#include "cli/inspection.h"

#include <utility>

#include "base/file.h"
#include "pickle/document.h"
#include "pickle/limits.h"

namespace cli {
namespace {

using base::Result;

// PROTO is the first opcode of every pickle since protocol 2.
std::optional<unsigned> protocol_of(base::Bytes bytes) {
  constexpr std::byte kProto{0x80};
  if (bytes.size() < 2 || bytes[0] != kProto) return std::nullopt;
  return static_cast<unsigned>(bytes[1]);
}

Result<void> add_methods(pickle::Value root, const sklearn::ReadOptions& options,
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

Result<Inspection> inspect_file(const std::string& path, const sklearn::ReadOptions& options) {
  const pickle::Limits limits;
  TRY_ASSIGN(const auto file, base::MappedFile::open(path, limits.file_bytes));
  TRY_ASSIGN(const pickle::Document document, pickle::Document::open(path, limits));
  Inspection inspection;
  inspection.path = path;
  inspection.file_bytes = file->bytes().size();
  inspection.stream_bytes = document.stream_bytes();
  inspection.container = pickle::container_name(document.container());
  if (document.container() == pickle::Container::Raw) {
    inspection.protocol = protocol_of(file->bytes());
  }
  inspection.origin = sklearn::find_origin(document.root());
  inspection.outline = sklearn::make_outline(document.root());
  inspection.problems = sklearn::find_problems(document.root(), options);
  if (inspection.problems.empty()) TRY(add_methods(document.root(), options, inspection));
  return inspection;
}

}  // namespace cli
