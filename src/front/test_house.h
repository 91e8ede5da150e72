#pragma once

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "front/front.h"

// For tests: a front over one model, and requests without a connection.
namespace front::testing {

// As a client sends them in binary.
template <typename T>
std::string bytes_of(const std::vector<T>& values) {
  return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

class FakeExchange final : public net::Exchange {
 public:
  FakeExchange(net::Method method, std::string path, std::string body,
               std::vector<net::Header> headers = {})
      : target_(std::move(path)), body_(std::move(body)) {
    body_.reserve(body_.size() + net::kBodyPadding);
    head_.method = method;
    const std::size_t query = target_.find('?');
    head_.path = std::string_view(target_).substr(0, query);
    if (query != std::string::npos) head_.query = std::string_view(target_).substr(query + 1);
    head_.headers = std::move(headers);
    head_.source = "127.0.0.1";
  }
  void come_from(std::string_view source) { head_.source = source; }
  const net::RequestHead& head() const override { return head_; }
  std::string_view body() const override { return body_; }
  std::string_view source() const override { return head_.source; }
  net::Response& response() override { return response_; }
  bool abandoned() const override { return false; }
  void finish() override {
    const auto done = done_;  // It outlives the exchange, which is gone for who waits.
    ++finished;
    if (finished == 1) done->set_value();
  }
  // Where another thread finishes it.
  void wait() { done_->get_future().wait(); }

  int finished = 0;

 private:
  std::string target_;
  std::string body_;
  net::RequestHead head_;
  net::Response response_;
  const std::shared_ptr<std::promise<void>> done_ = std::make_shared<std::promise<void>>();
};

// Everything is scored where it is asked, unless it takes longer than `inline_us_max`.
class House {
 public:
  // With a source of them, models are loaded on request.
  explicit House(const std::string& path, double inline_us_max = 1e12, Front::Options options = {},
                 serve::ModelSource* models = nullptr)
      : House(load(path), inline_us_max, std::move(options), models) {}
  explicit House(const std::shared_ptr<const scorer::Scorer>& scorer, double inline_us_max = 1e12,
                 Front::Options options = {}, serve::ModelSource* models = nullptr) {
    name_ = scorer->name();
    endpoints_.add(std::make_shared<serve::Endpoint>(name_, "1", scorer, metrics_));
    queue_ = *serve::WorkQueue::start(
        {.name = "test", .workers = 1, .now = std::chrono::steady_clock::now});
    if (models != nullptr) {
      loader_ = *serve::Loader::start({.endpoints = endpoints_,
                                       .source = *models,
                                       .metrics = metrics_,
                                       .log = log_,
                                       .numbers = {}});
      options.loader = loader_.get();
    }
    options.version = "test";
    options.bodies.bytes_max = 1 << 20;
    options.inline_us_max = inline_us_max;
    if (!options.now) options.now = std::chrono::steady_clock::now;
    front_ = std::make_unique<Front>(endpoints_, metrics_, *queue_, std::move(options));
  }

  struct Answer {
    int status;
    std::string body;
    std::string type;
    std::string fields;

    // The value of an added field; "" where there is none.
    std::string field(const std::string& name) const {
      const std::size_t at = fields.find(name + ": ");
      if (at == std::string::npos) return "";
      const std::size_t begin = at + name.size() + 2;
      return fields.substr(begin, fields.find('\r', begin) - begin);
    }
  };
  Answer ask(net::Method method, const std::string& path, const std::string& body = "",
             const std::vector<net::Header>& headers = {}) {
    FakeExchange exchange(method, path, body, headers);
    exchange.come_from(source);
    net::Response refusal;
    if (!front_->admit(exchange.head(), refusal).accepted()) return answer_of(refusal);
    front_->handle(exchange);
    exchange.wait();
    EXPECT_EQ(exchange.finished, 1);
    return answer_of(exchange.response());
  }
  Answer post(const std::string& path, const std::string& body) {
    return ask(net::Method::Post, path, body);
  }
  Answer get(const std::string& path) { return ask(net::Method::Get, path); }

  std::string source = "127.0.0.1";  // Of what is asked.

  Front& front() { return *front_; }
  telemetry::Metrics& metrics() { return metrics_; }
  serve::Endpoints& endpoints() { return endpoints_; }
  serve::Loader& loader() { return *loader_; }
  const std::string& name() const { return name_; }

 private:
  static std::shared_ptr<const scorer::Scorer> load(const std::string& path) {
    auto scorer = scorer::Scorer::load(path, {});
    EXPECT_TRUE(scorer.ok()) << scorer.error().message();
    return *std::move(scorer);
  }
  static Answer answer_of(const net::Response& response) {
    return {response.status(), response.body(), response.content_type(), response.header_block()};
  }

  std::string name_;
  telemetry::Metrics metrics_;
  telemetry::Log log_{{.least = telemetry::Level::Error}};
  serve::Endpoints endpoints_;
  std::unique_ptr<serve::WorkQueue> queue_;
  std::unique_ptr<serve::Loader> loader_;
  std::unique_ptr<Front> front_;
};

}  // namespace front::testing
