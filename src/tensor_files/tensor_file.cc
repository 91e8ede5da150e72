#include "tensor_files/tensor_file.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "pickle/npy.h"
#include "tensor_files/array_file.h"
#include "tensor_files/tensor_json.h"
#include "tensor_files/zip.h"

namespace tensor_files {
namespace {

using base::Code;
using base::Error;
using base::Result;
using engine::NamedTensor;

constexpr std::string_view kEnding = ".npy";
// Numbers as text become many times their size while they are read.
constexpr std::uint64_t kJsonBytesMax = std::uint64_t{64} << 20U;

Error named(std::string_view name, Error error) {
  return std::move(error).within(fmt::format("array {}", base::quote(name)));
}

Result<std::vector<NamedTensor>> parse_npz(base::Bytes bytes, const TensorLimits& limits) {
  TRY_ASSIGN(const Zip zip, Zip::open(bytes));
  if (zip.entries().size() > limits.arrays) {
    return Error(Code::Exhausted, fmt::format("expected at most {} arrays, got {}", limits.arrays,
                                              zip.entries().size()));
  }
  std::vector<NamedTensor> tensors;
  std::set<std::string_view> seen;
  std::uint64_t left = limits.bytes;
  for (const Zip::Entry& each : zip.entries()) {
    std::string_view name = each.name;
    if (!name.ends_with(kEnding)) {
      return Error(Code::Invalid,
                   fmt::format("expected arrays of numpy.savez, got a file {}", base::quote(name)));
    }
    name.remove_suffix(kEnding.size());
    if (!seen.insert(name).second) {
      return Error(Code::Corrupt, fmt::format("expected arrays of different names, got {} twice",
                                              base::quote(name)));
    }
    auto file = zip.read(each, left);
    if (!file.ok()) return named(name, std::move(file).error());
    left -= file->size();
    auto tensor = parse_array(base::as_bytes(*file));
    if (!tensor.ok()) return named(name, std::move(tensor).error());
    tensors.push_back({.name = std::string(name), .tensor = *std::move(tensor)});
  }
  return tensors;
}

Result<std::vector<NamedTensor>> parse(base::Bytes bytes, const TensorLimits& limits) {
  if (bytes.size() > limits.bytes) {
    return Error(Code::Exhausted,
                 fmt::format("expected at most {}, got {}", base::human_bytes(limits.bytes),
                             base::human_bytes(bytes.size())));
  }
  if (Zip::is_zip(bytes)) return parse_npz(bytes, limits);
  if (pickle::is_npy(bytes)) {
    TRY_ASSIGN(engine::Tensor tensor, parse_array(bytes));
    std::vector<NamedTensor> lone;
    lone.push_back({.name = {}, .tensor = std::move(tensor)});
    return lone;
  }
  const std::string_view text = base::as_text(bytes);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && text[first] == '{') {
    if (bytes.size() <= kJsonBytesMax) return parse_tensor_json(text);
    return Error(Code::Exhausted,
                 fmt::format("expected JSON of at most {}, got {}; an .npz holds "
                             "more",
                             base::human_bytes(kJsonBytesMax), base::human_bytes(bytes.size())));
  }
  return Error(Code::Invalid,
               "expected tensors as .npz, .npy or JSON of the Open Inference Protocol, got "
               "something else");
}

}  // namespace

Result<std::vector<NamedTensor>> parse_tensors(const std::string& place, base::Bytes bytes,
                                               const TensorLimits& limits) {
  auto tensors = parse(bytes, limits);
  if (!tensors.ok()) return std::move(tensors).error().within(base::quote(place));
  return tensors;
}

Result<std::string> make_npz(const std::vector<NamedTensor>& tensors) {
  ZipWriter writer;
  for (const NamedTensor& each : tensors) {
    TRY(writer.add(each.name + std::string(kEnding), array_bytes(each.tensor)));
  }
  return writer.finish();
}

}  // namespace tensor_files
