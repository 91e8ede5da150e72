#include "deploy_local/verdict.h"

#include <csignal>
#include <string>

#include <gtest/gtest.h>

#include "base/status.h"

namespace deploy_local {
namespace {

using base::Code;

deploy::DeploymentSpec deployment() {
  deploy::DeploymentSpec spec;
  spec.name = "blue";
  spec.version = "faq:4";
  spec.probes.startup = {.period_s = 2, .timeout_s = 5, .failures = 150};
  return spec;
}

TEST(VerdictTest, SaysWhatAnEndMeant) {
  const struct {
    End end;
    Code code;
    bool hopeless;
    const char* sentence;
  } cases[] = {
      {{.status = 8,
        .last_words =
            "{\"level\":\"info\"}\nsooth: faq:4: golden rows: row 3: expected 1, got 2\n"},
       Code::Corrupt,
       true,
       "faq:4: golden rows: row 3: expected 1, got 2; register the model again here, or deploy "
       "another version"},
      {{.status = 3, .last_words = "sooth: model \"faq\" has no version 4\n"},
       Code::NotFound,
       true,
       "faq:4: model \"faq\" has no version 4"},
      {{.status = 9, .last_words = "sooth: faq:4: estimator X\nmore\n"},
       Code::Unsupported,
       true,
       "faq:4: estimator X"},
      {{.status = 6, .last_words = "sooth: threads: none left\n"},
       Code::Unavailable,
       false,
       "faq:4: threads: none left"},
      {{.status = 1, .last_words = "odd\x1b[2J\n"}, Code::Internal, false, "faq:4: odd\\x1b[2J"},
      {{.status = 127, .last_words = ""},
       Code::Internal,
       false,
       "faq:4: the copy ended with status 127 and said nothing"},
      {{.status = 0, .last_words = "bye\n"},
       Code::Unavailable,
       false,
       "faq:4: the copy stopped by itself; sooth logs shows all it said"},
      {{.signal = SIGKILL, .last_words = "ready\n"},
       Code::Exhausted,
       false,
       "faq:4: the copy was killed by signal 9, as where memory runs out; free some, or ask for "
       "fewer copies"},
      {{.signal = SIGSEGV, .last_words = ""},
       Code::Internal,
       false,
       "faq:4: the copy was ended by signal 11 (Segmentation fault); sooth logs shows all it said"},
      {{.signal = SIGKILL, .too_late = true, .last_words = ""},
       Code::Deadline,
       false,
       "faq:4: the copy did not get ready within 300 s; allow it more in \"probes.startup\", or "
       "see "
       "sooth logs"},
  };
  for (const auto& each : cases) {
    const Verdict verdict = judge(deployment(), each.end);
    EXPECT_EQ(verdict.sentence, each.sentence);
    EXPECT_EQ(verdict.code, each.code) << each.sentence;
    EXPECT_EQ(verdict.hopeless, each.hopeless) << each.sentence;
  }
}

TEST(VerdictTest, TheLastErrorCountsElseTheLastLine) {
  EXPECT_EQ(last_said(""), "");
  EXPECT_EQ(last_said("a\nb\n\n"), "b");
  EXPECT_EQ(last_said("sooth: one\nsooth: two\nthree"), "two");
  EXPECT_EQ(last_said(std::string(5'000, 'x')).size(), 1'000U);
}

TEST(VerdictTest, AnExitIsTheErrorThatItStandsFor) {
  for (int i = 0; i <= static_cast<int>(Code::Internal); ++i) {
    const auto code = static_cast<Code>(i);
    if (code == Code::Cancelled) continue;  // A command's, never a server's.
    const int exit = base::status_of(code).exit;
    EXPECT_EQ(base::status_of(code_of_exit(exit)).exit, exit);
  }
  EXPECT_EQ(code_of_exit(77), Code::Internal);
}

}  // namespace
}  // namespace deploy_local
