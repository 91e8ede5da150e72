#include "cli/run.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "cli/format.h"
#include "cli/progress.h"
#include "cli/stream.h"
#include "cli/test_sink.h"

namespace cli {
namespace {

namespace fs = std::filesystem;

// A command line without a process, in a folder of its own.
class RunTest : public ::testing::Test {
 protected:
  RunTest() {
    std::string pattern = (fs::temp_directory_path() / "sooth-cli.XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~RunTest() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  int call(std::vector<std::string> arguments, std::string_view in = "") {
    table::TextSource source(in);
    out_.written.clear();
    err_.written.clear();
    World world{.arguments = std::move(arguments),
                .in = source,
                .out = out_,
                .err = err_,
                .now = std::chrono::steady_clock::now,
                .wall_now = std::chrono::system_clock::now};
    return run(world);
  }
  std::string data(std::string_view name) const {
    return std::string(SOOTH_SOURCE_DIR) + "/tests/scenario/data/" + std::string(name);
  }
  std::string file(std::string_view name) const { return (folder_ / name).string(); }

  fs::path folder_;
  TextSink out_;
  TextSink err_;
};

TEST_F(RunTest, SaysItsVersionEitherWay) {
  const std::string version = std::string("sooth ") + SOOTH_VERSION + "\n";
  EXPECT_EQ(call({"version"}), 0);
  EXPECT_EQ(out_.written, version);
  EXPECT_EQ(call({"--version"}), 0);
  EXPECT_EQ(out_.written, version);
  EXPECT_EQ(call({"--version", "--json"}), 0);
  EXPECT_EQ(out_.written, std::string("{\"version\": \"") + SOOTH_VERSION + "\"}\n");
}

TEST_F(RunTest, SuggestsTheNearestCommand) {
  EXPECT_EQ(call({"inspct", "x"}), 2);
  EXPECT_EQ(err_.written, "sooth: unknown command \"inspct\"; did you mean \"inspect\"?\n");
  EXPECT_EQ(call({"frobnicate"}), 2);
  EXPECT_EQ(err_.written, "sooth: unknown command \"frobnicate\"; see `sooth --help`\n");
}

TEST_F(RunTest, SuggestsTheNearestOption) {
  EXPECT_EQ(call({"predict", "m", "--inptu", "x"}), 2);
  EXPECT_EQ(err_.written, "sooth: unknown option \"--inptu\"; did you mean \"--input\"?\n");
}

TEST_F(RunTest, SaysWhatIsMissing) {
  EXPECT_EQ(call({"predict", "m"}), 2);
  EXPECT_EQ(err_.written, "sooth: --input is required; see `sooth predict --help`\n");
}

TEST_F(RunTest, HelpsWhereNothingIsAsked) {
  EXPECT_EQ(call({}), 0);
  EXPECT_NE(out_.written.find("predict"), std::string::npos);
  EXPECT_EQ(call({"predict", "--help"}), 0);
  EXPECT_NE(out_.written.find("--method"), std::string::npos);
}

TEST_F(RunTest, GivesErrorsAsJsonWhereAsked) {
  EXPECT_EQ(call({"inspect", "/nowhere/m.pkl", "--json"}), 3);
  EXPECT_EQ(err_.written,
            "{\"error\":{\"code\":\"not found\",\"message\":\"\\\"/nowhere/m.pkl\\\": No such file "
            "or directory\"}}\n");
  EXPECT_EQ(call({"--json", "frobnicate"}), 2);
  EXPECT_TRUE(err_.written.starts_with("{\"error\":{\"code\":\"invalid\""));
}

TEST_F(RunTest, LeavesNoFileBehindWhereARowIsRefused) {
  std::string rows = "sepal_length,sepal_width,petal_length,petal_width\n";
  for (int i = 0; i < 5000; ++i) rows += "5,3,1,0.2\n";
  rows += "5,3,long,0.2\n";
  EXPECT_EQ(
      call({"predict", data("flowers.joblib"), "--input", "-", "--output", file("out.csv")}, rows),
      2);
  EXPECT_EQ(err_.written,
            "sooth: standard input:5002: column \"petal_length\": expected a number, got "
            "\"long\"\n");
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(RunTest, KeepsTheOldFileUntilTheNewOneIsWhole) {
  std::ofstream(file("out.csv")) << "old";
  const std::string header = "sepal_length,sepal_width,petal_length,petal_width\n";
  EXPECT_EQ(call({"predict", data("flowers.joblib"), "--input", "-", "--output", file("out.csv")},
                 header + "x,3,1,0.2\n"),
            2);
  EXPECT_EQ(fs::file_size(file("out.csv")), 3U);
  EXPECT_EQ(call({"predict", data("flowers.joblib"), "--input", "-", "--output", file("out.csv")},
                 header + "5,3.4,1.5,0.2\n"),
            0);
  EXPECT_EQ(fs::file_size(file("out.csv")), std::string_view("predict\nlow\n").size());
  EXPECT_EQ(err_.written, "");
}

TEST_F(RunTest, NamesTheLineOfARowThatAStepRefuses) {
  std::string rows = "sepal_length,sepal_width,petal_length,petal_width\n";
  for (int i = 0; i < 4100; ++i) rows += "5,3,1,0.2\n\n";
  rows += "5,3,1,\n";
  EXPECT_EQ(call({"predict", data("flowers.joblib"), "--input", "-"}, rows), 2);
  EXPECT_EQ(err_.written,
            "sooth: standard input:8202: column \"petal_width\": expected a finite number, got a "
            "missing value\n");
}

TEST_F(RunTest, WritesToDevicesAsTheyAre) {
  const std::string header = "sepal_length,sepal_width,petal_length,petal_width\n";
  EXPECT_EQ(call({"predict", data("flowers.joblib"), "--input", "-", "--output", "/dev/null"},
                 header + "5,3,1,0.2\n"),
            0);
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST(FormatTest, IsToldByTheNameOfTheFile) {
  EXPECT_EQ(format_of("a.csv"), Format::Csv);
  EXPECT_EQ(format_of("dir.csv/a.tsv"), Format::Tsv);
  EXPECT_EQ(format_of("a.ndjson"), Format::JsonLines);
  EXPECT_EQ(format_of("a.txt"), std::nullopt);
  EXPECT_EQ(parse_format("json").error().message(),
            "--format: expected csv, tsv or jsonl, got \"json\"");
}

TEST(FormatTest, RefusesSparseAnswersTooWideToWrite) {
  const plan::Output wide{.form = plan::Form::Sparse, .names = std::vector<std::string>(10'001)};
  const auto refused = open_writer(Format::Csv, wide);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message(),
            "answer: expected at most 10000 columns to write out, got 10001 sparse ones");
  EXPECT_TRUE(open_writer(Format::Csv, {.names = wide.names}).ok());
}

TEST(ProgressTest, IsSilentForASecondAndRemovesItself) {
  table::TextSource in("");
  TextSink out;
  TextSink err;
  auto now = std::chrono::steady_clock::time_point();
  World world{
      .in = in, .out = out, .err = err, .err_is_terminal = true, .now = [&] { return now; }};
  {
    Progress progress(world);
    now += std::chrono::milliseconds(999);
    progress.rows(10);
    EXPECT_EQ(err.written, "");
    now += std::chrono::milliseconds(1001);
    progress.rows(5000);
    now += std::chrono::milliseconds(100);
    progress.rows(5001);
  }
  EXPECT_EQ(err.written, "\r\x1B[K5000 rows, 2500 a second\r\x1B[K");
}

TEST(ProgressTest, IsSilentWhereNobodyLooks) {
  table::TextSource in("");
  TextSink out;
  TextSink err;
  auto now = std::chrono::steady_clock::time_point();
  World world{.in = in, .out = out, .err = err, .now = [&] { return now; }};
  Progress progress(world);
  now += std::chrono::seconds(10);
  progress.rows(10);
  EXPECT_EQ(err.written, "");
}

}  // namespace
}  // namespace cli
