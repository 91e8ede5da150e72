#include "publish/version_image.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "oci/tar_format.h"
#include "publish/test_workspace.h"

namespace publish {
namespace {

using base::Code;

SourceFile file(std::string name, std::string text) {
  auto holder = std::make_shared<const std::string>(std::move(text));
  return {std::move(name), {base::as_bytes(*holder), holder}};
}

class VersionImageTest : public PublishTest {
 protected:
  static base::Result<WrittenVersion> write_all(const oci::Layout& layout,
                                                std::vector<SourceFile> files) {
    TRY_ASSIGN(WrittenFiles written, write_files(layout, std::move(files)));
    model::Description description;
    description.title = "a.Model";
    description.engine = "native";
    description.recipe = "columns";
    description.golden_source = "given";
    description.files = written.files;
    scorer::Golden golden;
    golden.source = "given";
    return write_version(layout, std::move(written.layers), {file("sooth.yaml", "model: m\n")},
                         description.json(), golden);
  }
};

TEST_F(VersionImageTest, TheSameFilesAreTheSameVersionInAnyFolderAndOrder) {
  const auto other = open("elsewhere");
  const auto first = write_all(workspace_->layout(), {file("m", "one"), file("a/b/c", "two")});
  const auto second = write_all(other->layout(), {file("a/b/c", "two"), file("m", "one")});
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->digest, second->digest);
  EXPECT_EQ(first->size, second->size);
  const auto third = write_all(other->layout(), {file("a/b/c", "two"), file("m", "One")});
  EXPECT_NE(first->digest, third->digest);
}

TEST_F(VersionImageTest, ReadsBackWhatWasWritten) {
  const auto written = write_all(workspace_->layout(), {file("m", "one"), file("a/b/c", "")});
  ASSERT_TRUE(written.ok());
  const auto files = VersionFiles::open(workspace_->layout(), written->digest);
  ASSERT_TRUE(files.ok()) << files.error().message();
  EXPECT_EQ((*files)->names(),
            (std::vector<std::string>{".sooth/golden.json", ".sooth/version.json", "a/b/c", "m",
                                      "sooth.yaml"}));
  EXPECT_EQ(base::as_text((*files)->open("m", 3)->bytes), "one");
  EXPECT_EQ((*files)->open("m", 2).error().code(), Code::Exhausted);
  EXPECT_EQ((*files)->open("x", 2).error().code(), Code::NotFound);
  EXPECT_EQ(read_description(**files)->title, "a.Model");
  EXPECT_EQ(read_golden(**files)->source, "given");
}

TEST_F(VersionImageTest, SaysWhereALargeFileLies) {
  const std::string weights = std::string(base::MappedFile::kLarge, 'w') + "end";
  const auto written = write_all(workspace_->layout(), {file("w.bin", weights)});
  ASSERT_TRUE(written.ok());
  const auto files = VersionFiles::open(workspace_->layout(), written->digest);
  ASSERT_TRUE(files.ok()) << files.error().message();
  const auto held = (*files)->open("w.bin", weights.size());
  ASSERT_TRUE(held.ok());
  ASSERT_GE(held->part.descriptor, 0);
  std::string read(weights.size(), '\0');
  EXPECT_EQ(::pread(held->part.descriptor, read.data(), read.size(),
                    static_cast<off_t>(held->part.offset)),
            static_cast<ssize_t>(read.size()));
  EXPECT_TRUE(read == weights);
}

TEST_F(VersionImageTest, ALargeFileHasALayerOfItsOwn) {
  write("large", "");
  std::filesystem::resize_file(path("large"), kOwnLayerBytes);
  const auto large = base::MappedFile::open(path("large"), kOwnLayerBytes);
  ASSERT_TRUE(large.ok());
  const auto written = write_files(workspace_->layout(),
                                   {file("a", "1"), SourceFile::of("m", *large), file("z", "2")});
  ASSERT_TRUE(written.ok()) << written.error().message();
  ASSERT_EQ(written->layers.size(), 2U);
  EXPECT_GT(written->layers[0].size, kOwnLayerBytes);
  EXPECT_LT(written->layers[1].size, 10'000U);
  ASSERT_EQ(written->files.size(), 3U);
  EXPECT_EQ(written->files[1].name, "m");
  EXPECT_EQ(written->files[1].size, kOwnLayerBytes);
  EXPECT_TRUE(written->files[1].own_layer);
  EXPECT_EQ(written->files[1].digest, written->layers[0].digest);
  EXPECT_FALSE(written->files[2].own_layer);
  EXPECT_EQ(written->files[2].digest, base::Digest::of("2"));
}

TEST_F(VersionImageTest, RefusesAFileThatIsCutWhileItIsRead) {
  write("model", "");
  std::filesystem::resize_file(path("model"), base::MappedFile::kLarge);
  const auto mapped = base::MappedFile::open(path("model"), base::MappedFile::kLarge);
  ASSERT_TRUE(mapped.ok());
  std::filesystem::resize_file(path("model"), 3);
  const auto written = write_files(workspace_->layout(), {SourceFile::of("m", *mapped)});
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().code(), Code::Conflict);
  EXPECT_EQ(written.error().message(),
            "m: expected 16777216 bytes, as it had, got 3: it was cut while it was read");
}

TEST_F(VersionImageTest, DraftsAreReadBeforeTheyAreKept) {
  auto drafts = DraftFiles::write(workspace_->layout(), {file("m", "one"), file("a/b", "")},
                                  [](std::uint64_t) {});
  ASSERT_TRUE(drafts.ok()) << drafts.error().message();
  const auto files = drafts->open("draft");
  ASSERT_TRUE(files.ok()) << files.error().message();
  EXPECT_EQ(base::as_text((*files)->open("m", 3)->bytes), "one");
  EXPECT_EQ((*files)->place("m"), "draft/m");
  EXPECT_TRUE(workspace_->layout().list()->empty());
  const auto written = drafts->commit();
  ASSERT_TRUE(written.ok()) << written.error().message();
  EXPECT_EQ(*workspace_->layout().list(), std::vector{written->layers.at(0).digest});
  EXPECT_EQ(base::as_text((*files)->open("m", 3)->bytes), "one");
}

TEST_F(VersionImageTest, DraftsThatAreNotKeptLeaveNothing) {
  {
    const auto drafts =
        DraftFiles::write(workspace_->layout(), {file("m", "one")}, [](std::uint64_t) {});
    ASSERT_TRUE(drafts.ok());
    EXPECT_FALSE(std::filesystem::is_empty(workspace_->root() + "/tmp"));
  }
  EXPECT_TRUE(std::filesystem::is_empty(workspace_->root() + "/tmp"));
  EXPECT_TRUE(workspace_->layout().list()->empty());
}

TEST_F(VersionImageTest, AFileMayLieInAsManyFoldersAsItsNameHasRoomFor) {
  std::string name;
  while (name.size() + 2 < oci::kTarNameMax - 10) name += "d/";
  EXPECT_TRUE(write_all(workspace_->layout(), {file(name + "m", "x")}).ok());
}

TEST_F(VersionImageTest, AFlippedBitAnywhereIsFoundWhenTheVersionIsOpened) {
  const auto written = write_all(workspace_->layout(), {file("m", "one")});
  ASSERT_TRUE(written.ok());
  const auto blobs = workspace_->layout().list();
  ASSERT_EQ(blobs->size(), 4U);  // Two layers, configuration, manifest.
  int found = 0;
  for (const base::Digest& each : *blobs) {
    const std::string blob = workspace_->layout().path(each);
    const std::string whole = read_text(blob);
    std::filesystem::permissions(blob, std::filesystem::perms::owner_all);
    for (const std::size_t at : {std::size_t{0}, whole.size() / 2, whole.size() - 1}) {
      std::string flipped = whole;
      flipped[at] = static_cast<char>(flipped[at] ^ 1);
      std::ofstream(blob, std::ios::binary) << flipped;
      const auto files = VersionFiles::open(workspace_->layout(), written->digest);
      if (!files.ok() && files.error().code() == Code::Corrupt) ++found;
    }
    std::ofstream(blob, std::ios::binary) << whole;
  }
  // Of the configuration nothing is read: it is for other tools.
  EXPECT_EQ(found, 9);
  EXPECT_TRUE(VersionFiles::open(workspace_->layout(), written->digest).ok());
}

TEST_F(VersionImageTest, RefusesNamesThatNoArchiveMayHold) {
  for (const char* name : {"../m", "/m", "a//b", "a/./b", ""}) {
    EXPECT_FALSE(write_all(workspace_->layout(), {file(name, "x")}).ok()) << name;
  }
}

TEST_F(VersionImageTest, RefusesPackedLayersAndMissingOnes) {
  const oci::Stored stored = *workspace_->layout().put("no archive");
  oci::Descriptor layer{
      .media_type = std::string(oci::kGzipLayerType), .digest = stored.digest, .size = 10};
  EXPECT_EQ(VersionFiles::open_layers(workspace_->layout(), {layer}, "x").error().code(),
            Code::Unsupported);
  layer.media_type = oci::kLayerType;
  EXPECT_FALSE(VersionFiles::open_layers(workspace_->layout(), {layer}, "x").ok());
  layer.digest = base::Digest::of("gone");
  EXPECT_EQ(VersionFiles::open_layers(workspace_->layout(), {layer}, "x").error().code(),
            Code::NotFound);
}

}  // namespace
}  // namespace publish
