#include "contract/oip_repository.h"

#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <inference.pb.h>
#include <simdjson.h>

namespace contract::oip_repository {
namespace {

// A body as a server holds it: bytes behind it can be read.
std::string held(std::string_view text) {
  std::string body(text);
  body.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  return body;
}

TEST(OipRepositoryTest, ALoadSaysWhichVersion) {
  const struct {
    const char* body;
    const char* asked;
  } cases[] = {
      {"", "faq"},
      {"{}", "faq"},
      {R"({"parameters":{}})", "faq"},
      {R"({"other":1,"parameters":{"version":3}})", "faq:3"},
      {R"({"parameters":{"version":"3"}})", "faq:3"},
      {R"({"parameters":{"alias":"champion"}})", "faq@champion"},
  };
  for (const auto& c : cases) {
    const auto found = decode_load("faq", held(c.body));
    ASSERT_TRUE(found.ok()) << c.body << ": " << found.error().message();
    EXPECT_EQ(found->text(), c.asked) << c.body;
  }
}

TEST(OipRepositoryTest, RefusesWhatSaysNoVersion) {
  const struct {
    const char* body;
    const char* error;
  } cases[] = {
      {R"({"parameters":{"config":"{}"}})",
       R"(parameter "config": a model is taken from the workspace, never from a request)"},
      {R"({"parameters":{"file:1/model.onnx":"AAAA"}})",
       R"(parameter "file:1/model.onnx": a model is taken from the workspace, never from a )"
       R"(request)"},
      {R"({"parameters":{"revision":3}})",
       R"(parameter "revision": expected "version" or "alias")"},
      {R"({"parameters":{"version":3,"alias":"a"}})",
       R"(parameters: expected "version" or "alias", got both)"},
      {R"({"parameters":[]})", R"("parameters": expected an object, got another type at byte 14)"},
      {"[]", "body: expected a JSON object, got another type at byte 0"},
  };
  for (const auto& c : cases) {
    const auto found = decode_load("faq", held(c.body));
    ASSERT_FALSE(found.ok()) << c.body;
    EXPECT_EQ(found.error().message(), c.error);
  }
}

TEST(OipRepositoryTest, ANameIsNothingElse) {
  for (const char* name : {"", "FAQ", "faq:3", "faq@a", "..", "a/b"}) {
    EXPECT_FALSE(decode_load(name, "").ok()) << name;
  }
  for (const char* version : {"0", "-1", "03", "x", "3@a", ""}) {
    const std::string body = R"({"parameters":{"version":")" + std::string(version) + "\"}}";
    EXPECT_FALSE(decode_load("faq", held(body)).ok()) << body;
  }
}

TEST(OipRepositoryTest, ACallSaysTheSameAsABody) {
  inference::RepositoryModelLoadRequest request;
  request.set_model_name("faq");
  (*request.mutable_parameters())["version"].set_int64_param(3);
  const std::string bytes = request.SerializeAsString();
  EXPECT_EQ(find_model_name(bytes), "faq");
  const auto found = decode_load_call("faq", bytes);
  ASSERT_TRUE(found.ok()) << found.error().message();
  EXPECT_EQ(found->text(), "faq:3");

  (*request.mutable_parameters())["version"].set_bool_param(true);
  const auto refused = decode_load_call("faq", request.SerializeAsString());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message(), R"(parameter "version": expected a text, got another type)");
}

TEST(OipRepositoryTest, TheNameOfAnOlderCallStandsInItsFirstField) {
  inference::RepositoryModelLoadRequest request;
  request.set_repository_name("faq");
  EXPECT_EQ(find_model_name(request.SerializeAsString()), "faq");
  EXPECT_EQ(find_model_name(""), "");
}

TEST(OipRepositoryTest, WritesWhatWasDone) {
  std::string body;
  encode_done(Done::Loaded, "faq", "3", body);
  EXPECT_EQ(body, R"({"name":"faq","version":"3","load":true})");
  body.clear();
  encode_done(Done::Unloaded, "faq", "3", body);
  EXPECT_EQ(body, R"({"name":"faq","version":"3","unload":true})");
  body.clear();
  encode_done_call(Done::Unloaded, "faq", body);
  inference::RepositoryModelUnloadResponse answer;
  ASSERT_TRUE(answer.ParseFromString(body));
  EXPECT_EQ(answer.model_name(), "faq");
  EXPECT_TRUE(answer.isunloaded());
}

TEST(OipRepositoryTest, TheIndexSaysStatesAndReasons) {
  const std::vector<Entry> entries = {
      {.model = "faq", .version = "3", .state = Entry::State::Ready, .reason = ""},
      {.model = "new", .version = "", .state = Entry::State::Loading, .reason = ""},
      {.model = "old", .version = "", .state = Entry::State::Unavailable, .reason = "\"unloaded\""},
  };
  std::string body;
  encode_index(entries, body);
  EXPECT_EQ(body, R"([{"name":"faq","version":"3","state":"READY","reason":""},)"
                  R"({"name":"new","version":"","state":"LOADING","reason":""},)"
                  R"({"name":"old","version":"","state":"UNAVAILABLE","reason":"\"unloaded\""}])");
  body.clear();
  encode_index_call(entries, body);
  inference::RepositoryIndexResponse answer;
  ASSERT_TRUE(answer.ParseFromString(body));
  ASSERT_EQ(answer.models_size(), 3);
  EXPECT_EQ(answer.models(1).state(), "LOADING");
  EXPECT_EQ(answer.models(2).reason(), "\"unloaded\"");
}

TEST(OipRepositoryTest, TheIndexMayBeOfWhatIsReadyAlone) {
  EXPECT_FALSE(*decode_index(held("")));
  EXPECT_FALSE(*decode_index(held("{}")));
  EXPECT_TRUE(*decode_index(held(R"({"ready":true})")));
  EXPECT_FALSE(decode_index(held(R"({"ready":1})")).ok());
  inference::RepositoryIndexRequest request;
  request.set_ready(true);
  EXPECT_TRUE(*decode_index_call(request.SerializeAsString()));
}

}  // namespace
}  // namespace contract::oip_repository
