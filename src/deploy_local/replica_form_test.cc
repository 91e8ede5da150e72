#include "deploy_local/replica_form.h"

#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "deploy_local/machine_notes.h"

namespace deploy_local {
namespace {

Desired desired_with(const std::string& deployment, const std::string& rest = "") {
  auto spec = deploy::parse_endpoint(
      "endpoint.yaml",
      fmt::format("name: faq\ndeployments:\n  blue: {{version: 'faq:3'{}}}\n{}", deployment, rest));
  EXPECT_TRUE(spec.ok()) << spec.error().message();
  return {.generation = 1, .port = 8080, .keys = false, .spec = *spec, .previous = {}};
}

ReplicaForm form_of(const Desired& desired) {
  return form_of(desired, desired.spec.deployments.front(),
                 {.workspace = "/w", .keys_file = "/w/local/faq/keys.json", .processors = 4});
}

std::string arguments_of(const Desired& desired) {
  return fmt::format("{}", fmt::join(form_of(desired).arguments, " "));
}

TEST(ReplicaFormTest, IsHowTheProgramIsCalled) {
  Desired desired = desired_with(", drain_time: 3 s", "request_time_max: 20 s\n");
  EXPECT_EQ(arguments_of(desired),
            "serve faq:3 --workspace /w --name faq --threads 1 --drain-time 3 s --stop-time-max 20 "
            "s --open");
  desired.keys = true;
  EXPECT_TRUE(arguments_of(desired).ends_with(" --keys /w/local/faq/keys.json"));
  EXPECT_EQ(form_of(desired).stop_time_max, std::chrono::seconds(28));
  EXPECT_EQ(form_of(desired).start_time_max, std::chrono::seconds(300));
}

TEST(ReplicaFormTest, ThreadsFollowTheLimitUpToTheProcessors) {
  const std::pair<const char*, const char*> cases[] = {
      {", cpu: 500m", "1"}, {", cpu: 1, cpu_limit: 1500m", "2"}, {", cpu: '64'", "4"}};
  for (const auto& [given, threads] : cases) {
    EXPECT_NE(arguments_of(desired_with(given)).find(fmt::format("--threads {} ", threads)),
              std::string::npos)
        << given;
  }
}

TEST(ReplicaFormTest, OnlyWhatAProcessSeesMakesAnotherForm) {
  const std::string plain = form_of(desired_with("")).text();
  for (const char* same : {", replicas: 5", ", update: replace", ", memory: 1Gi"}) {
    EXPECT_EQ(form_of(desired_with(same)).text(), plain) << same;
  }
  for (const char* other : {", cpu: '3'", ", drain_time: 1 s", ", environment: {A: b}"}) {
    EXPECT_NE(form_of(desired_with(other)).text(), plain) << other;
  }
  EXPECT_EQ(form_of(desired_with(", environment: {A: b}")).environment,
            std::vector<std::string>{"A=b"});
}

TEST(MachineNotesTest, SayWhatThisMachineCannotDo) {
  EXPECT_TRUE(machine_notes(desired_with("").spec).empty());
  const std::pair<const char*, const char*> cases[] = {
      {", autoscale: {min: 3, max: 8}",
       "deployment \"blue\": \"autoscale\" does not work on this machine; \"min\" (3) copies run"},
      {", memory: 2Gi",
       "deployment \"blue\": \"memory\" and \"memory_limit\" limit nothing on this machine"},
      {", gpu: 1",
       "deployment \"blue\": \"gpu\" is not shared out on this machine; each copy sees every GPU"},
      {", probes: {liveness: {failures: 9}}",
       "deployment \"blue\": of \"probes\" only \"startup\" counts on this machine; a copy that "
       "ends is started again"},
      {", node_selector: {disk: ssd}",
       "deployment \"blue\": \"node_selector\" says nothing on this machine"}};
  for (const auto& [given, note] : cases) {
    EXPECT_EQ(machine_notes(desired_with(given).spec), std::vector<std::string>{note});
  }
  EXPECT_EQ(
      machine_notes(desired_with("", "egress_ports: [443]\n").spec),
      std::vector<std::string>{"\"egress_ports\" keeps nobody from connecting on this machine"});
}

TEST(MachineNotesTest, SecretsAreRefused) {
  EXPECT_TRUE(check_for_machine(desired_with("").spec).ok());
  const auto refused =
      check_for_machine(desired_with(", secrets: {TOKEN: {secret: db, key: pw}}").spec);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(
      refused.error().message(),
      "deployment \"blue\": secret \"db\" for \"TOKEN\": this machine keeps no secrets; in an "
      "endpoint file for --to local give TOKEN under \"environment\"");
}

}  // namespace
}  // namespace deploy_local
