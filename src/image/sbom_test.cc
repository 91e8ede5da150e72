#include "image/sbom.h"

#include <set>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "image/test_system.h"

namespace image {
namespace {

using nlohmann::json;

const SbomModel kModel{.name = "faq", .version = "3", .digest = base::Digest::of("{}")};

std::string bill_of(const TestFolder& folder, std::int64_t created = 0,
                    const std::optional<SbomBase>& base = {}) {
  const SystemRoot root(folder.path());
  const auto files =
      find_runtime_files({.root = root, .program = "/opt/sooth", .version = "0.1.0"});
  EXPECT_TRUE(files.ok()) << files.error().message();
  const auto bill = make_sbom(*files, kModel, created, base);
  EXPECT_TRUE(bill.ok()) << bill.error().message();
  return *bill;
}

json package_named(const json& bill, const std::string& name) {
  for (const json& each : bill["packages"]) {
    if (each["name"] == name) return each;
  }
  return {};
}

TEST(SbomTest, NamesTheModelThePackagesAndTheFiles) {
  const TestFolder folder;
  make_system(folder);
  const json bill = json::parse(bill_of(folder));
  EXPECT_EQ(bill["spdxVersion"], "SPDX-2.3");
  EXPECT_EQ(bill["name"], "faq-3");
  const json model = package_named(bill, "faq");
  EXPECT_EQ(model["versionInfo"], "3");
  EXPECT_EQ(model["checksums"][0]["checksumValue"], base::Digest::of("{}").hex());
  const json libc = package_named(bill, "libc6");
  EXPECT_EQ(libc["versionInfo"], "2.36-9+deb12u14");
  EXPECT_EQ(libc["externalRefs"][0]["referenceLocator"],
            "pkg:deb/debian/libc6@2.36-9%2Bdeb12u14?arch=amd64");
  EXPECT_EQ(package_named(bill, "sooth")["licenseDeclared"], "Apache-2.0");
  bool found = false;
  for (const json& file : bill["files"]) {
    if (file["fileName"] != "./usr/share/common-licenses/LGPL-2.1") continue;
    found = true;
    EXPECT_EQ(file["checksums"][0]["checksumValue"], "82996465ad2a314902e8d5c0278f7abaaff9435b");
    EXPECT_EQ(file["checksums"][1]["checksumValue"], base::Digest::of("the LGPL\n").hex());
  }
  EXPECT_TRUE(found);
}

TEST(SbomTest, NamesTheBaseByNameAndDigest) {
  const TestFolder folder;
  make_system(folder);
  const base::Digest digest = base::Digest::of("base");
  const json bill = json::parse(bill_of(folder, 0, SbomBase{"r.example:5000/os/small:1", digest}));
  const json base = package_named(bill, "r.example:5000/os/small:1");
  EXPECT_EQ(base["versionInfo"], digest.text());
  EXPECT_EQ(base["primaryPackagePurpose"], "CONTAINER");
  EXPECT_EQ(base["externalRefs"][0]["referenceLocator"],
            "pkg:oci/small@sha256%3A" + digest.hex() + "?repository_url=r.example:5000/os/small");
  bool related = false;
  for (const json& each : bill["relationships"]) {
    related = related || (each["spdxElementId"] == "SPDXRef-Model" &&
                          each["relatedSpdxElement"] == base["SPDXID"]);
  }
  EXPECT_TRUE(related);
  // Of a layout there may be no name, and nowhere to fetch it from.
  const json nameless = json::parse(bill_of(folder, 0, SbomBase{"", digest}));
  EXPECT_FALSE(package_named(nameless, "base").contains("externalRefs"));
  EXPECT_EQ(package_named(nameless, "base")["versionInfo"], digest.text());
}

TEST(SbomTest, RelatesOnlyWhatItHolds) {
  const TestFolder folder;
  make_system(folder);
  const json bill = json::parse(bill_of(folder));
  std::set<std::string> ids = {"SPDXRef-DOCUMENT"};
  for (const char* const kind : {"packages", "files"}) {
    for (const json& each : bill[kind]) {
      EXPECT_TRUE(ids.insert(each["SPDXID"].get<std::string>()).second) << each["SPDXID"];
    }
  }
  for (const json& relation : bill["relationships"]) {
    EXPECT_EQ(ids.count(relation["spdxElementId"].get<std::string>()), 1U);
    EXPECT_EQ(ids.count(relation["relatedSpdxElement"].get<std::string>()), 1U);
  }
}

TEST(SbomTest, IsTheSameForEqualFilesAndAnotherForOtherDays) {
  const TestFolder one;
  const TestFolder other;
  make_system(one);
  make_system(other);
  EXPECT_EQ(bill_of(one), bill_of(other));
  const json epoch = json::parse(bill_of(one));
  const json later = json::parse(bill_of(one, 1'700'000'000));
  EXPECT_EQ(epoch["creationInfo"]["created"], "1970-01-01T00:00:00Z");
  EXPECT_EQ(later["creationInfo"]["created"], "2023-11-14T22:13:20Z");
  EXPECT_NE(epoch["documentNamespace"], later["documentNamespace"]);
  other.write("etc/ssl/certs/ca-certificates.crt", "others\n");
  EXPECT_NE(bill_of(one), bill_of(other));
}

TEST(SbomTest, InTwoDocumentsTheRuntimesIsTheSameForAllModels) {
  const TestFolder folder;
  make_system(folder);
  const SystemRoot root(folder.path());
  const RuntimeFiles files =
      *find_runtime_files({.root = root, .program = "/opt/sooth", .version = "0.1.0"});
  const SbomModel other{.name = "faq", .version = "4", .digest = base::Digest::of("other")};
  const auto first = make_split_sbom(files, kModel);
  const auto second = make_split_sbom(files, other);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->runtime, second->runtime);
  EXPECT_NE(first->image, second->image);
  EXPECT_LT(first->image.size(), 2048U);
  const json runtime = json::parse(first->runtime);
  const json image = json::parse(first->image);
  EXPECT_EQ(package_named(runtime, "libc6")["versionInfo"], "2.36-9+deb12u14");
  EXPECT_TRUE(package_named(runtime, "faq").is_null());
  EXPECT_EQ(package_named(image, "faq")["versionInfo"], "3");
  const json& reference = image["externalDocumentRefs"][0];
  EXPECT_EQ(reference["spdxDocument"], runtime["documentNamespace"]);
  EXPECT_EQ(reference["checksum"]["algorithm"], "SHA1");
  EXPECT_EQ(image["relationships"][1]["relatedSpdxElement"],
            "DocumentRef-runtime:SPDXRef-Package-sooth");
}

TEST(SbomTest, RefusesDaysThatAreNone) { EXPECT_FALSE(make_sbom({}, kModel, INT64_MAX).ok()); }

}  // namespace
}  // namespace image
