#include "deploy_kubernetes/yaml.h"

#include <string>

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

namespace deploy_kubernetes {
namespace {

using nlohmann::ordered_json;

// As a YAML reader resolves it: quoted is text, plain is what it looks like.
ordered_json read(const YAML::Node& node) {
  if (node.IsMap()) {
    ordered_json map = ordered_json::object();
    for (const auto& each : node) map[each.first.Scalar()] = read(each.second);
    return map;
  }
  if (node.IsSequence()) {
    ordered_json list = ordered_json::array();
    for (const auto& each : node) list.push_back(read(each));
    return list;
  }
  if (node.IsNull()) return nullptr;
  if (node.Tag() == "!") return node.Scalar();
  bool truth = false;
  if (YAML::convert<bool>::decode(node, truth)) return truth;
  const ordered_json number = ordered_json::parse(node.Scalar(), nullptr, false);
  return number.is_number() ? number : ordered_json(node.Scalar());
}

TEST(YamlTest, WritesBlocks) {
  const auto value = ordered_json::parse(R"({"kind":"List","empty":{},"none":[],"items":[
      {"name":"a","ports":[{"port":80},{"port":443}]},"text",[1,[2]],{}],"on":true,"off":null})");
  EXPECT_EQ(to_yaml(value),
            "kind: List\n"
            "empty: {}\n"
            "none: []\n"
            "items:\n"
            "  - name: a\n"
            "    ports:\n"
            "      - port: 80\n"
            "      - port: 443\n"
            "  - text\n"
            "  -\n"
            "    - 1\n"
            "    -\n"
            "      - 2\n"
            "  - {}\n"
            "\"on\": true\n"
            "\"off\": null\n");
}

TEST(YamlTest, QuotesWhatAReaderCouldTakeForSomethingElse) {
  for (const char* text :
       {"",     "on",   "Off",  "YES", "no", "y",    "N",   "true",      "False", "null",
        "~",    "Null", "NaN",  "1",   "-1", "0x1f", "1e3", "1_000",     "12:30", "2024-01-01",
        "0o17", ".5",   ".inf", "-",   "?",  ":",    "a:",  "a: b",      "a #b",  "#a",
        "&a",   "*a",   "!a",   "%a",  "@a", "`a",   "'a'", "\"a\"",     "|",     ">",
        "{a}",  "[a]",  "a, b", " a",  "a ", "=",    "<<",  "two words", "a\nb",  "\t"}) {
    const std::string yaml = to_yaml(ordered_json{{"k", text}});
    EXPECT_EQ(yaml.at(3), '"') << yaml;
    EXPECT_EQ(read(YAML::Load(yaml)), (ordered_json{{"k", text}})) << yaml;
  }
}

TEST(YamlTest, LeavesPlainWhatIsPlain) {
  for (const char* text : {"faq", "faq-blue", "apps/v1", "app.kubernetes.io/name", "/readyz",
                           "registry.example/faq@sha256:ab", "RuntimeDefault", "http"}) {
    EXPECT_EQ(to_yaml(ordered_json{{"k", text}}), "k: " + std::string(text) + "\n");
  }
}

TEST(YamlTest, ReadsBackAsWritten) {
  for (const char* text :
       {R"({"a":{"b":{"c":[1,-2,"3",true,null,"null",{"x":"y"}]}}})", R"(["a",["b",{"c":[]}]])",
        R"({"text":"é\u2028\u0085\u007f\ufeff 😀 \\ \" \r\n\t\u0001"})",
        R"({"y":1,"1":"on","a b":{}})", R"("alone")", R"(7)", R"({})", R"([])"}) {
    const auto value = ordered_json::parse(text);
    EXPECT_EQ(read(YAML::Load(to_yaml(value))), value) << to_yaml(value);
  }
}

TEST(YamlTest, ObjectsAreDocuments) {
  const Object a{"v1", "A", "a", {{"kind", "A"}}};
  EXPECT_EQ(to_yaml(std::vector<Object>{a, a}), "kind: A\n---\nkind: A\n");
}

}  // namespace
}  // namespace deploy_kubernetes
