// Against GNU tar, in both directions.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "oci/tar_reader.h"
#include "oci/tar_writer.h"

namespace oci {
namespace {

namespace fs = std::filesystem;

class GnuTarTest : public testing::Test {
 protected:
  void SetUp() override {
    if (std::system("tar --version 2>/dev/null | grep -q 'GNU tar'") != 0) {
      GTEST_SKIP() << "no GNU tar";
    }
    std::string path = (fs::temp_directory_path() / "tar.XXXXXX").string();
    folder_ = ::mkdtemp(path.data());
  }
  void TearDown() override {
    std::error_code ignored;
    if (!folder_.empty()) fs::remove_all(folder_, ignored);
  }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  bool run(const std::string& command) const {
    return std::system(("cd '" + folder_ + "' && " + command).c_str()) == 0;
  }
  std::string text(const std::string& name) const {
    std::ifstream in(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(const std::string& name, const std::string& body) const {
    fs::create_directories(fs::path(path(name)).parent_path());
    std::ofstream(path(name), std::ios::binary) << body;
  }

 private:
  std::string folder_;
};

std::string deep_name(int parts) {
  std::string name = "in";
  for (int i = 0; i < parts; ++i) name += "/" + std::string(40, static_cast<char>('a' + i));
  return name;
}

TEST_F(GnuTarTest, UnpacksWhatIsWritten) {
  std::string archive;
  TarWriter writer([&archive](base::Bytes part) {
    archive += base::as_text(part);
    return base::Result<void>();
  });
  const std::string long_name = deep_name(8);
  const std::string split_name = deep_name(5) + ".split";  // Into prefix and name.
  const std::string body(1000, 'b');
  ASSERT_TRUE(writer.add_folder("out", {.mode = 0755}).ok());
  ASSERT_TRUE(writer.add_file("out/caf\xC3\xA9", base::as_bytes(body), {.mode = 0640}).ok());
  ASSERT_TRUE(writer.add_file(long_name, base::as_bytes("deep"), {.mode = 0755}).ok());
  ASSERT_TRUE(writer.add_file(split_name, base::as_bytes("prefix"), {.mode = 0644}).ok());
  ASSERT_TRUE(writer.add_symlink("out/link", long_name, {.mode = 0777}).ok());
  ASSERT_TRUE(writer.finish().ok());
  write("a.tar", archive);
  ASSERT_TRUE(run("tar --no-same-owner -xf a.tar 2>errors && test ! -s errors")) << text("errors");
  EXPECT_EQ(text("out/caf\xC3\xA9"), body);
  EXPECT_EQ(text(long_name), "deep");
  EXPECT_EQ(text(split_name), "prefix");
  EXPECT_EQ(fs::read_symlink(path("out/link")), long_name);
}

TEST_F(GnuTarTest, WritesWhatIsRead) {
  const std::string deep = deep_name(5);
  write(deep, "deep");
  write("in/file", std::string(513, 'f'));
  fs::create_symlink("../anywhere", path("in/link"));
  fs::create_hard_link(path("in/file"), path("in/hard"));
  for (const std::string format : {"v7", "ustar", "gnu", "oldgnu", "pax", "posix"}) {
    // v7 has no room for the long name.
    const std::string depth = format == "v7" ? " -maxdepth 1 ! -type d" : "";
    ASSERT_TRUE(run("find in" + depth + " | LC_ALL=C sort | tar --format=" + format +
                    " --no-recursion -T - -cf a.tar"))
        << format;
    const std::string archive = text("a.tar");
    const auto index = TarIndex::read(base::as_bytes(archive));
    ASSERT_TRUE(index.ok()) << format << ": " << index.error().message();
    const TarEntry* const file = index->find("in/file");
    ASSERT_NE(file, nullptr) << format;
    EXPECT_EQ(archive.substr(file->offset, file->size), text("in/file"));
    EXPECT_EQ(index->find("in/hard")->type, TarType::HardLink);
    EXPECT_EQ(index->find("in/hard")->target, "in/file");
    EXPECT_EQ(index->find("in/link")->target, "../anywhere");
    if (format == "v7") continue;
    ASSERT_NE(index->find(deep), nullptr) << format;
    EXPECT_EQ(index->find(deep)->size, 4U);
  }
}

}  // namespace
}  // namespace oci
