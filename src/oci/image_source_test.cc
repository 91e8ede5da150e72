#include "oci/image_source.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "base/text.h"
#include "oci/layout.h"
#include "oci/tar_writer.h"
#include "oci/test_registry.h"

namespace oci {
namespace {

using base::Code;

constexpr const char* kRefName = "org.opencontainers.image.ref.name";

// A layout of two images and what tells of one, as a folder and as an archive.
class ImageSourceTest : public ::testing::Test {
 protected:
  ImageSourceTest() {
    std::string name = testing::TempDir() + "source.XXXXXX";
    root_ = ::mkdtemp(name.data());
    std::filesystem::create_directories(path("layout"));
    const Layout layout = *Layout::open(path("layout"));
    for (const char* image : {"registry.example/os/small:1", "large"}) {
      Manifest manifest{.config = put(layout, "{}", kConfigType)};
      manifest.annotations["name"] = image;
      Descriptor descriptor = put(layout, manifest.json(), kManifestType);
      descriptor.annotations[kRefName] = image;
      index_.manifests.push_back(descriptor);
    }
    Descriptor bill = index_.manifests[0];
    bill.artifact_type = "application/spdx+json";
    index_.manifests.push_back(bill);
    write_index();
  }
  ~ImageSourceTest() override { std::filesystem::remove_all(root_); }

  static Descriptor put(const Layout& layout, const std::string& bytes, std::string_view type) {
    const Stored stored = *layout.put(bytes);
    Descriptor blob;
    blob.media_type = type;
    blob.digest = stored.digest;
    blob.size = stored.size;
    return blob;
  }
  void write_index() const {
    ASSERT_TRUE(Layout::open(path("layout"))->write_index(index_.json()).ok());
  }
  std::string path(const std::string& name) const { return root_ + "/" + name; }
  std::string blob_path(const base::Digest& digest) const {
    return path("layout/blobs/sha256/" + digest.hex());
  }
  // The same as an archive.
  std::string archive() const {
    std::ofstream file(path("archive.tar"), std::ios::binary);
    TarWriter tar([&](base::Bytes bytes) {
      file << base::as_text(bytes);
      return base::Result<void>();
    });
    std::vector<std::string> names = {"index.json", "oci-layout"};
    for (const auto& each : std::filesystem::directory_iterator(path("layout/blobs/sha256"))) {
      names.push_back("blobs/sha256/" + each.path().filename().string());
    }
    EXPECT_TRUE(tar.add_folder("blobs", {}).ok());
    EXPECT_TRUE(tar.add_folder("blobs/sha256", {}).ok());
    for (const std::string& name : names) {
      std::ifstream in(path("layout/" + name), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(in), {}};
      EXPECT_TRUE(tar.add_file(name, base::as_bytes(bytes), {}).ok());
    }
    EXPECT_TRUE(tar.finish().ok());
    return path("archive.tar");
  }
  static std::string bytes_of(ImageSource& source, const Descriptor& blob) {
    std::string bytes;
    const auto fetched = source.fetch_blob(blob, [&](base::Bytes part) {
      bytes += base::as_text(part);
      return base::Result<void>();
    });
    return fetched.ok() ? bytes : fetched.error().message();
  }

  std::string root_;
  Index index_;
};

TEST_F(ImageSourceTest, ReadsAFolderAndAnArchiveAlike) {
  for (const std::string& place : {path("layout"), archive()}) {
    const auto source = open_layout_source({.path = place, .name = "registry.example/os/small:1"});
    ASSERT_TRUE(source.ok()) << source.error().message();
    EXPECT_EQ((*source)->name(), "registry.example/os/small:1");
    EXPECT_EQ((*source)->repository_at("registry.example"), "");
    const auto named = (*source)->fetch_named();
    ASSERT_TRUE(named.ok()) << named.error().message();
    EXPECT_EQ(named->digest, index_.manifests[0].digest);
    EXPECT_EQ(named->media_type, kManifestType);
    EXPECT_EQ(bytes_of(**source, Manifest::parse(named->text)->config), "{}");
  }
}

TEST_F(ImageSourceTest, ANameThatNoRegistryIsAskedForIsNone) {
  const auto source = open_layout_source({.path = path("layout"), .name = "large"});
  ASSERT_TRUE(source.ok());
  EXPECT_EQ((*source)->name(), "");
}

TEST_F(ImageSourceTest, WantsOneImage) {
  const std::string place = base::quote(path("layout"));
  EXPECT_EQ(open_layout_source({.path = path("layout"), .name = {}}).error().message(),
            place +
                ": expected one image, got \"registry.example/os/small:1\", \"large\"; name "
                "one, as in oci:PATH:NAME");
  EXPECT_EQ(open_layout_source({.path = path("layout"), .name = "huge"}).error().message(),
            place +
                ": expected one image \"huge\", got \"registry.example/os/small:1\", "
                "\"large\"");
  index_.manifests.erase(index_.manifests.begin());
  index_.manifests[0].annotations.clear();
  write_index();
  EXPECT_TRUE(open_layout_source({.path = path("layout"), .name = {}}).ok());
}

TEST_F(ImageSourceTest, RefusesWhatIsNoLayout) {
  const auto message = [this](const std::string& name) {
    return open_layout_source({.path = path(name), .name = {}}).error().message();
  };
  std::filesystem::create_directories(path("empty"));
  EXPECT_EQ(message("empty"), base::quote(path("empty")) +
                                  ": expected an OCI layout, with an index.json, or an archive of "
                                  "one");
  std::ofstream(path("text")) << "no archive";
  EXPECT_NE(message("text").find(base::quote(path("text"))), std::string::npos);
  EXPECT_NE(message("none"), "");
  std::ofstream(path("empty/index.json")) << "{";
  EXPECT_NE(message("empty").find("expected a JSON object"), std::string::npos);
}

TEST_F(ImageSourceTest, RefusesBytesOfAnotherDigestOrSize) {
  const Descriptor image = index_.manifests[0];
  const auto source = open_layout_source({.path = path("layout"), .name = "large"});
  Descriptor longer = image;
  ++longer.size;
  EXPECT_EQ((*source)->fetch_manifest(longer).error().code(), Code::Corrupt);
  std::filesystem::permissions(blob_path(image.digest), std::filesystem::perms::owner_all);
  std::ofstream(blob_path(image.digest), std::ios::app) << " ";
  EXPECT_EQ((*source)->fetch_manifest(image).error().code(), Code::Corrupt);
  std::filesystem::remove(blob_path(image.digest));
  EXPECT_EQ((*source)->fetch_manifest(image).error().code(), Code::NotFound);
}

TEST_F(ImageSourceTest, FollowsNoLinkOutOfTheLayout) {
  const Descriptor image = index_.manifests[0];
  std::filesystem::rename(blob_path(image.digest), path("elsewhere"));
  std::filesystem::create_symlink(path("elsewhere"), blob_path(image.digest));
  const auto source = open_layout_source({.path = path("layout"), .name = "large"});
  EXPECT_FALSE((*source)->fetch_manifest(image).ok());
}

TEST_F(ImageSourceTest, RefusesAManifestThatSaysItIsSomethingElse) {
  Descriptor image = index_.manifests[0];
  image.media_type = kIndexType;
  const auto source = open_layout_source({.path = path("layout"), .name = "large"});
  EXPECT_EQ((*source)->fetch_manifest(image).error().code(), Code::Corrupt);
}

TEST(LayoutReferenceTest, HasAPathAndMayHaveAName) {
  struct Case {
    const char* text;
    const char* path;
    const char* name;
  };
  const Case cases[] = {{"oci:images", "images", ""},
                        {"oci:images/:faq:3", "images/", "faq:3"},
                        {"oci:/a/b.tar:r.example:5000/os:1", "/a/b.tar", "r.example:5000/os:1"}};
  for (const Case& each : cases) {
    const auto parsed = LayoutReference::parse(each.text);
    ASSERT_TRUE(parsed.ok()) << each.text;
    EXPECT_EQ(parsed->path, each.path);
    EXPECT_EQ(parsed->name, each.name);
  }
  for (const char* bad : {"oci:", "oci::x", "oci:x:", "images"}) {
    EXPECT_EQ(LayoutReference::parse(bad).error().message(),
              base::quote(bad) + ": expected oci:PATH or oci:PATH:NAME");
  }
  EXPECT_FALSE(LayoutReference::is_one("oci.example/team/faq:1"));
}

class RegistrySourceTest : public RegistryTest {};

TEST_F(RegistrySourceTest, KnowsWhereItIs) {
  const auto registry = client();
  const auto source = registry_source(
      *registry,
      {.host = served_.host(), .repository = "team/faq", .tag = "1", .digest = std::nullopt});
  EXPECT_EQ(source->name(), served_.host() + "/team/faq:1");
  EXPECT_EQ(source->repository_at(served_.host()), "team/faq");
  EXPECT_EQ(source->repository_at("elsewhere.example"), "");
  Manifest manifest{.config = describe("{}")};
  served_.manifests["team/faq@1"] = {std::string(kManifestType), manifest.json()};
  served_.manifests["team/faq@" + base::Digest::of(manifest.json()).text()] = {
      std::string(kManifestType), manifest.json()};
  served_.blobs["team/faq@" + manifest.config.digest.text()] = "{}";
  const auto named = source->fetch_named();
  ASSERT_TRUE(named.ok()) << named.error().message();
  Descriptor image = describe(manifest.json());
  EXPECT_EQ(source->fetch_manifest(image)->text, manifest.json());
  EXPECT_EQ(source->fetch_manifest(image)->digest, named->digest);
}

}  // namespace
}  // namespace oci
