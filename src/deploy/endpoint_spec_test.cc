#include "deploy/endpoint_spec.h"

#include <string>

#include <gtest/gtest.h>

namespace deploy {
namespace {

std::string problem(std::string_view text) {
  const auto spec = parse_endpoint("endpoint.yaml", text);
  return spec.ok() ? "none" : spec.error().message();
}

EndpointSpec parsed(std::string_view text) {
  auto spec = parse_endpoint("endpoint.yaml", text);
  EXPECT_TRUE(spec.ok()) << (spec.ok() ? "" : spec.error().message());
  return spec.ok() ? *std::move(spec) : EndpointSpec{};
}

// A deployment "blue" with these lines.
std::string with(const std::string& lines) {
  return "name: faq\ndeployments:\n  blue:\n    version: faq:3\n" + lines;
}

TEST(EndpointSpecTest, TheSmallestFileGetsEveryDefault) {
  const EndpointSpec spec = parsed("name: faq\ndeployments:\n  blue:\n    version: 3\n");
  EXPECT_EQ(spec.name, "faq");
  EXPECT_EQ(spec.traffic, (std::map<std::string, std::int64_t>{{"blue", 100}}));
  EXPECT_EQ(spec.request_time_max_s, 60);
  ASSERT_EQ(spec.deployments.size(), 1U);
  const DeploymentSpec& blue = spec.deployments.front();
  EXPECT_EQ(blue.version, "faq:3");
  EXPECT_EQ(blue.replicas, 2);
  EXPECT_FALSE(blue.autoscale);
  EXPECT_EQ(blue.cpu.text(), "1");
  EXPECT_EQ(blue.cpu_limit, blue.cpu);
  EXPECT_EQ(blue.memory.text(), "512Mi");
  EXPECT_EQ(blue.memory_limit, blue.memory);
  EXPECT_EQ(blue.gpu, 0);
  EXPECT_EQ(blue.update, Update::Surge);
  EXPECT_EQ(blue.drain_time_s, 10);
  EXPECT_EQ(blue.probes.startup, (Probe{2, 5, 150}));
  EXPECT_EQ(blue.probes.readiness, (Probe{5, 5, 3}));
  EXPECT_EQ(blue.probes.liveness, (Probe{10, 5, 3}));
}

TEST(EndpointSpecTest, ReadsEveryKey) {
  const EndpointSpec spec = parsed(
      "name: faq\n"
      "labels: {team: search, example.com/cost: '42'}\n"
      "deployments:\n"
      "  blue:\n"
      "    version: registry.example/team/faq:3\n"
      "    autoscale: {min: 3, max: 9, cpu_percent: 60, scale_down_after: 10 min}\n"
      "    cpu: 500m\n    cpu_limit: 2\n    memory: 1Gi\n    memory_limit: 1.5Gi\n"
      "    gpu: 1\n    update: replace\n    drain_time: 1 min\n"
      "    environment: {LOG_LEVEL: debug, EMPTY: ''}\n"
      "    secrets: {TOKEN: {secret: faq-token, key: token}}\n"
      "    probes:\n      startup: {failures: 30}\n      liveness: {period: 20 s, timeout: 2 s}\n"
      "    node_selector: {kubernetes.io/arch: amd64}\n"
      "  green:\n    version: faq@champion\n    replicas: 1\n"
      "traffic: {blue: 90, green: 10}\n"
      "request_time_max: 30 s\n"
      "egress_ports: [443, 4317]\n");
  const DeploymentSpec& blue = spec.deployments.at(0);
  EXPECT_EQ(blue.autoscale, (Autoscale{3, 9, 60, 600}));
  EXPECT_EQ(blue.cpu_limit.millis, 2000);
  EXPECT_EQ(blue.memory_limit.text(), "1536Mi");
  EXPECT_EQ(blue.gpu, 1);
  EXPECT_EQ(blue.update, Update::Replace);
  EXPECT_EQ(blue.drain_time_s, 60);
  EXPECT_EQ(blue.environment.at("EMPTY"), "");
  EXPECT_EQ(blue.secrets.at("TOKEN"), (SecretReference{"faq-token", "token"}));
  EXPECT_EQ(blue.probes.startup, (Probe{2, 5, 30}));
  EXPECT_EQ(blue.probes.liveness, (Probe{20, 2, 3}));
  EXPECT_EQ(blue.node_selector.at("kubernetes.io/arch"), "amd64");
  EXPECT_EQ(spec.labels.at("example.com/cost"), "42");
  EXPECT_EQ(spec.traffic.at("green"), 10);
  EXPECT_EQ(spec.egress_ports, (std::vector<std::int64_t>{443, 4317}));
  EXPECT_EQ(spec.sharing(), 2U);
  EXPECT_EQ(spec.main_deployment().name, "blue");
  EXPECT_EQ(spec.find_deployment("green")->version, "faq@champion");
  EXPECT_EQ(spec.find_deployment("red"), nullptr);
}

TEST(EndpointSpecTest, WritesItselfSoThatItReadsBackEqual) {
  for (const std::string& text :
       {with(""), with("    replicas: 7\n    environment: {A: \"x\\\"\\n\\t\\u2028é\", B: 'on'}\n"),
        with(
            "    autoscale: {max: 4}\n    secrets: {A: {secret: s, key: k}}\n"
            "  green: {version: 4}\ntraffic: {green: 100}\negress_ports: [1]\nlabels: {a: b}\n")}) {
    const EndpointSpec spec = parsed(text);
    const std::string json = to_json(spec).dump(2);
    EXPECT_EQ(parsed(json), spec) << json;
  }
}

TEST(EndpointSpecTest, UnknownKeysAreRefusedWithASuggestion) {
  EXPECT_EQ(problem("nmae: faq\n"),
            "endpoint.yaml:1:1: unknown key \"nmae\"; did you mean \"name\"?");
  EXPECT_EQ(problem(with("    replica: 3\n")),
            "endpoint.yaml:5:5: unknown key \"replica\"; did you mean \"replicas\"?");
  EXPECT_EQ(problem(with("    probes: {liveness: {perod: 1 s}}\n")),
            "endpoint.yaml:5:25: unknown key \"perod\"; did you mean \"period\"?");
  EXPECT_EQ(problem(with("    secrets: {A: {secret: s, kye: k}}\n")),
            "endpoint.yaml:5:30: unknown key \"kye\"; did you mean \"key\"?");
}

TEST(EndpointSpecTest, SaysWhatIsWrongAndWhere) {
  const struct {
    std::string text;
    std::string message;
  } cases[] = {
      {"deployments: {}\n", "endpoint.yaml:1:1: missing key \"name\": expected text"},
      {"name: faq\n",
       "endpoint.yaml:1:1: missing key \"deployments\": expected a map of keys and values"},
      {"name: faq\ndeployments: {}\n",
       "endpoint.yaml:2:14: key \"deployments\": expected 1 to 16 entries, got 0"},
      {"name: Faq\ndeployments: {a: {version: 1}}\n",
       "endpoint.yaml:1:7: key \"name\": expected 1 to 40 of a-z, 0-9 and '-', starting with a "
       "letter and not ending with '-', got \"Faq\""},
      {with("    cpu: lots\n"),
       "endpoint.yaml:5:10: key \"cpu\": expected processors such as \"500m\" or \"2\", from 1m to "
       "1024, got \"lots\""},
      {with("    cpu: 2\n    cpu_limit: 1\n"),
       "endpoint.yaml:6:16: key \"cpu_limit\": expected at least what it asks for (2), got \"1\""},
      {with("    memory_limit: 256Mi\n"),
       "endpoint.yaml:5:19: key \"memory_limit\": expected at least what it asks for (512Mi), got "
       "\"256Mi\""},
      {with("    gpu: 17\n"),
       "endpoint.yaml:5:10: key \"gpu\": expected a whole number from 0 to 16, got \"17\""},
      {with("    update: rolling\n"),
       "endpoint.yaml:5:13: key \"update\": expected \"surge\" or \"replace\", got \"rolling\""},
      {with("    drain_time: 1500 ms\n"),
       "endpoint.yaml:5:17: key \"drain_time\": expected whole seconds such as \"10 s\" or \"5 "
       "min\", from 0 s to 600 s, got \"1500 ms\""},
      {with("    replicas: 2\n    autoscale: {max: 3}\n"),
       "endpoint.yaml:5:15: key \"replicas\": expected either \"replicas\" or \"autoscale\", got "
       "both"},
      {with("    autoscale: {min: 4, max: 3}\n"),
       "endpoint.yaml:5:30: key \"max\": expected at least \"min\" (4), got 3"},
      {with("    environment: {1A: x}\n"),
       "endpoint.yaml:5:23: expected a name of letters, digits and '_', got \"1A\""},
      {with("    environment: {A: x}\n    secrets: {A: {secret: s, key: k}}\n"),
       "endpoint.yaml:6:14: key \"secrets\": \"A\" is also in \"environment\"; keep one"},
      {with("  green: {version: 4}\n"),
       "endpoint.yaml:1:1: key \"traffic\": expected the percent of each of 2 deployments, got "
       "none"},
      {with("traffic: {blue: 90}\n"),
       "endpoint.yaml:5:10: key \"traffic\": expected 100 in all, got 90"},
      {with("traffic: {bleu: 100}\n"),
       "endpoint.yaml:5:11: unknown key \"bleu\"; did you mean \"blue\"?"},
      {with("labels: {sooth/endpoint: other}\n"),
       "endpoint.yaml:5:9: key \"labels\": expected no labels of \"sooth/\", got "
       "\"sooth/endpoint\""},
      {with("egress_ports: [0]\n"),
       "endpoint.yaml:5:15: key \"egress_ports\": expected ports from 1 to 65535, got \"0\""},
      {"name: faq\ndeployments: {blue: {version: 'a b'}}\n",
       "endpoint.yaml:2:31: key \"version\": expected a version such as \"faq:3\", got \"a b\""},
  };
  for (const auto& c : cases) EXPECT_EQ(problem(c.text), c.message) << c.text;
}

TEST(EndpointSpecTest, ValuesOfVariablesAreTextsOfBoundedLength) {
  EXPECT_EQ(
      problem(with("    environment: {A: \"a\\Nb\"}\n")),
      "endpoint.yaml:5:22: expected escapes that stand for UTF-8; write the character itself");
  EXPECT_NE(problem(with("    environment: {A: \"a\\0b\"}\n")), "none");
  EXPECT_EQ(problem(with("    environment: {A: '" + std::string(32'768, 'x') + "'}\n")), "none");
  EXPECT_NE(problem(with("    environment: {A: '" + std::string(32'769, 'x') + "'}\n")), "none");
}

TEST(EndpointSpecTest, BoundsHoldAtTheirEdges) {
  const auto deployment = [](const std::string& name) {
    return "name: faq\ndeployments: {" + name + ": {version: 1}}\n";
  };
  EXPECT_EQ(problem(deployment(std::string(20, 'a'))), "none");
  EXPECT_NE(problem(deployment(std::string(21, 'a'))), "none");
  EXPECT_NE(problem(deployment("1a")), "none");
  EXPECT_NE(problem(deployment("a-")), "none");
  EXPECT_EQ(problem(with("    replicas: 1000\n")), "none");
  EXPECT_NE(problem(with("    replicas: 1001\n")), "none");
  EXPECT_NE(problem(with("    replicas: 0\n")), "none");
  EXPECT_EQ(problem(with("labels: {a: '" + std::string(63, 'x') + "'}\n")), "none");
  EXPECT_NE(problem(with("labels: {a: '" + std::string(64, 'x') + "'}\n")), "none");
}

}  // namespace
}  // namespace deploy
