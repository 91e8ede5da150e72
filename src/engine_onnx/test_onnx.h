#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace engine_onnx {

// Writes ONNX files field by field, so that a test can also write what no exporter would.
class TestMessage {
 public:
  TestMessage& integer(unsigned field, std::int64_t value) {
    varint(std::uint64_t{field} << 3U);
    varint(static_cast<std::uint64_t>(value));
    return *this;
  }
  TestMessage& text(unsigned field, std::string_view value) {
    varint(std::uint64_t{field} << 3U | 2U);
    varint(value.size());
    bytes_.append(value);
    return *this;
  }
  TestMessage& message(unsigned field, const TestMessage& value) {
    return text(field, value.bytes());
  }
  const std::string& bytes() const { return bytes_; }

 private:
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7U) bytes_ += static_cast<char>(value | 0x80U);
    bytes_ += static_cast<char>(value);
  }
  std::string bytes_;
};

inline constexpr std::int64_t kFloat = 1;
inline constexpr std::int64_t kInt64 = 7;
inline constexpr std::int64_t kString = 8;

inline std::string float_bytes(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

// A TensorProto without elements.
inline TestMessage test_tensor(std::string_view name, std::int64_t type,
                               std::initializer_list<std::int64_t> dims) {
  TestMessage tensor;
  for (const std::int64_t dim : dims) tensor.integer(1, dim);
  tensor.integer(2, type).text(8, name);
  return tensor;
}

// What lies in another file.
inline TestMessage test_external(TestMessage tensor, std::string_view location,
                                 std::string_view offset = {}, std::string_view length = {}) {
  const auto entry = [&](std::string_view key, std::string_view value) {
    if (!value.empty()) tensor.message(13, TestMessage().text(1, key).text(2, value));
  };
  entry("location", location);
  entry("offset", offset);
  entry("length", length);
  return tensor.integer(14, 1);
}

// -1 is open, and called "n".
inline TestMessage test_tensor_type(std::int64_t type, std::initializer_list<std::int64_t> shape) {
  TestMessage extents;
  for (const std::int64_t extent : shape) {
    extents.message(1, extent < 0 ? TestMessage().text(2, "n") : TestMessage().integer(1, extent));
  }
  return TestMessage().message(1, TestMessage().integer(1, type).message(2, extents));
}

inline TestMessage test_end(std::string_view name, const TestMessage& type) {
  return TestMessage().text(1, name).message(2, type);
}

inline TestMessage test_node(std::string_view type, std::initializer_list<std::string_view> inputs,
                             std::initializer_list<std::string_view> outputs,
                             std::string_view domain = {}) {
  TestMessage node;
  for (const std::string_view input : inputs) node.text(1, input);
  for (const std::string_view output : outputs) node.text(2, output);
  node.text(3, "the_node").text(4, type);
  if (!domain.empty()) node.text(7, domain);
  return node;
}

inline TestMessage test_model(const TestMessage& graph, std::string_view domain = {}) {
  TestMessage model;
  model.integer(1, 8).text(2, "by hand").text(3, "1.0");
  model.message(8, TestMessage().text(1, "").integer(2, 17));
  if (!domain.empty()) model.message(8, TestMessage().text(1, domain).integer(2, 1));
  return model.message(7, graph);
}

// y = x + w for x of two numbers in each row.
inline TestMessage adding_graph(const TestMessage& w) {
  return TestMessage()
      .message(1, test_node("Add", {"x", "w"}, {"y"}))
      .text(2, "adding")
      .message(5, w)
      .message(11, test_end("x", test_tensor_type(kFloat, {-1, 2})))
      .message(12, test_end("y", test_tensor_type(kFloat, {-1, 2})));
}
inline TestMessage adding_graph() {
  return adding_graph(test_tensor("w", kFloat, {2}).text(9, float_bytes({10, 20})));
}

// Texts in, the same texts out.
inline TestMessage echoing_graph() {
  return TestMessage()
      .message(1, test_node("Identity", {"x"}, {"y"}))
      .text(2, "echoing")
      .message(11, test_end("x", test_tensor_type(kString, {-1})))
      .message(12, test_end("y", test_tensor_type(kString, {-1})));
}

// Numbers in, maps from classes to them out.
inline TestMessage zipping_graph(std::initializer_list<std::string_view> labels) {
  TestMessage attribute;
  attribute.text(1, "classlabels_strings");
  for (const std::string_view label : labels) attribute.text(9, label);
  attribute.integer(20, 8);
  const TestMessage map =
      TestMessage().integer(1, kString).message(2, test_tensor_type(kFloat, {}));
  const TestMessage sequence =
      TestMessage().message(4, TestMessage().message(1, TestMessage().message(5, map)));
  const auto columns = static_cast<std::int64_t>(labels.size());
  return TestMessage()
      .message(1, test_node("ZipMap", {"x"}, {"y"}, "ai.onnx.ml").message(5, attribute))
      .text(2, "zipping")
      .message(11, test_end("x", test_tensor_type(kFloat, {-1, columns})))
      .message(12, test_end("y", sequence));
}

}  // namespace engine_onnx
