#include "tensor_files/tensor_file.h"

#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "base/base64.h"
#include "base/text.h"
#include "tensor_files/array_file.h"
#include "tensor_files/tensor_json.h"
#include "tensor_files/zip.h"

namespace tensor_files {
namespace {

using base::Code;
using data::Datatype;
using engine::NamedTensor;

// What NumPy 2.4 wrote: x = float32 [[1, 2, 3], [4, 5, 6]] by savez.
constexpr const char* kStored =
    "UEsDBC0AAAAAAAAAIQB8nN6i//////////8FABQAeC5ucHkBABAAmAAAAAAAAACYAAAAAAAAAJNO"
    "VU1QWQEAdgB7J2Rlc2NyJzogJzxmNCcsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6"
    "ICgyLCAzKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg"
    "ICAgICAgICAgICAKAACAPwAAAEAAAEBAAACAQAAAoEAAAMBAUEsBAi0DLQAAAAAAAAAhAHyc3qKY"
    "AAAAmAAAAAUAAAAAAAAAAAAAAIABAAAAAHgubnB5UEsFBgAAAAABAAEAMwAAAM8AAAAAAA==";
// x = 0 to 5 as big-endian int16 [2,3] in Fortran's order, t = ["e acute", "ab"], s = [b"q", b""],
// by savez_compressed.
constexpr const char* kPacked =
    "UEsDBC0AAAAIAAAAIQDhHvqo//////////8FABQAeC5ucHkBABAAjAAAAAAAAABRAAAAAAAAAJvs"
    "F+obEMnIUMZQrZ6SWpxcpG6loG6XaaSuo6Cell9UUpSYF59flJIKEg8pKk0FChdnJBakArkaRjoK"
    "xpo6CrUK5AMuBgYGZgZGBhYGJgZWAFBLAwQtAAAACAAAACEATVWwj///////////BQAUAHQubnB5"
    "AQAQAJAAAAAAAAAATQAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuE2qkrqOgnpZfVFKUmBef"
    "X5SSChJ3S8wpTgWKF2ckFqQC+RpGOpo6CrUKFACulwwQkAjESUAMAFBLAwQtAAAACAAAACEAPPNm"
    "GP//////////BQAUAHMubnB5AQAQAIIAAAAAAAAARgAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRu"
    "paBeE2yorqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RpGOpo6CrUKFACuQgYAUEsBAi0D"
    "LQAAAAgAAAAhAOEe+qhRAAAAjAAAAAUAAAAAAAAAAAAAAIABAAAAAHgubnB5UEsBAi0DLQAAAAgA"
    "AAAhAE1VsI9NAAAAkAAAAAUAAAAAAAAAAAAAAIABiAAAAHQubnB5UEsBAi0DLQAAAAgAAAAhADzz"
    "ZhhGAAAAggAAAAUAAAAAAAAAAAAAAIABDAEAAHMubnB5UEsFBgAAAAADAAMAmQAAAIkBAAAAAA==";
// [{}] of dtype object, by save.
constexpr const char* kObjects =
    "k05VTVBZAQB2AHsnZGVzY3InOiAnfE8nLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUn"
    "OiAoMSwpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAg"
    "ICAgICAgICAgICAgIAqABJWLAAAAAAAAAIwWbnVtcHkuX2NvcmUubXVsdGlhcnJheZSMDF9yZWNv"
    "bnN0cnVjdJSTlIwFbnVtcHmUjAduZGFycmF5lJOUSwCFlEMBYpSHlFKUKEsBSwGFlGgDjAVkdHlw"
    "ZZSTlIwCTziUiYiHlFKUKEsDjAF8lE5OTkr/////Sv////9LP3SUYoldlH2UYXSUYi4=";

std::string bytes_of(const char* base64) { return *base::base64_decode(base64); }

std::vector<NamedTensor> read(const std::string& bytes) {
  auto tensors = parse_tensors("e.npz", base::as_bytes(bytes));
  EXPECT_TRUE(tensors.ok()) << tensors.error().message();
  return tensors.ok() ? *std::move(tensors) : std::vector<NamedTensor>();
}

std::string refusal_of(const std::string& bytes, Code code, const TensorLimits& limits = {}) {
  const auto tensors = parse_tensors("e.npz", base::as_bytes(bytes), limits);
  if (tensors.ok()) return "";
  EXPECT_EQ(tensors.error().code(), code) << tensors.error().message();
  return tensors.error().message();
}

std::string array(const std::string& descr, const std::string& shape, const std::string& data,
                  bool fortran = false) {
  std::string header = "{'descr': " + descr + ", 'fortran_order': " + (fortran ? "True" : "False") +
                       ", 'shape': " + shape + ", }\n";
  return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(header.size()) + '\0' + header +
         data;
}

template <typename T>
std::vector<T> numbers_of(const engine::Tensor& tensor) {
  std::vector<T> numbers(tensor.bytes.size() / sizeof(T));
  if (!numbers.empty()) std::memcpy(numbers.data(), tensor.bytes.data(), tensor.bytes.size());
  return numbers;
}

TEST(TensorFileTest, ReadsWhatNumPySaves) {
  const auto tensors = read(bytes_of(kStored));
  ASSERT_EQ(tensors.size(), 1U);
  EXPECT_EQ(tensors[0].name, "x");
  EXPECT_EQ(tensors[0].tensor.type, Datatype::Fp32);
  EXPECT_EQ(tensors[0].tensor.shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(numbers_of<float>(tensors[0].tensor), (std::vector<float>{1, 2, 3, 4, 5, 6}));
}

TEST(TensorFileTest, TurnsOrdersAndUnpacks) {
  const auto tensors = read(bytes_of(kPacked));
  ASSERT_EQ(tensors.size(), 3U);
  EXPECT_EQ(tensors[0].tensor.type, Datatype::Int16);
  EXPECT_EQ(tensors[0].tensor.shape, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(numbers_of<std::int16_t>(tensors[0].tensor),
            (std::vector<std::int16_t>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(tensors[1].tensor.type, Datatype::Bytes);
  EXPECT_EQ(tensors[1].tensor.texts, (std::vector<std::string>{"\xc3\xa9", "ab"}));
  EXPECT_EQ(tensors[2].tensor.texts, (std::vector<std::string>{"q", ""}));
}

TEST(TensorFileTest, ALoneArrayHasNoName) {
  const auto tensors = read(array("'<i8'", "()", std::string("\x05\0\0\0\0\0\0\0", 8)));
  ASSERT_EQ(tensors.size(), 1U);
  EXPECT_EQ(tensors[0].name, "");
  EXPECT_TRUE(tensors[0].tensor.shape.empty());
  EXPECT_EQ(numbers_of<std::int64_t>(tensors[0].tensor), std::vector<std::int64_t>{5});
}

TEST(TensorFileTest, KnowsTheTypesThatNetworksTake) {
  const struct {
    const char* descr;
    Datatype type;
  } cases[] = {
      {"'|b1'", Datatype::Bool},   {"'|u1'", Datatype::Uint8},  {"'<u2'", Datatype::Uint16},
      {"'<u4'", Datatype::Uint32}, {"'<u8'", Datatype::Uint64}, {"'|i1'", Datatype::Int8},
      {"'<i2'", Datatype::Int16},  {"'<i4'", Datatype::Int32},  {"'<i8'", Datatype::Int64},
      {"'<f2'", Datatype::Fp16},   {"'<V2'", Datatype::Bf16},   {"'<f4'", Datatype::Fp32},
      {"'<f8'", Datatype::Fp64}};
  for (const auto& c : cases) {
    const auto tensors =
        read(array(c.descr, "(2,)", std::string(2 * data::datatype_bytes(c.type), '\1')));
    ASSERT_EQ(tensors.size(), 1U) << c.descr;
    EXPECT_EQ(tensors[0].tensor.type, c.type) << c.descr;
  }
}

TEST(TensorFileTest, RefusesWhatIsNoTensor) {
  EXPECT_EQ(
      refusal_of(bytes_of(kObjects), Code::Unsupported),
      "\"e.npz\": expected numbers or texts, got Python objects; make texts an array of dtype "
      "str");
  EXPECT_EQ(refusal_of(array("'<c8'", "(1,)", "12345678"), Code::Unsupported),
            "\"e.npz\": expected numbers or texts, got elements of kind \"c\" and 8 bytes");
  EXPECT_EQ(refusal_of(array("[('a', '<f4')]", "(1,)", "1234"), Code::Unsupported),
            "\"e.npz\": expected numbers or texts, got elements of kind \"V\" and 4 bytes");
  EXPECT_EQ(refusal_of(array("'<f4'", "(2,)", "1234"), Code::Corrupt),
            "\"e.npz\": expected 2 elements of 4 bytes, got 4 bytes");
  EXPECT_EQ(refusal_of("hello", Code::Invalid),
            "\"e.npz\": expected tensors as .npz, .npy or JSON of the Open Inference Protocol, got "
            "something else");
  // As many elements as no memory has.
  EXPECT_NE(refusal_of(array("'<f8'", "(4611686018427387904, 16)", ""), Code::Invalid), "");
  EXPECT_NE(refusal_of(array("'<U0'", "(4611686018427387904,)", ""), Code::Invalid), "");
  EXPECT_NE(refusal_of(array("'<U1'", "(1,)", std::string("\0\0\x11\0", 4)), Code::Corrupt), "");
}

TEST(TensorFileTest, NamesTheArrayThatItRefuses) {
  ZipWriter writer;
  ASSERT_TRUE(writer.add("ids.npy", bytes_of(kObjects)).ok());
  EXPECT_EQ(
      refusal_of(writer.finish(), Code::Unsupported).find("\"e.npz\": array \"ids\": expected"),
      0U);
  ZipWriter others;
  ASSERT_TRUE(others.add("config.json", "{}").ok());
  EXPECT_EQ(refusal_of(others.finish(), Code::Invalid),
            "\"e.npz\": expected arrays of numpy.savez, got a file \"config.json\"");
  ZipWriter twice;
  ASSERT_TRUE(twice.add("a.npy", array("'|u1'", "(1,)", "1")).ok());
  ASSERT_TRUE(twice.add("a.npy", array("'|u1'", "(1,)", "1")).ok());
  EXPECT_EQ(refusal_of(twice.finish(), Code::Corrupt),
            "\"e.npz\": expected arrays of different names, got \"a\" twice");
}

TEST(TensorFileTest, UnpacksNoMoreThanIsAllowed) {
  const std::string bytes = bytes_of(kPacked);
  EXPECT_EQ(refusal_of(bytes, Code::Exhausted, {.bytes = 500}),
            "\"e.npz\": expected at most 500 B, got " + base::human_bytes(bytes.size()));
  EXPECT_EQ(refusal_of(bytes, Code::Exhausted, {.arrays = 2}),
            "\"e.npz\": expected at most 2 arrays, got 3");
  // Together they are too much, though none is alone.
  ZipWriter writer;
  for (const char* name : {"a.npy", "b.npy"}) {
    ASSERT_TRUE(writer.add(name, array("'|u1'", "(100,)", std::string(100, '1'))).ok());
  }
  const std::string stored = writer.finish();
  EXPECT_NE(refusal_of(stored, Code::Exhausted, {.bytes = stored.size() - 300}), "");
}

TEST(TensorFileTest, WritesWhatItReads) {
  const std::vector<NamedTensor> tensors = [] {
    std::vector<NamedTensor> all = read(bytes_of(kPacked));
    all.push_back({"n", {.type = Datatype::Fp32, .shape = {0, 3}, .bytes = {}, .texts = {}}});
    all.push_back({"b", {.type = Datatype::Bytes, .shape = {1}, .bytes = {}, .texts = {"\xff"}}});
    return all;
  }();
  const auto bytes = make_npz(tensors);
  ASSERT_TRUE(bytes.ok());
  const auto again = read(*bytes);
  ASSERT_EQ(again.size(), tensors.size());
  for (std::size_t i = 0; i < again.size(); ++i) {
    EXPECT_EQ(again[i].name, tensors[i].name);
    EXPECT_EQ(again[i].tensor.type, tensors[i].tensor.type);
    EXPECT_EQ(again[i].tensor.shape, tensors[i].tensor.shape);
    EXPECT_EQ(again[i].tensor.bytes, tensors[i].tensor.bytes);
    EXPECT_EQ(again[i].tensor.texts, tensors[i].tensor.texts);
  }
}

TEST(ZipTest, RefusesWhatContradictsItself) {
  std::string bytes = bytes_of(kStored);
  const std::string whole = bytes;
  bytes[60] ^= 1;  // Within the array.
  EXPECT_NE(refusal_of(bytes, Code::Corrupt).find("expected the checksum"), std::string::npos);
  for (std::size_t size = 4; size < whole.size(); ++size) {
    EXPECT_NE(refusal_of(whole.substr(0, size), Code::Corrupt), "") << size;
  }
}

// A few bytes that say they become many, and do.
TEST(ZipTest, ReadsNoMoreThanAnEntrySays) {
  const auto zip = Zip::open(base::as_bytes(std::string_view()));
  EXPECT_FALSE(zip.ok());
  const std::string bytes = bytes_of(kPacked);
  const auto packed = Zip::open(base::as_bytes(bytes));
  ASSERT_TRUE(packed.ok());
  Zip::Entry entry = *packed->find("x.npy");
  EXPECT_TRUE(packed->read(entry, 140).ok());
  EXPECT_EQ(packed->read(entry, 139).error().code(), Code::Exhausted);
  --entry.size;
  EXPECT_EQ(packed->read(entry, 1000).error().message(),
            "zip: \"x.npy\": expected 139 bytes, got another number");
  entry.size += 2;
  EXPECT_EQ(packed->read(entry, 1000).error().message(),
            "zip: \"x.npy\": expected 141 bytes, got another number");
  entry.size = 140;
  entry.flags = 1;
  EXPECT_EQ(packed->read(entry, 1000).error().message(),
            "zip: \"x.npy\": expected a file that is stored or deflated, got an encrypted one");
  entry.flags = 0;
  entry.method = 14;
  EXPECT_EQ(packed->read(entry, 1000).error().message(),
            "zip: \"x.npy\": expected a file that is stored or deflated, got method 14");
  entry.method = 8;
  entry.at = 1 << 20;
  EXPECT_EQ(packed->read(entry, 1000).error().message(),
            "zip: expected \"x.npy\" within the archive");
}

// As Python's zipfile writes them where it takes every number for too large.
TEST(ZipTest, ReadsZip64) {
  std::string bytes = bytes_of(
      "UEsDBC0AAAAAAAAAIQCGphA2//////////8FABQAYS50eHQBABAABQAAAAAAAAAFAAAAAAAAAGhlbGxv"
      "UEsDBC0AAAAAAAAAIQDomIRx//////////8FABQAYi50eHQBABAABgAAAAAAAAAGAAAAAAAAAHdvcmxk"
      "IVBLAQItAy0AAAAAAAAAIQCGphA2//////////8FABQAAAAAAAAAAACAAQAAAABhLnR4dAEAEAAFAAAA"
      "AAAAAAUAAAAAAAAAUEsBAi0DLQAAAAAAAAAhAOiYhHH//////////wUAHAAAAAAAAAAAAIAB/////2Iu"
      "dHh0AQAYAAYAAAAAAAAABgAAAAAAAAA8AAAAAAAAAFBLBgYsAAAAAAAAAC0ALQAAAAAAAAAAAAIAAAAA"
      "AAAAAgAAAAAAAACWAAAAAAAAAHkAAAAAAAAAUEsGBwAAAAAPAQAAAAAAAAEAAABQSwUGAAAAAAIAAgCW"
      "AAAAeQAAAAAA");
  const auto zip = Zip::open(base::as_bytes(bytes));
  ASSERT_TRUE(zip.ok()) << zip.error().message();
  ASSERT_EQ(zip->entries().size(), 2U);
  EXPECT_EQ(*zip->read(*zip->find("a.txt"), 100), "hello");
  EXPECT_EQ(*zip->read(*zip->find("b.txt"), 100), "world!");
  // The place of the directory too.
  bytes.replace(bytes.size() - 6, 4, "\xff\xff\xff\xff");
  EXPECT_EQ(Zip::open(base::as_bytes(bytes))->entries().size(), 2U);
}

TEST(TensorJsonTest, ReadsRequestsFlatAndNested) {
  const auto tensors = read(R"({"inputs": [
      {"name": "a", "datatype": "FP32", "shape": [2, 2], "data": [[1, 2.5], [3, -4]]},
      {"name": "i", "datatype": "INT64", "shape": [2], "data": [9007199254740993, -1]},
      {"name": "b", "datatype": "BOOL", "shape": [1, 1], "data": [true]},
      {"name": "h", "datatype": "FP16", "shape": [6], "data": [0, 1, -2, 65504, 5.960464477539063e-08, 1.00048828125]},
      {"name": "f", "datatype": "BF16", "shape": [2], "data": [1, 3.140625]},
      {"name": "t", "datatype": "BYTES", "shape": [2], "data": ["x", ""]}]})");
  ASSERT_EQ(tensors.size(), 6U);
  EXPECT_EQ(numbers_of<float>(tensors[0].tensor), (std::vector<float>{1, 2.5, 3, -4}));
  EXPECT_EQ(numbers_of<std::int64_t>(tensors[1].tensor),
            (std::vector<std::int64_t>{9007199254740993, -1}));
  EXPECT_EQ(tensors[2].tensor.bytes, "\1");
  EXPECT_EQ(numbers_of<std::uint16_t>(tensors[3].tensor),
            (std::vector<std::uint16_t>{0, 0x3c00, 0xc000, 0x7bff, 1, 0x3c00}));
  EXPECT_EQ(numbers_of<std::uint16_t>(tensors[4].tensor),
            (std::vector<std::uint16_t>{0x3f80, 0x4049}));
  EXPECT_EQ(tensors[5].tensor.texts, (std::vector<std::string>{"x", ""}));
  EXPECT_EQ(read(R"({"model_name": "m", "outputs": [{"name": "y", "datatype": "UINT8",
                     "shape": [1], "data": [255]}]})")[0]
                .tensor.bytes,
            "\xff");
}

TEST(TensorJsonTest, RefusesWhatTheDatatypeDoesNotHold) {
  const auto refused = [](const std::string& type, const std::string& data) {
    return refusal_of(
        R"({"inputs":[{"name":"a","shape":[1],"datatype":")" + type + R"(","data":)" + data + "}]}",
        Code::Invalid);
  };
  EXPECT_EQ(refused("UINT8", "[256]"),
            "\"e.npz\": tensor \"a\": expected elements of UINT8, got others");
  for (const auto& [type, data] :
       std::vector<std::pair<std::string, std::string>>{{"INT8", "[-129]"},
                                                        {"INT32", "[1.5]"},
                                                        {"FP32", "[1e39]"},
                                                        {"FP16", "[65520]"},
                                                        {"BOOL", "[1]"},
                                                        {"BYTES", "[1]"},
                                                        {"FP64", "[\"1\"]"},
                                                        {"FP64", "[null]"}}) {
    EXPECT_NE(refused(type, data), "") << type << data;
  }
  EXPECT_EQ(refused("FP32", "[1, 2]"), "\"e.npz\": tensor \"a\": expected FP32[1], got 2 elements");
  EXPECT_EQ(refused("F32", "[1]"), "\"e.npz\": tensor \"a\": expected a \"datatype\" such as FP32");
  EXPECT_EQ(refused("FP32", "1"), "\"e.npz\": tensor \"a\": expected FP32[1] as a list \"data\"");
  EXPECT_NE(refused("FP32", std::string(100, '[') + std::string(100, ']')), "");
  EXPECT_NE(refusal_of("{}", Code::Invalid), "");
  EXPECT_NE(refusal_of(R"({"inputs": [{"name": "a", "datatype": "FP32", "shape": [-1]}]})",
                       Code::Invalid),
            "");
}

TEST(TensorJsonTest, WritesAnswers) {
  auto tensors = read(bytes_of(kStored));
  tensors.push_back({"t", {.type = Datatype::Bytes, .shape = {1}, .bytes = {}, .texts = {"a\"b"}}});
  EXPECT_EQ(tensor_json("m", tensors),
            R"({"model_name":"m","outputs":[{"name":"x","datatype":"FP32","shape":[2,3],"data":)"
            R"([1,2,3,4,5,6]},{"name":"t","datatype":"BYTES","shape":[1],"data":["a\"b"]}]})"
            "\n");
  engine::Tensor numbers{.type = Datatype::Fp64, .shape = {3}, .bytes = {}, .texts = {}};
  for (const double each : {0.1, std::numeric_limits<double>::quiet_NaN(), -1e300}) {
    numbers.bytes.append(reinterpret_cast<const char*>(&each), sizeof(each));
  }
  EXPECT_EQ(tensor_json("m", {{"n", numbers}}),
            R"({"model_name":"m","outputs":[{"name":"n","datatype":"FP64","shape":[3],"data":)"
            R"([0.1,null,-1e+300]}]})"
            "\n");
}

}  // namespace
}  // namespace tensor_files
