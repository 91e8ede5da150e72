#include "serve/loader.h"

#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "serve/test_source.h"

namespace serve {
namespace {

using base::Code;
using base::Error;
using base::Result;
using Kind = Loader::Kind;

class LoaderTest : public ::testing::Test {
 protected:
  LoaderTest() {
    loader_ = *Loader::start({.endpoints = endpoints_,
                              .source = source_,
                              .metrics = metrics_,
                              .log = log_,
                              .numbers = {}});
  }

  std::future<Result<std::string>> order(Kind kind, const std::string& what,
                                         bool abandoned = false) {
    const auto promise = std::make_shared<std::promise<Result<std::string>>>();
    auto future = promise->get_future();
    loader_->submit(
        {.kind = kind,
         .what = *model::Reference::parse(what),
         .who = "",
         .abandoned = [abandoned] { return abandoned; },
         .done =
             [promise](Result<std::string> version) { promise->set_value(std::move(version)); }});
    return future;
  }
  Result<std::string> load(const std::string& what) { return order(Kind::Load, what).get(); }
  Result<std::string> unload(const std::string& name) { return order(Kind::Unload, name).get(); }
  std::string served(const std::string& name) const {
    const auto endpoint = endpoints_.find(name);
    return endpoint == nullptr ? "" : endpoint->deployment()->version();
  }

  telemetry::Metrics metrics_;
  telemetry::Log log_{{.least = telemetry::Level::Error}};
  Endpoints endpoints_;
  TestSource source_;
  std::unique_ptr<Loader> loader_;
};

TEST_F(LoaderTest, LoadsExchangesAndUnloads) {
  EXPECT_EQ(*load("faq"), "2");
  const auto endpoint = endpoints_.find("faq");
  EXPECT_EQ(*load("faq:7"), "3");
  EXPECT_EQ(served("faq"), "3");
  EXPECT_EQ(endpoints_.find("faq"), endpoint) << "the endpoint stays, with what it counted";
  EXPECT_EQ(*load("other@champion"), "4");
  EXPECT_EQ(source_.asked, (std::vector<std::string>{"faq", "faq:7", "other@champion"}));
  EXPECT_EQ(*unload("faq"), "3");
  EXPECT_EQ(served("faq"), "");
  EXPECT_EQ(served("other"), "4");
  EXPECT_EQ(loader_->notes().at("faq").reason, "unloaded");
}

TEST_F(LoaderTest, WhatFailsLeavesTheOldOneAndSaysWhy) {
  ASSERT_TRUE(load("faq").ok());
  source_.fails.emplace("faq", Error(Code::Corrupt, "golden row 3 differs"));
  const auto failed = load("faq");
  EXPECT_EQ(failed.error().code(), Code::Corrupt);
  EXPECT_EQ(served("faq"), "2");
  EXPECT_EQ(loader_->notes().at("faq").reason, "golden row 3 differs");
  source_.fails.clear();
  ASSERT_TRUE(load("faq").ok());
  EXPECT_TRUE(loader_->notes().empty());
  EXPECT_NE(metrics_.text().find("sooth_loads_total{outcome=\"failed\"} 1"), std::string::npos);
}

TEST_F(LoaderTest, OfNamesThatNothingHasNothingIsRemembered) {
  source_.fails.emplace("none", Error(Code::NotFound, "there is no model"));
  EXPECT_EQ(load("none").error().code(), Code::NotFound);
  EXPECT_EQ(unload("none").error().message(), "endpoint \"none\": there is none of this name");
  EXPECT_TRUE(loader_->notes().empty());
}

TEST_F(LoaderTest, SaysWhatIsBeingLoaded) {
  std::promise<void> begun;
  std::promise<void> go_on;
  source_.on_load = [&] {
    begun.set_value();
    go_on.get_future().wait();
  };
  auto loaded = order(Kind::Load, "faq");
  begun.get_future().wait();
  EXPECT_TRUE(loader_->is_loading("faq"));
  EXPECT_FALSE(loader_->is_loading("other"));
  go_on.set_value();
  EXPECT_TRUE(loaded.get().ok());
  EXPECT_FALSE(loader_->is_loading("faq"));
}

TEST_F(LoaderTest, RefusesWhatIsTooMuchAndWhatComesTooLate) {
  std::promise<void> begun;
  std::promise<void> go_on;
  source_.on_load = [&] {
    begun.set_value();
    go_on.get_future().wait();
  };
  auto running = order(Kind::Load, "faq");
  begun.get_future().wait();
  auto abandoned = order(Kind::Load, "left", true);
  std::vector<std::future<Result<std::string>>> waiting;
  while (waiting.size() < Loader::kWaitingMax - 1) waiting.push_back(order(Kind::Load, "faq"));
  EXPECT_EQ(load("faq").error().message(), "64 loads wait already: try again later");
  loader_->stop();
  EXPECT_EQ(load("faq").error().code(), Code::Unavailable);
  for (auto& each : waiting) EXPECT_EQ(each.get().error().code(), Code::Unavailable);
  EXPECT_EQ(abandoned.get().error().code(), Code::Unavailable);
  go_on.set_value();
  EXPECT_TRUE(running.get().ok()) << "what runs is finished";
}

TEST_F(LoaderTest, WhatNobodyWaitsForIsNotLoaded) {
  EXPECT_EQ(order(Kind::Load, "faq", true).get().error().code(), Code::Cancelled);
  EXPECT_TRUE(source_.asked.empty());
}

TEST_F(LoaderTest, AnOldDeploymentGoesWithItsLastRequest) {
  ASSERT_TRUE(load("faq").ok());
  auto request = endpoints_.find("faq")->deployment();
  const std::weak_ptr<const Deployment> old = request;
  ASSERT_TRUE(load("faq").ok());
  EXPECT_EQ(request->version(), "2");
  EXPECT_FALSE(old.expired());
  request.reset();
  EXPECT_TRUE(old.expired());
}

}  // namespace
}  // namespace serve
