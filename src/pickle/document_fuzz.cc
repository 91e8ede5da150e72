// A pickle from its first byte: every opcode, and then every value that came of it.
#include <cstddef>
#include <cstdint>
#include <span>

#include "pickle/document.h"
#include "pickle/numbers.h"
#include "pickle/sparse.h"
#include "pickle/walk.h"

namespace {

pickle::Limits small_limits() {
  pickle::Limits limits;
  limits.stream_bytes = std::uint64_t{16} << 20U;
  limits.ratio_free_bytes = std::uint64_t{4} << 20U;
  limits.codec_bytes = std::uint64_t{32} << 20U;
  limits.memory_bytes = std::uint64_t{64} << 20U;
  limits.steps = 1'000'000;
  return limits;
}

void look_at(pickle::Value value) {
  const auto text = value.as_string();
  const auto found = value.find(text.value_or("_shape"));
  static_cast<void>(found);
  static_cast<void>(value.as_bool());
  static_cast<void>(value.as_int());
  static_cast<void>(value.as_float());
  static_cast<void>(value.as_bytes());
  static_cast<void>(value.dtype());
  if (pickle::is_sparse(value)) static_cast<void>(pickle::as_csr(value).ok());
  const pickle::Array* array = value.array();
  if (array == nullptr) return;
  static_cast<void>(pickle::to_doubles(*array).ok());
  static_cast<void>(pickle::to_int64s(*array).ok());
  static_cast<void>(pickle::to_strings(*array).ok());
  for (const auto& field : array->dtype.fields) {
    static_cast<void>(pickle::field_doubles(*array, field.name).ok());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto document =
      pickle::Document::read(std::as_bytes(std::span(data, size)), small_limits());
  if (!document.ok()) return 0;
  pickle::walk(document->root(), [](pickle::Value value) {
    look_at(value);
    return true;
  });
  static_cast<void>(pickle::is_tree_within(document->root(), 100));
  return 0;
}
