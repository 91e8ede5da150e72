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
      {"/", Action::Alive, "", ""},
      {"/healthz", Action::Live, "", ""},
      {"/readyz", Action::Ready, "", ""},
      {"/ping", Action::Ping, "", ""},
      {"/health", Action::Ping, "", ""},
      {"/version", Action::Version, "", ""},
      {"/metrics", Action::Metrics, "", ""},
      {"/openapi.json", Action::OpenApi, "", ""},
      {"/swagger.json", Action::Swagger, "", ""},
      {"/endpoints/faq/openapi.json", Action::OpenApi, "faq", ""},
      {"/api/v1/service/faq/swagger.json", Action::Swagger, "faq", ""},
      {"/v2", Action::OipServer, "", ""},
      {"/v2/", Action::OipServer, "", ""},
      {"/v2/health/live", Action::OipLive, "", ""},
      {"/v2/health/ready", Action::OipReady, "", ""},
      {"/v2/models", Action::OipModels, "", ""},
      {"/v2/models/stats", Action::OipStatistics, "", ""},
      {"/v2/models/faq/stats", Action::OipStatistics, "faq", ""},
      {"/v2/models/faq", Action::OipModel, "faq", ""},
      {"/v2/models/faq/ready", Action::OipModelReady, "faq", ""},
      {"/v2/models/faq/versions/1", Action::OipModel, "faq", "1"},
      {"/v2/models/faq/config", Action::OipConfig, "faq", ""},
      {"/v2/models/faq/versions/1/config", Action::OipConfig, "faq", "1"},
      {"/v2/systemsharedmemory/status", Action::OipSharedMemory, "", ""},
      {"/v2/cudasharedmemory/region/a/register", Action::OipSharedMemory, "", ""},
      {"/v2/repository/index", Action::OipIndex, "", ""},
      {"/v2/repository/models/faq/load", Action::OipLoad, "faq", ""},
      {"/v2/repository/models/faq/unload", Action::OipUnload, "faq", ""},
      {"/v1/models", Action::TfModels, "", ""},
      {"/v1/models/faq", Action::TfModel, "faq", ""},
      {"/v1/models/faq/versions/3", Action::TfModel, "faq", "3"},
      {"/v1/models/faq/versions/0", Action::TfModel, "faq", ""},
      {"/v1/models/faq/versions/3/metadata", Action::TfMetadata, "faq", "3"},
      {"/v1/models/faq/labels/stable", Action::TfModel, "faq", "stable"},
      {"/v1/models/faq/labels/stable/metadata", Action::TfMetadata, "faq", "stable"},
  };
  for (const auto& c : cases) {
    const Route found = route(c.path);
    EXPECT_EQ(found.action, c.action) << c.path;
    EXPECT_EQ(found.endpoint, c.endpoint) << c.path;
    EXPECT_EQ(found.version, c.version) << c.path;
    EXPECT_EQ(found.is_post(), c.action == Action::OipIndex || found.manages()) << c.path;
  }
}

TEST(RouteTest, KnowsEveryFormOfScoring) {
  const struct {
    const char* path;
    Form form;
    Protocol protocol;
    const char* endpoint;
    const char* version;
  } cases[] = {
      {"/score", Form::AzureMl, Protocol::AzureMl, "", ""},
      {"/endpoints/faq/score", Form::AzureMl, Protocol::AzureMl, "faq", ""},
      {"/api/v1/service/faq/score", Form::AzureMl, Protocol::AzureMl, "faq", ""},
      {"/invocations", Form::MlFlow, Protocol::MlFlow, "", ""},
      {"/endpoints/faq/invocations", Form::MlFlow, Protocol::MlFlow, "faq", ""},
      {"/v2/models/faq/infer", Form::OipRest, Protocol::OipRest, "faq", ""},
      {"/v2/models/faq/versions/1/infer", Form::OipRest, Protocol::OipRest, "faq", "1"},
      {"/v1/models/faq:predict", Form::TfPredict, Protocol::TfServing, "faq", ""},
      {"/v1/models/faq/versions/2:predict", Form::TfPredict, Protocol::TfServing, "faq", "2"},
      {"/v1/models/faq:classify", Form::TfClassify, Protocol::TfServing, "faq", ""},
      {"/v1/models/faq:regress", Form::TfRegress, Protocol::TfServing, "faq", ""},
  };
  for (const auto& c : cases) {
    const Route found = route(c.path);
    EXPECT_EQ(found.action, Action::Score) << c.path;
    EXPECT_EQ(found.form, c.form) << c.path;
    EXPECT_EQ(found.protocol, c.protocol) << c.path;
    EXPECT_EQ(found.endpoint, c.endpoint) << c.path;
    EXPECT_EQ(found.version, c.version) << c.path;
    EXPECT_TRUE(found.is_post() && found.needs_endpoint()) << c.path;
  }
}

TEST(RouteTest, HasOneSpellingForEach) {
  for (const char* path : {"",
                           "//",
                           "/score/",
                           "/Score",
                           "/%73core",
                           "/endpoints//score",
                           "/endpoints/faq",
                           "/endpoints/faq/",
                           "/endpoints/a/b/score",
                           "/v2/models/",
                           "/v2/models//infer",
                           "/v2/models/faq/infer/",
                           "/v2/models/faq/versions//infer",
                           "/v2/health",
                           "/v1/models/",
                           "/v1/models/faq/predict",
                           "/v1/models/faq:predict/",
                           "/v1/models/faq:Predict",
                           "/v1/models/:predict",
                           "/v1/models/faq/versions/:predict",
                           "/invocations/",
                           "/v1",
                           "/v2/repository",
                           "/v2/repository/index/",
                           "/v2/repository/models/faq",
                           "/v2/repository/models//load",
                           "/v2/repository/models/faq/load/",
                           "/v2/repository/models/faq/versions/1/load"}) {
    EXPECT_EQ(route(path).action, Action::NotFound) << path;
  }
}

TEST(RouteTest, ErrorsHaveTheFormOfTheirProtocol) {
  EXPECT_EQ(route("/score").protocol, Protocol::AzureMl);
  EXPECT_EQ(route("/v2/models/x/nothing").protocol, Protocol::OipRest);
  EXPECT_EQ(route("/v1/models/x:nothing").protocol, Protocol::TfServing);
  EXPECT_EQ(route("/nothing").protocol, Protocol::Sooth);
}

}  // namespace
}  // namespace contract
