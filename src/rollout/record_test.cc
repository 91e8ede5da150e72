#include "rollout/record.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace rollout {
namespace {

using base::Code;
using nlohmann::json;

constexpr const char* kOwner =
    R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"sooth-faq"}})";

std::string deployment(const std::string& version) {
  return R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"faq-blue"},)"
         R"("spec":{"template":{"metadata":{"annotations":{"sooth/version":")" +
         version + R"("}}}}})";
}

json config_map(const std::string& current, const std::string& previous = "[]") {
  return {{"data", {{"current.json", current}, {"previous.json", previous}, {"state", "ready"}}}};
}

TEST(RecordTest, WhatIsWrittenReadsBackTheSame) {
  const std::string owner(kOwner);
  const auto record = read_record(config_map("[" + owner + "," + deployment("faq:4") + "]",
                                             "[" + owner + "," + deployment("faq:3") + "]"));
  ASSERT_TRUE(record.ok()) << record.error().message();
  EXPECT_TRUE(record->ready);
  EXPECT_EQ(versions_of(*record), (std::vector<std::string>{"faq:3", "faq:4"}));
  deploy_kubernetes::Object written = record->current.front();
  ASSERT_TRUE(write_record(written, *record).ok());
  const auto again = read_record(json(written.json));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->current, record->current);
  EXPECT_EQ(again->previous, record->previous);
  EXPECT_TRUE(without_record(json(written.json))["data"].empty());
}

TEST(RecordTest, AConfigMapWithoutARecordGivesAnEmptyOne) {
  for (const json& owner : {json::object(), json{{"data", nullptr}}, json{{"data", json::object()}},
                            config_map("[]")}) {
    const auto record = read_record(owner);
    ASSERT_TRUE(record.ok()) << owner;
    EXPECT_TRUE(record->current.empty());
    EXPECT_TRUE(record->previous.empty());
  }
}

std::string object(std::string_view kind, std::string_view name, std::string_view more = "") {
  return std::string(R"({"apiVersion":"v1","kind":")")
      .append(kind)
      .append(R"(","metadata":{"name":")")
      .append(name)
      .append("\"}")
      .append(more)
      .append("}");
}

TEST(RecordTest, WhatSomebodyElseWroteThereIsRefused) {
  const std::string owner(kOwner);
  const std::string named = "objects with apiVersion, kind and name";
  const std::string first = "the endpoint's ConfigMap first, and no other";
  const struct {
    std::string current;
    std::string expected;
  } cases[] = {
      {"{", "a list of objects"},
      {std::string(100, '['), "a list of objects"},
      {"[7]", "objects with metadata"},
      {R"([{"kind":"ConfigMap","metadata":{"name":"a"}}])", named},
      {"[" + object("ConfigMap", "") + "]", named},
      // A request to such a path would change what is not ours.
      {"[" + object("ConfigMap", "../../../secrets/a") + "]", named},
      {"[" + object("ConfigMap", "..") + "]", named},
      {"[" + object("ConfigMap", "a?force=true") + "]", named},
      {"[" + object("ConfigMap", std::string(254, 'a')) + "]", named},
      {"[" + object("Service", "faq") + "]", first},
      {"[" + owner + "," + owner + "]", first},
      {"[" + object("ConfigMap", "a", R"(,"data":"text")") + "]",
       "a ConfigMap whose data is an object"},
      {"[" + owner + "," + object("Deployment", "faq-blue") + "]", "Deployments with a spec"},
  };
  for (const auto& each : cases) {
    for (const json& map : {config_map(each.current), config_map("[]", each.current)}) {
      const auto record = read_record(map);
      ASSERT_FALSE(record.ok()) << each.current;
      EXPECT_EQ(record.error().code(), Code::Corrupt);
      const char* const key = map["data"]["current.json"] == "[]" ? "previous" : "current";
      EXPECT_EQ(record.error().message(), std::string("the endpoint's ConfigMap: \"") + key +
                                              ".json\": expected " + each.expected);
    }
  }
}

TEST(RecordTest, TheLongestNameIsTaken) {
  EXPECT_TRUE(read_record(config_map("[" + object("ConfigMap", std::string(253, 'a')) + "]")).ok());
}

}  // namespace
}  // namespace rollout
