#pragma once

#include <string>

#include <gtest/gtest.h>

#include "front/test_house.h"

namespace front::testing {

// Makes a gRPC call of one message: "" and the answer, or the status and its message.
template <typename Request, typename Answer>
std::string call_with(House& house, const std::string& path, const Request& request,
                      Answer& answer) {
  FakeExchange exchange(net::Method::Post, path, request.SerializeAsString(),
                        {{"content-type", "application/grpc"}});
  net::Response refusal;
  if (!house.front().admit(exchange.head(), refusal).accepted()) return refusal.header_block();
  house.front().handle(exchange);
  const net::Response& response = exchange.response();
  if (response.grpc_status() != 0) {
    return std::to_string(response.grpc_status()) + " " + response.grpc_message();
  }
  EXPECT_TRUE(answer.ParseFromString(response.body()));
  return "";
}

}  // namespace front::testing
