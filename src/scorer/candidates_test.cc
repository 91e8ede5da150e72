#include "scorer/candidates.h"

#include <gtest/gtest.h>

namespace scorer {
namespace {

TEST(CandidatesTest, ReadsColumnsByNameInTheFilesOrder) {
  const auto read = Candidates::parse("q.tsv",
                                      "text\tid\textra\tanswer_id\nwhy\t7\tx\t70\n"
                                      "how\t8\ty\t70\r\n",
                                      {});
  ASSERT_TRUE(read.ok()) << read.error().message();
  ASSERT_EQ(read->rows.size(), 2U);
  EXPECT_EQ(read->rows[1].text, "how");
  EXPECT_EQ(read->rows[1].answer_id, "70");
  EXPECT_EQ(read->rows[0].answer, read->rows[1].answer);
  EXPECT_TRUE(read->integer_ids);
}

TEST(CandidatesTest, IdsThatAreNotAllIntegersAreTexts) {
  const auto read = Candidates::parse("q.tsv", "id\tanswer_id\ttext\n007\ta1\tx\n8\t2\ty\n", {});
  ASSERT_TRUE(read.ok());
  EXPECT_FALSE(read->integer_ids);
  EXPECT_FALSE(read->integer_answer_ids);
}

TEST(CandidatesTest, RefusesByLine) {
  const struct {
    const char* text;
    const char* message;
  } cases[] = {
      {"id\ttext\n", "q.tsv:1: expected a column \"answer_id\", got \"id, text\""},
      {"id\tanswer_id\ttext\n1\t2\n", "q.tsv:2: expected at least 3 fields, got 2"},
      {"id\tanswer_id\ttext\n1\t2\t\xff\n", "q.tsv:2: expected UTF-8"},
      {"id\tanswer_id\ttext\n", "q.tsv:2: expected at least one candidate"},
  };
  for (const auto& c : cases) {
    const auto read = Candidates::parse("q.tsv", c.text, {});
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().message(), c.message);
  }
}

}  // namespace
}  // namespace scorer
