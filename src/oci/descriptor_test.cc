#include "oci/descriptor.h"

#include <string>

#include <gtest/gtest.h>

namespace oci {
namespace {

const base::Digest kBlobDigest = base::Digest::of("{}");

Descriptor blob(std::string_view media_type, std::uint64_t size) {
  return {.media_type = std::string(media_type),
          .digest = kBlobDigest,
          .size = size,
          .annotations = {},
          .artifact_type = {},
          .architecture = {},
          .os = {}};
}

std::string part(const std::string& size) {
  return R"({"mediaType":"m","digest":")" + kBlobDigest.text() + R"(","size":)" + size + "}";
}

TEST(ManifestTest, WritesSortedKeysWithoutSpaceAndReadsThemBack) {
  Manifest manifest{.config = blob(kConfigType, 2),
                    .layers = {blob(kLayerType, 1024)},
                    .subject = blob(kManifestType, 7),
                    .artifact_type = "application/spdx+json",
                    .annotations = {{"b", "2"}, {"a", "1"}}};
  const std::string text = manifest.json();
  const std::string digest = kBlobDigest.text();
  EXPECT_EQ(text,
            R"({"annotations":{"a":"1","b":"2"},"artifactType":"application/spdx+json",)"
            R"("config":{"digest":")" +
                digest +
                R"(","mediaType":)"
                R"("application/vnd.oci.image.config.v1+json","size":2},"layers":[{"digest":")" +
                digest +
                R"(","mediaType":"application/vnd.oci.image.layer.v1.tar",)"
                R"("size":1024}],"mediaType":"application/vnd.oci.image.manifest.v1+json",)"
                R"("schemaVersion":2,"subject":{"digest":")" +
                digest +
                R"(","mediaType":)"
                R"("application/vnd.oci.image.manifest.v1+json","size":7}})");
  const auto read = Manifest::parse(text);
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(read->json(), text);
  EXPECT_EQ(read->layers, manifest.layers);
}

TEST(ManifestTest, PassesOverWhatItDoesNotKnow) {
  const auto read = Manifest::parse(R"({"schemaVersion":2,"config":)" + part("1") +
                                    R"(,"layers":[],"later":{"x":[1]},"annotations":null})");
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_TRUE(read->layers.empty());
}

TEST(ManifestTest, RefusesWhatIsNoManifest) {
  const std::string config = R"("config":)" + part("1");
  for (const std::string& text :
       {std::string(), std::string("[]"), std::string("{"), R"({"layers":[],)" + config + "}",
        R"({"schemaVersion":1,"layers":[],)" + config + "}",
        std::string(R"({"schemaVersion":2,"layers":[]})"), R"({"schemaVersion":2,)" + config + "}",
        R"({"schemaVersion":2,"layers":{},)" + config + "}",
        R"({"schemaVersion":2,"layers":[1],)" + config + "}",
        R"({"schemaVersion":2,"layers":[],"config":)" + part("-1") + "}",
        R"({"schemaVersion":2,"layers":[],"config":)" + part("1.5") + "}",
        R"({"schemaVersion":2,"layers":[],"config":)" + part("9007199254740993") + "}",
        R"({"schemaVersion":2,"layers":[],"annotations":{"a":1},)" + config + "}"}) {
    EXPECT_FALSE(Manifest::parse(text).ok()) << text;
  }
}

TEST(ManifestTest, RefusesDigestsThatAreNone) {
  const auto read = Manifest::parse(
      R"({"schemaVersion":2,"layers":[],"config":{"mediaType":"m","digest":"sha256:../x","size":1}})");
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().message(),
            "config: digest \"sha256:../x\": expected \"sha256:\" and 64 of 0-9a-f");
}

TEST(ManifestTest, RefusesTextThatIsTooLong) {
  const auto read = Manifest::parse(std::string(kManifestBytesMax + 1, ' '));
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code(), base::Code::Exhausted);
}

TEST(IndexTest, ReadsBackWhatItWrites) {
  Index index;
  index.manifests.push_back(blob(kManifestType, 7));
  index.manifests.back().architecture = "amd64";
  index.manifests.back().os = "linux";
  index.manifests.back().annotations = {{"org.opencontainers.image.ref.name", "faq-3"}};
  const auto read = Index::parse(index.json());
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(read->manifests, index.manifests);
  EXPECT_EQ(read->json(), index.json());
}

}  // namespace
}  // namespace oci
