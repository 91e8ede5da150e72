#include "image/runtime_layer.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

#include "image/test_system.h"
#include "oci/tar_reader.h"

namespace image {
namespace {

struct Written {
  std::string blob;
  oci::Layer layer;
};

Written write(const TestFolder& folder, oci::Compression compression) {
  const SystemRoot root(folder.path());
  const auto files =
      find_runtime_files({.root = root, .program = "/opt/sooth", .version = "0.1.0"});
  EXPECT_TRUE(files.ok()) << files.error().message();
  std::string blob;
  auto layer = write_runtime_layer(*files, compression, [&blob](base::Bytes part) {
    blob += base::as_text(part);
    return base::Result<void>();
  });
  EXPECT_TRUE(layer.ok()) << layer.error().message();
  return {std::move(blob), *std::move(layer)};
}

TEST(RuntimeLayerTest, IsTheSameFromOtherFoldersAndDays) {
  const TestFolder one;
  const TestFolder other;
  make_system(one);
  make_system(other);
  namespace fs = std::filesystem;
  fs::last_write_time(other.path("opt/sooth"),
                      fs::file_time_type::clock::now() - std::chrono::hours(24 * 365));
  fs::permissions(other.path("etc/ssl/certs/ca-certificates.crt"), fs::perms::owner_all);
  for (const auto compression :
       {oci::Compression::None, oci::Compression::Gzip, oci::Compression::Zstd}) {
    const Written first = write(one, compression);
    const Written second = write(other, compression);
    EXPECT_TRUE(first.blob == second.blob);
    EXPECT_EQ(first.layer.digest, second.layer.digest);
    EXPECT_EQ(first.layer.diff_id, second.layer.diff_id);
    EXPECT_EQ(first.layer.digest, base::Digest::of(first.blob));
  }
}

TEST(RuntimeLayerTest, PutsFoldersBeforeWhatIsInThem) {
  const TestFolder folder;
  make_system(folder);
  const Written written = write(folder, oci::Compression::None);
  const auto index = oci::TarIndex::read(base::as_bytes(written.blob));
  ASSERT_TRUE(index.ok()) << index.error().message();
  for (const oci::TarEntry& entry : index->entries()) {
    const std::size_t slash = entry.name.rfind('/');
    if (slash == std::string::npos) continue;
    const oci::TarEntry* const parent = index->find(entry.name.substr(0, slash));
    ASSERT_NE(parent, nullptr) << entry.name;
    EXPECT_EQ(parent->type, oci::TarType::Folder);
    EXPECT_LT(parent, &entry);
  }
  EXPECT_EQ(index->find("tmp")->mode, 01777U);
  EXPECT_EQ(index->find("lib64")->target, "usr/lib64");
}

}  // namespace
}  // namespace image
