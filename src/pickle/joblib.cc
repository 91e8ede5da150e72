#include "pickle/joblib.h"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include "base/file.h"
#include "base/text.h"
#include "pickle/npy.h"
#include "pickle/numpy.h"

namespace pickle {
namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr std::size_t kNameMax = 255;

constexpr std::array<std::string_view, 4> kModules = {
    "joblib.numpy_pickle", "joblib.numpy_pickle_compat", "sklearn.externals.joblib.numpy_pickle",
    "sklearn.externals.joblib.numpy_pickle_compat"};

bool is_joblib(std::string_view module) {
  return std::find(kModules.begin(), kModules.end(), module) != kModules.end();
}

// An array of objects is a pickle of its own: a plain one, in which joblib puts no arrays aside.
Result<void> read_objects(Node& record, Heap& heap, Stream& stream) {
  auto inner = Machine(stream, heap, nullptr).run();
  if (!inner.ok()) return std::move(inner).error().within("pickle of an object array");
  if ((*inner)->kind != Kind::Array) {
    return Error(Code::Corrupt, fmt::format("pickle of an object array: expected an array, got {}",
                                            kind_name((*inner)->kind)));
  }
  record.kind = Kind::Array;
  record.array = (*inner)->array;
  return {};
}

void become(Node& record, Heap& heap, const Array& array) {
  record.kind = Kind::Array;
  record.array = &heap.one(ArrayNode{.array = array, .text = {}});
}

Result<std::string> file_name(Value wrapper) {
  const auto value = wrapper.find("filename");
  const auto name = value ? value->as_string() : std::nullopt;
  if (!name) return Error(Code::Corrupt, "expected the name of a file beside the pickle");
  const bool plain = !name->empty() && name->size() <= kNameMax && name->front() != '.' &&
                     name->find('/') == std::string_view::npos &&
                     name->find('\0') == std::string_view::npos;
  if (!plain) {
    return Error(Code::Denied,
                 fmt::format("expected a plain file name, got {}", base::quote(*name)));
  }
  return std::string(*name);
}

}  // namespace

JoblibArrays::JoblibArrays(Heap& heap, Siblings& siblings, const base::Files* beside)
    : heap_(heap), siblings_(siblings), beside_(beside), bytes_left_(heap.limits().stream_bytes) {}

Result<void> JoblibArrays::built(Node& record, Stream& stream) {
  const Record& wrapper = record.record->record;
  if (!is_joblib(wrapper.module())) return {};
  if (wrapper.name() == "NumpyArrayWrapper") return read_inline(record, stream);
  if (wrapper.name() == "NDArrayWrapper") return read_npy_file(record);
  if (wrapper.name() == "ZNDArrayWrapper") return read_packed_file(record);
  return {};
}

Result<void> JoblibArrays::read_inline(Node& record, Stream& stream) {
  const Value wrapper(record);
  const auto extents = wrapper.find("shape");
  const auto type = wrapper.find("dtype");
  const auto order = wrapper.find("order");
  if (!extents || !type || !order || !order->as_string()) {
    return Error(Code::Corrupt, "joblib array: expected shape, order and dtype");
  }
  if (stream.in_frame()) {
    return Error(Code::Corrupt, "joblib array: expected the end of the frame before its elements");
  }
  TRY_ASSIGN(const auto shape, read_shape(heap_, *extents));
  TRY_ASSIGN(const DTypeNode* dtype, dtype_of(*type));
  if (dtype->objects) return read_objects(record, heap_, stream);
  if (const auto alignment = wrapper.find("numpy_array_alignment_bytes");
      alignment && !alignment->is_none()) {
    const auto padding = stream.byte();
    if (!padding || !stream.take(*padding)) {
      return Error(Code::Corrupt, "joblib array: expected padding, got the end of the file");
    }
  }
  TRY_ASSIGN(const Extent extent, extent_of(heap_.limits(), shape, dtype->type));
  const auto data = stream.take(extent.bytes);
  if (!data) {
    return Error(Code::Corrupt, fmt::format("joblib array: expected {} bytes of elements, got {}",
                                            extent.bytes, stream.left()));
  }
  const bool fortran = *order->as_string() == "F";
  TRY_ASSIGN(const Array array, array_of_bytes(heap_.limits(), *dtype, shape, fortran, *data));
  become(record, heap_, array);
  return {};
}

Result<base::Bytes> JoblibArrays::load(const std::string& name) {
  if (beside_ == nullptr) {
    return Error(Code::Unsupported, "array in a file beside the pickle, whose folder is not known");
  }
  if (siblings_.files.size() >= heap_.limits().sibling_files) {
    return Error(Code::Exhausted, fmt::format("expected at most {} files beside the pickle",
                                              heap_.limits().sibling_files));
  }
  TRY_ASSIGN(auto file, beside_->open(name, std::min(bytes_left_, heap_.limits().file_bytes)));
  bytes_left_ -= file.bytes.size();
  heap_.allow_for(file.bytes.size());
  siblings_.files.push_back(std::move(file));
  return siblings_.files.back().bytes;
}

Result<void> JoblibArrays::read_npy_file(Node& record) {
  TRY_ASSIGN(const std::string name, file_name(Value(record)));
  if (const auto known = loaded_.find(name); known != loaded_.end()) {
    record.kind = Kind::Array;
    record.array = known->second->array;
    return {};
  }
  auto bytes = load(name);
  if (!bytes.ok()) return std::move(bytes).error().within(base::quote(name));
  if (!is_npy(*bytes)) {
    return Error(Code::Corrupt, fmt::format("{}: expected an .npy file", base::quote(name)));
  }
  auto npy = open_npy(heap_, *bytes);
  if (!npy.ok()) return std::move(npy).error().within(base::quote(name));
  if (npy->dtype.objects) {
    Stream inner(npy->data);
    auto read = read_objects(record, heap_, inner);
    if (!read.ok()) return std::move(read).error().within(base::quote(name));
    if (inner.left() != 0) {
      return Error(Code::Corrupt, fmt::format("{}: expected the end after the array, got {} bytes",
                                              base::quote(name), inner.left()));
    }
  } else {
    auto array = array_of_bytes(heap_.limits(), npy->dtype, npy->shape, npy->fortran, npy->data);
    if (!array.ok()) return std::move(array).error().within(base::quote(name));
    become(record, heap_, *array);
  }
  loaded_.emplace(name, &record);
  return {};
}

Result<void> JoblibArrays::read_packed_file(Node& record) {
  TRY_ASSIGN(const std::string name, file_name(Value(record)));
  const auto state = Value(record).find("state");
  if (!state || !state->is(Kind::Tuple)) {
    return Error(Code::Corrupt, "joblib array: expected the state of an array");
  }
  auto packed = load(name);
  if (!packed.ok()) return std::move(packed).error().within(base::quote(name));
  Limits limits = heap_.limits();
  limits.stream_bytes = bytes_left_;
  auto elements = unpack(Container::ZFile, *packed, limits);
  if (!elements.ok()) return std::move(elements).error().within(base::quote(name));
  bytes_left_ -= elements->bytes().size();
  siblings_.unpacked.push_back(std::move(*elements));
  const auto bytes = base::as_text(siblings_.unpacked.back().bytes());

  std::vector<Value> parts(state->items().begin(), state->items().end());
  parts.emplace_back(heap_.text(Kind::Bytes, bytes, 0));
  TRY_ASSIGN(const auto kept, heap_.copy(parts));
  return set_array_state(heap_, record, Value(heap_.sequence(Kind::Tuple, kept, 0)));
}

}  // namespace pickle
