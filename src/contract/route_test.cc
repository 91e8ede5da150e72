#include "contract/route.h"

#include <gtest/gtest.h>

namespace contract {
namespace {

TEST(RouteTest, KnowsEveryPath) {
  const struct {
    const char* path;
    Action action;
    const char* endpoint;
    const char* version;
  } cases[] = {
      {"/", Action::Page, "", ""},
      {"/healthz", Action::Live, "", ""},
      {"/readyz", Action::Ready, "", ""},
      {"/metrics", Action::Metrics, "", ""},
      {"/score", Action::Score, "", ""},
      {"/endpoints/faq/score", Action::Score, "faq", ""},
      {"/api/v1/service/faq/score", Action::Score, "faq", ""},
      {"/v2", Action::OipServer, "", ""},
      {"/v2/", Action::OipServer, "", ""},
      {"/v2/health/live", Action::OipLive, "", ""},
      {"/v2/health/ready", Action::OipReady, "", ""},
      {"/v2/models/faq", Action::OipModel, "faq", ""},
      {"/v2/models/faq/ready", Action::OipModelReady, "faq", ""},
      {"/v2/models/faq/infer", Action::OipInfer, "faq", ""},
      {"/v2/models/faq/versions/1/infer", Action::OipInfer, "faq", "1"},
      {"/v2/models/faq/versions/1", Action::OipModel, "faq", "1"},
  };
  for (const auto& c : cases) {
    const Route found = route(c.path);
    EXPECT_EQ(found.action, c.action) << c.path;
    EXPECT_EQ(found.endpoint, c.endpoint) << c.path;
    EXPECT_EQ(found.version, c.version) << c.path;
  }
}

TEST(RouteTest, HasOneSpellingForEach) {
  for (const char* path :
       {"", "//", "/score/", "/Score", "/%73core", "/endpoints//score", "/endpoints/faq",
        "/endpoints/a/b/score", "/v2/models", "/v2/models//infer", "/v2/models/faq/infer/",
        "/v2/models/faq/versions//infer", "/v2/health", "/v1/models/faq"}) {
    EXPECT_EQ(route(path).action, Action::NotFound) << path;
  }
}

TEST(RouteTest, ErrorsHaveTheFormOfTheirProtocol) {
  EXPECT_EQ(route("/score").protocol, Protocol::AzureMl);
  EXPECT_EQ(route("/v2/models/x/nothing").protocol, Protocol::OipRest);
  EXPECT_EQ(route("/nothing").protocol, Protocol::Sooth);
}

}  // namespace
}  // namespace contract
