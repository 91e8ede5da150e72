#include "publish/register.h"

#include <string>

#include <gtest/gtest.h>

#include "base/text.h"
#include "publish/test_workspace.h"

namespace publish {
namespace {

using base::Code;

class RegisterTest : public PublishTest {
 protected:
  Registration flowers() const { return {.path = data("flowers.joblib")}; }
  Registration passengers() const {
    return {.path = data("passengers.joblib"), .example = {data("passengers.csv")}};
  }
  // Nothing was registered, and why.
  void expect_refused(const Registration& registration, Code code) {
    const auto registered = try_register(registration);
    ASSERT_FALSE(registered.ok());
    EXPECT_EQ(registered.error().code(), code) << registered.error().message();
    EXPECT_EQ(version_count(), 0U);
  }
};

TEST_F(RegisterTest, AnAttemptThatFailsTakesAwayWhatItWroteAlone) {
  must_register({.path = data("flowers.joblib")});
  // Nobody's, as a packed layer is, and what a removed version leaves.
  ASSERT_TRUE(workspace_->layout().put("packed").ok());
  const auto before = *workspace_->layout().list();
  // The second is refused once its file has been written.
  for (const std::string& each : {path("gone.pkl"), data("hostile.pkl")}) {
    EXPECT_FALSE(try_register({.path = each}).ok());
    EXPECT_EQ(*workspace_->layout().list(), before);
  }
}

TEST_F(RegisterTest, DescribesWhatItRegistered) {
  const Registered registered = must_register(passengers());
  EXPECT_EQ(registered.version.reference(), "passengers:1");
  EXPECT_TRUE(registered.is_new);
  const model::Description& description = registered.description;
  EXPECT_EQ(description.title, "sklearn.pipeline.Pipeline");
  EXPECT_EQ(description.recipe, "columns");
  ASSERT_EQ(description.inputs.size(), 3U);
  EXPECT_EQ(description.inputs[2].name, "port");
  EXPECT_EQ(description.inputs[2].type, "text");
  EXPECT_EQ(description.golden_source, "given");
  EXPECT_EQ(description.golden_rows, 6U);
  EXPECT_FALSE(description.parity.has_value());
  const auto kept =
      read_description(**VersionFiles::open(workspace_->layout(), registered.version.digest));
  ASSERT_TRUE(kept.ok()) << kept.error().message();
  EXPECT_EQ(kept->json(), description.json());
}

TEST_F(RegisterTest, MakesExamplesWhereThereAreNone) {
  EXPECT_EQ(must_register(flowers()).description.golden_source, "generated");
}

TEST_F(RegisterTest, TheSameBytesKeepTheirNumberAndOthersGetTheNext) {
  const Registered first = must_register(passengers());
  const Registered again = must_register(passengers());
  EXPECT_FALSE(again.is_new);
  EXPECT_EQ(again.version.digest, first.version.digest);
  Registration other = passengers();
  other.example.clear();
  EXPECT_EQ(must_register(other).version.reference(), "passengers:2");
}

TEST_F(RegisterTest, SetsNameLabelsAndAlias) {
  Registration registration = flowers();
  registration.name = "iris";
  registration.labels = {{"stage", "test"}};
  registration.alias = "champion";
  const workspace::Version version = must_register(registration).version;
  EXPECT_EQ(version.reference(), "iris:1");
  EXPECT_EQ(version.labels.at("stage"), "test");
  EXPECT_EQ(version.aliases, std::vector<std::string>{"champion"});
}

TEST_F(RegisterTest, RefusesWrongNamesBeforeAnythingIsStored) {
  Registration name = flowers();
  name.name = "Iris!";
  expect_refused(name, Code::Invalid);
  Registration label = flowers();
  label.labels = {{"", "x"}};
  expect_refused(label, Code::Invalid);
  Registration alias = flowers();
  alias.alias = "Champion!";
  expect_refused(alias, Code::Invalid);
  EXPECT_TRUE(workspace_->layout().list()->empty());
}

TEST_F(RegisterTest, ReportsHowFarExpectedAnswersAgree) {
  Registration registration = passengers();
  registration.expected = {write("answers.csv", "predict\n0\n0\n1\n0\n0\n0\n")};
  const auto parity = must_register(registration).description.parity;
  ASSERT_TRUE(parity.has_value());
  EXPECT_EQ(parity->against, "expected answers");
  EXPECT_EQ(parity->rows, 6U);
  EXPECT_EQ(parity->equal, 6U);
}

TEST_F(RegisterTest, RefusesWrongLabelsAndSaysWhere) {
  Registration registration = passengers();
  registration.expected = {write("answers.csv", "predict\n0\n1\n1\n0\n0\n0\n")};
  const auto refused = try_register(registration);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message(),
            "parity with expected answers: 1 of 6 labels differ, first at row 1, predict column "
            "\"predict\"; expected at most 1e-09; not registered");
  EXPECT_EQ(version_count(), 0U);
}

TEST_F(RegisterTest, RefusesNumbersBeyondTheToleranceAndTakesThoseWithin) {
  Registration registration{.path = data("passengers.joblib"),
                            .example = {write("row.csv", "age,fare,port\n,7.37,Bern\n")}};
  registration.expected = {
      write("answers.csv", "predict_proba(0),predict_proba(1)\n0.99799,0.0020066\n")};
  expect_refused(registration, Code::Conflict);
  registration.tolerance = 1e-4;
  const auto parity = must_register(registration).description.parity;
  EXPECT_GT(parity->rel_max, 1e-9);
  EXPECT_LT(parity->rel_max, 1e-4);
}

TEST_F(RegisterTest, RefusesAnswersToOtherRows) {
  Registration registration = passengers();
  registration.expected = {write("answers.csv", "predict\n0\n")};
  expect_refused(registration, Code::Invalid);
  registration.expected = {path("gone.csv")};
  expect_refused(registration, Code::NotFound);
}

TEST_F(RegisterTest, RefusesWhatCannotBeRunOrRead) {
  expect_refused({.path = data("spread.joblib")}, Code::Unsupported);
  expect_refused({.path = data("hostile.pkl")}, Code::Unsupported);
  expect_refused({.path = data("truncated.pkl")}, Code::Corrupt);
  expect_refused({.path = path("gone.pkl")}, Code::NotFound);
}

TEST_F(RegisterTest, CallsAFileByThePathThatWasGiven) {
  const auto refused = try_register({.path = data("spread.joblib")});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message().find(base::quote(data("spread.joblib")) + ": "), 0U)
      << refused.error().message();
}

TEST_F(RegisterTest, SaysWhichColumnsOfAnMlflowSignatureTheModelDoesNotRead) {
  copy("passengers.joblib", "m/model.pkl");
  write("m/MLmodel",
        "flavors:\n  sklearn: {pickled_model: model.pkl}\n"
        "saved_input_example_info: {artifact_path: input_example.json}\n"
        "signature: {inputs: '[{\"name\": \"age\"}, {\"name\": \"shoe\"}]'}\n");
  write("m/input_example.json",
        R"({"columns": ["age", "fare", "port"], "data": [[1, 2, "Oslo"]]})");
  const Registered registered = must_register({.path = path("m")});
  EXPECT_EQ(registered.version.reference(), "m:1");
  EXPECT_EQ(registered.notes, std::vector<std::string>{
                                  "MLmodel names a column \"shoe\" that the model does not read"});
  EXPECT_EQ(registered.description.golden_rows, 1U);
}

TEST_F(RegisterTest, RefusesAnMlflowSignatureThatContradictsTheModel) {
  copy("passengers.joblib", "m/model.pkl");
  write("m/MLmodel",
        "flavors:\n  sklearn: {pickled_model: model.pkl}\n"
        "signature: {inputs: '[{\"name\": \"age\", \"type\": \"string\"}]'}\n");
  const auto refused = try_register({.path = path("m")});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), Code::Conflict);
  EXPECT_EQ(version_count(), 0U);
  EXPECT_TRUE(workspace_->layout().list()->empty());
}

TEST_F(RegisterTest, AVerdictIsComparedBesideExpectedAnswers) {
  Registration registration = passengers();
  registration.expected = {write("answers.csv", "predict\n0\n0\n1\n0\n0\n0\n")};
  std::vector<std::string> labels = {"0", "0", "1", "0", "0", "0"};
  registration.verify = [&](const Source& source, const scorer::Scorer&,
                            const scorer::Examples& examples) {
    EXPECT_EQ(source.model_path, data("passengers.joblib"));
    EXPECT_EQ(examples.count(), 6U);
    return base::Result<Registration::Verdict>(
        {.against = "an oracle",
         .answers = {{.method = "predict", .names = {"predict"}, .numbers = {}, .labels = labels}},
         .not_compared = {"predict_proba"}});
  };
  const auto parity = must_register(registration).description.parity;
  EXPECT_EQ(parity->against, "expected answers and an oracle");
  EXPECT_EQ(parity->values, 12U);
  EXPECT_EQ(parity->not_compared, std::vector<std::string>{"predict_proba"});
  labels[0] = "1";
  EXPECT_EQ(try_register(registration).error().code(), Code::Conflict);
}

TEST_F(RegisterTest, ReportsProgressUpToTheEnd) {
  std::uint64_t last = 0;
  const auto registered =
      register_model(*workspace_, flowers(), [&](std::uint64_t done, std::uint64_t all) {
        EXPECT_GE(done, last);
        EXPECT_LE(done, all);
        last = done;
      });
  ASSERT_TRUE(registered.ok());
  EXPECT_EQ(last, read_text(data("flowers.joblib")).size());
}

}  // namespace
}  // namespace publish
