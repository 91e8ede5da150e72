#include "oci/image_config.h"

#include <string>

#include <gtest/gtest.h>

#include "oci/descriptor.h"

namespace oci {
namespace {

const base::Digest kLayerDigest = base::Digest::of("{}");

ImageConfig sample() {
  ImageConfig config;
  config.architecture = "amd64";
  config.os = "linux";
  config.created = "1970-01-01T00:00:00Z";
  config.user = "65532:65532";
  config.env = {"PATH=/usr/bin"};
  config.entrypoint = {"/usr/bin/sooth"};
  config.cmd = {"serve", "/model"};
  config.working_dir = "/";
  config.exposed_ports = {"8080/tcp"};
  config.labels = {{"b", "2"}, {"a", "1"}};
  config.stop_signal = "SIGTERM";
  config.diff_ids = {kLayerDigest};
  config.history = {{.created = "", .created_by = "sooth", .comment = "", .empty_layer = false},
                    {.created = "", .created_by = "", .comment = "c", .empty_layer = true}};
  return config;
}

std::string with(const std::string& more) {
  return R"({"architecture":"arm64","os":"linux","rootfs":{"type":"layers","diff_ids":[]})" +
         (more.empty() ? "" : "," + more) + "}";
}

TEST(ImageConfigTest, WritesSortedKeysWithoutSpaceAndReadsThemBack) {
  const std::string text = sample().json();
  EXPECT_EQ(text, R"({"architecture":"amd64","config":{"Cmd":["serve","/model"],)"
                  R"("Entrypoint":["/usr/bin/sooth"],"Env":["PATH=/usr/bin"],)"
                  R"("ExposedPorts":{"8080/tcp":{}},"Labels":{"a":"1","b":"2"},)"
                  R"("StopSignal":"SIGTERM","User":"65532:65532","WorkingDir":"/"},)"
                  R"("created":"1970-01-01T00:00:00Z","history":[{"created_by":"sooth"},)"
                  R"({"comment":"c","empty_layer":true}],"os":"linux",)"
                  R"("rootfs":{"diff_ids":[")" +
                      kLayerDigest.text() + R"("],"type":"layers"}})");
  const auto read = ImageConfig::parse(text);
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(*read, sample());
}

TEST(ImageConfigTest, ReadsWhatDockerWrites) {
  const auto read = ImageConfig::parse(
      with(R"("variant":"v8","container_config":{"x":1},"docker_version":"20",)"
           R"("config":{"Hostname":"","Cmd":null,"Env":null,"Entrypoint":["/bin/sh","-c"],)"
           R"("ExposedPorts":null,"Volumes":{"/data":{}},"Labels":null,"OnBuild":null},)"
           R"("history":null)"));
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(read->variant, "v8");
  EXPECT_EQ(read->entrypoint, (std::vector<std::string>{"/bin/sh", "-c"}));
  EXPECT_EQ(read->volumes, std::set<std::string>{"/data"});
  EXPECT_TRUE(read->cmd.empty());
}

TEST(ImageConfigTest, RefusesWhatIsOfAnotherType) {
  for (const std::string more :
       {R"("created":1)", R"("config":[])", R"("config":{"User":0})", R"("config":{"Env":{}})",
        R"("config":{"Cmd":"sh"})", R"("config":{"Cmd":[1]})", R"("config":{"Labels":{"a":1}})",
        R"("config":{"Labels":["a"]})", R"("config":{"ExposedPorts":["80"]})", R"("history":{})",
        R"("history":[1])", R"("history":[{"empty_layer":"true"}])"}) {
    EXPECT_FALSE(ImageConfig::parse(with(more)).ok()) << more;
  }
  EXPECT_TRUE(ImageConfig::parse(with("")).ok());
}

TEST(ImageConfigTest, RefusesWhatLacksThePlatformOrTheLayers) {
  const struct {
    std::string text;
    std::string message;
  } cases[] = {
      {"", "image configuration: expected a JSON object"},
      {"[]", "image configuration: expected a JSON object"},
      {"{}", "image configuration: expected \"architecture\", got none"},
      {R"({"architecture":"a"})", "image configuration: expected \"os\", got none"},
      {R"({"architecture":"a","os":"b"})", "image configuration: expected an object as \"rootfs\""},
      {R"({"architecture":"a","os":"b","rootfs":{"diff_ids":[]}})",
       "image configuration: expected \"layers\" as type of \"rootfs\""},
      {R"({"architecture":"a","os":"b","rootfs":{"type":"layers","diff_ids":["x"]}})",
       "image configuration: \"diff_ids\": digest \"x\": expected \"sha256:\" and 64 of 0-9a-f"}};
  for (const auto& [text, message] : cases) {
    const auto read = ImageConfig::parse(text);
    ASSERT_FALSE(read.ok()) << text;
    EXPECT_EQ(read.error().message(), message);
  }
}

TEST(ImageConfigTest, RefusesTextThatIsTooLong) {
  const auto read = ImageConfig::parse(std::string(kManifestBytesMax + 1, ' '));
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code(), base::Code::Exhausted);
}

}  // namespace
}  // namespace oci
