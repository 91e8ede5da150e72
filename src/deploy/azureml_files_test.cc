#include "deploy/azureml_files.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

namespace deploy {
namespace {

constexpr const char* kEndpoint =
    "$schema: https://azuremlschemas.azureedge.net/latest/managedOnlineEndpoint.schema.json\n"
    "name: my-endpoint\nauth_mode: key\n";

std::string azureml_problem(const std::vector<NamedText>& files) {
  const auto endpoint = parse_azureml(files);
  return endpoint.ok() ? "none" : endpoint.error().message();
}

AzureEndpoint parsed_azureml(const std::string& deployment,
                             const std::string& endpoint = kEndpoint) {
  auto read = parse_azureml(std::vector<NamedText>{{"endpoint.yml", endpoint},
                                                   {"blue.yml", "name: blue\n" + deployment}});
  EXPECT_TRUE(read.ok()) << (read.ok() ? "" : read.error().message());
  return read.ok() ? *std::move(read) : AzureEndpoint{};
}

TEST(AzuremlFilesTest, ReadsWhatHasACounterpart) {
  const AzureEndpoint read = parsed_azureml(
      "endpoint_name: my-endpoint\n"
      "model: azureml:my-model:2\n"
      "instance_count: 3\n"
      "environment_variables: {A: b}\n"
      "resources:\n  requests: {cpu: '0.1', memory: 0.1Gi}\n"
      "  limits: {cpu: '0.2', memory: 200Mi, nvidia.com/gpu: 1}\n"
      "liveness_probe: {period: 20, timeout: 3, failure_threshold: 7}\n"
      "request_settings: {request_timeout_ms: 2500}\n"
      "tags: {team: search}\n");
  EXPECT_EQ(read.notes, std::vector<std::string>{});
  EXPECT_EQ(read.spec.name, "my-endpoint");
  EXPECT_EQ(read.spec.labels.at("team"), "search");
  EXPECT_EQ(read.spec.request_time_max_s, 3);
  EXPECT_EQ(read.spec.traffic.at("blue"), 100);
  const DeploymentSpec& blue = read.spec.deployments.at(0);
  EXPECT_EQ(blue.version, "my-model:2");
  EXPECT_EQ(blue.replicas, 3);
  EXPECT_EQ(blue.cpu.millis, 100);
  EXPECT_EQ(blue.cpu_limit.millis, 200);
  EXPECT_EQ(blue.memory_limit.text(), "200Mi");
  EXPECT_EQ(blue.gpu, 1);
  EXPECT_EQ(blue.environment.at("A"), "b");
  EXPECT_EQ(blue.probes.liveness, (Probe{20, 3, 7}));
  EXPECT_EQ(blue.probes.startup, (Probe{2, 5, 150}));
}

TEST(AzuremlFilesTest, ScaleByUtilisationBecomesAutoscale) {
  const AzureEndpoint read = parsed_azureml(
      "model: azureml:m@latest\n"
      "scale_settings: {type: target_utilization, min_instances: 1, max_instances: 3, "
      "polling_interval: 10, target_utilization_percentage: 60}\n");
  EXPECT_EQ(read.spec.deployments.at(0).version, "m@latest");
  EXPECT_EQ(read.spec.deployments.at(0).autoscale, (Autoscale{1, 3, 60, 300}));
  EXPECT_EQ(read.notes,
            (std::vector<std::string>{
                "blue.yml: \"polling_interval\": no counterpart; the target decides how "
                "often it looks"}));
}

TEST(AzuremlFilesTest, SaysWhatHasNoCounterpart) {
  const AzureEndpoint read = parsed_azureml(
      "model: {path: ../model/}\n"
      "code_configuration: {code: src, scoring_script: score.py}\n"
      "environment: azureml:env:1\n"
      "instance_type: Standard_DS3_v2\n"
      "environment_variables: {KEY: k@https://kv.vault.azure.net}\n"
      "app_insights_enabled: true\n",
      "name: my-endpoint\nauth_mode: aml_token\ncompute: azureml:c\n");
  EXPECT_EQ(
      read.notes,
      (std::vector<std::string>{
          "endpoint.yml: \"compute\": no counterpart; the target is named when deploying: sooth "
          "deploy --to CONTEXT",
          "endpoint.yml: \"auth_mode\": \"aml_token\" has no counterpart; clients use keys",
          "blue.yml: \"code_configuration\": no counterpart; a version holds what scores; a "
          "scoring "
          "script is not run",
          "blue.yml: \"environment\": no counterpart; the image is built from the version: sooth "
          "build",
          "blue.yml: \"app_insights_enabled\": no counterpart; metrics are at /metrics and logs on "
          "standard error",
          "blue.yml: \"model\": a path is not deployed; register it: sooth register \"../model/\" "
          "--name my-endpoint --alias blue",
          "blue.yml: \"instance_type\": \"Standard_DS3_v2\" has no counterpart; \"cpu\" and "
          "\"memory\" say what a copy needs",
          "blue.yml: \"KEY\": a reference to Key Vault has no counterpart; put the value into a "
          "secret of the target and name it under \"secrets\""}));
  EXPECT_EQ(read.spec.deployments.at(0).version, "my-endpoint@blue");
  EXPECT_TRUE(read.spec.deployments.at(0).environment.empty());
}

TEST(AzuremlFilesTest, AMachineWithGpusAsksForOne) {
  const AzureEndpoint read =
      parsed_azureml("model: azureml:m:1\ninstance_type: STANDARD_NC4AS_T4_V3\n");
  EXPECT_EQ(read.spec.deployments.at(0).gpu, 1);
}

TEST(AzuremlFilesTest, NamesBecomeDnsNames) {
  const auto read = parse_azureml(std::vector<NamedText>{
      {"d.yml", "name: Regular_deployment\nendpoint_name: my-endpoint\nmodel: azureml:m:1\n"},
      {"e.yml", "name: my-endpoint\ntraffic: {Regular_deployment: 100}\n"}});
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(read->spec.traffic.at("regular-deployment"), 100);
  EXPECT_EQ(read->notes,
            (std::vector<std::string>{"d.yml: \"name\": \"Regular_deployment\" is called "
                                      "\"regular-deployment\" here"}));
}

TEST(AzuremlFilesTest, SaysWhatIsWrong) {
  const NamedText endpoint{"e.yml", kEndpoint};
  const struct {
    std::vector<NamedText> files;
    std::string message;
  } cases[] = {
      {{endpoint}, "expected the file of an endpoint and those of its deployments, got one and 0"},
      {{endpoint, endpoint, {"d.yml", "name: d\nmodel: azureml:m:1\n"}},
       "e.yml: expected one endpoint, got another in e.yml"},
      {{endpoint, {"d.yml", "name: d\nendpoint_name: other\n"}},
       "d.yml:2:16: key \"endpoint_name\": expected \"my-endpoint\", got \"other\""},
      {{endpoint, {"d.yml", "name: d\ninstance_cuont: 1\nmodel: a\n"}},
       "d.yml:2:1: unknown key \"instance_cuont\"; did you mean \"instance_count\"?"},
      {{endpoint, {"d.yml", "name: d\nresources: {requests: {cpu: x}}\n"}},
       "d.yml:2:29: key \"cpu\": expected processors such as \"500m\" or \"2\", from 1m to 1024, "
       "got \"x\""},
      {{{"e.yml", "name: e\ntraffic: {blue: 100}\n"}, {"d.yml", "name: d\nmodel: azureml:m:1\n"}},
       "e.yml:2:10: key \"traffic\": no file describes deployment \"blue\""},
      {{{"e.yml", "name: e\ntraffic: {d: 50}\n"}, {"d.yml", "name: d\nmodel: azureml:m:1\n"}},
       "e.yml:2:10: key \"traffic\": expected 100 in all, got 50"},
  };
  for (const auto& c : cases) EXPECT_EQ(azureml_problem(c.files), c.message);
}

std::string slurp(const std::filesystem::path& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

// Every deployment of the collection whose file is YAML without placeholders is read with an
// endpoint of the name that it gives.
TEST(AzuremlFilesTest, ReadsTheFilesOfAzuresOwnExamples) {
  const char* set = std::getenv("SOOTH_MATERIAL");
  const std::filesystem::path root =
      std::filesystem::path(set != nullptr ? set : SOOTH_SOURCE_DIR "/../shared/material") /
      "azureml_endpoint_config";
  if (!std::filesystem::exists(root)) GTEST_SKIP() << "no " << root;
  int read = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    const std::string name = entry.path().filename();
    if (name.find("deployment") == std::string::npos || name.find(".y") == std::string::npos) {
      continue;
    }
    const std::string text = slurp(entry.path());
    if (text.find("{{") != std::string::npos || text.find('<') != std::string::npos) continue;
    std::string endpoint = "my-endpoint";
    if (const std::size_t at = text.find("endpoint_name: "); at != std::string::npos) {
      endpoint = text.substr(at + 15, text.find_first_of("\r\n", at) - at - 15);
    }
    const auto spec =
        parse_azureml(std::vector<NamedText>{{"endpoint.yml", "name: " + endpoint}, {name, text}});
    EXPECT_TRUE(spec.ok()) << entry.path() << ": " << spec.error().message();
    EXPECT_TRUE(is_azureml(text)) << entry.path();
    ++read;
  }
  EXPECT_GE(read, 20);
}

TEST(AzuremlFilesTest, ReadsTheKubernetesExampleWhole) {
  const char* set = std::getenv("SOOTH_MATERIAL");
  const std::filesystem::path root =
      std::filesystem::path(set != nullptr ? set : SOOTH_SOURCE_DIR "/../shared/material") /
      "azureml_endpoint_config/kubernetes";
  if (!std::filesystem::exists(root)) GTEST_SKIP() << "no " << root;
  const auto read = parse_azureml(
      std::vector<NamedText>{{"endpoint.yml", slurp(root / "kubernetes-endpoint.yml")},
                             {"blue.yml", slurp(root / "kubernetes-blue-deployment.yml")},
                             {"green.yml", slurp(root / "kubernetes-green-deployment.yml")}});
  ASSERT_TRUE(read.ok()) << read.error().message();
  ASSERT_EQ(read->spec.deployments.size(), 2U);
  EXPECT_EQ(read->spec.deployments[0].memory_limit.text(), "200Mi");
  EXPECT_EQ(read->spec.deployments[1].autoscale, (Autoscale{1, 3, 70, 300}));
  EXPECT_EQ(read->spec.traffic.at("blue"), 100);
}

}  // namespace
}  // namespace deploy
