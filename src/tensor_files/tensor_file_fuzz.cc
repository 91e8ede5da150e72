// Files of tensors of every kind. What is accepted writes itself so that it reads back the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <span>
#include <string>

#include "tensor_files/tensor_file.h"
#include "tensor_files/tensor_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto tensors = tensor_files::parse_tensors("x", std::as_bytes(std::span(data, size)),
                                                   {.bytes = std::uint64_t{4} << 20U});
  if (!tensors.ok()) return 0;
  std::set<std::string> names;
  for (const auto& each : *tensors) {
    const auto count = engine::count_elements(each.tensor.type, each.tensor.shape);
    const std::size_t one = data::datatype_bytes(each.tensor.type);
    if (!count.ok()) std::abort();
    if (one == 0 ? each.tensor.texts.size() != *count : each.tensor.bytes.size() != *count * one) {
      std::abort();
    }
    names.insert(each.name);
  }
  static_cast<void>(tensor_files::tensor_json("m", *tensors));
  const auto again = tensor_files::make_npz(*tensors);
  // JSON may name a tensor twice, and a text of zeros alone is none in an array.
  if (!again.ok() || names.size() != tensors->size()) return 0;
  const auto read = tensor_files::parse_tensors("x", base::as_bytes(*again));
  if (!read.ok() || read->size() != tensors->size()) std::abort();
  for (std::size_t i = 0; i < read->size(); ++i) {
    if ((*read)[i].name != (*tensors)[i].name ||
        (*read)[i].tensor.shape != (*tensors)[i].tensor.shape ||
        (*read)[i].tensor.bytes != (*tensors)[i].tensor.bytes) {
      std::abort();
    }
  }
  return 0;
}
