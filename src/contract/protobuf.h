#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <google/protobuf/message_lite.h>

#include "base/result.h"

namespace contract {

// Reads a message that a client sent; Invalid where it is none.
base::Result<void> parse_message(std::string_view bytes, google::protobuf::MessageLite& into);

// Writes it behind `out`. Exhausted where it would be larger than 2 GiB.
base::Result<void> append_message(const google::protobuf::MessageLite& message, std::string& out);

// The bytes of the last field of that number on a message's own level, a text or a message within;
// nothing where it is not there, or where the message is malformed before its end. Reads no more
// than the fields' heads, so that a request's model is known before the request is parsed.
std::optional<std::string_view> find_field(std::string_view message, std::uint32_t number);
// The same of a field that is an integer.
std::optional<std::uint64_t> find_integer(std::string_view message, std::uint32_t number);

}  // namespace contract
