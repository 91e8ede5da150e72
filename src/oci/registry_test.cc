#include "oci/registry.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "net/test_server.h"
#include "oci/test_registry.h"

namespace oci {
namespace {

class RegistryContentTest : public RegistryTest {
 protected:
  static Manifest manifest(const std::string& config) {
    Manifest made{.config = describe(config)};
    made.config.media_type = kConfigType;
    return made;
  }
  void keep(const std::string& reference, const std::string& text,
            std::string_view type = kManifestType) {
    served_.manifests["team/faq@" + reference] = {std::string(type), text};
  }
  base::Error fetch_error(const std::string& reference) {
    auto outcome = client()->fetch_manifest(reference);
    EXPECT_FALSE(outcome.ok());
    return outcome.ok() ? base::Error(base::Code::Internal, "") : outcome.error();
  }
  static std::vector<base::Digest> digests(const std::vector<Descriptor>& descriptors) {
    std::vector<base::Digest> all;
    for (const Descriptor& each : descriptors) all.push_back(each.digest);
    return all;
  }
};

TEST_F(RegistryContentTest, PlainHttpIsForThisMachine) {
  RegistryOptions options{.host = "registry.example", .repository = "faq", .tls = false};
  const auto outside = Registry::open(world(), options);
  ASSERT_FALSE(outside.ok());
  EXPECT_EQ(outside.error().message(),
            "registry \"registry.example\": expected https: plain http is spoken with this machine "
            "only");
  options.tls.reset();
  const auto secure = Registry::open(world(), options);
  ASSERT_TRUE(secure.ok());
  EXPECT_EQ((*secure)->options().tls, true);
  options.host = "localhost:5000";
  EXPECT_EQ((*Registry::open(world(), options))->options().tls, false);
  options.tls = true;
  EXPECT_EQ((*Registry::open(world(), options))->options().tls, true);
}

TEST_F(RegistryContentTest, RefusesNamesThatAreNone) {
  for (const auto& [host, repository] :
       {std::pair("registry.example/x?", "faq"), std::pair("registry.example", "Faq"),
        std::pair("registry.example", "../faq"), std::pair("registry.example", ""),
        std::pair("user@registry.example", "faq"), std::pair("127.1", "faq")}) {
    EXPECT_FALSE(Registry::open(world(), {.host = host, .repository = repository}).ok()) << host;
  }
  EXPECT_FALSE(client()->fetch_manifest("../../x").ok());
  EXPECT_FALSE(client()->fetch_manifest("sha256:abc").ok());
  EXPECT_FALSE(client()->push_manifest("a b", std::string(kManifestType), "{}").ok());
  EXPECT_TRUE(served_.log().empty());
}

TEST_F(RegistryContentTest, SaysThatTheOtherSideIsNoRegistry) {
  served_.faults = {.fail_count = 1, .fail_what = "/v2/", .fail_status = 404};
  const auto outcome = client()->check_access();
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code(), base::Code::NotFound);
  EXPECT_NE(outcome.error().message().find("expected a registry, got: not found"),
            std::string::npos);
}

TEST_F(RegistryContentTest, ManifestsKeepTheirBytes) {
  const std::string text = "{ \"schemaVersion\": 2,\n \"odd\":  1.0 }";
  const auto registry = client();
  const auto pushed = registry->push_manifest("v1", std::string(kManifestType), text);
  ASSERT_TRUE(pushed.ok()) << pushed.error().message();
  for (const std::string& reference : {std::string("v1"), pushed->text()}) {
    const auto fetched = registry->fetch_manifest(reference);
    ASSERT_TRUE(fetched.ok()) << fetched.error().message();
    EXPECT_EQ(fetched->text, text);
    EXPECT_EQ(fetched->digest, *pushed);
    EXPECT_EQ(fetched->media_type, kManifestType);
  }
}

TEST_F(RegistryContentTest, FindsManifestsWithoutFetchingThem) {
  const std::string text = manifest("a").json();
  keep("v1", text);
  const auto registry = client();
  const auto found = registry->find_manifest("v1");
  ASSERT_TRUE(found.ok() && *found);
  EXPECT_EQ((*found)->digest, base::Digest::of(text));
  EXPECT_EQ((*found)->size, text.size());
  EXPECT_EQ(served_.count("GET "), 0);
  EXPECT_FALSE(*registry->find_manifest("v2"));
  served_.faults.manifest_digest = "none";
  const auto fetched = registry->find_manifest("v1");
  ASSERT_TRUE(fetched.ok() && *fetched);
  EXPECT_EQ((*fetched)->digest, base::Digest::of(text));
}

TEST_F(RegistryContentTest, WrongManifestsAreNotTaken) {
  const std::string text = manifest("a").json();
  keep("v1", text);
  keep(base::Digest::of(text).text(), text);
  served_.faults.manifest_bytes = manifest("b").json();
  EXPECT_EQ(fetch_error(base::Digest::of(text).text()).code(), base::Code::Corrupt);
  EXPECT_EQ(fetch_error("v1").code(), base::Code::Corrupt);  // Not what the answer itself says.
  served_.faults.manifest_digest = "none";
  EXPECT_TRUE(client()->fetch_manifest("v1").ok());
  EXPECT_EQ(fetch_error(base::Digest::of(text).text()).code(), base::Code::Corrupt);
  served_.faults.manifest_bytes = "no json";
  EXPECT_EQ(fetch_error("v1").code(), base::Code::Corrupt);
  served_.faults.manifest_bytes = std::string(kManifestBytesMax + 1, ' ');
  EXPECT_EQ(fetch_error("v1").code(), base::Code::Exhausted);
}

TEST_F(RegistryContentTest, ATypeIsOneAndKnown) {
  keep("v1", manifest("a").json());
  served_.faults.manifest_type = kIndexType;
  EXPECT_EQ(fetch_error("v1").code(), base::Code::Corrupt);
  served_.faults.manifest_type = "text/html";
  EXPECT_EQ(fetch_error("v1").code(), base::Code::Unsupported);
  served_.faults.manifest_type = std::string(kManifestType) + "; charset=utf-8";
  EXPECT_TRUE(client()->fetch_manifest("v1").ok());
}

TEST_F(RegistryContentTest, ARegistryThatKeepsSomethingElseIsFoundOut) {
  served_.faults.manifest_digest = base::Digest::of("else").text();
  const auto pushed = client()->push_manifest("v1", std::string(kManifestType), "{}");
  ASSERT_FALSE(pushed.ok());
  EXPECT_EQ(pushed.error().code(), base::Code::Corrupt);
  const auto other =
      client()->push_manifest(base::Digest::of("x").text(), std::string(kManifestType), "y");
  EXPECT_EQ(other.error().code(), base::Code::Invalid);
}

TEST_F(RegistryContentTest, SaysThatAManifestIsMissing) {
  const base::Error error = fetch_error("v9");
  EXPECT_EQ(error.code(), base::Code::NotFound);
  EXPECT_EQ(error.message(), "fetch manifest \"v9\" from " + served_.host() +
                                 "/team/faq: expected the manifest, got: not found (404 "
                                 "\"MANIFEST_UNKNOWN\" \"as told\"); check the name");
}

TEST_F(RegistryContentTest, ListsTagsPageByPage) {
  for (const char* tag : {"v1", "v2", "v3", "v4", "v5"}) keep(tag, "{}");
  const auto tags = client()->list_tags();
  ASSERT_TRUE(tags.ok()) << tags.error().message();
  EXPECT_EQ(*tags, (std::vector<std::string>{"v1", "v2", "v3", "v4", "v5"}));
  EXPECT_EQ(served_.count("/tags/list"), 3);
}

TEST_F(RegistryContentTest, ListsThatLeadAstrayEnd) {
  keep("v1", "{}");
  for (const char* link :
       {"</v2/team/faq/tags/list?n=1000>; rel=\"next\"", "<http://127.0.0.1:1/v2/>; rel=\"next\"",
        "<http://other.example/>; rel=\"next\""}) {
    served_.faults.tags_link = link;
    const auto tags = client()->list_tags();
    ASSERT_FALSE(tags.ok()) << link;
    EXPECT_EQ(tags.error().code(), base::Code::Corrupt) << link;
  }
  served_.faults.tags_link = "</else>; rel=\"prev\"";
  EXPECT_TRUE(client()->list_tags().ok());
}

TEST_F(RegistryContentTest, ReferrersAreListedByTheRegistryOrByTag) {
  for (const bool listed : {true, false}) {
    served_.faults.lists_referrers = listed;
    served_.manifests.clear();
    const Descriptor subject = describe(listed ? "one" : "two");
    Manifest bill = manifest("sbom");
    bill.subject = subject;
    bill.artifact_type = "application/spdx+json";
    Manifest proof = manifest("proof");
    proof.subject = subject;
    proof.artifact_type = "application/vnd.in-toto+json";
    const auto registry = client();
    EXPECT_TRUE(registry->list_referrers(subject.digest)->empty());
    const auto first = registry->push_referrer(bill);
    ASSERT_TRUE(first.ok()) << first.error().message();
    const auto second = registry->push_referrer(proof);
    ASSERT_TRUE(second.ok()) << second.error().message();
    if (!listed) {
      ASSERT_TRUE(registry->push_referrer(bill).ok());  // Is listed once.
    }

    const auto all = registry->list_referrers(subject.digest);
    ASSERT_TRUE(all.ok()) << all.error().message();
    EXPECT_EQ(digests(*all), (std::vector<base::Digest>{*first, *second}));
    const auto some = registry->list_referrers(subject.digest, "application/spdx+json");
    EXPECT_EQ(digests(*some), (std::vector<base::Digest>{*first}));
    EXPECT_EQ(served_.manifests.count("team/faq@sha256-" + subject.digest.hex()), listed ? 0U : 1U);
  }
}

TEST_F(RegistryContentTest, AReferrerHasASubject) {
  EXPECT_EQ(client()->push_referrer(manifest("a")).error().code(), base::Code::Invalid);
}

TEST_F(RegistryContentTest, NobodyThereIsSaid) {
  std::string host;
  {
    const net::ScriptedServer gone([](auto&) {});
    host = "127.0.0.1:" + std::to_string(gone.port());
  }
  const auto registry = Registry::open(world(), {.host = host, .repository = "faq"});
  const auto outcome = (*registry)->has_blob(base::Digest::of("x"));
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code(), base::Code::Unavailable);
  EXPECT_NE(outcome.error().message().find("connection refused"), std::string::npos);
  EXPECT_EQ(waits_.size(), 4U);
}

}  // namespace
}  // namespace oci
