#include <cmath>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "pickle/document.h"
#include "pickle/test_read.h"

namespace pickle {
namespace {

using base::Code;
using namespace std::string_literals;

TEST(MachineTest, ReadsIntegersOfEveryForm) {
  const struct {
    std::string bytes;
    std::int64_t value;
  } cases[] = {
      {"I-12\n.", -12},
      {"L12L\n.", 12},
      {"L-9223372036854775808L\n.", INT64_MIN},
      {"L9\n.", 9},
      {"J\xfe\xff\xff\xff.", -2},
      {"K\xff.", 255},
      {"M\xff\xff.", 65535},
      {"\x8a\x00."s, 0},
      {"\x8a\x01\xff.", -1},
      {"\x8a\x02\xff\x00."s, 255},
      {"\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f.", INT64_MAX},
      {"\x8a\x0a\x05\x00\x00\x00\x00\x00\x00\x00\x00\x00."s, 5},
      {"\x8b\x01\x00\x00\x00\x80."s, -128},
  };
  for (const auto& each : cases) {
    const Read read(each.bytes);
    ASSERT_TRUE(read.ok()) << read.error();
    EXPECT_EQ(read.root().as_int(), each.value);
    EXPECT_EQ(read.root().kind(), Kind::Int);
  }
}

TEST(MachineTest, ReadsBoolsAsProtocolZeroWritesThem) {
  EXPECT_EQ(Read("I01\n.").root().as_bool(), true);
  EXPECT_EQ(Read("I00\n.").root().as_bool(), false);
  EXPECT_EQ(Read("I1\n.").root().kind(), Kind::Int);
  EXPECT_EQ(Read("\x88.").root().as_bool(), true);
}

TEST(MachineTest, KeepsIntegersThatDoNotFitAsBytes) {
  for (const std::string& bytes : {"L9223372036854775808L\n."s, "\x8a\x09\0\0\0\0\0\0\0\x80\0."s}) {
    const Read read(bytes);
    ASSERT_TRUE(read.ok()) << read.error();
    EXPECT_EQ(read.root().kind(), Kind::BigInt);
    EXPECT_EQ(base::as_text(*read.root().as_bytes()), "\0\0\0\0\0\0\0\x80\0"s);
  }
  EXPECT_EQ(base::as_text(*Read("L-18446744073709551617L\n.").root().as_bytes()),
            "\xff\xff\xff\xff\xff\xff\xff\xff\xfe");
}

TEST(MachineTest, ReadsFloats) {
  EXPECT_EQ(Read("F1.5\n.").root().as_float(), 1.5);
  EXPECT_EQ(Read("F-inf\n.").root().as_float(), -HUGE_VAL);
  EXPECT_EQ(Read("F1e-05\n.").root().as_float(), 1e-05);
  EXPECT_EQ(Read("G\x3f\xf8\0\0\0\0\0\0."s).root().as_float(), 1.5);
}

TEST(MachineTest, ReadsPythonTwoStringsAsTextAndAsBytes) {
  for (const std::string& bytes : {"S'a\\x41\\n\\101'\n."s,
                                   "U\x04"
                                   "aA\nA."s,
                                   "T\x04\0\0\0aA\nA."s}) {
    const Read read(bytes);
    ASSERT_TRUE(read.ok()) << read.error();
    EXPECT_EQ(read.root().kind(), Kind::String);
    EXPECT_EQ(read.root().as_string(), "aA\nA");
    EXPECT_EQ(base::as_text(*read.root().as_bytes()), "aA\nA");
  }
  const Read binary("U\x02\xff\xfe.");
  EXPECT_EQ(binary.root().kind(), Kind::Bytes);
  EXPECT_EQ(base::as_text(*binary.root().as_bytes()), "\xff\xfe");
  EXPECT_EQ(binary.root().as_string(), std::nullopt);
}

TEST(MachineTest, ReadsUnicodeOfEveryForm) {
  const struct {
    std::string bytes;
    std::string_view text;
  } cases[] = {
      {"Vplain\n.", "plain"},
      {"V\\u00e9\\U0001f600\n.", "\xc3\xa9\xf0\x9f\x98\x80"},
      {"V\xe9\n.", "\xc3\xa9"},
      {"V\\ud83d\\ude00\n.", "\xf0\x9f\x98\x80"},  // a Python of 16-bit characters
      {"V\\\\u0041\\n\n.", "\\\\u0041\\n"},
      {"X\x02\0\0\0\xc3\xa9."s, "\xc3\xa9"},
      {"\x8c\x02\xc3\xa9.", "\xc3\xa9"},
      {"\x8d\x02\0\0\0\0\0\0\0\xc3\xa9."s, "\xc3\xa9"},
  };
  for (const auto& each : cases) {
    const Read read(each.bytes);
    ASSERT_TRUE(read.ok()) << read.error();
    EXPECT_EQ(read.root().as_string(), each.text);
    EXPECT_EQ(read.root().as_bytes(), std::nullopt);
  }
}

TEST(MachineTest, ReadsContainersOfEveryForm) {
  for (const std::string& bytes : {"(K\x01K\x02l."s, "](K\x01K\x02"s + "e."s,
                                   "]K\x01"
                                   "aK\x02"
                                   "a."s}) {
    const Read read(bytes);
    ASSERT_TRUE(read.ok()) << read.error();
    EXPECT_EQ(read.root().kind(), Kind::List);
    ASSERT_EQ(read.root().items().size(), 2U);
    EXPECT_EQ(read.root().items()[1].as_int(), 2);
  }
  for (const std::string& bytes : {"(K\x01K\x02t."s, "K\x01K\x02\x86."s}) {
    EXPECT_EQ(Read(bytes).root().kind(), Kind::Tuple);
    EXPECT_EQ(Read(bytes).root().items().size(), 2U);
  }
  EXPECT_EQ(Read("\x8f(K\x01K\x01K\x02\x90.").root().items().size(), 2U);
  EXPECT_EQ(Read("(K\x01K\x02\x91.").root().kind(), Kind::Set);
}

TEST(MachineTest, LaterValuesOfAKeyWinInPlace) {
  const Read read(
      "(Va\nK\x01Vb\nK\x02Va\nK\x03"
      "d.");
  ASSERT_TRUE(read.ok()) << read.error();
  ASSERT_EQ(read.root().entries().size(), 2U);
  EXPECT_EQ(read.root().entries()[0].value.as_int(), 3);
  EXPECT_EQ(read.root().find("b")->as_int(), 2);
  EXPECT_FALSE(read.root().find("c"));
}

TEST(MachineTest, KeysAreTheSameAsInPython) {
  // {1: , True: , 1.0: , (1, 2): , (1.0, 2): , "1": , b"1": }
  const Read read(
      "(K\x01NI01\nNF1.0\nNK\x01K\x02\x86NF1.0\nK\x02\x86NV1\nNC\x01"
      "1Nd.");
  ASSERT_TRUE(read.ok()) << read.error();
  EXPECT_EQ(read.root().entries().size(), 4U);
}

TEST(MachineTest, FindsKeysOfLargeDictionaries) {
  std::string bytes = "}(";
  for (int i = 0; i < 5000; ++i)
    bytes += "Vkey" + std::to_string(i) + "\nI" + std::to_string(i) + "\n";
  const Read read(bytes + "u.");
  ASSERT_TRUE(read.ok()) << read.error();
  ASSERT_EQ(read.root().entries().size(), 5000U);
  for (int i = 0; i < 5000; ++i)
    EXPECT_EQ(read.root().find("key" + std::to_string(i))->as_int(), i);
  EXPECT_FALSE(read.root().find("key5000"));
}

TEST(MachineTest, CallsBecomeRecords) {
  const std::string_view cases[] = {"cos\nsystem\n(Vid\ntR.", "(Vid\nios\nsystem\n.",
                                    "(cos\nsystem\nVid\no.", "cos\nsystem\n(Vid\nt\x81.",
                                    "Vos\nVsystem\n\x93(Vid\ntR."};
  for (const auto bytes : cases) {
    const Read read{std::string(bytes)};
    ASSERT_TRUE(read.ok()) << read.error();
    const Record* record = read.root().record();
    ASSERT_NE(record, nullptr);
    EXPECT_EQ(record->module(), "os");
    EXPECT_EQ(record->name(), "system");
    ASSERT_EQ(record->args.size(), 1U);
    EXPECT_EQ(record->args[0].as_string(), "id");
  }
}

TEST(MachineTest, InstancesKeepStateItemsAndEntries) {
  const Read read(
      "cm\nC\n)\x81(K\x01K\x02"
      "eVk\nVv\ns}Vattribute\nK\x07sb.");
  ASSERT_TRUE(read.ok()) << read.error();
  const Record& record = *read.root().record();
  EXPECT_EQ(record.items.size(), 2U);
  EXPECT_EQ(record.entries.size(), 1U);
  EXPECT_EQ(read.root().find("attribute")->as_int(), 7);
}

TEST(MachineTest, FindsAttributesInSlotsToo) {
  const Read read(
      "cm\nC\n)\x81}Va\nK\x01s}Vb\nK\x02s\x86"
      "b.");
  ASSERT_TRUE(read.ok()) << read.error();
  EXPECT_EQ(read.root().find("a")->as_int(), 1);
  EXPECT_EQ(read.root().find("b")->as_int(), 2);
}

TEST(MachineTest, ReconstructorsStandForTheirClass) {
  const Read read("ccopy_reg\n_reconstructor\n(cm\nC\ncbuiltins\nobject\nNtR}b.");
  ASSERT_TRUE(read.ok()) << read.error();
  EXPECT_EQ(read.root().record()->module(), "m");
  EXPECT_EQ(read.root().record()->name(), "C");
}

TEST(MachineTest, MemoSharesAndMayContainItself) {
  const Read shared("(]p0\ng0\nt.");
  ASSERT_TRUE(shared.ok()) << shared.error();
  EXPECT_TRUE(shared.root().items()[0].same(shared.root().items()[1]));
  const Read cycle(
      "]q\x00h\x00"
      "a."s);
  ASSERT_TRUE(cycle.ok()) << cycle.error();
  EXPECT_TRUE(cycle.root().items()[0].same(cycle.root()));
}

TEST(MachineTest, MemoTakesAnyNumber) {
  const Read read(
      "Va\nr\xff\xff\xff\xff"
      "0Vb\n\x94"
      "0j\xff\xff\xff\xffh\x01\x86.");
  ASSERT_TRUE(read.ok()) << read.error();
  EXPECT_EQ(read.root().items()[0].as_string(), "a");
  EXPECT_EQ(read.root().items()[1].as_string(), "b");
}

TEST(MachineTest, PopTakesAMark) { EXPECT_EQ(Read("K\x05(0.").root().as_int(), 5); }

TEST(MachineTest, ValuesKnowWhereTheyWereMade) {
  EXPECT_EQ(Read("\x80\x02]K\x05"
                 "a.")
                .root()
                .items()[0]
                .offset(),
            3U);
}

TEST(MachineTest, RefusesWithOpcodeAndByte) {
  const struct {
    std::string bytes;
    Code code;
    std::string_view message;
  } cases[] = {
      {"", Code::Corrupt, "byte 0: expected an opcode, got the end after 0 bytes without STOP"},
      {".", Code::Corrupt, "byte 0: STOP: expected the value on the stack, got nothing"},
      {"N", Code::Corrupt, "byte 1: expected an opcode, got the end after 1 bytes without STOP"},
      {"N\xff.", Code::Corrupt, "byte 1: opcode: expected one of protocols 0 to 5, got 0xff"},
      {"\x80\x06N.", Code::Unsupported, "byte 0: PROTO: expected a protocol up to 5, got 6"},
      {"N\x80\x02.", Code::Corrupt, "byte 1: PROTO: expected only at the start"},
      {"N.N.", Code::Corrupt, "byte 2: expected the end of the file after STOP, got 2 more bytes"},
      {"\x82\x01.", Code::Unsupported,
       "byte 0: EXT1: codes of the extension registry mean nothing outside it"},
      {"P42\n.", Code::Unsupported,
       "byte 0: PERSID: persistent id \"42\": its object is not in the file"},
      {"NQ.", Code::Unsupported, "byte 1: BINPERSID: persistent id: its object is not in the file"},
      {"\x97.", Code::Unsupported,
       "byte 0: NEXT_BUFFER: out-of-band buffer: its bytes are not in the file"},
      {"cos\nenviron\n}b.", Code::Corrupt,
       "byte 13: BUILD: expected an instance, got global \"os.environ\""},
      {"cos\nenviron\nNNs.", Code::Corrupt,
       "byte 14: SETITEM: expected a dict or an instance, got global \"os.environ\""},
      {"cos\nsystem\nVid\nR.", Code::Corrupt,
       "byte 15: REDUCE: global \"os.system\": expected a tuple of arguments, got string"},
      {"K\x01)R.", Code::Corrupt, "byte 3: REDUCE: expected something to call, got int"},
      {"ca\nb\n)R}bNb.", Code::Unsupported,
       "byte 10: BUILD: expected one state for an instance of \"a.b\", got a second"},
      {"g5\n.", Code::Corrupt, "byte 0: GET: expected a memo entry 5, got none"},
      {"(.", Code::Corrupt, "byte 1: STOP: expected the value on the stack, got a mark"},
      {"(K\x01"
       "d.",
       Code::Corrupt, "byte 3: DICT: expected keys and values, got 1 of both"},
      {"}]Ns.", Code::Corrupt, "byte 3: SETITEM: expected a key that can be hashed, got list"},
      {"X\xff\xff\xff\x7fz.", Code::Corrupt,
       "byte 0: BINUNICODE: expected text of 2147483647 bytes, got the end of the frame or file "
       "after 2"},
      {"X\x03\0\0\0\xed\xa0\x80."s, Code::Corrupt,
       "byte 0: BINUNICODE: expected UTF-8 text without lone surrogates"},
      {"I1x\n.", Code::Corrupt, "byte 0: INT: expected a decimal integer, got \"1x\""},
      {"Sabc\n.", Code::Corrupt, "byte 0: STRING: expected a quoted string, got \"abc\""},
      {"]\x8f(K\x01\x90(N\x90"
       "0(N\x90.",
       Code::Corrupt, "byte 12: ADDITEMS: expected a set or an instance, got list"},
      {"PK\x03\x04", Code::Unsupported,
       "byte 0: expected a pickle, got a zip archive (PyTorch, Keras or skops?)"},
  };
  for (const auto& each : cases) {
    const Read read(each.bytes);
    ASSERT_FALSE(read.ok()) << each.message;
    EXPECT_EQ(read.error(), each.message);
    EXPECT_EQ(read.document.error().code(), each.code) << each.message;
  }
}

TEST(MachineTest, ChecksFrames) {
  EXPECT_TRUE(Read("\x80\x04\x95\x02\0\0\0\0\0\0\0N."s).ok());
  EXPECT_EQ(Read("\x80\x04\x95\x09\0\0\0\0\0\0\0N."s).error(),
            "byte 2: FRAME: expected a frame of 9 bytes, got 2");
  // The argument of BININT2 reaches past the frame.
  EXPECT_EQ(Read("\x80\x04\x95\x02\0\0\0\0\0\0\0M\x01\x01."s).error(),
            "byte 11: BININT2: expected its argument, got the end of the frame or file");
  EXPECT_EQ(Read("\x80\x04\x95\x0b\0\0\0\0\0\0\0\x95\x01\0\0\0\0\0\0\0N."s).error(),
            "byte 11: FRAME: expected the frame before to end first");
}

TEST(LimitsTest, StopAtTheirEdge) {
  Limits limits;
  limits.number_digits = 30;
  EXPECT_TRUE(Read("L" + std::string(30, '9') + "L\n.", limits).ok());
  EXPECT_EQ(Read("L" + std::string(31, '9') + "L\n.", limits).error(),
            "byte 0: LONG: expected at most 30 digits, got 31");
  limits.stack_values = 3;
  EXPECT_TRUE(Read("(NNNt.", limits).ok());
  EXPECT_FALSE(Read("(NNNNt.", limits).ok());
  limits.marks = 2;
  EXPECT_TRUE(Read("((tt.", limits).ok());
  EXPECT_FALSE(Read("(((ttt.", limits).ok());
  limits.string_bytes = 4;
  EXPECT_TRUE(Read("U\x04"
                   "aaaa.",
                   limits)
                  .ok());
  EXPECT_FALSE(Read("U\x05"
                    "aaaaa.",
                    limits)
                   .ok());
  limits.memo_entries = 1;
  EXPECT_TRUE(Read("Nq\x01q\x01.", limits).ok());
  EXPECT_FALSE(Read("Nq\x01q\x02.", limits).ok());
  limits.nodes = 2;
  EXPECT_TRUE(Read("]N0.", limits).ok());
  EXPECT_FALSE(Read("]NN00.", limits).ok());
}

TEST(LimitsTest, MemoryIsPaidForByTheInput) {
  // Empty dictionaries, dropped at once: 2 bytes of input each, and many more of memory.
  std::string bytes;
  for (int i = 0; i < 2000; ++i) bytes += "}0";
  EXPECT_TRUE(Read(bytes + "N.").ok());
  Limits limits;
  limits.memory_free_bytes = 4096;
  limits.memory_per_byte = 8;
  const Read read(bytes + "N.", limits);
  EXPECT_EQ(read.error().substr(read.error().find("EMPTY_DICT")),
            "EMPTY_DICT: expected values that fit in 35.3 KiB, got more");
}

TEST(LimitsTest, SharedListsStayLinear) {
  // Each list holds the one before ten times: 10^40 paths, 41 nodes.
  std::string bytes =
      "]q\x01"
      "0";
  for (char i = 1; i <= 40; ++i) {
    bytes += "](";
    for (int k = 0; k < 10; ++k) bytes += std::string("h") + i;
    bytes += std::string("eq") + static_cast<char>(i + 1) + "0";
  }
  const Read read(bytes + "h\x29.");
  ASSERT_TRUE(read.ok()) << read.error();
  EXPECT_EQ(read.document->nodes(), 41U);
}

TEST(LimitsTest, DeeplySharedKeysAreRefusedInTime) {
  // Two towers of (x, x): equal, but only after 2^60 comparisons.
  const auto tower = [](char leaf) {
    std::string bytes = std::string("K") + leaf;
    for (int i = 0; i < 60; ++i) bytes += "2\x86";
    return bytes;
  };
  Limits limits;
  limits.steps = 100'000;
  const Read read("}" + tower(1) + "Ns" + tower(1) + "Ns.", limits);
  EXPECT_EQ(read.error().substr(read.error().find("SETITEM")),
            "SETITEM: dictionary keys cost too much to compare");
}

}  // namespace
}  // namespace pickle
