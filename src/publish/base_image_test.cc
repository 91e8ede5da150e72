#include "publish/base_image.h"

#include <set>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "oci/test_registry.h"
#include "publish/build.h"
#include "publish/test_base.h"
#include "publish/test_workspace.h"
#include "publish/transfer.h"

namespace publish {
namespace {

using base::Code;
using oci::Compression;
using oci::Descriptor;

class BaseImageTest : public PublishTest {
 protected:
  BaseImageTest() {
    base_.add_layer("etc/os-release", "ID=small\n");
    base_.add_layer("bin/sh", "#!");
    base_.config.env = {"PATH=/bin", "LD_PRELOAD=/lib/x.so", "TZ=UTC"};
    base_.config.labels = {{"vendor", "somebody"}, {"org.opencontainers.image.title", "small"}};
    base_.config.entrypoint = {"/bin/sh"};
    base_.config.user = "root";
    base_.finish();
  }

  base::Result<Built> build(workspace::Workspace& workspace) {
    auto registered = register_model(
        workspace, {.path = data("passengers.joblib"), .example = {data("passengers.csv")}},
        [](std::uint64_t, std::uint64_t) {});
    EXPECT_TRUE(registered.ok()) << registered.error().message();
    return build_image(
        workspace, registered->version,
        {.program = "/usr/bin/true", .release = "0.1.0", .created = 86'400, .base = &base_});
  }
  Built must_build() {
    auto built = build(*workspace_);
    EXPECT_TRUE(built.ok()) << built.error().message();
    return built.ok() ? *std::move(built) : Built{};
  }
  base::Result<void> fetch(const std::vector<BaseLayer>& layers) {
    return fetch_base_layers(*workspace_, base_, layers,
                             [](std::uint64_t done, std::uint64_t all) { EXPECT_LE(done, all); });
  }
  std::string blob(const Descriptor& of) const {
    const auto file = workspace_->layout().open(of.digest, 1U << 30U);
    EXPECT_TRUE(file.ok()) << file.error().message();
    return file.ok() ? std::string(base::as_text((*file)->bytes())) : "";
  }
  std::string refusal() {
    const auto found = find_base(base_, base_.config.architecture);
    return found.ok() ? "" : found.error().message();
  }
  std::string other_architecture() const {
    return base_.config.architecture == "amd64" ? "arm64" : "amd64";
  }

  TestBase base_;
};

TEST_F(BaseImageTest, ItsLayersComeFirstAsTheyAre) {
  const Built built = must_build();
  const auto manifest = oci::Manifest::parse(blob(built.manifest));
  ASSERT_TRUE(manifest.ok());
  ASSERT_EQ(manifest->layers.size(), 5U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(manifest->layers[i].digest, base_.layers[i].digest);
    EXPECT_EQ(manifest->layers[i].media_type, oci::kGzipLayerType);  // Not under Docker's name.
  }
  EXPECT_EQ(built.base_bytes, base_.layers[0].size + base_.layers[1].size);
  EXPECT_EQ(manifest->annotations.at("org.opencontainers.image.base.name"),
            "registry.example/os/small:1");
  EXPECT_EQ(manifest->annotations.at("org.opencontainers.image.base.digest"),
            base_.top.digest.text());
  EXPECT_EQ(base_.layers_fetched, 0);
}

TEST_F(BaseImageTest, TheConfigurationsAreMerged) {
  const Built built = must_build();
  const auto config = oci::ImageConfig::parse(blob(built.blobs[0]));
  ASSERT_TRUE(config.ok());
  EXPECT_EQ(config->env, (std::vector<std::string>{"PATH=/bin", "TZ=UTC"}));
  EXPECT_EQ(config->labels.at("vendor"), "somebody");
  EXPECT_EQ(config->labels.at("org.opencontainers.image.title"), "passengers");
  EXPECT_EQ(config->user, "65532:65532");
  ASSERT_EQ(config->diff_ids.size(), 5U);
  EXPECT_EQ(config->diff_ids[0], base_.config.diff_ids[0]);
  ASSERT_EQ(config->history.size(), 5U);
  EXPECT_EQ(config->history[0].created_by, "COPY etc/os-release");
  EXPECT_EQ(config->history[2].created_by, "sooth runtime");
  EXPECT_EQ(config->entrypoint[config->entrypoint.size() - 3], "/sooth/bin/sooth");
  EXPECT_EQ(config->entrypoint.back(), "/model");
}

TEST_F(BaseImageTest, AUserThatIsANumberAndNotRootStays) {
  const std::pair<const char*, const char*> cases[] = {
      {"1001", "1001"},      {"1001:0", "1001:0"},     {"", "65532:65532"},
      {"0", "65532:65532"},  {"000:5", "65532:65532"}, {"app", "65532:65532"},
      {":5", "65532:65532"}, {"1001x", "65532:65532"}};
  for (const auto& [theirs, expected] : cases) {
    BaseImage image{.name = {}, .digest = {}, .layers = {}, .config = {}};
    image.config.user = theirs;
    oci::ImageConfig config;
    config.user = "65532:65532";
    put_on_base(config, image);
    EXPECT_EQ(config.user, expected) << theirs;
  }
}

TEST_F(BaseImageTest, AHistoryThatDoesNotAccountForTheLayersIsReplaced) {
  base_.config.history.pop_back();
  base_.config.history.push_back(
      {.created = {}, .created_by = "ENV", .comment = {}, .empty_layer = true});
  base_.finish();
  const auto config = oci::ImageConfig::parse(blob(must_build().blobs[0]));
  ASSERT_EQ(config->history.size(), 5U);
  EXPECT_EQ(config->history[1].created_by, "base image");
}

TEST_F(BaseImageTest, TheSameBaseGivesTheSameBytesInAnotherWorkspace) {
  const auto other = open("other");
  const Built first = must_build();
  const auto second = build(*other);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(first.manifest, second->manifest);
  EXPECT_EQ(first.sbom_manifest, second->sbom_manifest);
  const auto bill = nlohmann::json::parse(blob(first.sbom_blobs.back()));
  bool named = false;
  for (const auto& each : bill["packages"]) {
    named = named || (each["name"] == "registry.example/os/small:1" &&
                      each["versionInfo"] == base_.top.digest.text());
  }
  EXPECT_TRUE(named);
}

TEST_F(BaseImageTest, OfAnIndexItTakesTheProcessorsOwn) {
  const std::string mine = base_.config.architecture;
  const Descriptor wanted = base_.finish();
  base_.config.variant = "v99";  // Not for every such processor.
  const Descriptor newer = base_.finish();
  oci::Index index;
  Descriptor attestation = wanted;
  attestation.os = attestation.architecture = "unknown";
  Descriptor other = wanted;
  other.architecture = other_architecture();
  index.manifests = {attestation, other, newer, wanted};
  base_.know_by_index(index);
  const auto found = find_base(base_, mine);
  ASSERT_TRUE(found.ok()) << found.error().message();
  EXPECT_EQ(found->digest, wanted.digest);
  index.manifests.pop_back();
  base_.know_by_index(index);
  EXPECT_EQ(refusal(), "base: expected an image for linux/" + mine + ", got linux/" +
                           other_architecture() + ", linux/" + mine + "/v99");
  index.manifests.clear();
  base_.know_by_index(index);
  EXPECT_EQ(refusal(), "base: expected an image for linux/" + mine + ", got none");
}

TEST_F(BaseImageTest, AnIndexMaySayAnythingOfItsImages) {
  const std::string mine = base_.config.architecture;
  base_.config.architecture = other_architecture();
  Descriptor image = base_.finish();
  base_.config.architecture = image.architecture = mine;
  oci::Index index;
  index.manifests = {image};
  base_.know_by_index(index);
  EXPECT_EQ(refusal(),
            "base: expected an image for linux/" + mine + ", got linux/" + other_architecture());
  index.manifests[0].media_type = oci::kIndexType;
  base_.know_by_index(index);
  EXPECT_EQ(refusal(), "base: expected images in its index, got another index");
}

TEST_F(BaseImageTest, RefusesWhatIsForAnotherPlatformOrNoImage) {
  const std::string mine = base_.config.architecture;
  base_.config.architecture = other_architecture();
  base_.finish();
  base_.config.architecture = mine;
  EXPECT_EQ(refusal(),
            "base: expected an image for linux/" + mine + ", got linux/" + other_architecture());
  base_.config_type = "application/vnd.cncf.helm.config.v1+json";
  base_.finish();
  EXPECT_EQ(refusal(),
            "base: expected the configuration of an image, got "
            "\"application/vnd.cncf.helm.config.v1+json\"");
}

TEST_F(BaseImageTest, RefusesLayersThatDoNotFit) {
  const auto layers = base_.layers;
  base_.layers.pop_back();
  base_.finish();
  EXPECT_EQ(refusal(), "base: image configuration: expected 1 diff ids as there are layers, got 2");
  base_.layers = layers;
  base_.layers[0].media_type = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
  base_.finish();
  EXPECT_NE(refusal().find("packed with gzip or zstd or not"), std::string::npos);
  base_.layers = layers;
  base_.layers[0].size = std::uint64_t{1} << 43U;
  base_.finish();
  EXPECT_NE(refusal().find("expected at most 4"), std::string::npos) << refusal();
}

TEST_F(BaseImageTest, TakesSoManyLayersAndNoMore) {
  const Descriptor layer = base_.layers[0];
  const base::Digest inside = base_.config.diff_ids[0];
  base_.layers.assign(kBaseLayersMax, layer);
  base_.config.diff_ids.assign(kBaseLayersMax, inside);
  base_.finish();
  EXPECT_EQ(refusal(), "");
  base_.layers.push_back(layer);
  base_.config.diff_ids.push_back(inside);
  base_.finish();
  EXPECT_EQ(refusal(), "base: expected at most 100 layers, got 101");
}

TEST_F(BaseImageTest, AConfigurationOfTooMuchIsNotFetched) {
  oci::Manifest manifest;
  manifest.config = base_.put(oci::kConfigType, base_.config.json());
  manifest.config.size = oci::kManifestBytesMax + 1;
  manifest.layers = base_.layers;
  base_.top.text = manifest.json();
  EXPECT_NE(refusal().find("image configuration: expected at most 4"), std::string::npos);
}

TEST_F(BaseImageTest, LayersAreFetchedOnceAndSeenInside) {
  const Built built = must_build();
  ASSERT_TRUE(fetch(built.base_layers).ok());
  EXPECT_EQ(base_.layers_fetched, 2);
  ASSERT_TRUE(fetch(built.base_layers).ok());
  EXPECT_EQ(base_.layers_fetched, 2);
  ASSERT_TRUE(write_archive(*workspace_, built, path("image.tar")).ok());
  ASSERT_TRUE(write_layout(*workspace_, built, path("layout")).ok());
}

TEST_F(BaseImageTest, RefusesALayerWithSomethingElseInside) {
  std::vector<BaseLayer> layers = must_build().base_layers;
  layers[0].diff_id = base::Digest::of("another");
  const auto refused = fetch(layers);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message(), "base: layer " + layers[0].layer.digest.text() +
                                           ": expected " + layers[0].diff_id.text() +
                                           " inside, as the image's configuration says, got " +
                                           base_.config.diff_ids[0].text());
  EXPECT_FALSE(workspace_->layout().has(layers[0].layer.digest));
  // Also where the layer is here already, by another image that says the truth.
  layers[0].diff_id = base_.config.diff_ids[0];
  ASSERT_TRUE(fetch(layers).ok());
  layers[0].diff_id = base::Digest::of("another");
  EXPECT_EQ(fetch(layers).error().code(), Code::Corrupt);
}

TEST_F(BaseImageTest, RefusesBytesOfAnotherDigestAndBombs) {
  std::vector<BaseLayer> layers = must_build().base_layers;
  const std::string key = layers[0].layer.digest.text();
  // The same inside: what gzip says of the system that packed it is another.
  base_.blobs[key][9] = static_cast<char>(base_.blobs[key][9] ^ 1);
  EXPECT_EQ(fetch(layers).error().code(), Code::Corrupt);
  base_.blobs[key] += "more";
  EXPECT_EQ(fetch(layers).error().message(), "base: layer " + key + ": expected " +
                                                 std::to_string(layers[0].layer.size) +
                                                 " bytes, got more");
  base_.blobs[key] = TestBase::pack(std::string((64U << 20U) + 1, '\0'), Compression::Gzip);
  layers[0].layer.size = base_.blobs[key].size();
  EXPECT_EQ(fetch(layers).error().code(), Code::Exhausted);
  EXPECT_FALSE(workspace_->layout().has(layers[0].layer.digest));
}

TEST(LayerCeilingTest, GrowsWithTheLayerBetweenItsBounds) {
  EXPECT_EQ(layer_ceiling(0), 64U << 20U);
  EXPECT_EQ(layer_ceiling(std::uint64_t{1} << 20U), 200U << 20U);
  EXPECT_EQ(layer_ceiling(std::uint64_t{1} << 42U), std::uint64_t{1} << 42U);
}

// Into a registry of this process, which may have the base too.
class BasePushTest : public BaseImageTest {
 protected:
  Pushed push(const std::string& repository) {
    const auto opened = oci::Registry::open(
        {.http = http_,
         .credentials = [](const std::string&, std::string_view)
             -> base::Result<std::optional<oci::Credentials>> { return {std::nullopt}; },
         .now = [] { return std::chrono::steady_clock::now(); },
         .sleep = [](std::chrono::milliseconds) {}},
        {.host = served_.host(), .repository = repository});
    EXPECT_TRUE(opened.ok());
    const auto pushed =
        push_image(*workspace_, built_, {.registry = **opened, .tag = "1", .base = &base_});
    EXPECT_TRUE(pushed.ok()) << pushed.error().message();
    return pushed.ok() ? *pushed : Pushed{};
  }
  void serve_base(const std::string& repository) {
    base_.repository = repository;
    for (const auto& [digest, bytes] : base_.blobs)
      served_.blobs[repository + "@" + digest] = bytes;
  }

  oci::TestRegistry served_;
  net::HttpClient http_{{.user_agent = "sooth/test"}, nullptr};
  Built built_ = must_build();
};

TEST_F(BasePushTest, LayersOfTheSameRegistryAreMountedAndNeverFetched) {
  serve_base("os/small");
  const Pushed pushed = push("team/faq");
  EXPECT_EQ(base_.layers_fetched, 0);
  EXPECT_EQ(pushed.present, built_.base_bytes);
  EXPECT_EQ(served_.count("mount="), 2);
  for (const Descriptor& each : built_.blobs) {
    EXPECT_TRUE(served_.blobs.contains("team/faq@" + each.digest.text()));
  }
}

TEST_F(BasePushTest, LayersOfElsewhereAreFetchedAndSentOnce) {
  const Pushed first = push("team/faq");
  EXPECT_EQ(base_.layers_fetched, 2);
  EXPECT_EQ(first.present, 0U);
  const Pushed second = push("team/faq");
  EXPECT_EQ(base_.layers_fetched, 2);
  EXPECT_EQ(second.uploaded, 0U);
  EXPECT_EQ(second.digest, first.digest);
}

TEST_F(BasePushTest, WhereTheMountIsRefusedTheyAreSent) {
  serve_base("os/small");
  served_.faults.mounts = false;
  const Pushed pushed = push("team/faq");
  EXPECT_EQ(base_.layers_fetched, 2);
  EXPECT_GE(pushed.uploaded, built_.base_bytes);
}

TEST_F(BasePushTest, WhatIsPulledIsTheVersionAlone) {
  push("team/faq");
  const auto opened = oci::Registry::open(
      {.http = http_,
       .credentials = [](const std::string&, std::string_view)
           -> base::Result<std::optional<oci::Credentials>> { return {std::nullopt}; },
       .now = [] { return std::chrono::steady_clock::now(); },
       .sleep = [](std::chrono::milliseconds) {}},
      {.host = served_.host(), .repository = "team/faq"});
  const auto there = open("there");
  const auto pulled = pull_version(*there, **opened, "1", "passengers",
                                   {.on_transfer = [](std::uint64_t, std::uint64_t) {}});
  ASSERT_TRUE(pulled.ok()) << pulled.error().message();
  EXPECT_EQ(pulled->downloaded, built_.model_bytes);
  EXPECT_FALSE(there->layout().has(base_.layers[0].digest));
}

}  // namespace
}  // namespace publish
