#include "kube/answer.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace kube {
namespace {

using base::Code;
using Json = nlohmann::json;

TEST(AnswerTest, ARefusalHasTheServersWordsAndItsKind) {
  const struct {
    int status;
    std::string body;
    Code code;
    std::string says;
  } cases[] = {
      {403, R"({"kind":"Status","message":"pods is forbidden"})", Code::Denied,
       "GET /a: the API server answers 403: pods is forbidden"},
      {404, "404 page not found\nmore", Code::NotFound,
       "GET /a: the API server answers 404: 404 page not found"},
      {500, "", Code::Unavailable, "GET /a: the API server answers 500: no reason given"},
      {422, R"({"message":7})", Code::Invalid,
       R"(GET /a: the API server answers 422: {"message":7})"},
      {409, R"({"message":"a\u001b[31m"})", Code::Conflict,
       "GET /a: the API server answers 409: a\\x1b[31m"},
      {504, std::string(700, 'x'), Code::Deadline,
       "GET /a: the API server answers 504: " + std::string(600, 'x') + "..."},
  };
  for (const auto& each : cases) {
    const base::Error error = refusal("GET /a", each.status, each.body);
    EXPECT_EQ(error.code(), each.code) << each.body;
    EXPECT_EQ(error.message(), each.says);
  }
}

TEST(AnswerTest, ASuccessIsAnObjectThatDoesNotNestTooDeep) {
  const auto nested = [](int levels) {
    std::string text;
    for (int i = 0; i < levels; ++i) text += R"({"a":)";
    return text + "1" + std::string(static_cast<std::size_t>(levels), '}');
  };
  EXPECT_TRUE(read_object("GET /a", nested(200)).ok());
  for (const std::string& text :
       {nested(201), std::string("[]"), std::string("{"), std::string()}) {
    const auto object = read_object("GET /a", text);
    ASSERT_FALSE(object.ok()) << text;
    EXPECT_EQ(object.error().code(), Code::Corrupt);
    EXPECT_EQ(object.error().message(), "GET /a: expected a JSON object");
  }
}

TEST(AnswerTest, APageGivesItsItemsTheKindOfTheList) {
  std::vector<Json> items;
  const auto next = take_page("GET /a",
                              {{"kind", "PodList"},
                               {"apiVersion", "v1"},
                               {"metadata", {{"continue", "more"}}},
                               {"items", {{{"name", "a"}}, 7, {{"kind", "Other"}}}}},
                              items);
  ASSERT_TRUE(next.ok());
  EXPECT_EQ(*next, "more");
  EXPECT_EQ(items, (std::vector<Json>{{{"name", "a"}, {"kind", "Pod"}, {"apiVersion", "v1"}},
                                      {{"kind", "Pod"}, {"apiVersion", "v1"}}}));
}

TEST(AnswerTest, WhatIsNoPageIsRefused) {
  for (const Json& page : {Json::object(), Json::array(), Json{{"items", 1}}, Json()}) {
    std::vector<Json> items;
    const auto next = take_page("GET /a", page, items);
    ASSERT_FALSE(next.ok()) << page;
    EXPECT_EQ(next.error().message(), "GET /a: expected a list of objects");
  }
}

TEST(AnswerTest, AListHasABound) {
  std::vector<Json> items(kListMax - 1);
  const Json page = {{"kind", "PodList"}, {"items", {Json::object()}}};
  EXPECT_TRUE(take_page("GET /a", page, items).ok());
  const auto more = take_page("GET /a", page, items);
  ASSERT_FALSE(more.ok());
  EXPECT_EQ(more.error().code(), Code::Exhausted);
  EXPECT_EQ(more.error().message(), "GET /a: expected at most 10000 objects, got more");
}

}  // namespace
}  // namespace kube
