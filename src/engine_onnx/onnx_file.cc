#include "engine_onnx/onnx_file.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "engine_onnx/onnx_reader.h"

namespace engine_onnx {
namespace {

using base::Code;
using base::Error;
using base::Result;

struct Format {
  std::size_t at;
  std::string_view magic;
  std::string_view name;
};

// What people take for a network, by its first bytes.
constexpr Format kFormats[] = {
    {0, "PK\x03\x04", "a zip archive (Keras, PyTorch and NumPy write such files)"},
    {0, "\x89HDF\r\n\x1a\n", "a Keras file (HDF5)"},
    // The byte before is the highest of an offset; of ONNX it is the length of the producer's name.
    {3, {"\0TFL3", 5}, "a TensorFlow Lite file"},
    {3, {"\0ORTM", 5}, "a model in ONNX Runtime's own format"},
    {0, "\x80\x02", "a pickle"},
    {0, "\x80\x03", "a pickle"},
    {0, "\x80\x04", "a pickle"},
    {0, "\x80\x05", "a pickle"},
    {0, "version https://git-lfs", "the pointer of a file that Git LFS keeps elsewhere"},
    {0, "\x1f\x8b", "a gzip file"},
    {0,
     "\x7f"
     "ELF",
     "a program"},
    {0, "\xff\xd8\xff", "a JPEG picture"},
    {0, "\x89PNG", "a PNG picture"},
    {0, "{", "JSON"},
    {0, "<", "XML or HTML"},
};

Result<std::vector<engine::TensorSpec>> specs_of(const std::vector<OnnxEnd>& ends,
                                                 std::string_view what) {
  std::vector<engine::TensorSpec> specs;
  specs.reserve(ends.size());
  for (const OnnxEnd& end : ends) {
    if (!end.refusal.empty()) {
      return Error(Code::Unsupported,
                   fmt::format("{} {}: {}", what, base::quote(end.spec.name), end.refusal));
    }
    specs.push_back(end.spec);
  }
  return specs;
}

const OnnxEnd* find_end(const std::vector<OnnxEnd>& ends, std::string_view name) {
  const auto found =
      std::ranges::find_if(ends, [name](const OnnxEnd& end) { return end.spec.name == name; });
  return found != ends.end() ? &*found : nullptr;
}

}  // namespace

std::string_view find_other_format(base::Bytes bytes) {
  const std::string_view text = base::as_text(bytes);
  for (const Format& format : kFormats) {
    if (text.size() >= format.at && text.substr(format.at).starts_with(format.magic)) {
      return format.name;
    }
  }
  return {};
}

bool is_network(base::Bytes bytes) { return OnnxFile::read(bytes, {.any_library = true}).ok(); }

Result<OnnxFile> OnnxFile::read(base::Bytes bytes, const OnnxLimits& limits) {
  if (bytes.empty()) return Error(Code::Corrupt, "expected an ONNX model, got an empty file");
  if (bytes.size() > limits.file_bytes) {
    return Error(Code::Exhausted,
                 fmt::format("expected at most {} bytes, got {}", limits.file_bytes, bytes.size()));
  }
  const std::string_view other = find_other_format(bytes);
  if (!other.empty()) {
    return Error(Code::Unsupported, fmt::format("expected an ONNX model, got {}", other));
  }
  return OnnxReader(limits).read(base::as_text(bytes));
}

Result<std::vector<engine::TensorSpec>> OnnxFile::inputs() const {
  return specs_of(inputs_, "input");
}

Result<std::vector<engine::TensorSpec>> OnnxFile::outputs() const {
  return specs_of(outputs_, "output");
}

const OnnxEnd* OnnxFile::find_input(std::string_view name) const { return find_end(inputs_, name); }

const OnnxEnd* OnnxFile::find_output(std::string_view name) const {
  return find_end(outputs_, name);
}

Result<std::vector<ExternalFile>> open_external(const OnnxFile& file, const base::Files& files,
                                                const std::string& name, const OnnxLimits& limits) {
  const std::string folder = name.substr(0, name.rfind('/') + 1);
  std::vector<ExternalFile> opened;
  std::unordered_map<std::string_view, std::uint64_t> sizes;
  for (const ExternalData& data : file.external()) {
    auto found = sizes.find(data.location);
    if (found == sizes.end()) {
      if (opened.size() == limits.external_files) {
        return Error(Code::Exhausted, fmt::format("expected weights in at most {} files, got more",
                                                  limits.external_files));
      }
      TRY_ASSIGN(auto held, files.open(folder + data.location, limits.weight_bytes));
      found = sizes.emplace(data.location, held.bytes.size()).first;
      opened.push_back({.location = data.location, .held = std::move(held)});
    }
    if (data.offset > found->second || data.length > found->second - data.offset) {
      return Error(Code::Corrupt,
                   fmt::format("{}: tensor {}: expected {} bytes from {} on, got a file of {}",
                               files.place(folder + data.location), base::quote(data.tensor),
                               data.length, data.offset, found->second));
    }
  }
  return opened;
}

}  // namespace engine_onnx
