#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/result.h"

// What an API server's answers mean. Pure: bytes in, values out; nothing nests deeper than objects
// of Kubernetes do, so that whoever walks a value cannot run out of stack.
namespace kube {

inline constexpr std::size_t kListMax = 10'000;

// What an answer that is no success means; `doing` is "GET /api/v1/...".
base::Error refusal(std::string_view doing, int status, std::string_view body);

// The JSON object of a success. Corrupt where it is something else.
base::Result<nlohmann::json> read_object(std::string_view doing, std::string_view body);

// Takes the items out of one page of a list, each with the apiVersion and kind that the list names
// for them all. Gives what asks for the next page; empty: this was the last. Corrupt where it is no
// list · Exhausted past kListMax items.
base::Result<std::string> take_page(std::string_view doing, nlohmann::json page,
                                    std::vector<nlohmann::json>& items);

}  // namespace kube
