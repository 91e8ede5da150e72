#include "deploy_kubernetes/cluster_apis.h"

#include <string>

#include <gtest/gtest.h>

namespace deploy_kubernetes {
namespace {

// As `GET /apis` with Accept: application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList
// answers, cut down.
constexpr const char* kAggregated = R"({
  "kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {},
  "items": [
    {"metadata": {"name": "apps", "creationTimestamp": null}, "versions": [
      {"version": "v1", "freshness": "Current", "resources": [
        {"resource": "deployments", "responseKind": {"group": "apps", "version": "v1",
         "kind": "Deployment"}, "scope": "Namespaced", "singularResource": "deployment",
         "verbs": ["get"], "subresources": [{"subresource": "scale",
         "responseKind": {"group": "autoscaling", "version": "v1", "kind": "Scale"}}]}]}]},
    {"metadata": {"name": "gateway.networking.k8s.io"}, "versions": [
      {"version": "v1", "resources": [
        {"resource": "gatewayclasses", "responseKind": {"group": "gateway.networking.k8s.io",
         "version": "v1", "kind": "GatewayClass"}, "scope": "Cluster"},
        {"resource": "httproutes", "responseKind": {"group": "gateway.networking.k8s.io",
         "version": "v1", "kind": "HTTPRoute"}, "scope": "Namespaced"}]},
      {"version": "v1beta1", "resources": []}]},
    {"metadata": {"name": "authentication.k8s.io"}, "versions": [
      {"version": "v1", "resources": [{"resource": "odd", "responseKind": null}]}]}]})";

std::string problem(std::string_view json) {
  ClusterApis apis;
  const auto added = apis.add(json);
  return added.ok() ? "none" : added.error().message();
}

TEST(ClusterApisTest, ReadsAggregatedDiscovery) {
  ClusterApis apis;
  ASSERT_TRUE(apis.add(kAggregated).ok());
  ASSERT_TRUE(apis.add(R"({"kind": "APIGroupDiscoveryList", "items": [{"metadata": {},
      "versions": [{"version": "v1", "resources": [{"resource": "pods", "scope": "Namespaced",
      "responseKind": {"group": "", "version": "v1", "kind": "Pod"}}]}]}]})")
                  .ok());
  EXPECT_TRUE(apis.has("apps", "v1", "Deployment"));
  EXPECT_TRUE(apis.has("", "v1", "Pod"));
  EXPECT_TRUE(apis.has(kGatewayGroup, "v1", "HTTPRoute"));
  EXPECT_FALSE(apis.has(kGatewayGroup, "v1beta1", "HTTPRoute"));
  EXPECT_FALSE(apis.has("autoscaling", "v1", "Scale"));
  EXPECT_TRUE(apis.unresolved().empty());
}

TEST(ClusterApisTest, KnowsThePathOfEachKind) {
  ClusterApis apis;
  ASSERT_TRUE(apis.add(kAggregated).ok());
  EXPECT_EQ(apis.path("apps/v1", "Deployment", "prod"),
            "/apis/apps/v1/namespaces/prod/deployments");
  EXPECT_EQ(apis.path("gateway.networking.k8s.io/v1", "GatewayClass", "prod"),
            "/apis/gateway.networking.k8s.io/v1/gatewayclasses");
  EXPECT_EQ(apis.path("v1", "Pod", "prod"), "");
  EXPECT_EQ(ClusterApis::offline("1.34")->path("v1", "ConfigMap", "prod"),
            "/api/v1/namespaces/prod/configmaps");
}

TEST(ClusterApisTest, ReadsPlainDiscoveryInSteps) {
  ClusterApis apis;
  ASSERT_TRUE(apis.add(R"({"kind":"APIVersions","versions":["v1"]})").ok());
  ASSERT_TRUE(apis.add(R"({"kind":"APIGroupList","groups":[{"name":"apps","versions":
      [{"groupVersion":"apps/v1","version":"v1"}]}]})")
                  .ok());
  EXPECT_EQ(apis.unresolved(), (std::vector<std::string>{"apps/v1", "v1"}));
  ASSERT_TRUE(apis.add(R"({"kind":"APIResourceList","groupVersion":"apps/v1","resources":[
      {"name":"deployments","kind":"Deployment","namespaced":true},
      {"name":"deployments/status","kind":"Deployment","namespaced":true}]})")
                  .ok());
  ASSERT_TRUE(apis.add(R"({"kind":"APIResourceList","groupVersion":"v1","resources":[]})").ok());
  EXPECT_TRUE(apis.unresolved().empty());
  EXPECT_EQ(apis.find("apps", "v1", "Deployment")->plural, "deployments");
}

TEST(ClusterApisTest, OfflineProfilesHaveKubernetesAndNothingElse) {
  const auto apis = ClusterApis::offline("1.36");
  ASSERT_TRUE(apis.ok());
  EXPECT_EQ(apis->minor(), 36);
  EXPECT_TRUE(apis->has("autoscaling", "v2", "HorizontalPodAutoscaler"));
  EXPECT_FALSE(apis->has(kGatewayGroup, "v1", "HTTPRoute"));
  EXPECT_FALSE(apis->has(kPrometheusGroup, "v1", "PodMonitor"));
  EXPECT_EQ(ClusterApis::offline("1.20").error().message(),
            "Kubernetes release: expected \"1.34\" or \"1.36\", got \"1.20\"");
}

TEST(ClusterApisTest, ReadsTheVersionAsProvidersWriteIt) {
  ClusterApis apis;
  ASSERT_TRUE(apis.add_version(R"({"major":"1","minor":"34+","gitVersion":"v1.34.4-eks"})").ok());
  EXPECT_EQ(apis.major(), 1);
  EXPECT_EQ(apis.minor(), 34);
  EXPECT_FALSE(apis.add_version(R"({"major":"1","minor":"x"})").ok());
  EXPECT_FALSE(apis.add_version(R"({"major":1,"minor":34})").ok());
}

TEST(ClusterApisTest, RefusesWhatIsNoDiscovery) {
  const struct {
    std::string json;
    std::string message;
  } cases[] = {
      {"", "discovery: expected JSON, got \"\""},
      {"[]", "discovery: expected a JSON object"},
      {R"({"kind":"Status"})", "discovery: expected a discovery document, got kind \"Status\""},
      {R"({"kind":7})", "discovery: expected a discovery document, got kind that is no text"},
      {R"({"kind":"APIVersions","versions":["../x"]})",
       "discovery: expected names as \"versions\""},
      {R"({"kind":"APIResourceList"})", "discovery: expected a text as \"groupVersion\""},
      {R"({"kind":"APIResourceList","groupVersion":"v1","resources":[{"name":"..","kind":"X"}]})",
       "discovery: \"name\": expected a name, got \"..\""},
      {R"({"kind":"APIGroupDiscoveryList","items":{}})", "discovery: expected a list as \"items\""},
      {R"({"kind":"APIGroupDiscoveryList","items":[7]})", "discovery: expected an object"},
      {R"({"kind":"APIGroupDiscoveryList","items":[{"versions":[7]}]})", "none of these"},
  };
  for (const auto& c : cases) {
    if (c.message == "none of these") {
      EXPECT_NE(problem(c.json), "none");
    } else {
      EXPECT_EQ(problem(c.json), c.message);
    }
  }
}

}  // namespace
}  // namespace deploy_kubernetes
