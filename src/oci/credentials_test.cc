#include "oci/credentials.h"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/base64.h"

namespace oci {
namespace {

// A folder with credentials files, and a helper that keeps what it is given in files there.
class CredentialsTest : public ::testing::Test {
 protected:
  CredentialsTest() {
    std::string name = (std::filesystem::temp_directory_path() / "sooth-cred-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    write("docker-credential-test",
          "#!/bin/sh\n"
          "read -r line\n"
          "case \"$1\" in\n"
          "get) echo \"$line\" >> '" +
              folder_ +
              "/asked'\n"
              "  if [ \"$line\" = known.example ]; then\n"
              "    echo "
              "'{\"ServerURL\":\"known.example\",\"Username\":\"me\",\"Secret\":\"s3cret\"}'\n"
              "  elif [ \"$line\" = token.example ]; then\n"
              "    echo '{\"ServerURL\":\"x\",\"Username\":\"<token>\",\"Secret\":\"id\"}'\n"
              "  elif [ \"$line\" = broken.example ]; then echo 'not json'\n"
              "  elif [ \"$line\" = failing.example ]; then echo 'locked' >&2; exit 1\n"
              "  else echo 'credentials not found in native keychain'; exit 1; fi;;\n"
              "store) echo \"$line\" > '" +
              folder_ +
              "/stored';;\n"
              "erase) echo \"$line\" > '" +
              folder_ +
              "/erased';;\n"
              "esac\n");
    std::filesystem::permissions(folder_ + "/docker-credential-test",
                                 std::filesystem::perms::owner_all);
  }
  ~CredentialsTest() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ + "/" + name) << text;
  }
  std::string read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream(folder_ + "/" + name).rdbuf();
    return text.str();
  }
  CredentialStore store(const std::vector<std::string>& names = {"config.json"}) const {
    CredentialStore::Options options;
    for (const std::string& name : names) options.files.push_back(folder_ + "/" + name);
    options.written_file = folder_ + "/config.json";
    options.search_path = folder_ + ":/bin:/usr/bin";
    options.environment = {"PATH=/bin:/usr/bin"};
    return CredentialStore(options);
  }
  std::string found(const std::string& host, std::string_view repository = "team/faq") const {
    const auto outcome = store().find(host, repository);
    if (!outcome.ok()) return "error: " + outcome.error().message();
    if (!*outcome) return "none";
    return (*outcome)->user + "/" + (*outcome)->secret +
           ((*outcome)->identity_token ? " (identity)" : "");
  }
  static std::string auth(const std::string& pair) {
    return R"({"auth":")" + base::base64_encode(pair) + "\"}";
  }

  std::string folder_;
};

TEST_F(CredentialsTest, AreNoneWhereThereIsNoFile) { EXPECT_EQ(found("a.example"), "none"); }

TEST_F(CredentialsTest, AreReadInEveryForm) {
  write("config.json", R"({"auths":{
    "a.example":)" + auth("me:pass:word") +
                           R"(,
    "https://b.example/v1/":)" +
                           auth("b:1") + R"(,
    "c.example:5000":{"auth":")" +
                           base::base64_encode("c:") + R"(","identitytoken":"id"},
    "d.example":{"username":"d","password":"2"},
    "e.example":{},
    "https://index.docker.io/v1/":)" +
                           auth("hub:3") + R"(,
    "f.example/team":)" + auth("f-team:4") +
                           R"(,
    "f.example":)" + auth("f:5") +
                           R"(
  }})");
  EXPECT_EQ(found("a.example"), "me/pass:word");
  EXPECT_EQ(found("b.example"), "b/1");
  EXPECT_EQ(found("c.example:5000"), "c/id (identity)");
  EXPECT_EQ(found("c.example"), "none");
  EXPECT_EQ(found("d.example"), "d/2");
  EXPECT_EQ(found("e.example"), "none");
  EXPECT_EQ(found("docker.io"), "hub/3");
  EXPECT_EQ(found("registry-1.docker.io"), "hub/3");
  EXPECT_EQ(found("f.example", "team/faq"), "f-team/4");
  EXPECT_EQ(found("f.example", "teams/faq"), "f/5");
  EXPECT_EQ(found("example"), "none");
}

TEST_F(CredentialsTest, ComeFromTheFirstFileThatKnows) {
  write("auth.json", R"({"auths":{"a.example":)" + auth("first:1") + "}}");
  write("config.json",
        R"({"auths":{"a.example":)" + auth("second:2") + R"(,"b.example":)" + auth("b:3") + "}}");
  const CredentialStore both = store({"absent.json", "auth.json", "config.json"});
  EXPECT_EQ((*both.find("a.example", "x"))->user, "first");
  EXPECT_EQ((*both.find("b.example", "x"))->user, "b");
}

TEST_F(CredentialsTest, FilesThatAreNoneAreNamed) {
  write("config.json", "[1]");
  EXPECT_EQ(found("a.example"),
            "error: credentials file \"" + folder_ + "/config.json\": expected a JSON object");
  write("config.json", R"({"auths":{"a.example":{"auth":"c2VjcmV0"}}})");  // "secret", no colon.
  EXPECT_EQ(found("a.example"), "error: credentials file \"" + folder_ +
                                    "/config.json\": registry \"a.example\": expected \"auth\" to "
                                    "be \"user:password\" in base64");
  write("config.json", R"({"auths":[],"credHelpers":3,"credsStore":4})");
  EXPECT_EQ(found("a.example"), "none");
}

TEST_F(CredentialsTest, ComeFromAHelper) {
  write("config.json", R"({"credsStore":"test","auths":{"a.example":)" + auth("file:1") + "}}");
  EXPECT_EQ(found("known.example"), "me/s3cret");
  EXPECT_EQ(found("token.example"), "<token>/id (identity)");
  EXPECT_EQ(found("docker.io"), "none");
  EXPECT_EQ(read("asked"), "known.example\ntoken.example\nhttps://index.docker.io/v1/\n");
  EXPECT_EQ(found("a.example"), "file/1");  // The helper knows none.
}

TEST_F(CredentialsTest, AHelperMayBeForOneRegistry) {
  write("config.json", R"({"credHelpers":{"known.example":"test"},"credsStore":"absent"})");
  EXPECT_EQ(found("known.example"), "me/s3cret");
  EXPECT_EQ(found("a.example"),
            "error: credential helper \"docker-credential-absent\": no such program on the PATH; "
            "install it, or take its name out of the credentials file");
}

TEST_F(CredentialsTest, AHelpersFailuresAreSaid) {
  write("config.json", R"({"credsStore":"test"})");
  EXPECT_EQ(found("broken.example"), "error: credential helper \"" + folder_ +
                                         "/docker-credential-test\": expected a JSON object");
  EXPECT_EQ(found("failing.example"),
            "error: credential helper \"" + folder_ +
                "/docker-credential-test\": \"get\" ended with status 1: \"locked\"");
}

TEST_F(CredentialsTest, AHelpersNameIsNoPath) {
  for (const std::string& name :
       std::vector<std::string>{"../x", "a b", "x;y", "/bin/sh", std::string(100, 'a')}) {
    write("config.json", R"({"credsStore":")" + name + "\"}");
    EXPECT_NE(found("a.example").find("expected a name of letters, digits, '-' and '_'"),
              std::string::npos)
        << name;
  }
}

TEST_F(CredentialsTest, AreStoredForTheirOwnerAlone) {
  const auto stored = store().store("a.example", {.user = "me", .secret = "päss:word"});
  ASSERT_TRUE(stored.ok()) << stored.error().message();
  EXPECT_EQ(found("a.example"), "me/päss:word");
  struct stat about {};
  ASSERT_EQ(::stat((folder_ + "/config.json").c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777U, 0600U);
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    EXPECT_EQ(entry.path().string().find("config.json."), std::string::npos);
  }
}

TEST_F(CredentialsTest, StoringLeavesTheRestAlone) {
  write("config.json", R"({"z":1,"auths":{"https://a.example/v1/":)" + auth("old:1") +
                           R"(,"b.example":)" + auth("b:2") + R"(},"a":{"b":[]}})");
  ASSERT_TRUE(store().store("a.example", {.user = "new", .secret = "3"}).ok());
  ASSERT_TRUE(
      store().store("docker.io", {.user = "u", .secret = "id", .identity_token = true}).ok());
  EXPECT_EQ(found("a.example"), "new/3");
  EXPECT_EQ(found("b.example"), "b/2");
  EXPECT_EQ(found("docker.io"), "u/id (identity)");
  const auto object = nlohmann::ordered_json::parse(read("config.json"));
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  EXPECT_EQ(keys, (std::vector<std::string>{"z", "auths", "a"}));
  EXPECT_EQ(object["auths"].size(), 3U);
}

TEST_F(CredentialsTest, AreStoredWithTheHelperThatIsNamed) {
  write("config.json", R"({"credsStore":"test"})");
  ASSERT_TRUE(store().store("a.example", {.user = "me", .secret = "s"}).ok());
  EXPECT_EQ(nlohmann::json::parse(read("stored")),
            nlohmann::json::parse(R"({"ServerURL":"a.example","Username":"me","Secret":"s"})"));
  EXPECT_EQ(read("config.json"), R"({"credsStore":"test"})");
  EXPECT_TRUE(*store().erase("a.example"));
  EXPECT_EQ(read("erased"), "a.example\n");
}

TEST_F(CredentialsTest, AreErased) {
  EXPECT_FALSE(*store().erase("a.example"));
  write("config.json", R"({"auths":{"a.example":)" + auth("a:1") + R"(,"https://a.example/v2/":)" +
                           auth("a:2") + R"(,"b.example":)" + auth("b:3") + "}}");
  EXPECT_TRUE(*store().erase("a.example"));
  EXPECT_EQ(found("a.example"), "none");
  EXPECT_EQ(found("b.example"), "b/3");
  EXPECT_FALSE(*store().erase("a.example"));
}

TEST_F(CredentialsTest, AFileThatCannotBeWrittenIsNamed) {
  CredentialStore::Options options;
  write("file", "x");
  options.written_file = folder_ + "/file/config.json";
  const auto stored = CredentialStore(options).store("a.example", {.user = "a", .secret = "hush"});
  ASSERT_FALSE(stored.ok());
  EXPECT_EQ(stored.error().message().find("hush"), std::string::npos);
}

}  // namespace
}  // namespace oci
