#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "pickle/document.h"
#include "pickle/numbers.h"

namespace pickle {
namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;

fs::path material() {
  const char* set = std::getenv("SOOTH_MATERIAL");
  return set != nullptr ? fs::path(set) : fs::path(SOOTH_SOURCE_DIR) / "../shared/material";
}

// joblib's own test list, the same in every file: two vectors, an array of objects, all bytes, a
// matrix, a text.
void expect_test_list(Value root) {
  const auto items = root.items();
  ASSERT_EQ(items.size(), 6U);
  ASSERT_NE(items[0].array(), nullptr);
  EXPECT_EQ(*to_int64s(*items[0].array()), (std::vector<std::int64_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(*to_doubles(*items[1].array()), (std::vector<double>{0, 1, 2, 3, 4}));
  const auto objects = items[2].array()->objects;
  ASSERT_EQ(objects.size(), 3U);
  EXPECT_EQ(objects[0].as_int(), 1);
  EXPECT_EQ(objects[1].as_string(), "abc");
  EXPECT_EQ(objects[2].find("b")->as_int(), 2);
  ASSERT_EQ(items[3].as_bytes()->size(), 256U);
  EXPECT_EQ((*items[3].as_bytes())[255], std::byte{255});
  EXPECT_EQ(*to_int64s(*items[4].array()), (std::vector<std::int64_t>{0, 1, 2}));
  EXPECT_EQ(items[4].array()->shape.size(), 2U);
  EXPECT_EQ(items[5].as_string(), "C'est l'\xc3\xa9t\xc3\xa9 !");
}

TEST(JoblibTest, ReadsEveryContainerOfEveryRelease) {
  const fs::path folder = material() / "joblib";
  if (!fs::exists(folder)) GTEST_SKIP() << "no " << folder;
  std::size_t files = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.find(".npy") != std::string::npos) continue;
    SCOPED_TRACE(name);
    const auto document = Document::open(entry.path().string());
    ASSERT_TRUE(document.ok()) << document.error().message();
    expect_test_list(document->root());
    ++files;
  }
  EXPECT_GE(files, 40U);
}

TEST(JoblibTest, FilesBesideThePickleNeedItsFolder) {
  const fs::path path = material() / "joblib" / "joblib_0.9.2_pickle_py35_np19.pkl";
  if (!fs::exists(path)) GTEST_SKIP() << "no " << path;
  std::ifstream file(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  const auto document = Document::read(base::as_bytes(bytes));
  ASSERT_FALSE(document.ok());
  EXPECT_EQ(document.error().code(), base::Code::Unsupported);
}

// Opcodes up to the BUILD behind which the elements lie.
std::string wrapper(const std::string& shape, const std::string& type, const std::string& order,
                    bool aligned) {
  return "(cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(Vshape\n" + shape + "Vorder\nV" + order +
         "\nVdtype\ncnumpy\ndtype\n(V" + type + "\nI0\nI1\ntR" +
         (aligned ? "Vnumpy_array_alignment_bytes\nI16\n" : "") + "ub";
}

TEST(JoblibTest, ReadsElementsBehindTheirWrapper) {
  const std::string elements("\1\0\2\0\3\0\4\0\5\0\6\0", 12);
  for (const bool aligned : {false, true}) {
    const std::string padding = aligned ? "\x03\xff\xff\xff" : "";
    const std::string bytes =
        wrapper("(I2\nI3\nt", "i2", "C", aligned) + padding + elements + "Vnext\nt.";
    const auto document = Document::read(base::as_bytes(bytes));
    ASSERT_TRUE(document.ok()) << document.error().message();
    EXPECT_EQ(*to_int64s(*document->root().items()[0].array()),
              (std::vector<std::int64_t>{1, 2, 3, 4, 5, 6}));
    EXPECT_EQ(document->root().items()[1].as_string(), "next");
  }
}

TEST(JoblibTest, ReadsFortranOrder) {
  const std::string elements("\1\0\2\0\3\0\4\0\5\0\6\0", 12);
  const std::string bytes = wrapper("(I2\nI3\nt", "i2", "F", false) + elements + "t.";
  const auto document = Document::read(base::as_bytes(bytes));
  ASSERT_TRUE(document.ok()) << document.error().message();
  EXPECT_EQ(*to_int64s(*document->root().items()[0].array()),
            (std::vector<std::int64_t>{1, 3, 5, 2, 4, 6}));
}

TEST(JoblibTest, RefusesElementsThatAreNotThere) {
  const std::string short_of = wrapper("(I9\nt", "i2", "C", false);
  EXPECT_EQ(Document::read(base::as_bytes(short_of + "\1\0"s)).error().message(),
            "byte " + std::to_string(short_of.size() - 1) +
                ": BUILD: joblib array: expected 18 bytes of elements, got 2");
  const std::string unpadded = wrapper("(I9\nt", "i2", "C", true);
  EXPECT_EQ(Document::read(base::as_bytes(unpadded + "\x09\1\0"s)).error().message(),
            "byte " + std::to_string(unpadded.size() - 1) +
                ": BUILD: joblib array: expected padding, got the end of the file");
}

TEST(JoblibTest, NestedPicklesDoNotNestFurther) {
  // An object array whose pickle is a wrapper again: inside, a wrapper is an instance like any.
  const std::string inner = wrapper("(I1\nt", "O8", "C", false).substr(1);
  const std::string bytes = wrapper("(I1\nt", "O8", "C", false) + inner + ".t.";
  const auto document = Document::read(base::as_bytes(bytes));
  ASSERT_FALSE(document.ok());
  EXPECT_NE(document.error().message().find("pickle of an object array: expected an array"),
            std::string::npos)
      << document.error().message();
}

class SiblingTest : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::path(::testing::TempDir()) / "sooth_pickle_siblings";
    fs::remove_all(root_);
    fs::create_directories(root_ / "folder");
    write(root_ / "secret.npy", npy());
    write(root_ / "folder" / "beside.npy", npy());
    fs::create_symlink(root_ / "secret.npy", root_ / "folder" / "link.npy");
  }
  void TearDown() override { fs::remove_all(root_); }

  static std::string npy() {
    const std::string header = "{'descr': '<i2', 'fortran_order': False, 'shape': (1,), }\n";
    return "\x93NUMPY\x01"s + '\0' + static_cast<char>(header.size()) + '\0' + header + "\x07" +
           '\0';
  }
  static void write(const fs::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
  }
  base::Result<Document> open(const std::string& name) {
    write(root_ / "folder" / "model.pkl",
          "cjoblib.numpy_pickle\nNDArrayWrapper\n)\x81}Vfilename\nV" + name + "\nsb.");
    return Document::open((root_ / "folder" / "model.pkl").string());
  }

  fs::path root_;
};

TEST_F(SiblingTest, ReadsAPlainNameBesideThePickle) {
  const auto document = open("beside.npy");
  ASSERT_TRUE(document.ok()) << document.error().message();
  EXPECT_EQ(*to_int64s(*document->root().array()), (std::vector<std::int64_t>{7}));
}

TEST_F(SiblingTest, RefusesEveryOtherPlace) {
  const std::string absolute = (root_ / "secret.npy").string();
  for (const std::string& name : {"../secret.npy"s, absolute, "folder/../../secret.npy"s, "."s,
                                  ".."s, ".hidden"s, "link.npy"s, "a\\u0000b"s, "absent.npy"s}) {
    EXPECT_FALSE(open(name).ok()) << name;
  }
  EXPECT_EQ(open("../secret.npy").error().code(), base::Code::Denied);
}

}  // namespace
}  // namespace pickle
