#include "publish/verify.h"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "publish/test_workspace.h"

namespace publish {
namespace {

using base::Code;

// A Python with the scikit-learn that wrote the models here, which others may not be able to ask:
// SOOTH_SKLEARN_PYTHON, or one that a build folder holds.
std::string sklearn_python() {
  std::vector<std::string> paths;
  if (const char* given = std::getenv("SOOTH_SKLEARN_PYTHON")) paths.emplace_back(given);
  std::error_code absent;
  for (const auto& each : std::filesystem::directory_iterator(SOOTH_SOURCE_DIR "/build", absent)) {
    paths.push_back(each.path().string() + "/venv/bin/python");
    const auto agreement = each.path() / "agreement";
    for (const auto& made : std::filesystem::directory_iterator(agreement, absent)) {
      // The mark is written when all of it is there.
      if (!std::filesystem::exists(made.path() / "requirements.sha256")) continue;
      paths.push_back(made.path().string() + "/bin/python");
    }
  }
  for (const std::string& each : paths) {
    if (!std::filesystem::exists(each)) continue;
    const std::string asked = each +
                              " -c 'import joblib, pandas, sklearn; "
                              "assert sklearn.__version__ == \"1.9.1\"' 2>/dev/null";
    if (std::system(asked.c_str()) == 0) return each;
  }
  return "";
}

class VerifyTest : public PublishTest {
 protected:
  // A program that stands for Python.
  std::string fake(const std::string& body) const {
    const std::string file = write("python", "#!/bin/sh\n" + body + "\n");
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
    return file;
  }
  base::Result<Registered> verify(Registration registration, const std::string& python) {
    registration.verify = [python](const Source& source, const scorer::Scorer& scorer,
                                   const scorer::Examples& examples) {
      return verify_with_python(
          {.program = python,
           .search_path = "/usr/bin:/bin",
           .environment = {"PATH=/usr/bin:/bin"},
           .deadline = std::chrono::steady_clock::now() + std::chrono::minutes(5)},
          source, scorer, examples);
    };
    return try_register(registration);
  }
  Registration flowers() const {
    return {.path = data("flowers.joblib"), .example = {data("flowers.csv")}};
  }
  void expect_refused(const std::string& body, Code code, const std::string& part) {
    const auto refused = verify(flowers(), fake(body));
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code(), code);
    EXPECT_NE(refused.error().message().find(part), std::string::npos) << refused.error().message();
    EXPECT_EQ(version_count(), 0U);
  }
};

TEST_F(VerifyTest, SaysWhatIsWrongWithThePython) {
  EXPECT_EQ(verify(flowers(), "no-such-python").error().code(), Code::NotFound);
  EXPECT_EQ(verify(flowers(), path("gone/python")).error().code(), Code::NotFound);
  expect_refused("echo trouble >&2; echo 'ImportError: no joblib' >&2; exit 1", Code::Unavailable,
                 "got exit status 1: \"ImportError: no joblib\"");
  expect_refused("echo hello", Code::Unavailable, "expected answers as JSON");
  expect_refused("echo '{\"answers\": 3}'", Code::Unavailable, "expected answers as JSON");
}

TEST_F(VerifyTest, AnswersOfAnotherShapeAreNotCompared) {
  // Nothing is left to compare, and a model that was to be proved is not taken unproved.
  expect_refused(R"(cat > /dev/null; echo '{"versions": [["Python", "3"]], "not_compared": [],
    "answers": [{"method": "predict", "width": 2, "labels": ["a", "b"]},
                {"method": "predict_proba", "width": 3, "numbers": [1]}]}')",
                 Code::Conflict, "parity with Python 3: expected answers to compare");
}

TEST_F(VerifyTest, AnAnswerThatDiffersIsRefused) {
  expect_refused(R"(cat > /dev/null; echo '{"versions": [["Python", "3"], ["scikit-learn", "1"]],
    "not_compared": [], "answers": [{"method": "predict", "width": 1,
    "labels": ["tall", "mid", "tall", "tall", "mid", "low"]}]}')",
                 Code::Conflict, "parity with scikit-learn 1 under Python 3: 1 of 6 labels differ");
}

TEST_F(VerifyTest, TheOriginalLibraryAgrees) {
  const std::string python = sklearn_python();
  if (python.empty())
    GTEST_SKIP()
        << "no Python with scikit-learn, joblib and pandas: name one by SOOTH_SKLEARN_PYTHON";
  for (const char* name : {"flowers", "passengers"}) {
    const auto registered = verify({.path = data(std::string(name) + ".joblib"),
                                    .example = {data(std::string(name) + ".csv")}},
                                   python);
    ASSERT_TRUE(registered.ok()) << registered.error().message();
    const auto& parity = *registered->description.parity;
    EXPECT_EQ(parity.against.find("scikit-learn "), 0U) << parity.against;
    EXPECT_TRUE(parity.not_compared.empty()) << parity.not_compared.front();
    EXPECT_GE(parity.values, 24U);
  }
  for (const char* name : {"topics.pkl", "forest.joblib"}) {
    const auto registered = verify({.path = data(name)}, python);
    ASSERT_TRUE(registered.ok()) << registered.error().message();
    EXPECT_TRUE(registered->description.parity->not_compared.empty());
  }
}

TEST_F(VerifyTest, TheFaqAgreesToTheBit) {
  const std::string python = sklearn_python();
  if (python.empty())
    GTEST_SKIP()
        << "no Python with scikit-learn, joblib and pandas: name one by SOOTH_SKLEARN_PYTHON";
  const auto registered = verify({.path = SOOTH_SOURCE_DIR "/demos/faq"}, python);
  if (!registered.ok() &&
      registered.error().message().find("No module named 'lightgbm'") != std::string::npos) {
    GTEST_SKIP() << "no LightGBM in " << python;
  }
  ASSERT_TRUE(registered.ok()) << registered.error().message();
  const auto& parity = *registered->description.parity;
  EXPECT_GT(parity.values, 0U);
  EXPECT_EQ(parity.equal, parity.values);
  EXPECT_TRUE(parity.not_compared.empty());
}

}  // namespace
}  // namespace publish
