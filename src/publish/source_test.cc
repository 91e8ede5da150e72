#include "publish/source.h"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "model/recipe.h"
#include "publish/test_workspace.h"

namespace publish {
namespace {

using base::Code;

class SourceTest : public PublishTest {
 protected:
  static std::vector<std::string> names(const std::vector<SourceFile>& files) {
    std::vector<std::string> names;
    for (const SourceFile& each : files) names.push_back(each.name);
    return names;
  }
  static std::string text_of(const SourceFile& file) {
    return std::string(base::as_text(file.bytes.bytes));
  }
  static std::string problem(const base::Result<Source>& source) {
    return source.ok() ? "none" : source.error().message();
  }
};

TEST_F(SourceTest, AFileGetsAPlainNameAndARecipe) {
  struct Case {
    const char* file;
    const char* name;
    const char* kept;
  };
  constexpr Case kCases[] = {{"My Model.joblib", "my-model", "model.joblib"},
                             {"churn.pkl", "churn", "model.pkl"},
                             {"booster", "booster", "model"},
                             {"in.folder/booster", "booster", "model"},
                             {"a.b\"c", "a", "model"},
                             {"a.\x01", "a", "model"},
                             {"a.\xff", "a", "model"}};
  for (const Case& each : kCases) {
    const auto source = find_source(write(each.file, "bytes"), "");
    ASSERT_TRUE(source.ok()) << each.file << ": " << problem(source);
    EXPECT_EQ(source->kind, Source::Kind::File);
    EXPECT_EQ(source->name, each.name);
    EXPECT_EQ(names(source->files), std::vector<std::string>{each.kept});
    EXPECT_EQ(source->model_path, path(each.file));
    ASSERT_EQ(names(source->configuration), std::vector<std::string>{"sooth.yaml"});
    EXPECT_EQ(text_of(source->configuration[0]), std::string("model: \"") + each.kept + "\"\n");
  }
}

TEST_F(SourceTest, WhatClassesAnswerAsStandsInTheRecipeThatIsWritten) {
  const std::vector<std::pair<std::string, std::string>> classes = {
      {"__main__.Mine", "lightgbm.LGBMClassifier"}};
  const auto source = find_source(write("m.pkl", "bytes"), "", classes);
  ASSERT_TRUE(source.ok()) << problem(source);
  EXPECT_EQ(text_of(source->configuration.back()),
            "model: \"model.pkl\"\n"
            "classes:\n"
            "  \"__main__.Mine\": \"lightgbm.LGBMClassifier\"\n");
  const std::string recipe = write("r.yaml", "name: given\n");
  EXPECT_EQ(find_source(path("m.pkl"), recipe, classes).error().message(),
            fmt::format("--class: expected \"classes\" in \"{}\", got \"__main__.Mine\" beside it",
                        recipe));
}

TEST_F(SourceTest, ArraysThatOldJoblibPutBesideTheModelComeAlong) {
  write("m.pkl", "bytes");
  write("m.pkl_01.npy", "one");
  write("m.pkl_02.npy.z", "two");
  write("m.pkl_notes.txt", "no");
  write("other.pkl_01.npy", "no");
  const auto source = find_source(path("m.pkl"), "");
  ASSERT_TRUE(source.ok()) << problem(source);
  EXPECT_EQ(names(source->files),
            (std::vector<std::string>{"model.pkl", "m.pkl_01.npy", "m.pkl_02.npy.z"}));
}

TEST_F(SourceTest, AFolderGivesWhatItsRecipeNames) {
  write("f/sooth.yaml", "name: faq\nmodel: sub/m.joblib\nmatch: {candidates: q.tsv}\n");
  write("f/sub/m.joblib", "bytes");
  write("f/sub/m.joblib_01.npy", "array");
  write("f/q.tsv", "table");
  write("f/secret.txt", "not named");
  const auto source = find_source(path("f"), "");
  ASSERT_TRUE(source.ok()) << problem(source);
  EXPECT_EQ(source->kind, Source::Kind::Folder);
  EXPECT_EQ(source->name, "faq");
  EXPECT_EQ(names(source->files),
            (std::vector<std::string>{"sub/m.joblib", "sub/m.joblib_01.npy", "q.tsv"}));
}

TEST_F(SourceTest, AGivenRecipeStandsForTheFoldersOwn) {
  write("f/sooth.yaml", "name: own\nmodel: a.pkl\n");
  write("f/b.pkl", "bytes");
  const auto source = find_source(path("f"), write("other.yaml", "name: given\nmodel: b.pkl\n"));
  ASSERT_TRUE(source.ok()) << problem(source);
  EXPECT_EQ(source->name, "given");
  EXPECT_EQ(names(source->files), std::vector<std::string>{"b.pkl"});
}

TEST_F(SourceTest, TheFileThatWasNamedIsTheModelWhateverTheRecipeCallsIt) {
  write("f/model.joblib", "another");
  write("f/new.joblib", "named");
  const auto source = find_source(path("f/new.joblib"), write("r.yaml", "name: given\n"));
  ASSERT_TRUE(source.ok()) << problem(source);
  EXPECT_EQ(names(source->files), std::vector<std::string>{"model.joblib"});
  EXPECT_EQ(text_of(source->files[0]), "named");
}

TEST_F(SourceTest, AnMlflowFolderGivesModelSignatureAndExample) {
  write("m/MLmodel",
        "flavors:\n  sklearn: {pickled_model: model.pkl}\n"
        "  python_function: {python_version: 3.11.7}\n"
        "saved_input_example_info: {artifact_path: input_example.json}\n"
        "signature: {inputs: '[{\"name\": \"age\", \"type\": \"double\"}]'}\n");
  write("m/model.pkl", "bytes");
  write("m/input_example.json", "[]");
  const auto source = find_source(path("m"), "");
  ASSERT_TRUE(source.ok()) << problem(source);
  EXPECT_EQ(source->kind, Source::Kind::Mlflow);
  EXPECT_EQ(names(source->configuration), (std::vector<std::string>{"MLmodel", "sooth.yaml"}));
  EXPECT_EQ(text_of(source->configuration[1]), "model: \"model.pkl\"\npython: \"3.11\"\n");
  EXPECT_EQ(source->signature.columns, (std::vector<MlflowSignature::Column>{{"age", "double"}}));
  EXPECT_TRUE(source->example.has_value());
  EXPECT_TRUE(source->notes.empty());
}

TEST_F(SourceTest, AnMlflowExampleThatIsNotThereIsANote) {
  write("m/MLmodel",
        "flavors:\n  sklearn: {pickled_model: model.pkl}\n"
        "saved_input_example_info: {artifact_path: gone.json}\n");
  write("m/model.pkl", "bytes");
  const auto source = find_source(path("m"), "");
  ASSERT_TRUE(source.ok()) << problem(source);
  EXPECT_FALSE(source->example.has_value());
  ASSERT_EQ(source->notes.size(), 1U);
}

TEST_F(SourceTest, ANameInAnMlmodelCannotWriteIntoTheRecipe) {
  const std::string name = "a\"\nname: \"b";
  write("m/MLmodel", "flavors:\n  sklearn: {pickled_model: \"a\\\"\\nname: \\\"b\"}\n");
  write("m/" + name, "bytes");
  const auto source = find_source(path("m"), "");
  ASSERT_TRUE(source.ok()) << problem(source);
  const auto recipe = model::parse_recipe("sooth.yaml", text_of(source->configuration.back()));
  ASSERT_TRUE(recipe.ok()) << recipe.error().message();
  EXPECT_EQ(recipe->model, name);
  EXPECT_EQ(recipe->name, "");
}

TEST_F(SourceTest, RefusesNamesThatLeadOutAndLinks) {
  write("secret", "bytes");
  for (const char* model : {"../secret", "/etc/passwd", "a/../../secret", "link", "out/secret"}) {
    std::filesystem::remove_all(path("f"));
    write("f/sooth.yaml", std::string("model: \"") + model + "\"\n");
    std::filesystem::create_symlink("../secret", path("f/link"));
    std::filesystem::create_directory_symlink("..", path("f/out"));
    const auto source = find_source(path("f"), "");
    EXPECT_FALSE(source.ok()) << model;
  }
}

TEST_F(SourceTest, RefusesWhatIsNotThere) {
  EXPECT_EQ(find_source(path("gone.pkl"), "").error().code(), Code::NotFound);
  std::filesystem::create_directory(path("empty"));
  EXPECT_EQ(problem(find_source(path("empty"), "")),
            base::quote(path("empty")) +
                ": expected sooth.yaml, MLmodel or an ONNX file in it, got none of them; name the "
                "model's file, or "
                "write a sooth.yaml");
  write("f/sooth.yaml", "model: gone.pkl\n");
  EXPECT_EQ(find_source(path("f"), "").error().code(), Code::NotFound);
  EXPECT_EQ(find_source(path("f"), path("gone.yaml")).error().code(), Code::NotFound);
}

TEST_F(SourceTest, RefusesOneFileForModelAndCandidates) {
  write("f/sooth.yaml", "model: a\nmatch: {candidates: a}\n");
  write("f/a", "bytes");
  EXPECT_EQ(find_source(path("f"), "").error().code(), Code::Invalid);
}

}  // namespace
}  // namespace publish
