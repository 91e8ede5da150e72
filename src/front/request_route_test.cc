#include "front/request_route.h"

#include <string_view>

#include <gtest/gtest.h>

namespace front {
namespace {

using contract::Action;
using contract::Protocol;

TEST(RequestRouteTest, SaysWhatAHeadAsksFor) {
  const FrontOptions options{.predict_route = "/a/predict", .health_route = "/a/health"};
  const struct {
    std::string_view path;
    std::string_view query;
    net::Header field;
    Action action;
    Protocol protocol;
  } cases[] = {
      {"/score", "", {}, Action::Score, Protocol::AzureMl},
      {"/a/predict", "", {}, Action::Score, Protocol::TfServing},
      {"/a/health", "", {}, Action::Ready, Protocol::TfServing},
      {"/a/other", "", {}, Action::NotFound, Protocol::Sooth},
      {"/swagger.json", "", {}, Action::Swagger, Protocol::AzureMl},
      {"/swagger.json", "version=2", {}, Action::Swagger, Protocol::AzureMl},
      {"/swagger.json", "version=3", {}, Action::OpenApi, Protocol::AzureMl},
      {"/", "", {"accept", "*/*"}, Action::Alive, Protocol::Sooth},
      {"/", "", {"accept", "text/html"}, Action::Page, Protocol::Sooth},
      {"/score", "", {"content-type", "application/grpc"}, Action::NotFound, Protocol::Grpc},
      {"/score", "", {"content-type", "Application/gRPC+proto"}, Action::NotFound, Protocol::Grpc},
      // Another protocol, which is not spoken here.
      {"/score",
       "",
       {"content-type", "application/grpc-web+proto"},
       Action::Score,
       Protocol::AzureMl},
  };
  for (const auto& c : cases) {
    net::RequestHead head{.path = c.path, .query = c.query};
    if (!c.field.name.empty()) head.headers.push_back(c.field);
    const contract::Route route = route_of(head, options);
    EXPECT_EQ(route.action, c.action) << c.path << "?" << c.query << " " << c.field.value;
    EXPECT_EQ(route.protocol, c.protocol) << c.path << "?" << c.query << " " << c.field.value;
  }
}

TEST(RequestRouteTest, APlatformThatChoosesNoPathsHasNone) {
  EXPECT_EQ(route_of({.path = ""}, {}).action, Action::NotFound);
  EXPECT_EQ(route_of({.path = "/a/predict"}, {}).action, Action::NotFound);
}

}  // namespace
}  // namespace front
