#include "oci/reference.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace oci {
namespace {

const std::string kHex(64, 'a');

TEST(ReferenceTest, HasHostRepositoryTagAndDigest) {
  const auto tagged = Reference::parse("Registry.example:5000/team/sub/faq:3");
  ASSERT_TRUE(tagged.ok()) << tagged.error().message();
  EXPECT_EQ(tagged->host, "registry.example:5000");
  EXPECT_EQ(tagged->repository, "team/sub/faq");
  EXPECT_EQ(tagged->tag, "3");
  EXPECT_EQ(tagged->manifest(), "3");
  EXPECT_EQ(tagged->text(), "registry.example:5000/team/sub/faq:3");

  const auto exact = Reference::parse("localhost/faq:3@sha256:" + kHex);
  ASSERT_TRUE(exact.ok()) << exact.error().message();
  EXPECT_EQ(exact->manifest(), "sha256:" + kHex);
  EXPECT_EQ(exact->text(), "localhost/faq:3@sha256:" + kHex);
}

TEST(ReferenceTest, TakesWhatTheGrammarAllows) {
  for (const std::string text : {"127.0.0.1:5000/faq:latest", "[::1]:5000/a/b:x",
                                 "a.b/c__d/e.f-g--h_i:v1.0-rc_1", "localhost:1/0:_"}) {
    EXPECT_TRUE(Reference::parse(text).ok()) << text;
  }
}

TEST(ReferenceTest, RefusesWhatItDoesNot) {
  const std::vector<std::string> wrong = {"",
                                          "faq",
                                          "faq:3",
                                          "team/faq:3",
                                          "registry.example/faq",
                                          "registry.example/:3",
                                          "registry.example/faq:",
                                          "registry.example/Faq:3",
                                          "registry.example/../faq:3",
                                          "registry.example/a//b:3",
                                          "registry.example/a/:3",
                                          "registry.example/_a:3",
                                          "registry.example/a___b:3",
                                          "registry.example/a._b:3",
                                          "registry.example/faq:-1",
                                          "registry.example:0/faq:3",
                                          "registry.example:65536/faq:3",
                                          "registry.example:x/faq:3",
                                          "registry..example/faq:3",
                                          "-a.example/faq:3",
                                          "user@registry.example/faq:3",
                                          "registry.example/faq@sha256:12",
                                          "registry.example/faq@md5:" + kHex,
                                          "https://registry.example/faq:3",
                                          "registry.example/faq:3 ",
                                          "registry.example/f%2e%2e:3",
                                          "[::1/faq:3",
                                          "[/faq:3",
                                          "registry.example/" + std::string(256, 'a') + ":3",
                                          "registry.example/faq:" + std::string(129, 'a')};
  for (const std::string& text : wrong) EXPECT_FALSE(Reference::parse(text).ok()) << text;
}

TEST(ReferenceTest, SaysWhatWasExpected) {
  EXPECT_EQ(Reference::parse("team/faq:3").error().message(),
            "reference \"team/faq\": expected a registry's host first, as in "
            "registry.example/team/faq");
  EXPECT_EQ(Reference::parse("registry.example/faq").error().message(),
            "reference \"registry.example/faq\": expected a tag or a digest behind the "
            "repository, as in registry.example/team/faq:3");
}

TEST(ReferenceTest, AModelsNameNamesNoRegistry) {
  for (const char* text : {"faq", "faq:3", "faq@champion", "demos/faq", "./a/b", "a/b:3"}) {
    EXPECT_FALSE(names_a_registry(text)) << text;
  }
  for (const char* text : {"localhost/faq", "r.example/faq:3", "host:5000/faq"}) {
    EXPECT_TRUE(names_a_registry(text)) << text;
  }
}

}  // namespace
}  // namespace oci
