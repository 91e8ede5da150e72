#include "deploy_local/decide.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace deploy_local {
namespace {

using std::chrono::seconds;

constexpr Moment kNow{1'000'000};

Replica replica(std::int64_t ordinal, std::string form, Phase phase, Moment age = seconds(5),
                std::string deployment = "blue") {
  return {.deployment = std::move(deployment),
          .ordinal = ordinal,
          .form = std::move(form),
          .phase = phase,
          .since = kNow - age,
          .start_time_max = seconds(300),
          .stop_time_max = seconds(30)};
}
Replica ready(std::int64_t ordinal, std::string form) {
  return replica(ordinal, std::move(form), Phase::Ready);
}
Replica starting(std::int64_t ordinal, std::string form) {
  return replica(ordinal, std::move(form), Phase::Starting);
}
Replica stopping(std::int64_t ordinal, std::string form) {
  return replica(ordinal, std::move(form), Phase::Stopping);
}

Want want(std::int64_t replicas, deploy::Update update = deploy::Update::Surge,
          std::string form = "new") {
  return {.deployment = "blue", .form = std::move(form), .replicas = replicas, .update = update};
}

std::string text_of(std::string_view verb, const std::vector<ReplicaId>& ids) {
  std::string text;
  for (const ReplicaId& each : ids) {
    text += std::string(verb) + " " + each.deployment + "-" + std::to_string(each.ordinal) + ", ";
  }
  return text;
}

// "start blue-1, stop blue-2, settled"
std::string text_of(const Decision& decision) {
  std::string text = text_of("start", decision.start) + text_of("stop", decision.stop) +
                     text_of("kill", decision.kill) + text_of("too late", decision.too_late);
  if (decision.settled) text += "settled, ";
  return text.substr(0, text.size() - std::min<std::size_t>(2, text.size()));
}

struct Case {
  const char* what;
  std::vector<Want> wanted;
  std::vector<Replica> replicas;
  const char* decided;
};

class DecideTest : public testing::TestWithParam<Case> {};

TEST_P(DecideTest, DecidesWhatTheTableSays) {
  const Case& given = GetParam();
  const View view{.wanted = given.wanted, .replicas = given.replicas, .past = {}, .now = kNow};
  EXPECT_EQ(text_of(decide(view)), given.decided) << given.what;
}

constexpr auto kReplace = deploy::Update::Replace;

INSTANTIATE_TEST_SUITE_P(
    Starts, DecideTest,
    testing::Values(
        Case{"all at once where none runs", {want(2)}, {}, "start blue-1, start blue-2"},
        Case{"nothing while they start", {want(2)}, {starting(1, "new"), starting(2, "new")}, ""},
        Case{"nothing where all are ready",
             {want(2)},
             {ready(1, "new"), ready(2, "new")},
             "settled"},
        Case{"the one that is missing", {want(2)}, {ready(2, "new")}, "start blue-1"},
        Case{"beside one that stops, under another number",
             {want(1)},
             {stopping(1, "new")},
             "start blue-2"},
        Case{"more of them", {want(3)}, {ready(1, "new")}, "start blue-2, start blue-3"},
        Case{"fewer: those that are not ready, then the newest",
             {want(1)},
             {ready(1, "new"), ready(2, "new"), starting(3, "new")},
             "stop blue-3, stop blue-2"},
        Case{"settled while one only finishes what it has",
             {want(1)},
             {ready(1, "new"), stopping(2, "old")},
             "settled"}));

INSTANTIATE_TEST_SUITE_P(
    Surge, DecideTest,
    testing::Values(
        Case{"one more than are wanted",
             {want(2)},
             {ready(1, "old"), ready(2, "old")},
             "start blue-3"},
        Case{"waits for it", {want(2)}, {ready(1, "old"), ready(2, "old"), starting(3, "new")}, ""},
        Case{"an old one stops when it is ready",
             {want(2)},
             {ready(1, "old"), ready(2, "old"), ready(3, "new")},
             "stop blue-2"},
        Case{"the next starts while the old one stops",
             {want(2)},
             {ready(1, "old"), stopping(2, "old"), ready(3, "new")},
             "start blue-4"},
        Case{"and the last goes",
             {want(2)},
             {ready(1, "old"), ready(3, "new"), ready(4, "new")},
             "stop blue-1"},
        Case{"an old one that never was ready is not kept for it",
             {want(2)},
             {ready(1, "old"), starting(2, "old")},
             "start blue-3, stop blue-2"},
        Case{"with more replicas: those that are missing at once",
             {want(4)},
             {ready(1, "old"), ready(2, "old")},
             "start blue-3, start blue-4, start blue-5"},
        Case{"with fewer: what is spare goes first",
             {want(1)},
             {ready(1, "old"), ready(2, "old"), ready(3, "old")},
             "stop blue-3, stop blue-2"}));

INSTANTIATE_TEST_SUITE_P(
    Replace, DecideTest,
    testing::Values(
        Case{"an old one stops first", {want(1, kReplace)}, {ready(1, "old")}, "stop blue-1"},
        Case{"and is waited for", {want(1, kReplace)}, {stopping(1, "old")}, ""},
        Case{"then a new one starts", {want(1, kReplace)}, {}, "start blue-1"},
        Case{"one after another",
             {want(2, kReplace)},
             {ready(1, "old"), ready(2, "old")},
             "stop blue-2"},
        Case{"the place of one that is gone is filled",
             {want(2, kReplace)},
             {ready(1, "old")},
             "start blue-2"},
        Case{"no other old one stops before it is ready",
             {want(2, kReplace)},
             {ready(1, "old"), starting(2, "new")},
             ""},
        Case{"then the next",
             {want(2, kReplace)},
             {ready(1, "old"), ready(2, "new")},
             "stop blue-1"}));

Want green(std::int64_t replicas) {
  return {.deployment = "green", .form = "new", .replicas = replicas};
}

INSTANTIATE_TEST_SUITE_P(
    Deployments, DecideTest,
    testing::Values(
        Case{"each has numbers of its own", {want(1), green(1)}, {}, "start blue-1, start green-1"},
        Case{"one that is not wanted stays until what is wanted is ready",
             {green(1)},
             {ready(1, "new")},
             "start green-1"},
        Case{"and goes then",
             {green(1)},
             {ready(1, "new"), replica(1, "new", Phase::Ready, seconds(1), "green")},
             "stop blue-1"}));

TEST(DecideTest, EndsEverythingAndStartsNothing) {
  View view{.wanted = {want(2)},
            .replicas = {ready(1, "new"), starting(2, "old"), stopping(3, "old")},
            .past = {},
            .ending = true,
            .now = kNow};
  EXPECT_EQ(text_of(decide(view)), "stop blue-1, stop blue-2");
  view.replicas.clear();
  EXPECT_EQ(text_of(decide(view)), "");
}

TEST(DecideTest, KillsWhatTakesTooLongAndSaysWhenToLookAgain) {
  const auto view_of = [](Phase phase, Moment age) {
    return View{.wanted = {want(1)},
                .replicas = {replica(1, "new", phase, age), ready(2, "new")},
                .past = {},
                .now = kNow};
  };
  EXPECT_EQ(decide(view_of(Phase::Starting, seconds(299))).wake, kNow + seconds(1));
  EXPECT_EQ(text_of(decide(view_of(Phase::Starting, seconds(300)))),
            "stop blue-1, too late blue-1");
  EXPECT_EQ(decide(view_of(Phase::Stopping, seconds(29))).wake, kNow + seconds(1));
  EXPECT_EQ(text_of(decide(view_of(Phase::Stopping, seconds(30)))), "kill blue-1, settled");
  EXPECT_EQ(decide(view_of(Phase::Ready, seconds(900))).wake, std::nullopt);
}

// One that was just killed for being too late is not started before it has ended.
TEST(DecideTest, OneThatIsTooLateKeepsItsPlaceUntilItHasEnded) {
  const View view{.wanted = {want(1)},
                  .replicas = {replica(1, "new", Phase::Starting, seconds(300))},
                  .past = {},
                  .now = kNow};
  EXPECT_EQ(text_of(decide(view)), "too late blue-1");
}

Past failed(int times, bool was_ready = true, bool hopeless = false) {
  return {.form = "new",
          .failures = times,
          .last_failure = kNow,
          .was_ready = was_ready,
          .hopeless = hopeless};
}

TEST(DecideTest, StartsAgainAtOnceAndThenLaterAndLater) {
  const struct {
    int failures;
    seconds wait;
  } cases[] = {{1, seconds(0)},  {2, seconds(1)},  {3, seconds(2)},     {4, seconds(4)},
               {7, seconds(32)}, {8, seconds(60)}, {1'000, seconds(60)}};
  for (const auto& each : cases) {
    EXPECT_EQ(next_start(failed(each.failures)) - kNow, each.wait) << each.failures;
  }
  View view{.wanted = {want(1)}, .replicas = {}, .past = {{"blue", failed(3)}}, .now = kNow};
  EXPECT_EQ(text_of(decide(view)), "");
  EXPECT_EQ(decide(view).wake, kNow + seconds(2));
  view.now += seconds(2);
  EXPECT_EQ(text_of(decide(view)), "start blue-1");
}

TEST(DecideTest, GivesUpWhatNeverWasReady) {
  const struct {
    Past past;
    bool gives_up;
  } cases[] = {{failed(4, false), false},      {failed(kFailuresMax, false), true},
               {failed(1, false, true), true}, {failed(kFailuresMax, true), false},
               {failed(1, true, true), false}, {Past{.form = "new", .hopeless = true}, false}};
  for (const auto& each : cases) {
    EXPECT_EQ(given_up(each.past), each.gives_up) << each.past.failures;
    const View view{.wanted = {want(1)},
                    .replicas = {},
                    .past = {{"blue", each.past}},
                    .now = kNow + seconds(100)};
    EXPECT_EQ(text_of(decide(view)), each.gives_up ? "" : "start blue-1");
  }
}

TEST(DecideTest, OldOnesStayWhereTheNewOneIsGivenUp) {
  const View view{.wanted = {want(2)},
                  .replicas = {ready(1, "old"), ready(2, "old")},
                  .past = {{"blue", failed(1, false, true)}},
                  .now = kNow};
  EXPECT_EQ(text_of(decide(view)), "");
}

TEST(DecideTest, WhatFailedOfAnotherFormDoesNotCount) {
  Past past = failed(kFailuresMax, false);
  past.form = "old";
  const View view{.wanted = {want(1)}, .replicas = {}, .past = {{"blue", past}}, .now = kNow};
  EXPECT_EQ(text_of(decide(view)), "start blue-1");
}

TEST(PastTest, CountsFailuresInARow) {
  Past past = after_failure({}, starting(1, "new"), true, kNow);
  EXPECT_EQ(past.failures, 1);
  EXPECT_TRUE(past.hopeless);
  EXPECT_FALSE(past.was_ready);
  past = after_failure(past, ready(1, "new"), false, kNow);
  EXPECT_EQ(past.failures, 2);
  EXPECT_FALSE(past.hopeless);
  EXPECT_TRUE(past.was_ready);
  // What ran for a minute has not failed in a row.
  past = after_failure(past, replica(1, "new", Phase::Ready, seconds(60)), false, kNow);
  EXPECT_EQ(past.failures, 1);
  past = after_failure(past, replica(1, "new", Phase::Ready, seconds(59)), false, kNow);
  EXPECT_EQ(past.failures, 2);
  past = after_failure(past, starting(1, "newer"), false, kNow);
  EXPECT_EQ(past.failures, 1);
  EXPECT_FALSE(past.was_ready);
}

// Plays a whole update: whatever is decided is done, and a start takes one step to get ready. At no
// time are fewer ready than are wanted, nor more running than one more than that.
TEST(DecideTest, AnUpdateNeverHasTooFewOrTooMany) {
  for (std::int64_t count = 1; count <= 6; ++count) {
    View view{.wanted = {want(count)}, .replicas = {}, .past = {}, .now = kNow};
    for (std::int64_t i = 1; i <= count; ++i) view.replicas.push_back(ready(i, "old"));
    bool settled = false;
    for (int step = 0; step < 40 && !settled; ++step) {
      const Decision decision = decide(view);
      settled = decision.settled;
      for (Replica& each : view.replicas) {
        if (each.phase == Phase::Starting) each.phase = Phase::Ready;
      }
      for (const ReplicaId& id : decision.stop) {
        std::erase_if(view.replicas,
                      [&](const Replica& each) { return each.ordinal == id.ordinal; });
      }
      for (const ReplicaId& id : decision.start)
        view.replicas.push_back(starting(id.ordinal, "new"));
      const auto is_ready = std::count_if(view.replicas.begin(), view.replicas.end(),
                                          [](auto& each) { return each.phase == Phase::Ready; });
      EXPECT_GE(is_ready, count);
      EXPECT_LE(static_cast<std::int64_t>(view.replicas.size()), count + 1);
    }
    EXPECT_TRUE(settled) << count;
  }
}

}  // namespace
}  // namespace deploy_local
