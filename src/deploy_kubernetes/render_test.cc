#include "deploy_kubernetes/render.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "deploy_kubernetes/yaml.h"

namespace deploy_kubernetes {
namespace {

using nlohmann::ordered_json;

constexpr const char* kGolden = SOOTH_SOURCE_DIR "/tests/golden/kubernetes/";

std::string slurp(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::string image_of(const std::string& repository, char digit) {
  return "registry.example/" + repository + "@sha256:" + std::string(64, digit);
}

// Of a cluster without anything beside Kubernetes itself.
RenderContext plain() {
  RenderContext context;
  context.in_namespace = "models";
  context.apis = *ClusterApis::offline("1.36");
  context.images = {{"blue", image_of("faq", 'a')}};
  context.tool = "sooth/v0.1.0";
  return context;
}

RenderContext with_gateway() {
  RenderContext context = plain();
  context.apis.add_gateway_api();
  context.hosts = {"faq.example"};
  context.gateway = GatewayRef{.in_namespace = "gateway", .name = "shared"};
  return context;
}

deploy::EndpointSpec spec_of(const std::string& text) {
  auto spec = deploy::parse_endpoint("endpoint.yaml", text);
  EXPECT_TRUE(spec.ok()) << (spec.ok() ? "" : spec.error().message());
  return spec.ok() ? *std::move(spec) : deploy::EndpointSpec{};
}

deploy::EndpointSpec faq(const std::string& lines = "") {
  return spec_of("name: faq\ndeployments:\n  blue:\n    version: faq:3\n" + lines);
}

std::vector<Object> rendered(const deploy::EndpointSpec& spec, const RenderContext& context) {
  auto objects = render(spec, context);
  EXPECT_TRUE(objects.ok()) << (objects.ok() ? "" : objects.error().message());
  return objects.ok() ? *std::move(objects) : std::vector<Object>{};
}

ordered_json find(const std::vector<Object>& objects, const std::string& kind,
                  const std::string& name) {
  for (const Object& object : objects) {
    if (object.kind == kind && object.name == name) return object.json;
  }
  return nullptr;
}

std::string problem(const deploy::EndpointSpec& spec, const RenderContext& context) {
  const auto objects = render(spec, context);
  return objects.ok() ? "none" : objects.error().message();
}

struct GoldenCase {
  std::string name;
  std::function<void(RenderContext&)> adapt;
};

class GoldenTest : public testing::TestWithParam<GoldenCase> {};

TEST_P(GoldenTest, RendersTheSameBytes) {
  const std::string name = GetParam().name;
  RenderContext context = plain();
  GetParam().adapt(context);
  const auto spec = spec_of(slurp(kGolden + ("endpoints/" + name + ".yaml")));
  const std::string made = to_yaml(rendered(spec, context));
  const std::string path = kGolden + (name + ".yaml");
  if (std::getenv("SOOTH_ACCEPT") != nullptr) std::ofstream(path) << made;
  EXPECT_EQ(slurp(path), made) << "run with SOOTH_ACCEPT=1 to accept";
  EXPECT_EQ(to_yaml(rendered(spec, context)), made);
}

INSTANTIATE_TEST_SUITE_P(
    Kubernetes, GoldenTest,
    testing::Values(GoldenCase{"minimal", [](RenderContext&) {}},
                    GoldenCase{"autoscaled",
                               [](RenderContext& context) {
                                 context.apis.add_gateway_api();
                                 context.apis.add_monitoring(kPrometheusGroup);
                                 context.images = {{"main", image_of("fraud", 'b')}};
                                 context.hosts = {"fraud.example"};
                                 context.gateway =
                                     GatewayRef{.in_namespace = "gateway", .name = "shared"};
                                 context.client_namespaces = {"monitoring"};
                                 context.monitor_secret = "monitor-key";
                                 context.keys_base64 = {{"keys.json", "eyJrZXlzIjpbXX0="}};
                                 context.arguments = {"--keys", "/etc/sooth/keys/keys.json"};
                                 context.owner_uid = "0b3f3d0e-6f0a-4c43-9d0e-2f9f3c1a7b11";
                               }},
                    GoldenCase{"gpu",
                               [](RenderContext& context) {
                                 context.apis.add_gateway_api();
                                 context.apis.add_monitoring(kAzurePrometheusGroup);
                                 context.images = {{"blue", image_of("vision/resnet", 'c')}};
                                 context.hosts = {"resnet.example"};
                                 context.gateway_class = "contour";
                                 context.tls_secret = "resnet-tls";
                                 context.image_pull_secrets = {"registry"};
                               }},
                    GoldenCase{"traffic",
                               [](RenderContext& context) {
                                 context.apis.add_gateway_api();
                                 context.images = {{"blue", image_of("faq", 'a')},
                                                   {"green", image_of("faq", 'd')},
                                                   {"idle", image_of("faq", 'e')}};
                                 context.hosts = {"faq.example", "*.faq.example"};
                                 context.gateway =
                                     GatewayRef{.in_namespace = "gateway", .name = "shared"};
                               }},
                    GoldenCase{"ingress",
                               [](RenderContext& context) {
                                 context.images = {{"blue", image_of("churn", 'f')}};
                                 context.hosts = {"churn.example"};
                                 context.tls_secret = "churn-tls";
                                 context.ingress_class = "nginx";
                                 context.client_namespaces = {"ingress-nginx"};
                               }}),
    [](const auto& each) { return each.param.name; });

TEST(RenderTest, EveryObjectIsOursAndOwned) {
  RenderContext context = with_gateway();
  context.keys_base64 = {{"keys.json", "e30="}};
  context.owner_uid = "u-1";
  const auto objects = rendered(faq("    autoscale: {max: 4}\n"), context);
  ASSERT_EQ(objects.front().kind, "ConfigMap");
  const std::string set = applyset_id("faq", "models");
  EXPECT_EQ(objects.front().json["metadata"]["labels"]["applyset.kubernetes.io/id"], set);
  EXPECT_LE(set.size(), 63U);
  for (const Object& object : objects) {
    const ordered_json& metadata = object.json["metadata"];
    EXPECT_EQ(metadata["namespace"], "models") << object.kind;
    EXPECT_EQ(metadata["labels"]["sooth/endpoint"], "faq") << object.kind;
    EXPECT_EQ(metadata["labels"]["app.kubernetes.io/managed-by"], "sooth") << object.kind;
    if (object.kind == "ConfigMap") continue;
    EXPECT_EQ(metadata["labels"]["applyset.kubernetes.io/part-of"], set) << object.kind;
    EXPECT_EQ(metadata["ownerReferences"][0]["uid"], "u-1") << object.kind;
    EXPECT_EQ(metadata["ownerReferences"][0]["name"], "sooth-faq") << object.kind;
  }
  EXPECT_EQ(objects.front()
                .json["metadata"]["annotations"]["applyset.kubernetes.io/contains-group-kinds"],
            "Deployment.apps,HTTPRoute.gateway.networking.k8s.io,"
            "HorizontalPodAutoscaler.autoscaling,NetworkPolicy.networking.k8s.io,"
            "PodDisruptionBudget.policy,Secret,Service,ServiceAccount");
}

// The identifier that KEP-3659 gives for a ConfigMap "sooth-faq" in "models".
TEST(RenderTest, ApplySetIdIsThatOfTheSpecification) {
  EXPECT_TRUE(applyset_id("faq", "models").starts_with("applyset-"));
  EXPECT_TRUE(applyset_id("faq", "models").ends_with("-v1"));
  EXPECT_EQ(applyset_id("faq", "models").size(), 9U + 43U + 3U);
  EXPECT_NE(applyset_id("faq", "models"), applyset_id("faq", "other"));
}

TEST(RenderTest, TheManifestReadsBackAsTheSpec) {
  const auto spec = faq("    environment: {A: 'on', B: \"x\\ny\"}\n");
  const auto objects = rendered(spec, plain());
  const std::string manifest = objects.front().json["data"]["endpoint.yaml"];
  const auto again = deploy::parse_endpoint("endpoint.yaml", manifest);
  ASSERT_TRUE(again.ok()) << again.error().message();
  EXPECT_EQ(*again, spec);
}

TEST(RenderTest, AnAutoscalerOwnsTheNumberOfCopies) {
  const auto objects = rendered(faq("    autoscale: {max: 4}\n"), plain());
  EXPECT_FALSE(find(objects, "Deployment", "faq-blue")["spec"].contains("replicas"));
  EXPECT_EQ(find(objects, "HorizontalPodAutoscaler", "faq-blue")["spec"]["maxReplicas"], 4);
  const auto fixed = rendered(faq("    replicas: 5\n"), plain());
  EXPECT_EQ(find(fixed, "Deployment", "faq-blue")["spec"]["replicas"], 5);
  EXPECT_EQ(find(fixed, "HorizontalPodAutoscaler", "faq-blue"), nullptr);
}

TEST(RenderTest, KeysReachTheSecretAndNothingElse) {
  RenderContext context = plain();
  context.keys_base64 = {{"keys.json", "c2VjcmV0LWRpZ2VzdA=="}};
  for (const Object& object : rendered(faq(), context)) {
    const bool holds = object.json.dump().find("c2VjcmV0") != std::string::npos;
    EXPECT_EQ(holds, object.kind == "Secret") << object.kind;
  }
  context.keys_base64 = {{"keys.json", "not base64"}};
  EXPECT_EQ(problem(faq(), context), "file of keys keys.json: expected base64");
}

TEST(RenderTest, TrafficIsSplitByWeightsOfTheRoute) {
  RenderContext context = with_gateway();
  context.images["green"] = image_of("faq", 'b');
  const auto spec = faq("  green: {version: 4}\ntraffic: {blue: 75, green: 25}\n");
  const auto objects = rendered(spec, context);
  const auto backends = find(objects, "HTTPRoute", "faq")["spec"]["rules"][0]["backendRefs"];
  ASSERT_EQ(backends.size(), 2U);
  EXPECT_EQ(backends[0]["name"], "faq-blue");
  EXPECT_EQ(backends[0]["weight"], 75);
  EXPECT_EQ(backends[1]["weight"], 25);
  EXPECT_EQ(find(objects, "Service", "faq")["spec"]["selector"]["sooth/deployment"], "blue");
}

TEST(RenderTest, ASplitThatTheClusterCannotMakeIsRefused) {
  RenderContext context = plain();
  context.images["green"] = image_of("faq", 'b');
  const auto spec = faq("  green: {version: 4}\ntraffic: {blue: 75, green: 25}\n");
  EXPECT_EQ(problem(spec, context),
            "traffic: 2 deployments share it, but only a gateway splits it: name a host; or give "
            "one deployment 100");
  context.hosts = {"faq.example"};
  context.tls_secret = "tls";
  EXPECT_EQ(problem(spec, context),
            "traffic: 2 deployments share it, but an Ingress cannot split it: install a controller "
            "of the Gateway API and name a gateway; or give one deployment 100");
}

TEST(RenderTest, RefusesWhatCannotBeRight) {
  const struct {
    std::function<void(RenderContext&)> adapt;
    std::string message;
  } cases[] = {
      {[](RenderContext& c) { c.images = {}; },
       "image of deployment \"blue\": expected a reference with a digest, got none"},
      {[](RenderContext& c) { c.images["blue"] = "registry.example/faq:3"; },
       "image of deployment \"blue\": expected a reference with a digest, such as "
       "\"registry.example/faq@sha256:...\", got \"registry.example/faq:3\""},
      {[](RenderContext& c) { c.in_namespace = "Models"; },
       "namespace: expected a-z, 0-9, '-' and '.', at most 63 bytes, got \"Models\""},
      {[](RenderContext& c) { c.hosts = {"faq.example"}; },
       "host faq.example: expected the TLS secret to serve it with"},
      {[](RenderContext& c) {
         c.hosts = {"faq.example"};
         c.gateway = GatewayRef{.in_namespace = "g", .name = "g"};
       },
       "the cluster offers no Gateway API: install a Gateway controller, or name no gateway to get "
       "an Ingress"},
      {[](RenderContext& c) {
         c.hosts = {"faq.example"};
         c.apis.add_gateway_api();
       },
       "the cluster offers the Gateway API: expected the gateway to use, a gateway class, or an "
       "ingress class"},
      {[](RenderContext& c) { c.hosts = {"bad host"}; },
       "host: expected a-z, 0-9, '-' and '.', at most 253 bytes, got \"bad host\""},
      {[](RenderContext& c) { c.apis = ClusterApis(); },
       "the cluster offers no ConfigMap of v1, which endpoint \"faq\" needs"},
      {[](RenderContext& c) {
         EXPECT_TRUE(c.apis.add_version(R"({"major":"1","minor":"29+"})").ok());
       },
       "the cluster: expected Kubernetes 1.30 or later, got 1.29"},
  };
  for (const auto& c : cases) {
    RenderContext context = plain();
    c.adapt(context);
    EXPECT_EQ(problem(faq(), context), c.message);
  }
}

TEST(RenderTest, VersionsBecomeLabelsWhereTheyCan) {
  const auto label = [](const std::string& version) {
    const auto objects = rendered(
        spec_of("name: faq\ndeployments: {blue: {version: '" + version + "'}}\n"), plain());
    const auto labels = find(objects, "Deployment", "faq-blue")["metadata"]["labels"];
    return labels.value("app.kubernetes.io/version", "none");
  };
  EXPECT_EQ(label("faq:3"), "3");
  EXPECT_EQ(label("faq@champion"), "champion");
  EXPECT_EQ(label("r.example/faq@sha256:" + std::string(64, 'a')), std::string(12, 'a'));
  EXPECT_EQ(label("r.example:5000/team/faq"), "none");
}

TEST(RenderTest, AdviceSaysWhatAPersonShouldKnow) {
  const auto spec = faq("    gpu: 1\n    replicas: 1\n");
  EXPECT_EQ(
      advice(spec, plain()),
      (std::vector<std::string>{
          "deployment \"blue\": an update needs 1 spare GPU; without, say \"update: replace\"",
          "deployment \"blue\": with one copy the endpoint is away when its node is",
          "no host name is given: it is reached within the cluster only",
          "no keys are given: create one with sooth keys create",
          "the cluster has no PodMonitor: pods carry prometheus.io annotations"}));
  RenderContext context = with_gateway();
  context.keys_base64 = {{"k", "e30="}};
  const std::string make =
      "metrics are read with a key: sooth keys create faq --client monitor --scope metrics makes "
      "one";
  EXPECT_EQ(advice(faq(), context),
            (std::vector<std::string>{
                "the NetworkPolicy admits pods of its own namespace and namespace \"" +
                    context.gateway->in_namespace +
                    "\" alone: where the proxy that serves the host runs elsewhere, name its "
                    "namespace with --client-namespace",
                make, "the cluster has no PodMonitor: pods carry prometheus.io annotations"}));
  context.apis.add_monitoring(kPrometheusGroup);
  context.client_namespaces = {"gateway", "monitoring"};
  EXPECT_EQ(advice(faq(), context),
            std::vector<std::string>{
                make + ", and --monitor-secret names the Secret that holds it as \"key\""});
  context.monitor_secret = "monitor-key";
  EXPECT_EQ(advice(faq(), context), std::vector<std::string>{});
}

}  // namespace
}  // namespace deploy_kubernetes
