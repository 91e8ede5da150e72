#include <string>

#include <gtest/gtest.h>

#include "pickle/document.h"
#include "pickle/numbers.h"
#include "pickle/test_read.h"

namespace pickle {
namespace {

using namespace std::string_literals;

// Opcodes of protocol 0 are easiest to read: kF8 is numpy.dtype('<f8').
const std::string kF8 = "cnumpy\ndtype\n(Vf8\nI0\nI1\ntR(I3\nV<\nNNNI-1\nI-1\nI0\ntb";
const std::string kObject = "cnumpy\ndtype\n(VO8\nI0\nI1\ntR";
const std::string kEmptyArray =
    "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntVb\ntR";

std::string array(const std::string& shape, const std::string& dtype, bool fortran,
                  const std::string& data) {
  return kEmptyArray + "(I1\n" + shape + dtype + (fortran ? "I01\n" : "I00\n") + data + "tb.";
}

TEST(KnownTest, MakesPlainValues) {
  EXPECT_EQ(Read("cbuiltins\nset\n((K\x01K\x01ltR.").root().items().size(), 1U);
  EXPECT_EQ(Read("c__builtin__\nfrozenset\n((K\x01ltR.").root().kind(), Kind::Set);
  EXPECT_EQ(Read("cbuiltins\nlist\n)R.").root().kind(), Kind::List);
  EXPECT_EQ(Read("cbuiltins\ntuple\n((K\x01ltR.").root().kind(), Kind::Tuple);
  EXPECT_EQ(Read("ccollections\nOrderedDict\n(((Va\nK\x01lltR.").root().find("a")->as_int(), 1);
  EXPECT_EQ(Read("ccollections\ndefaultdict\n(cbuiltins\nlist\ntR.").root().kind(), Kind::Dict);
  EXPECT_EQ(Read("cbuiltins\ncomplex\n(F1.5\nF2.0\ntR.").root().as_complex(),
            (std::pair<double, double>(1.5, 2.0)));
}

TEST(KnownTest, MakesBytesFromLatinText) {
  const Read read("c_codecs\nencode\n(V\xff\\u0041\nVlatin1\ntR.");
  ASSERT_TRUE(read.ok()) << read.error();
  EXPECT_EQ(base::as_text(*read.root().as_bytes()),
            "\xff"
            "A");
  EXPECT_EQ(Read("c_codecs\nencode\n(V\\u0100\nVlatin1\ntR.").reason(),
            "REDUCE: global \"_codecs.encode\": expected text of Latin-1 characters");
  EXPECT_EQ(
      Read("c_codecs\nencode\n(Va\nVrot13\ntR.").reason(),
      "REDUCE: global \"_codecs.encode\": expected (string, \"latin1\"), got (string, string)");
}

TEST(KnownTest, OnlyExactNamesAreKnown) {
  for (const char* name : {"cbuiltins\nSet\n", "cbuiltins \nset\n", "cbuiltins\nset.\n",
                           "cBuiltins\nset\n", "cbuiltins\ndict.update\n", "csets\nSet\n"}) {
    EXPECT_EQ(Read(std::string(name) + "((ltR.").root().kind(), Kind::Record) << name;
  }
}

TEST(KnownTest, ContainersMadeFromOthersAreApart) {
  // x = [1]; y = list(x); x.append(2); (x, y)
  const Read read(
      "]K\x01"
      "ap0\ncbuiltins\nlist\n(g0\ntRp1\n0K\x02"
      "ag1\n\x86.");
  ASSERT_TRUE(read.ok()) << read.error();
  EXPECT_EQ(read.root().items()[0].items().size(), 2U);
  EXPECT_EQ(read.root().items()[1].items().size(), 1U);
}

TEST(NumpyTest, ReadsAnArray) {
  const Read read(array("(I2\nt", kF8, false, "C\x10\0\0\0\0\0\0\xf8\x3f\0\0\0\0\0\0\0\x40"s));
  ASSERT_TRUE(read.ok()) << read.error();
  const Array* found = read.root().array();
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->elements(), 2U);
  EXPECT_EQ(*to_doubles(*found), (std::vector<double>{1.5, 2.0}));
}

TEST(NumpyTest, ReadsObjects) {
  const Read read(array("(I2\nt", kObject, false, "(Va\nNl"));
  ASSERT_TRUE(read.ok()) << read.error();
  ASSERT_EQ(read.root().array()->objects.size(), 2U);
  EXPECT_EQ(read.root().array()->objects[0].as_string(), "a");
}

TEST(NumpyTest, RefusesStatesThatDoNotFit) {
  const std::string eight = "C\x08\0\0\0\0\0\0\xf8\x3f"s;
  const struct {
    std::string bytes;
    std::string_view reason;
  } cases[] = {
      {array("(I2\nt", kF8, false, eight),
       "BUILD: array: expected 2 elements of 8 bytes, got 8 bytes"},
      {array("(I-1\nt", kF8, false, eight), "BUILD: expected extents that are not negative"},
      {array("(L4611686018427387904L\nI4\nt", kF8, false, eight),
       "BUILD: array: expected extents whose product fits in 64 bits"},
      {array("(I0\nL4611686018427387904L\nI4\nt", kF8, false, eight),
       "BUILD: array: expected extents whose product fits in 64 bits"},
      {array("(L1099511627776L\nt", kF8, false, eight),
       "BUILD: array: expected at most 4.0 GiB, got more"},
      {array("(I1\nt", "cnumpy\ndtype\n(VS0\nI0\nI1\ntR", false, eight),
       "BUILD: array: expected 1 elements of 0 bytes, got 8 bytes"},
      {array("(I100000\nt", "cnumpy\ndtype\n(VS0\nI0\nI1\ntR", false, "C\0"s),
       "BUILD: array: expected at most 65536 empty elements, got 100000"},
      {array("(I1\nt", "N", false, eight), "BUILD: expected a numpy.dtype, got none"},
      {array("(I1\nt", kF8, false, "K\x01"), "BUILD: array state: expected bytes, got int"},
      {array("(I3\nt", kObject, false, "(NNl"), "BUILD: array state: expected a list of 3 objects"},
      {"cnumpy\ndtype\n(Vf7\nI0\nI1\ntR.",
       "REDUCE: global \"numpy.dtype\": expected a NumPy element type, got \"f7\""},
      {"cnumpy.core.multiarray\nscalar\n(" + kF8 + "C\x01\0tR."s,
       "REDUCE: global \"numpy.core.multiarray.scalar\": array: expected 1 elements of 8 bytes, "
       "got 1 bytes"},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(Read(each.bytes).reason(), each.reason);
  }
}

TEST(NumpyTest, RefusesFieldsOutsideTheirElement) {
  const auto record = [](const std::string& offset) {
    return "cnumpy\ndtype\n(VV8\nI0\nI1\ntR(I3\nV|\nN(Va\nt}Va\n(" + kF8 + "I" + offset +
           "\ntsI8\nI1\nI0\ntb.";
  };
  EXPECT_TRUE(Read(record("0")).ok()) << Read(record("0")).error();
  EXPECT_EQ(Read(record("1")).reason(),
            "BUILD: field \"a\": expected it within 8 bytes, got 8 at 1");
  EXPECT_EQ(Read(record("-1")).reason(),
            "BUILD: field \"a\": expected it within 8 bytes, got 8 at -1");
}

TEST(NumpyTest, ScalarsCountAsWhatTheyHold) {
  const auto scalar = [](const std::string& type, const std::string& data) {
    return "cnumpy._core.multiarray\nscalar\n(cnumpy\ndtype\n(V" + type + "\nI0\nI1\ntRC" +
           std::string(1, static_cast<char>(data.size())) + data + "tR.";
  };
  EXPECT_EQ(Read(scalar("i4", "\xfe\xff\xff\xff")).root().as_int(), -2);
  EXPECT_EQ(Read(scalar("u8", "\x05\0\0\0\0\0\0\0"s)).root().as_int(), 5);
  EXPECT_EQ(Read(scalar("b1", "\x01")).root().as_bool(), true);
  EXPECT_EQ(Read(scalar("f4", "\0\0\xc0\x3f"s)).root().as_float(), 1.5);
  EXPECT_EQ(Read(scalar("U2", "a\0\0\0\0\0\0\0"s)).root().as_string(), "a");
  EXPECT_EQ(Read(scalar("S3", "ab\0"s)).root().as_string(), "ab");
  EXPECT_EQ(Read(scalar("i4", "\xfe\xff\xff\xff")).root().as_bool(), std::nullopt);
  EXPECT_EQ(Read(scalar("U1", "\0\xd8\0\0"s)).reason(),
            "REDUCE: global \"numpy._core.multiarray.scalar\": expected Unicode text in a scalar "
            "of kind U");
}

TEST(NumpyTest, ReadsBuffersInBothOrders) {
  const auto buffer = [](const std::string& rest) {
    return "cnumpy._core.numeric\n_frombuffer\n(\x96\x10\0\0\0\0\0\0\0"s + std::string(16, '\0') +
           kF8 + rest + "tR.";
  };
  EXPECT_FALSE(Read(buffer("(I2\nI1\ntVC\n")).root().array()->fortran);
  EXPECT_TRUE(Read(buffer("(I2\nI1\ntVF\n")).root().array()->fortran);
  const Read transposed(buffer("(I2\nI1\ntVK\n(I1\nI0\nt"));
  ASSERT_TRUE(transposed.ok()) << transposed.error();
  EXPECT_TRUE(transposed.root().array()->fortran);
  EXPECT_EQ(transposed.root().array()->shape[0], 1U);
  EXPECT_EQ(Read(buffer("(I2\nI1\nI1\ntVK\n(I1\nI0\nI2\nt")).reason(),
            "REDUCE: global \"numpy._core.numeric._frombuffer\": array whose axes are in neither C "
            "nor Fortran order");
}

TEST(NumpyTest, ElementTypesAreAskedForAsSuch) {
  const Read read(kF8 + ".");
  ASSERT_NE(read.root().dtype(), nullptr);
  EXPECT_EQ(read.root().dtype()->kind, 'f');
  EXPECT_EQ(read.root().dtype()->size, 8U);
}

TEST(NumpyTest, SubclassesWithStateOfTheirOwnStayRecords) {
  const Read read("cnumpy.core.multiarray\n_reconstruct\n(cm\nMine\n(I0\ntVb\ntR}b.");
  ASSERT_TRUE(read.ok()) << read.error();
  EXPECT_EQ(read.root().kind(), Kind::Record);
}

}  // namespace
}  // namespace pickle
