#include "engine/tensor.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "base/text.h"

namespace engine {
namespace {

using base::Code;
using base::Error;
using base::Result;

// As much as one process can hold, and room to add alignment to it.
constexpr std::size_t kTensorBytesMax = std::numeric_limits<std::size_t>::max() / 4;

Error unfit(const TensorSpec& spec, std::string_view got) {
  return Error(Code::Invalid, fmt::format("input {}: expected {}, got {}", base::quote(spec.name),
                                          tensor_form(spec), got));
}

bool shape_fits(const TensorSpec& spec, std::span<const std::int64_t> shape) {
  if (spec.any_rank) return true;  // count_elements() looks at the extents.
  return std::ranges::equal(spec.shape, shape, [](std::int64_t wanted, std::int64_t got) {
    return wanted == kAnyExtent ? got >= 0 : wanted == got;
  });
}

bool all_booleans(std::string_view bytes) {
  // Without a branch for each.
  unsigned other = 0;
  for (const char byte : bytes) other |= static_cast<unsigned char>(byte) & 0xfeU;
  return other == 0;
}

}  // namespace

std::string tensor_form(data::Datatype type, std::span<const std::int64_t> shape) {
  std::string text = fmt::format("{}[", data::datatype_name(type));
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i != 0) text += ',';
    text += shape[i] == kAnyExtent ? "?" : fmt::format("{}", shape[i]);
  }
  text += ']';
  return text;
}

std::string tensor_form(const TensorSpec& spec) {
  if (spec.any_rank) return fmt::format("{}[...]", data::datatype_name(spec.type));
  return tensor_form(spec.type, spec.shape);
}

Result<std::size_t> count_elements(data::Datatype type, std::span<const std::int64_t> shape) {
  // A text is an object of its own, whatever its length.
  const std::size_t bytes =
      type == data::Datatype::Bytes ? sizeof(std::string) : data::datatype_bytes(type);
  // Without the extents of 0, so that what is too large is so in any order.
  std::size_t count = 1;
  bool none = false;
  for (const std::int64_t extent : shape) {
    if (extent < 0 ||
        (extent > 0 && count > kTensorBytesMax / bytes / static_cast<std::size_t>(extent))) {
      return Error(Code::Invalid, fmt::format("expected a shape that fits in memory, got {}",
                                              tensor_form(type, shape)));
    }
    if (extent == 0) none = true;
    if (extent > 0) count *= static_cast<std::size_t>(extent);
  }
  return none ? 0 : count;
}

Result<void> check_input(const TensorSpec& spec, const TensorView& tensor) {
  const auto form = [&] { return tensor_form(tensor.type, tensor.shape); };
  if (tensor.type != spec.type || !shape_fits(spec, tensor.shape)) return unfit(spec, form());
  const auto count = count_elements(tensor.type, tensor.shape);
  if (!count.ok()) return unfit(spec, form());
  if (tensor.type == data::Datatype::Bytes) {
    if (tensor.texts.size() == *count) return {};
    return unfit(spec, fmt::format("{} with {} texts", form(), tensor.texts.size()));
  }
  if (tensor.bytes.size() != *count * data::datatype_bytes(tensor.type)) {
    return unfit(spec, fmt::format("{} with {} bytes", form(), tensor.bytes.size()));
  }
  if (tensor.type == data::Datatype::Bool && !all_booleans(tensor.bytes)) {
    return unfit(spec, "a BOOL that is neither 0 nor 1");
  }
  return {};
}

}  // namespace engine
