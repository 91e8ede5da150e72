#include "pickle/document.h"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <zlib.h>

#include "pickle/numbers.h"

namespace pickle {
namespace {

namespace fs = std::filesystem;

std::string deflated(const std::string& text) {
  uLongf size = compressBound(text.size());
  std::string out(size, '\0');
  compress(reinterpret_cast<Bytef*>(out.data()), &size, reinterpret_cast<const Bytef*>(text.data()),
           text.size());
  out.resize(size);
  return out;
}

// What testdata/make_golden.py wrote, by every Python, NumPy and protocol.
class GoldenTest : public ::testing::TestWithParam<std::string> {
 protected:
  GoldenTest()
      : document_(Document::open(std::string(SOOTH_SOURCE_DIR) + "/src/pickle/testdata/golden_" +
                                 GetParam() + ".pkl")) {}
  void SetUp() override { ASSERT_TRUE(document_.ok()) << document_.error().message(); }
  Value at(std::string_view key) const { return *document_->root().find(key); }
  const Array& array(std::string_view key) const { return *at(key).array(); }

  base::Result<Document> document_;
};

TEST_P(GoldenTest, Scalars) {
  EXPECT_TRUE(at("none").is_none());
  EXPECT_EQ(at("true").as_bool(), true);
  EXPECT_EQ(at("false").as_bool(), false);
  const std::int64_t ints[] = {0,  1,         255,       256,           65535,         65536,
                               -1, INT32_MAX, INT32_MIN, 1099511627776, -1099511627776};
  ASSERT_EQ(at("ints").items().size(), std::size(ints));
  for (std::size_t i = 0; i < std::size(ints); ++i)
    EXPECT_EQ(at("ints").items()[i].as_int(), ints[i]);
  EXPECT_EQ(at("big").items()[0].as_bytes()->size(), 9U);
  EXPECT_EQ(at("big").items()[1].as_bytes()->size(), 9U);
  EXPECT_EQ(at("big").items()[2].as_bytes()->size(), 26U);
  const double floats[] = {0.0, -1.5, 1e300, HUGE_VAL, -HUGE_VAL, 0.1};
  for (std::size_t i = 0; i < std::size(floats); ++i) {
    EXPECT_EQ(at("floats").items()[i].as_float(), floats[i]);
  }
  EXPECT_EQ(at("complex").as_complex(), (std::pair<double, double>(1.5, -2)));
  EXPECT_EQ(at("text").as_string(), "caf\xc3\xa9 \xf0\x9f\x98\x80 \\ ' \n \t");
  ASSERT_EQ(at("bytes").as_bytes()->size(), 256U);
  EXPECT_EQ((*at("bytes").as_bytes())[200], std::byte{200});
}

TEST_P(GoldenTest, Containers) {
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(at("tuples").items()[i].items().size(), i);
  EXPECT_EQ(at("set").items().size(), 3U);
  EXPECT_EQ(at("frozenset").items().size(), 2U);
  ASSERT_EQ(at("ordered").entries().size(), 2U);
  EXPECT_EQ(at("ordered").entries()[0].key.as_string(), "b");
  EXPECT_TRUE(at("shared").items()[0].same(at("shared").items()[1]));
  EXPECT_TRUE(at("cycle").items()[1].same(at("cycle")));
  EXPECT_EQ(at("many").entries().size(), 100U);
}

TEST_P(GoldenTest, Instances) {
  EXPECT_EQ(at("type").module(), "numpy");
  EXPECT_EQ(at("type").name(), "float64");
  ASSERT_NE(at("point").record(), nullptr);
  EXPECT_EQ(at("point").record()->name(), "Point");
  EXPECT_EQ(at("point").find("x")->as_int(), 1);
  EXPECT_EQ(at("point").find("name")->as_string(), "p");
  EXPECT_EQ(at("dtype").dtype()->kind, 'f');
  EXPECT_EQ(at("dtype").dtype()->size, 4U);
}

TEST_P(GoldenTest, Arrays) {
  const std::vector<double> rising = {0, 1, 2, 3, 4, 5};
  EXPECT_EQ(*to_doubles(array("f8")), rising);
  EXPECT_EQ(array("f8").shape[1], 3U);
  EXPECT_TRUE(array("fortran").fortran);
  EXPECT_EQ(*to_doubles(array("fortran")), rising);
  EXPECT_EQ(*to_int64s(array("big_endian")), (std::vector<std::int64_t>{1, -2, 300}));
  EXPECT_EQ(*to_int64s(array("bool")), (std::vector<std::int64_t>{1, 0, 1}));
  EXPECT_EQ(*to_strings(array("unicode")),
            (std::vector<std::string>{"a", "b\xc3\xa9", "\xf0\x9f\x98\x80"}));
  EXPECT_EQ(*to_strings(array("string")), (std::vector<std::string>{"x", "yz"}));
  EXPECT_EQ(*to_doubles(array("half")), (std::vector<double>{1.5, -2, 65504}));
  EXPECT_EQ(array("objects").objects[1].as_string(), "two");
  EXPECT_EQ(*field_int64s(array("structured"), "a"), (std::vector<std::int64_t>{1, -3}));
  EXPECT_EQ(*field_doubles(array("structured"), "b"), (std::vector<double>{2.5, 4.5}));
  const auto bytes = view_flags(array("structured"), "a");
  const auto doubles = view_doubles(array("structured"), "b");
  ASSERT_TRUE(bytes.ok() && doubles.ok());
  EXPECT_TRUE(bytes->numbers[0] != 0 && bytes->numbers[1] != 0);
  EXPECT_EQ(doubles->numbers.size(), 2U);
  EXPECT_EQ(doubles->numbers[1], 4.5);
  EXPECT_EQ(view_doubles(array("structured"), "none").error().code(), base::Code::NotFound);
  // Copied, since they lie otherwise.
  for (const char* each : {"f8", "fortran"}) {
    const auto viewed = view_doubles(array(each));
    ASSERT_TRUE(viewed.ok());
    ASSERT_EQ(viewed->numbers.size(), 6U);
    for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(viewed->numbers[i], rising[i]) << each;
    EXPECT_EQ(viewed->copied != nullptr, array(each).fortran);
  }
  EXPECT_EQ(array("empty").elements(), 0U);
  EXPECT_EQ(at("int_scalar").as_int(), -7);
  EXPECT_EQ(at("float_scalar").as_float(), 2.5);
  EXPECT_EQ(at("bool_scalar").as_bool(), true);
}

INSTANTIATE_TEST_SUITE_P(All, GoldenTest,
                         ::testing::Values("py27_p0", "py27_p1", "py27_p2", "py36_p0", "py36_p1",
                                           "py36_p2", "py36_p3", "py36_p4", "py313_p0", "py313_p1",
                                           "py313_p2", "py313_p3", "py313_p4", "py313_p5"),
                         [](const auto& each) { return each.param; });

TEST(DocumentTest, ReadsWithoutCopying) {
  const std::string bytes = "\x8c\x05hello.";
  const auto document = Document::read(base::as_bytes(bytes));
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(document->root().as_string()->data(), bytes.data() + 2);
}

TEST(DocumentTest, OwnsWhatItUnpacked) {
  auto document = [] {
    const std::string packed = deflated("\x8c\x05hello.");
    return Document::read(base::as_bytes(packed));
  }();
  ASSERT_TRUE(document.ok()) << document.error().message();
  const Document moved = std::move(*document);
  EXPECT_EQ(moved.container(), Container::Zlib);
  EXPECT_EQ(moved.root().as_string(), "hello");
}

TEST(DocumentTest, ABombStopsAtItsCeiling) {
  const std::string packed = deflated(std::string(std::size_t{32} << 20U, '\0'));
  Limits limits;
  limits.ratio_free_bytes = std::uint64_t{1} << 20U;
  limits.ratio = 100;
  EXPECT_EQ(Document::read(base::as_bytes(packed), limits).error().message(),
            "zlib: expected to unpack to at most 3.1 MiB, got more");
  limits.ratio = 1'000'000;
  limits.stream_bytes = std::uint64_t{2} << 20U;
  EXPECT_EQ(Document::read(base::as_bytes(packed), limits).error().message(),
            "zlib: expected to unpack to at most 2.0 MiB, got more");
}

TEST(DocumentTest, RefusesPackedDataThatIsCutOrContinued) {
  const std::string packed = deflated("\x8c\x05hello.");
  for (std::size_t size = 2; size < packed.size(); ++size) {
    EXPECT_FALSE(Document::read(base::as_bytes(packed).first(size)).ok()) << size;
  }
  EXPECT_EQ(Document::read(base::as_bytes(packed + packed)).error().message(),
            "zlib: expected the end of the file after the packed data, got 16 more bytes");
}

TEST(DocumentTest, BelievesNoSizeInAZFile) {
  const std::string packed = deflated("\x8c\x05hello.");
  const auto zfile = [&](const std::string& size) {
    return "ZF" + size + std::string(19 - size.size(), ' ') + packed;
  };
  EXPECT_TRUE(Document::read(base::as_bytes(zfile("0x8"))).ok());
  EXPECT_TRUE(Document::read(base::as_bytes(zfile("0x8L"))).ok());
  EXPECT_EQ(Document::read(base::as_bytes(zfile("0xffffffffffff"))).error().message(),
            "zlib (ZF): expected 281474976710655 unpacked bytes, got 8");
  EXPECT_FALSE(Document::read(base::as_bytes(zfile("0xzz"))).ok());
  EXPECT_FALSE(Document::read(base::as_bytes(std::string_view("ZF0x8"))).ok());
}

TEST(DocumentTest, SaysWhichFile) {
  const fs::path path = fs::path(::testing::TempDir()) / "no_such_model.pkl";
  const auto document = Document::open(path.string());
  ASSERT_FALSE(document.ok());
  EXPECT_EQ(document.error().code(), base::Code::NotFound);
  EXPECT_NE(document.error().message().find("no_such_model.pkl"), std::string::npos);
}

}  // namespace
}  // namespace pickle
