#include "engine_onnx/values.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <numeric>

#include <fmt/format.h>

#include "base/number.h"
#include "engine_onnx/onnx_element.h"

namespace engine_onnx {
namespace {

using base::Code;
using base::Error;
using base::Result;

// As wide as any element, so that kernels may read whole ones.
constexpr std::size_t kAlignment = 8;

bool is_aligned(const char* at) {
  return reinterpret_cast<std::uintptr_t>(at) % kAlignment == 0;  // NOLINT
}

struct Form {
  const Element* element = nullptr;
  std::size_t count = 0;
};

Result<Form> read_form(const OrtApi& api, const OrtValue* value, std::vector<std::int64_t>& shape) {
  OrtTensorTypeAndShapeInfo* made = nullptr;
  TRY(outcome(api, api.GetTensorTypeAndShape(value, &made), Asked::ToRun));
  const Owned<OrtTensorTypeAndShapeInfo> info(made, {&api});
  ONNXTensorElementDataType type = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  TRY(outcome(api, api.GetTensorElementType(made, &type), Asked::ToRun));
  std::size_t rank = 0;
  TRY(outcome(api, api.GetDimensionsCount(made, &rank), Asked::ToRun));
  shape.resize(rank);
  TRY(outcome(api, api.GetDimensions(made, shape.data(), rank), Asked::ToRun));
  Form form;
  TRY(outcome(api, api.GetTensorShapeElementCount(made, &form.count), Asked::ToRun));
  form.element = find_element(type);
  if (form.element == nullptr || !form.element->datatype) {
    return Error(Code::Unsupported,
                 "expected an output of a datatype of the Open Inference Protocol");
  }
  return form;
}

Result<void> read_texts(const OrtApi& api, const OrtValue* value, std::size_t count,
                        std::vector<std::string>& into) {
  std::size_t bytes = 0;
  TRY(outcome(api, api.GetStringTensorDataLength(value, &bytes), Asked::ToRun));
  std::string all(bytes, '\0');
  std::vector<std::size_t> offsets(count);
  TRY(outcome(api, api.GetStringTensorContent(value, all.data(), bytes, offsets.data(), count),
              Asked::ToRun));
  into.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t end = i + 1 < count ? offsets[i + 1] : bytes;
    into[i].assign(all, offsets[i], end - offsets[i]);
  }
  return {};
}

// One of the two tensors of a map: 0 its keys, 1 its values.
Result<Owned<OrtValue>> part_of(const Library& library, const OrtValue* value, int index) {
  OrtValue* part = nullptr;
  TRY(outcome(*library.api, library.api->GetValue(value, index, library.allocator, &part),
              Asked::ToRun));
  return Owned<OrtValue>(part, {library.api});
}

Result<bool> has_keys(const OrtApi& api, const OrtValue* value, const MapKeys& keys) {
  std::vector<std::int64_t> shape;
  TRY_ASSIGN(const Form form, read_form(api, value, shape));
  if (form.count != keys.columns.size()) return false;
  if (form.element->datatype == data::Datatype::Bytes) {
    std::vector<std::string> texts;
    TRY(read_texts(api, value, form.count, texts));
    return texts == keys.texts;
  }
  const void* at = nullptr;
  TRY(outcome(api, api.GetTensorData(value, &at), Asked::ToRun));
  return form.element->datatype == data::Datatype::Int64 && keys.numbers.size() == form.count &&
         std::memcmp(at, keys.numbers.data(), form.count * sizeof(std::int64_t)) == 0;
}

Result<void> read_map(const Library& library, const OrtValue* map, const MapKeys& keys,
                      float* row) {
  const OrtApi& api = *library.api;
  TRY_ASSIGN(const auto names, part_of(library, map, 0));
  TRY_ASSIGN(const auto numbers, part_of(library, map, 1));
  TRY_ASSIGN(const bool same, has_keys(api, names.get(), keys));
  std::vector<std::int64_t> shape;
  TRY_ASSIGN(const Form form, read_form(api, numbers.get(), shape));
  if (!same || form.count != keys.columns.size() ||
      form.element->datatype != data::Datatype::Fp32) {
    return Error(Code::Internal, "expected the classes of the model, got others");
  }
  const void* at = nullptr;
  TRY(outcome(api, api.GetTensorData(numbers.get(), &at), Asked::ToRun));
  for (std::size_t i = 0; i < form.count; ++i) {
    std::memcpy(row + keys.columns[i], static_cast<const char*>(at) + i * sizeof(float),
                sizeof(float));
  }
  return {};
}

}  // namespace

Result<void> Values::set(std::size_t i, ONNXTensorElementDataType type,
                         const engine::TensorView& tensor) {
  if (tensor.type == data::Datatype::Bytes) return set_texts(i, tensor);
  return set_numbers(i, type, tensor.shape, tensor.bytes);
}

Result<void> Values::set_numbers(std::size_t i, ONNXTensorElementDataType type,
                                 std::span<const std::int64_t> shape, std::string_view bytes) {
  const char* at = bytes.data();
  if (!is_aligned(at) || at == nullptr) {
    copies_.push_back(std::make_unique<std::byte[]>(bytes.size() + 1));
    std::copy_n(reinterpret_cast<const std::byte*>(at), bytes.size(), copies_.back().get());
    at = reinterpret_cast<const char*>(copies_.back().get());
  }
  // The runtime takes what it only reads as what it might write.
  char* input = const_cast<char*>(at);
  return outcome(
      *library_.api,
      library_.api->CreateTensorWithDataAsOrtValue(library_.memory.get(), input, bytes.size(),
                                                   shape.data(), shape.size(), type, &values_[i]),
      Asked::ToRun);
}

Result<void> Values::set_texts(std::size_t i, const engine::TensorView& tensor) {
  const OrtApi& api = *library_.api;
  TRY(outcome(
      api,
      api.CreateTensorAsOrtValue(library_.allocator, tensor.shape.data(), tensor.shape.size(),
                                 ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING, &values_[i]),
      Asked::ToRun));
  for (std::size_t t = 0; t < tensor.texts.size(); ++t) {
    const std::string_view text = tensor.texts[t];
    char* buffer = nullptr;
    TRY(outcome(api, api.GetResizedStringTensorElementBuffer(values_[i], t, text.size(), &buffer),
                Asked::ToRun));
    std::ranges::copy(text, buffer);
  }
  return {};
}

Result<void> read_tensor(const Library& library, const OrtValue* value, engine::Tensor& into) {
  const OrtApi& api = *library.api;
  TRY_ASSIGN(const Form form, read_form(api, value, into.shape));
  into.type = *form.element->datatype;
  into.bytes.clear();
  into.texts.clear();
  if (into.type == data::Datatype::Bytes) return read_texts(api, value, form.count, into.texts);
  const void* at = nullptr;
  TRY(outcome(api, api.GetTensorData(value, &at), Asked::ToRun));
  into.bytes.assign(static_cast<const char*>(at), form.count * data::datatype_bytes(into.type));
  return {};
}

MapKeys make_map_keys(const std::vector<std::string>& labels, bool numbers) {
  MapKeys keys;
  keys.columns.resize(labels.size());
  std::iota(keys.columns.begin(), keys.columns.end(), std::size_t{0});
  const auto number = [&](std::size_t i) { return base::parse_int(labels[i]).value_or(0); };
  std::ranges::sort(keys.columns, [&](std::size_t a, std::size_t b) {
    return numbers ? number(a) < number(b) : labels[a] < labels[b];
  });
  for (const std::size_t column : keys.columns) {
    if (numbers) {
      keys.numbers.push_back(number(column));
    } else {
      keys.texts.push_back(labels[column]);
    }
  }
  return keys;
}

Result<void> read_maps(const Library& library, const OrtValue* value, const MapKeys& keys,
                       engine::Tensor& into) {
  std::size_t rows = 0;
  TRY(outcome(*library.api, library.api->GetValueCount(value, &rows), Asked::ToRun));
  const std::size_t columns = keys.columns.size();
  into.type = data::Datatype::Fp32;
  into.shape = {static_cast<std::int64_t>(rows), static_cast<std::int64_t>(columns)};
  into.texts.clear();
  std::vector<float> numbers(rows * columns);
  for (std::size_t row = 0; row < rows; ++row) {
    TRY_ASSIGN(const auto map, part_of(library, value, static_cast<int>(row)));
    TRY(read_map(library, map.get(), keys, numbers.data() + row * columns));
  }
  into.bytes.assign(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(float));
  return {};
}

}  // namespace engine_onnx
