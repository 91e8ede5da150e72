#include "publish/transfer.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "oci/image_config.h"
#include "oci/test_registry.h"
#include "publish/parts.h"
#include "publish/test_workspace.h"

namespace publish {
namespace {

using base::Code;
using oci::Compression;
using oci::Descriptor;

constexpr const char* kRepository = "team/faq";

// Pushes from one workspace and pulls into another, through a registry in this process.
class TransferTest : public PublishTest {
 protected:
  TransferTest() {
    version_ =
        must_register({.path = data("passengers.joblib"), .example = {data("passengers.csv")}})
            .version;
    there_ = open("there");
    auto opened = oci::Registry::open(
        {.http = http_,
         .credentials = [](const std::string&, std::string_view)
             -> base::Result<std::optional<oci::Credentials>> { return {std::nullopt}; },
         .now = [] { return std::chrono::steady_clock::now(); },
         .sleep = [](std::chrono::milliseconds) {}},
        {.host = served_.host(),
         .repository = kRepository,
         .deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1)});
    EXPECT_TRUE(opened.ok()) << opened.error().message();
    registry_ = *std::move(opened);
  }

  base::Result<Pushed> push(const std::string& tag, Compression compression = Compression::Gzip) {
    TRY_ASSIGN(built_, build_image(*workspace_, version_,
                                   {.compression = compression,
                                    .program = "/usr/bin/true",
                                    .release = "0.1.0",
                                    .created = 0}));
    return push_image(
        *workspace_, built_,
        {.registry = *registry_, .tag = tag, .mount_from = {}, .on_push = never_too_much});
  }
  static void never_too_much(std::uint64_t done, std::uint64_t all) { EXPECT_LE(done, all); }
  base::Result<Pulled> pull(const std::string& reference) {
    return pull_version(*there_, *registry_, reference, "passengers",
                        {.on_transfer = [](std::uint64_t, std::uint64_t) {}});
  }
  // What is pulled is refused so, and no version is there afterwards.
  void expect_refused(const std::string& reference, Code code) {
    const auto pulled = pull(reference);
    ASSERT_FALSE(pulled.ok());
    EXPECT_EQ(pulled.error().code(), code) << pulled.error().message();
    EXPECT_TRUE(there_->models()->empty());
    EXPECT_TRUE(there_->layout().list()->empty());
  }

  Descriptor put(std::string_view media_type, const std::string& bytes) {
    Descriptor blob;
    blob.media_type = media_type;
    blob.digest = base::Digest::of(bytes);
    blob.size = bytes.size();
    served_.blobs[std::string(kRepository) + "@" + blob.digest.text()] = bytes;
    return blob;
  }
  void put_manifest(const std::string& reference, std::string_view type, const std::string& text) {
    const std::pair<std::string, std::string> kept = {std::string(type), text};
    served_.manifests[std::string(kRepository) + "@" + reference] = kept;
    served_.manifests[std::string(kRepository) + "@" + base::Digest::of(text).text()] = kept;
  }
  oci::Manifest pushed_manifest() {
    return *oci::Manifest::parse(served_.manifests.at(std::string(kRepository) + "@1").second);
  }
  // The digests of the layers that a pull fetches.
  std::set<std::string> pushed_parts() {
    const oci::Manifest manifest = pushed_manifest();
    std::set<std::string> digests;
    const auto parts = find_parts(manifest, pushed_config(manifest));
    for (const Part& each : *parts) digests.insert(each.layer.digest.text());
    return digests;
  }
  oci::ImageConfig pushed_config(const oci::Manifest& manifest) {
    return *oci::ImageConfig::parse(
        served_.blobs.at(std::string(kRepository) + "@" + manifest.config.digest.text()));
  }
  // An image like the one pushed, with something about it changed.
  void put_changed(const std::function<void(oci::Manifest&, oci::ImageConfig&)>& change) {
    ASSERT_TRUE(push("1").ok());
    oci::Manifest manifest = pushed_manifest();
    oci::ImageConfig config = pushed_config(manifest);
    change(manifest, config);
    manifest.config = put(oci::kConfigType, config.json());
    put_manifest("2", oci::kManifestType, manifest.json());
  }

  workspace::Version version_;
  std::unique_ptr<workspace::Workspace> there_;
  oci::TestRegistry served_;
  net::HttpClient http_{{.user_agent = "sooth/test"}, nullptr};
  std::unique_ptr<oci::Registry> registry_;
  Built built_;
};

TEST_F(TransferTest, WhatIsPulledIsWhatWasPushed) {
  for (const Compression each : {Compression::Gzip, Compression::Zstd, Compression::None}) {
    const auto pushed = push("1", each);
    ASSERT_TRUE(pushed.ok()) << pushed.error().message();
    EXPECT_EQ(pushed->digest, built_.manifest.digest);
    const auto pulled = pull("1");
    ASSERT_TRUE(pulled.ok()) << pulled.error().message();
    EXPECT_EQ(pulled->version.digest, version_.digest);
    EXPECT_EQ(pulled->version.reference(), "passengers:1");
  }
}

TEST_F(TransferTest, ABadNameIsRefusedBeforeAnythingIsFetched) {
  ASSERT_TRUE(push("1").ok());
  const std::size_t asked = served_.log().size();
  const auto pulled = pull_version(*there_, *registry_, "1", "Bad Name",
                                   {.on_transfer = [](std::uint64_t, std::uint64_t) {}});
  ASSERT_FALSE(pulled.ok());
  EXPECT_EQ(pulled.error().code(), Code::Invalid);
  EXPECT_EQ(served_.log().size(), asked);
}

// The registry answers none of them before it has been asked for all.
TEST_F(TransferTest, PartsArePulledSeveralAtOnce) {
  ASSERT_TRUE(push("1").ok());
  const std::set<std::string> parts = pushed_parts();
  ASSERT_GE(parts.size(), 2U);
  served_.faults.answered_together = parts;
  const auto pulled = pull("1");
  ASSERT_TRUE(pulled.ok()) << pulled.error().message();
  EXPECT_EQ(pulled->version.digest, version_.digest);
  EXPECT_EQ(pulled->downloaded, built_.model_bytes);
}

TEST_F(TransferTest, APartThatCannotBeHadLeavesNothingOfTheOthers) {
  ASSERT_TRUE(push("1").ok());
  for (const std::string& each : pushed_parts()) {
    std::string& bytes = served_.blobs.at(std::string(kRepository) + "@" + each);
    const std::string before = bytes;
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    EXPECT_FALSE(pull("1").ok());
    EXPECT_TRUE(there_->models()->empty());
    EXPECT_TRUE(there_->layout().list()->empty());
    EXPECT_TRUE(std::filesystem::is_empty(there_->root() + "/tmp"));
    bytes = before;
  }
  EXPECT_TRUE(pull("1").ok());
}

TEST_F(TransferTest, ProgressNeverGoesBack) {
  ASSERT_TRUE(push("1").ok());
  std::uint64_t most = 0;
  const auto pulled = pull_version(*there_, *registry_, "1", "passengers",
                                   {.on_transfer = [&](std::uint64_t done, std::uint64_t all) {
                                     EXPECT_GE(done, most);
                                     EXPECT_EQ(all, built_.model_bytes);
                                     most = done;
                                   }});
  ASSERT_TRUE(pulled.ok()) << pulled.error().message();
  EXPECT_EQ(most, built_.model_bytes);
}

TEST_F(TransferTest, WhatIsNotWholeIsFetchedAnew) {
  ASSERT_TRUE(push("1").ok());
  ASSERT_TRUE(pull("1").ok());
  const auto blobs = there_->layout().list();
  for (const base::Digest& each : *blobs) {
    const std::string blob = there_->layout().path(each);
    std::filesystem::permissions(blob, std::filesystem::perms(0644));
    std::fstream(blob, std::ios::in | std::ios::out | std::ios::binary).put('\xff');
  }
  EXPECT_FALSE(there_->examine([](std::uint64_t) {})->problems.empty());
  const auto again = pull("1");
  ASSERT_TRUE(again.ok()) << again.error().message();
  EXPECT_FALSE(again->is_new);
  EXPECT_EQ(again->downloaded, built_.model_bytes);
  EXPECT_TRUE(there_->examine([](std::uint64_t) {})->problems.empty());
}

TEST_F(TransferTest, OnlyTheModelIsPulledAndOnlyOnce) {
  ASSERT_TRUE(push("1").ok());
  const auto first = pull("1");
  ASSERT_TRUE(first.ok()) << first.error().message();
  EXPECT_TRUE(first->is_new);
  EXPECT_EQ(first->downloaded, built_.model_bytes);
  const auto again = pull("1");
  ASSERT_TRUE(again.ok()) << again.error().message();
  EXPECT_FALSE(again->is_new);
  EXPECT_EQ(again->downloaded, 0U);
}

TEST_F(TransferTest, ANewVersionSendsOnlyWhatTheRegistryLacks) {
  const auto first = push("1");
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->present, 0U);
  version_ = must_register({.path = data("passengers.joblib")}).version;
  const auto second = push("2");
  ASSERT_TRUE(second.ok()) << second.error().message();
  EXPECT_GE(second->present, built_.blobs[1].size + built_.blobs[2].size);  // Runtime and model.
  EXPECT_LT(second->uploaded, first->uploaded);
  // Beside what is the version's own, its configuration and its part of the bill of materials.
  EXPECT_LE(second->uploaded, built_.model_bytes + (10U << 10U));
  const auto same = push("3");
  ASSERT_TRUE(same.ok());
  EXPECT_EQ(same->uploaded, 0U);
}

TEST(TagTest, NoModelTakesAnothersTag) {
  struct Case {
    const char* repository;
    std::string model;
    std::string tag;
  };
  const Case kCases[] = {{"faq", "faq", "3"},
                         {"team/faq", "faq", "3"},
                         {"team/faq", "spam", "spam-3"},
                         {"faq/models", "faq", "faq-3"},
                         {"team/my-faq", "faq", "faq-3"},
                         {"models", std::string(126, 'm'), std::string(126, 'm') + "-3"},
                         {"models", std::string(127, 'm'), base::Digest::of("3").hex()}};
  for (const Case& each : kCases) {
    workspace::Version version;
    version.model = each.model;
    version.number = 3;
    version.digest = base::Digest::of("3");
    EXPECT_EQ(tag_of(each.repository, version), each.tag) << each.repository;
  }
}

TEST_F(TransferTest, TheBillOfMaterialsRefersToTheImage) {
  ASSERT_TRUE(push("1").ok());
  const auto kept =
      served_.manifests.find(std::string(kRepository) + "@" + built_.sbom_manifest.digest.text());
  ASSERT_NE(kept, served_.manifests.end());
  EXPECT_EQ(oci::Manifest::parse(kept->second.second)->subject->digest, built_.manifest.digest);
}

TEST_F(TransferTest, RefusesWhatIsNotThereAndWhatIsNoImageOfOurs) {
  expect_refused("9", Code::NotFound);
  put_changed([](oci::Manifest&, oci::ImageConfig& config) { config.labels.clear(); });
  expect_refused("2", Code::Unsupported);
  EXPECT_EQ(pull("2").error().message(),
            "image: expected one that sooth built, got none that holds a version's layers");
  // Where all layers could be a version's, the runtime's is taken for a part of it.
  put_changed([](oci::Manifest& manifest, oci::ImageConfig& config) {
    config.labels.clear();
    for (Descriptor& each : manifest.layers) each.media_type = oci::kLayerType;
  });
  expect_refused("2", Code::Corrupt);
}

// As tools do that write manifests of their own: no annotations, Docker's names, layers of others
// on top, and other bytes around what is inside.
TEST_F(TransferTest, ReadsAnImageThatOthersHaveWrittenAnew) {
  ASSERT_TRUE(push("1", Compression::None).ok());
  oci::Manifest manifest = pushed_manifest();
  oci::ImageConfig config = pushed_config(manifest);
  manifest.annotations.clear();
  const std::string_view types[] = {"application/vnd.docker.image.rootfs.diff.tar.gzip",
                                    oci::kZstdLayerType};
  for (std::size_t i = 0; i < manifest.layers.size(); ++i) {
    const Compression compression = i % 2 == 0 ? Compression::Gzip : Compression::Zstd;
    const std::string plain =
        served_.blobs.at(std::string(kRepository) + "@" + manifest.layers[i].digest.text());
    std::string packed;
    const auto compressor = oci::Compressor::make(compression, [&](base::Bytes part) {
      packed += base::as_text(part);
      return base::Result<void>();
    });
    ASSERT_TRUE((*compressor)->append(base::as_bytes(plain)).ok());
    ASSERT_TRUE((*compressor)->finish().ok());
    manifest.layers[i] = put(types[i % 2], packed);
  }
  manifest.layers.push_back(put(oci::kLayerType, std::string(1024, '\0')));
  config.diff_ids.push_back(manifest.layers.back().digest);
  manifest.config = put(oci::kDockerConfigType, config.json());
  std::string text = manifest.json();
  text.replace(text.find(oci::kManifestType), oci::kManifestType.size(), oci::kDockerManifestType);
  put_manifest("2", oci::kDockerManifestType, text);
  const auto pulled = pull("2");
  ASSERT_TRUE(pulled.ok()) << pulled.error().message();
  EXPECT_EQ(pulled->version.digest, version_.digest);
}

TEST_F(TransferTest, RefusesPartsThatTheImageDoesNotHold) {
  const std::string other = base::Digest::of("another").text();
  for (const std::string& parts : {std::string(), other, std::string(","), std::string("x"),
                                   built_.manifest.digest.text() + "," + other}) {
    put_changed([&](oci::Manifest&, oci::ImageConfig& config) {
      config.labels[std::string(kPartsKey)] = parts;
    });
    expect_refused("2", Code::Unsupported);
  }
  // A part twice, which no version has.
  put_changed([](oci::Manifest&, oci::ImageConfig& config) {
    std::string& parts = config.labels[std::string(kPartsKey)];
    parts += "," + parts;
  });
  expect_refused("2", Code::Unsupported);
  put_changed([](oci::Manifest&, oci::ImageConfig& config) {
    config.labels[std::string(kPartsKey)] = config.diff_ids[1].text();
  });
  const auto incomplete = pull("2");
  EXPECT_FALSE(incomplete.ok());
}

TEST_F(TransferTest, RefusesAnotherVersionThanTheMarkSays) {
  put_changed([](oci::Manifest&, oci::ImageConfig& config) {
    config.labels[std::string(kVersionKey)] = base::Digest::of("another").text();
  });
  expect_refused("2", Code::Corrupt);
}

TEST_F(TransferTest, RefusesWrongDiffIds) {
  put_changed([](oci::Manifest&, oci::ImageConfig& config) {
    const std::string before = config.diff_ids[1].text();
    config.diff_ids[1] = base::Digest::of("another");
    std::string& parts = config.labels[std::string(kPartsKey)];
    parts.replace(parts.find(before), before.size(), config.diff_ids[1].text());
  });
  expect_refused("2", Code::Corrupt);
  put_changed([](oci::Manifest&, oci::ImageConfig& config) { config.diff_ids.pop_back(); });
  expect_refused("2", Code::Corrupt);
}

TEST_F(TransferTest, RefusesBytesThatAreNotThoseOfTheDigest) {
  ASSERT_TRUE(push("1").ok());
  const Descriptor layer = pushed_manifest().layers[1];
  std::string& bytes = served_.blobs.at(std::string(kRepository) + "@" + layer.digest.text());
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  const auto pulled = pull("1");
  EXPECT_FALSE(pulled.ok());
  EXPECT_TRUE(there_->models()->empty());
}

TEST_F(TransferTest, RefusesALayerThatUnpacksWithoutEnd) {
  std::string bomb;
  const auto compressor = oci::Compressor::make(Compression::Gzip, [&](base::Bytes part) {
    bomb += base::as_text(part);
    return base::Result<void>();
  });
  const std::string zeros(1 << 20, '\0');
  for (int i = 0; i < 80; ++i) ASSERT_TRUE((*compressor)->append(base::as_bytes(zeros)).ok());
  ASSERT_TRUE((*compressor)->finish().ok());
  put_changed([&](oci::Manifest& manifest, oci::ImageConfig&) {
    auto annotations = manifest.layers[1].annotations;
    manifest.layers[1] = put(oci::kGzipLayerType, bomb);
    manifest.layers[1].annotations = std::move(annotations);
  });
  expect_refused("2", Code::Exhausted);
}

TEST_F(TransferTest, RefusesALayerOfAnotherKindOrOfMoreThanThereIs) {
  put_changed([](oci::Manifest& manifest, oci::ImageConfig&) {
    manifest.layers[1].media_type = "application/x-lz4";
  });
  expect_refused("2", Code::Unsupported);
  put_changed([](oci::Manifest& manifest, oci::ImageConfig&) {
    manifest.layers[1].size = std::uint64_t{1} << 43U;
  });
  expect_refused("2", Code::Exhausted);
}

TEST_F(TransferTest, TakesAnIndexOfOneVersionForSeveralProcessors) {
  put_changed([](oci::Manifest&, oci::ImageConfig& config) { config.architecture = "arm64"; });
  oci::Index index;
  for (const char* tag : {"1", "2"}) {
    const auto& text = served_.manifests.at(std::string(kRepository) + "@" + tag).second;
    Descriptor image;
    image.media_type = oci::kManifestType;
    image.digest = base::Digest::of(text);
    image.size = text.size();
    index.manifests.push_back(image);
  }
  put_manifest("all", oci::kIndexType, index.json());
  const auto pulled = pull("all");
  ASSERT_TRUE(pulled.ok()) << pulled.error().message();
  EXPECT_EQ(pulled->version.digest, version_.digest);
}

TEST_F(TransferTest, RefusesAnIndexOfSeveralVersions) {
  oci::Index index;
  ASSERT_TRUE(push("1").ok());
  index.manifests.push_back(built_.manifest);
  version_ = must_register({.path = data("flowers.joblib")}).version;
  ASSERT_TRUE(push("2").ok());
  index.manifests.push_back(built_.manifest);
  put_manifest("both", oci::kIndexType, index.json());
  expect_refused("both", Code::Conflict);
  index.manifests.clear();
  put_manifest("none", oci::kIndexType, index.json());
  expect_refused("none", Code::NotFound);
}

// A version whose golden rows are not what its model answers: made as register makes one, with the
// answers of another.
TEST_F(TransferTest, RefusesGoldenRowsThatDiffer) {
  const auto files = *VersionFiles::open(workspace_->layout(), version_.digest);
  scorer::Golden golden = *read_golden(*files);
  ASSERT_FALSE(golden.answers.empty());
  for (scorer::Answered& each : golden.answers) {
    if (!each.numbers.empty()) each.numbers[0] += 0.25;
  }
  const SourceFile recipe{"sooth.yaml", *files->open("sooth.yaml", 1000)};
  auto written = write_files(workspace_->layout(),
                             {{"model.joblib", *files->open("model.joblib", 1U << 30U)}});
  const auto forged = write_version(workspace_->layout(), std::move(written->layers), {recipe},
                                    read_description(*files)->json(), golden);
  ASSERT_TRUE(forged.ok()) << forged.error().message();
  version_.digest = forged->digest;
  ASSERT_TRUE(push("1").ok());
  expect_refused("1", Code::Corrupt);
}

}  // namespace
}  // namespace publish
