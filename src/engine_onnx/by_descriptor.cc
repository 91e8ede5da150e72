// ModelProto: 7 graph {5 initializer}; TensorProto: 8 name  13 external_data {1 key  2 value}
//   14 data_location (1: external)
#include "engine_onnx/by_descriptor.h"

#include <string_view>
#include <unordered_map>

#include <fmt/format.h>

#include "base/bytes.h"
#include "engine_onnx/protobuf_reader.h"

namespace engine_onnx {
namespace {

using Field = ProtobufReader::Field;
using Wire = ProtobufReader::Wire;

// As wide as any element, so that kernels may read whole ones.
constexpr std::uint64_t kElementBytesMax = 8;

void put_varint(std::uint64_t value, std::string& to) {
  for (; value >= 0x80; value >>= 7U) to += static_cast<char>(value | 0x80U);
  to += static_cast<char>(value);
}

void put_bytes(std::uint32_t number, std::string_view bytes, std::string& to) {
  put_varint(std::uint64_t{number} << 3U | static_cast<std::uint64_t>(Wire::Bytes), to);
  put_varint(bytes.size(), to);
  to += bytes;
}

void put(const Field& field, std::string& to) {
  if (field.wire == Wire::Bytes) return put_bytes(field.number, field.bytes, to);
  put_varint(std::uint64_t{field.number} << 3U | static_cast<std::uint64_t>(field.wire), to);
  if (field.wire == Wire::Varint) return put_varint(field.integer, to);
  const unsigned bytes = field.wire == Wire::Fixed64 ? 8 : 4;
  for (unsigned i = 0; i < bytes; ++i) to += static_cast<char>(field.integer >> (8 * i) & 0xffU);
}

// Copies a message, with another one in place of each that has that number.
template <typename Change>
std::string changed(std::string_view message, std::uint32_t number, Change change) {
  std::string result;
  ProtobufReader reader(message);
  while (const auto field = reader.next()) {
    if (field->number == number) {
      put_bytes(number, change(field->bytes), result);
    } else {
      put(*field, result);
    }
  }
  return result;
}

std::string entry(std::string_view key, std::string_view value) {
  std::string message;
  put_bytes(1, key, message);
  put_bytes(2, value, message);
  return message;
}

struct Place {
  int descriptor = -1;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

using Places = std::unordered_map<std::string_view, Place>;  // By the tensor's name.

// Empty where one of them cannot be named by its descriptor.
Places find_places(const OnnxFile& model, std::span<const ExternalFile> external) {
  std::unordered_map<std::string_view, base::FilePart> files;
  for (const ExternalFile& file : external) files.emplace(file.location, file.held.part);
  Places places;
  for (const ExternalData& data : model.external()) {
    const base::FilePart part = files.at(data.location);
    const std::uint64_t offset = part.offset + data.offset;
    const bool again =
        !places.emplace(data.tensor, Place{part.descriptor, offset, data.length}).second;
    if (part.descriptor < 0 || offset % kElementBytesMax != 0 || again) return {};
  }
  return places;
}

// A tensor whose elements lie in another file.
std::string moved(std::string_view tensor, const Place& place) {
  std::string result;
  ProtobufReader reader(tensor);
  while (const auto field = reader.next()) {
    if (field->number != 13) put(*field, result);
  }
  put_bytes(13, entry("location", fmt::format("proc/self/fd/{}", place.descriptor)), result);
  put_bytes(13, entry("offset", fmt::format("{}", place.offset)), result);
  put_bytes(13, entry("length", fmt::format("{}", place.length)), result);
  return result;
}

std::string_view name_of(std::string_view tensor) {
  std::string_view name;
  ProtobufReader reader(tensor);
  while (const auto field = reader.next()) {
    if (field->number == 8) name = field->bytes;
  }
  return name;
}

bool is_external(std::string_view tensor) {
  bool external = false;
  ProtobufReader reader(tensor);
  while (const auto field = reader.next()) {
    if (field->number == 14) external = static_cast<std::int32_t>(field->integer) == 1;
  }
  return external;
}

}  // namespace

std::optional<std::string> name_by_descriptor(base::Bytes model, const OnnxFile& file,
                                              std::span<const ExternalFile> external) {
  const Places places = find_places(file, external);
  if (places.empty()) return std::nullopt;
  // What has no place must not be looked for beneath the root.
  bool all_moved = true;
  std::string named = changed(base::as_text(model), 7, [&](std::string_view graph) {
    return changed(graph, 5, [&](std::string_view tensor) {
      if (!is_external(tensor)) return std::string(tensor);
      const auto place = places.find(name_of(tensor));
      all_moved = all_moved && place != places.end();
      return all_moved ? moved(tensor, place->second) : std::string();
    });
  });
  if (!all_moved) return std::nullopt;
  return named;
}

}  // namespace engine_onnx
