#include "publish/build.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "oci/image_config.h"
#include "oci/tar_reader.h"
#include "publish/test_workspace.h"

namespace publish {
namespace {

using oci::Compression;

// A small program of this machine stands for the runtime.
class BuildTest : public PublishTest {
 protected:
  BuildTest() {
    version_ =
        must_register({.path = data("passengers.joblib"), .example = {data("passengers.csv")}})
            .version;
  }
  static Built build(workspace::Workspace& workspace, const workspace::Version& version,
                     Compression compression = Compression::Gzip) {
    auto built = build_image(workspace, version,
                             {.compression = compression,
                              .program = "/usr/bin/true",
                              .release = "0.1.0",
                              .created = 86'400});
    EXPECT_TRUE(built.ok()) << built.error().message();
    return built.ok() ? *std::move(built) : Built{};
  }
  std::string blob(const oci::Descriptor& of) const {
    const auto file = workspace_->layout().open(of.digest, 1U << 30U);
    EXPECT_TRUE(file.ok()) << file.error().message();
    return file.ok() ? std::string(base::as_text((*file)->bytes())) : "";
  }

  workspace::Version version_;
};

TEST_F(BuildTest, TheSameVersionGivesTheSameBytesInAnotherWorkspace) {
  const auto other = open("other");
  const auto registered =
      register_model(*other,
                     {.path = copy("passengers.joblib", "far/passengers.joblib"),
                      .example = {data("passengers.csv")}},
                     [](std::uint64_t, std::uint64_t) {});
  ASSERT_TRUE(registered.ok()) << registered.error().message();
  const Built first = build(*workspace_, version_);
  const Built second = build(*other, registered->version);
  EXPECT_EQ(first.manifest, second.manifest);
  EXPECT_EQ(first.blobs, second.blobs);
  EXPECT_EQ(first.sbom_manifest, second.sbom_manifest);
}

TEST_F(BuildTest, TheMostStableLayerComesFirstAndPartsAreNamed) {
  const Built built = build(*workspace_, version_);
  const auto manifest = oci::Manifest::parse(blob(built.manifest));
  ASSERT_TRUE(manifest.ok()) << manifest.error().message();
  ASSERT_EQ(manifest->layers.size(), 3U);
  const auto config = oci::ImageConfig::parse(blob(built.blobs[0]));
  ASSERT_TRUE(config.ok());
  EXPECT_EQ(config->labels.at(std::string(kPartsKey)),
            config->diff_ids[1].text() + "," + config->diff_ids[2].text());
  EXPECT_EQ(config->labels.at(std::string(kVersionKey)), version_.digest.text());
  EXPECT_EQ(manifest->annotations.at(std::string(kVersionKey)), version_.digest.text());
}

TEST_F(BuildTest, TheConfigurationSaysHowItRunsAndWhatItIs) {
  const Built built = build(*workspace_, version_);
  const auto config = oci::ImageConfig::parse(blob(built.blobs[0]));
  ASSERT_TRUE(config.ok()) << config.error().message();
  EXPECT_EQ(config->user, "65532:65532");
  EXPECT_EQ(config->entrypoint, (std::vector<std::string>{"/usr/bin/sooth", "serve", "/model"}));
  EXPECT_EQ(config->created, "1970-01-02T00:00:00Z");
  EXPECT_EQ(config->diff_ids.size(), 3U);
  EXPECT_EQ(config->labels.at("org.opencontainers.image.title"), "passengers");
  EXPECT_EQ(config->labels.at("dev.sooth.inputs"),
            R"([{"name":"age","type":"number"},{"name":"fare","type":"number"},)"
            R"({"name":"port","type":"text"}])");
}

TEST_F(BuildTest, EveryCompressionHoldsTheSameFiles) {
  const std::string plain = blob(build(*workspace_, version_, Compression::None).blobs[1]);
  for (const Compression each : {Compression::Gzip, Compression::Zstd}) {
    const Built built = build(*workspace_, version_, each);
    EXPECT_EQ(built.blobs[1].media_type, oci::layer_type(each));
    const std::string packed = blob(built.blobs[1]);
    EXPECT_LT(packed.size(), plain.size());
    const auto unpacked = oci::decompress(each, base::as_bytes(packed), 1U << 30U);
    ASSERT_TRUE(unpacked.ok()) << unpacked.error().message();
    EXPECT_EQ(*unpacked, plain);
  }
}

TEST_F(BuildTest, PackedLayersAreKeptAndMadeAnewWhereTheyAreGone) {
  const Built first = build(*workspace_, version_);
  const std::string layer = workspace_->layout().path(first.blobs[1].digest);
  const auto written = std::filesystem::last_write_time(layer);
  build(*workspace_, version_);
  EXPECT_EQ(std::filesystem::last_write_time(layer), written);
  std::filesystem::remove(layer);
  EXPECT_EQ(build(*workspace_, version_).blobs, first.blobs);
  EXPECT_TRUE(std::filesystem::exists(layer));
  // What says where they are may be anything.
  for (const auto& each : std::filesystem::directory_iterator(path("ws/cache"))) {
    std::filesystem::permissions(each.path(), std::filesystem::perms::owner_all);
    std::ofstream(each.path()) << "{";
  }
  EXPECT_EQ(build(*workspace_, version_).blobs, first.blobs);
}

TEST_F(BuildTest, AWrongSizeInTheCacheIsNotBelieved) {
  const Built first = build(*workspace_, version_);
  for (const auto& each : std::filesystem::directory_iterator(path("ws/cache"))) {
    auto kept = nlohmann::json::parse(read_text(each.path()));
    kept["size"] = 7;
    std::filesystem::permissions(each.path(), std::filesystem::perms::owner_all);
    std::ofstream(each.path()) << kept;
  }
  EXPECT_EQ(build(*workspace_, version_).blobs, first.blobs);
}

TEST_F(BuildTest, WritesALayoutThatHoldsSeveralImages) {
  const Built first = build(*workspace_, version_);
  const auto other = must_register({.path = data("flowers.joblib")}).version;
  const Built second = build(*workspace_, other);
  ASSERT_TRUE(write_layout(*workspace_, first, path("layout")).ok());
  ASSERT_TRUE(write_layout(*workspace_, first, path("layout")).ok());
  ASSERT_TRUE(write_layout(*workspace_, second, path("layout")).ok());
  const auto index = oci::Index::parse(read_text(path("layout/index.json")));
  ASSERT_TRUE(index.ok()) << index.error().message();
  ASSERT_EQ(index->manifests.size(), 4U);  // Each with its bill of materials.
  EXPECT_EQ(index->manifests[2].annotations.at("org.opencontainers.image.ref.name"), "flowers:1");
  const auto layout = oci::Layout::open(path("layout"));
  for (const oci::Descriptor& each : second.blobs) EXPECT_TRUE(layout->has(each.digest));
}

TEST_F(BuildTest, APackedLayerThatBrokeIsPackedAgain) {
  const Built first = build(*workspace_, version_);
  for (const oci::Descriptor& each : first.blobs) {
    const std::string blob = workspace_->layout().path(each.digest);
    std::filesystem::permissions(blob, std::filesystem::perms(0644));
    std::fstream(blob, std::ios::in | std::ios::out | std::ios::binary).put('\xff');
  }
  const Built again = build(*workspace_, version_);
  EXPECT_EQ(again.manifest.digest, first.manifest.digest);
  for (const oci::Descriptor& each : again.blobs) {
    EXPECT_TRUE(workspace_->layout().open(each.digest, each.size).ok()) << each.digest.text();
  }
}

// Two names of one image keep its bill of materials until the second has gone too.
TEST_F(BuildTest, AnImageOfTheSameNameGivesWayWithItsBillOfMaterials) {
  const Built first = build(*workspace_, version_);
  Built copied = first;
  copied.reference = "copy:1";
  Built other = build(*workspace_, must_register({.path = data("flowers.joblib")}).version);
  other.reference = first.reference;
  const auto entries = [&] {
    return oci::Index::parse(read_text(path("layout/index.json")))->manifests;
  };
  ASSERT_TRUE(write_layout(*workspace_, first, path("layout")).ok());
  ASSERT_TRUE(write_layout(*workspace_, other, path("layout")).ok());
  ASSERT_EQ(entries().size(), 2U);
  EXPECT_EQ(entries()[0].digest, other.manifest.digest);
  EXPECT_EQ(entries()[1].digest, other.sbom_manifest.digest);
  ASSERT_TRUE(write_layout(*workspace_, copied, path("layout")).ok());
  EXPECT_EQ(entries().size(), 4U);
}

TEST_F(BuildTest, ManyWritersOfOneFolderLoseNoImage) {
  constexpr int kWriters = 6;
  const Built built = build(*workspace_, version_);
  std::vector<std::thread> writers;
  for (int i = 0; i < kWriters; ++i) {
    writers.emplace_back([&, i] {
      Built mine = built;
      mine.reference = "writer:" + std::to_string(i);
      // Images that differ: each names another configuration.
      const auto blob = workspace_->layout().open(built.manifest.digest, oci::kManifestBytesMax);
      oci::Manifest manifest = *oci::Manifest::parse(base::as_text((*blob)->bytes()));
      manifest.annotations["writer"] = std::to_string(i);
      const oci::Stored stored = *workspace_->layout().put(manifest.json());
      mine.manifest.digest = stored.digest;
      mine.manifest.size = stored.size;
      const auto written = write_layout(*workspace_, mine, path("layout"));
      EXPECT_TRUE(written.ok()) << written.error().message();
    });
  }
  for (std::thread& each : writers) each.join();
  const auto index = oci::Index::parse(read_text(path("layout/index.json")));
  ASSERT_TRUE(index.ok());
  int named = 0;
  for (const auto& each : index->manifests) named += each.annotations.empty() ? 0 : 1;
  EXPECT_EQ(named, kWriters);
  EXPECT_FALSE(std::filesystem::exists(path("layout/tmp")));
}

TEST_F(BuildTest, AWorkspaceIsNoFolderForImages) {
  const Built built = build(*workspace_, version_);
  const std::string before = read_text(path("ws/index.json"));
  const auto written = write_layout(*workspace_, built, path("ws"));
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(
      written.error().message(),
      "\"" + path("ws") + "\": expected a folder for images, got a workspace; name another one");
  EXPECT_EQ(read_text(path("ws/index.json")), before);
}

TEST_F(BuildTest, WritesAnArchiveOfOneImage) {
  const Built built = build(*workspace_, version_);
  ASSERT_TRUE(write_archive(*workspace_, built, path("image.tar")).ok());
  ASSERT_TRUE(write_archive(*workspace_, built, path("again.tar")).ok());
  const std::string archive = read_text(path("image.tar"));
  EXPECT_EQ(archive, read_text(path("again.tar")));
  const auto entries = oci::TarIndex::read(base::as_bytes(archive));
  ASSERT_TRUE(entries.ok()) << entries.error().message();
  std::string docker;
  for (const oci::TarEntry& each : entries->entries()) {
    if (each.name == "manifest.json") docker = archive.substr(each.offset, each.size);
  }
  const auto images = nlohmann::json::parse(docker);
  EXPECT_EQ(images[0]["RepoTags"][0], "passengers:1");
  EXPECT_EQ(images[0]["Layers"].size(), 3U);
}

TEST_F(BuildTest, ADamagedBlobIsFoundBeforeItIsWritten) {
  const Built built = build(*workspace_, version_);
  const std::string layer = workspace_->layout().path(built.blobs[2].digest);
  std::string bytes = read_text(layer);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 4);
  std::filesystem::permissions(layer, std::filesystem::perms::owner_all);
  std::ofstream(layer, std::ios::binary) << bytes;
  EXPECT_EQ(write_archive(*workspace_, built, path("image.tar")).error().code(),
            base::Code::Corrupt);
  EXPECT_FALSE(std::filesystem::exists(path("image.tar")));
}

}  // namespace
}  // namespace publish
