#include "deploy_kubernetes/plan_change.h"

#include <string>

#include <gtest/gtest.h>

#include "deploy_kubernetes/render.h"

namespace deploy_kubernetes {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

RenderContext context_of(char digit = 'a') {
  RenderContext context;
  context.in_namespace = "models";
  context.apis = *ClusterApis::offline("1.36");
  context.images = {{"blue", "registry.example/faq@sha256:" + std::string(64, digit)}};
  context.keys_base64 = {{"keys.json", "b2xk"}};
  return context;
}

std::vector<Object> rendered(const std::string& lines, const RenderContext& context) {
  const auto spec = deploy::parse_endpoint(
      "endpoint.yaml", "name: faq\ndeployments:\n  blue:\n    version: faq:3\n" + lines);
  EXPECT_TRUE(spec.ok());
  auto objects = render(*spec, context);
  EXPECT_TRUE(objects.ok());
  return objects.ok() ? *std::move(objects) : std::vector<Object>{};
}

// As an API server gives them back: with what it adds, and quantities in its own form.
std::vector<json> live_of(const std::vector<Object>& objects) {
  std::vector<json> live;
  for (const Object& object : objects) {
    json each = object.json;
    each["metadata"]["uid"] = "u-1";
    each["metadata"]["resourceVersion"] = "7";
    each["metadata"]["creationTimestamp"] = "2026-01-01T00:00:00Z";
    each["metadata"]["generation"] = 1;
    each["status"] = {{"replicas", 2}};
    if (object.kind == "Deployment") {
      each["spec"]["template"]["spec"]["dnsPolicy"] = "ClusterFirst";
      each["spec"]["template"]["spec"]["containers"][0]["terminationMessagePath"] = "/dev/log";
      each["spec"]["template"]["spec"]["containers"][0]["readinessProbe"]["successThreshold"] = 1;
    }
    if (object.kind == "Service") each["spec"]["clusterIP"] = "10.0.0.1";
    live.push_back(std::move(each));
  }
  return live;
}

std::vector<Change> planned(const std::vector<Object>& desired, const std::vector<json>& live) {
  auto changes = plan_change(desired, live);
  EXPECT_TRUE(changes.ok()) << (changes.ok() ? "" : changes.error().message());
  return changes.ok() ? *std::move(changes) : std::vector<Change>{};
}

json& deployment_in(std::vector<json>& live) {
  for (json& each : live) {
    if (each["kind"] == "Deployment") return each;
  }
  return live.front();
}

TEST(PlanChangeTest, WhatTheServerAddsIsNoChange) {
  const auto objects = rendered("", context_of());
  EXPECT_EQ(planned(objects, live_of(objects)), std::vector<Change>{});
  EXPECT_EQ(to_text({}), "no change\n");
}

TEST(PlanChangeTest, QuantitiesInAnotherFormAreTheSame) {
  const auto objects = rendered("    cpu: 2\n    memory: 1Gi\n", context_of());
  auto live = live_of(objects);
  json& container = deployment_in(live)["spec"]["template"]["spec"]["containers"][0];
  container["resources"]["limits"] = {{"cpu", "2000m"}, {"memory", "1024Mi"}};
  EXPECT_EQ(planned(objects, live), std::vector<Change>{});
  container["resources"]["limits"]["memory"] = "1000Mi";
  const auto changes = planned(objects, live);
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].path, "spec.template.spec.containers[sooth].resources.limits.memory");
}

TEST(PlanChangeTest, AFirstDeploymentCreatesEverything) {
  const auto objects = rendered("", context_of());
  const auto changes = planned(objects, {});
  ASSERT_EQ(changes.size(), objects.size());
  EXPECT_EQ(changes.front().kind, Change::Kind::Create);
  EXPECT_TRUE(to_text(changes).starts_with("+ ConfigMap sooth-faq\n+ ServiceAccount faq\n"));
}

TEST(PlanChangeTest, SaysEachFieldThatChanges) {
  const auto before = rendered("    replicas: 2\n    environment: {LEVEL: info}\n", context_of());
  const auto after =
      rendered("    replicas: 3\n    environment: {LEVEL: debug, NEW: '1'}\n", context_of('b'));
  std::string text;
  for (const Change& change : planned(after, live_of(before))) {
    if (change.object == "Deployment faq-blue") text += to_text(std::vector<Change>{change});
  }
  EXPECT_EQ(text,
            "~ Deployment faq-blue\n    spec.replicas: 2 -> 3\n"
            "~ Deployment faq-blue\n    spec.template.spec.containers[sooth].image: \"" +
                context_of('a').images.at("blue") + "\" -> \"" + context_of('b').images.at("blue") +
                "\"\n"
                "~ Deployment faq-blue\n    spec.template.spec.containers[sooth].env[LEVEL].value: "
                "\"info\" -> \"debug\"\n"
                "~ Deployment faq-blue\n    spec.template.spec.containers[sooth].env[NEW]: (none) "
                "-> {\"name\":\"NEW\",\"value\":\"1\"}\n");
}

TEST(PlanChangeTest, WhatWeOnceSetAndDropIsAChange) {
  const auto objects = rendered("", context_of());
  auto live = live_of(objects);
  json& deployment = deployment_in(live);
  deployment["metadata"]["labels"]["team"] = "search";
  deployment["metadata"]["labels"]["theirs"] = "kept";
  deployment["spec"]["template"]["spec"]["nodeSelector"] = {{"pool", "gpu"}};
  deployment["spec"]["template"]["spec"]["containers"][0]["env"] =
      json::array({{{"name", "OLD"}, {"value", "1"}}, {{"name", "SIDE"}, {"value", "2"}}});
  deployment["metadata"]["managedFields"] = json::parse(R"([
    {"manager": "kubectl-edit", "operation": "Update", "fieldsV1":
      {"f:metadata": {"f:labels": {"f:theirs": {}}}}},
    {"manager": "sooth", "operation": "Apply", "fieldsV1": {
      "f:metadata": {"f:labels": {"f:team": {}, "f:sooth/endpoint": {}}},
      "f:spec": {"f:template": {"f:spec": {
        "f:nodeSelector": {},
        "f:containers": {"k:{\"name\":\"sooth\"}": {".": {}, "f:image": {}, "f:name": {},
          "f:env": {"k:{\"name\":\"OLD\"}": {".": {}, "f:name": {}, "f:value": {}}}}}}}}}}])");
  EXPECT_EQ(to_text(planned(objects, live)),
            "~ Deployment faq-blue\n"
            "    metadata.labels.team: \"search\" -> (none)\n"
            "    spec.template.spec.containers[sooth].env[OLD]: {\"name\":\"OLD\",\"value\":\"1\"} "
            "-> (none)\n"
            "    spec.template.spec.nodeSelector: {\"pool\":\"gpu\"} -> (none)\n");
}

TEST(PlanChangeTest, ValuesOfSecretsAreNeverShown) {
  RenderContext context = context_of();
  const auto before = rendered("", context);
  context.keys_base64 = {{"keys.json", "bmV3"}, {"more.json", "bW9yZQ=="}};
  const auto changes = planned(rendered("", context), live_of(before));
  const std::string text = to_text(changes);
  EXPECT_EQ(text,
            "~ Secret faq-keys\n"
            "    data[keys.json]: (hidden) -> (hidden)\n"
            "    data[more.json]: (none) -> (hidden)\n");
  for (const char* value : {"b2xk", "bmV3", "bW9yZQ"}) {
    EXPECT_EQ(to_json(changes).dump().find(value), std::string::npos);
  }
}

TEST(PlanChangeTest, WhatIsNotWantedAnyMoreIsRemoved) {
  const auto before = rendered("    autoscale: {max: 4}\n", context_of());
  const auto changes = planned(rendered("    replicas: 2\n", context_of()), live_of(before));
  EXPECT_EQ(changes.back(),
            (Change{Change::Kind::Remove, "HorizontalPodAutoscaler faq-blue", "", {}, {}}));
  EXPECT_EQ(to_json(changes).back().dump(),
            R"({"change":"remove","object":"HorizontalPodAutoscaler faq-blue"})");
}

TEST(PlanChangeTest, AnObjectOfAnotherIsNotTouched) {
  const auto objects = rendered("", context_of());
  auto live = live_of(objects);
  deployment_in(live)["metadata"]["labels"]["sooth/endpoint"] = "faq-blue";
  EXPECT_EQ(
      plan_change(objects, live).error().message(),
      "Deployment faq-blue: one that is of endpoint \"faq-blue\" is there already: rename the "
      "endpoint, or remove that");
  deployment_in(live)["metadata"].erase("labels");
  EXPECT_EQ(plan_change(objects, live).error().message(),
            "Deployment faq-blue: one that is not of an endpoint is there already: rename the "
            "endpoint, or remove that");
}

TEST(PlanChangeTest, RefusesWhatIsNoObject) {
  for (const char* text : {"7", "{}", R"({"kind":"Pod"})", R"({"kind":"Pod","metadata":[]})"}) {
    EXPECT_EQ(plan_change({}, std::vector<json>{json::parse(text)}).error().message(),
              "live objects: expected \"kind\" and \"metadata.name\"");
  }
}

TEST(PlanChangeTest, ListsWithoutKeysAreComparedWhole) {
  const Object desired{"v1", "Thing", "a",
                       ordered_json::parse(R"({"kind":"Thing","metadata":{"name":"a","labels":
                         {"sooth/endpoint":"faq"}},"spec":{"args":["a","b"],"hosts":["x"]}})")};
  const std::vector<json> live = {json::parse(R"({"kind":"Thing","metadata":{"name":"a","labels":
      {"sooth/endpoint":"faq"}},"spec":{"args":["a"],"hosts":["y"]}})")};
  EXPECT_EQ(
      to_text(planned({desired}, live)),
      "~ Thing a\n    spec.args: [\"a\"] -> [\"a\",\"b\"]\n    spec.hosts[0]: \"y\" -> \"x\"\n");
}

}  // namespace
}  // namespace deploy_kubernetes
