#include "contract/json_body.h"

#include <fmt/format.h>

#include "base/text.h"
#include "contract/json_depth.h"

namespace contract {
namespace {

using base::Code;
using base::Error;

// Whether the text is JSON and only its type or presence is wrong.
bool is_mismatch(simdjson::error_code code) {
  return code == simdjson::INCORRECT_TYPE || code == simdjson::NO_SUCH_FIELD ||
         code == simdjson::NUMBER_OUT_OF_RANGE || code == simdjson::SCALAR_DOCUMENT_AS_VALUE;
}

// Whether something closes at the end what a bracket or brace at the begin opens.
bool is_closed(std::string_view body) {
  constexpr std::string_view kSpaces = " \t\r\n";
  const std::size_t first = body.find_first_not_of(kSpaces);
  const char last = body[body.find_last_not_of(kSpaces)];
  return body[first] == '[' ? last == ']' : body[first] != '{' || last == '}';
}

}  // namespace

base::Result<void> JsonBody::iterate(std::string_view body) {
  body_ = body;
  if (const auto bad = base::find_invalid_utf8(body)) {
    return Error(Code::Invalid, fmt::format("body: expected UTF-8, got another byte at {}", *bad));
  }
  if (const auto at = find_too_deep(body, depth_max_)) {
    return Error(Code::Invalid,
                 fmt::format("body: expected JSON of at most {} levels, got more at byte {}",
                             depth_max_, *at));
  }
  // The old memory goes before the new comes, so that both are never there.
  if (body.size() > parser_.capacity()) parser_ = simdjson::ondemand::parser();
  const simdjson::padded_string_view padded(body.data(), body.size(),
                                            body.size() + simdjson::SIMDJSON_PADDING);
  if (const auto code = parser_.iterate(padded).get(document_)) {
    return Error(
        Code::Invalid,
        fmt::format("body: expected JSON, got {} ({} bytes)",
                    body.empty() ? "nothing" : simdjson::error_message(code), body.size()));
  }
  return {};
}

base::Result<simdjson::ondemand::object> JsonBody::open_object(std::string_view body) {
  TRY(iterate(body));
  simdjson::ondemand::object object;
  if (const auto code = document_.get_object().get(object)) {
    return error(code, "body", "a JSON object");
  }
  return object;
}

base::Result<simdjson::ondemand::value> JsonBody::open_value(std::string_view body) {
  TRY(iterate(body));
  // Which a parser sees to by itself only where it is asked for an object or an array.
  if (!is_closed(body)) return error(simdjson::INCOMPLETE_ARRAY_OR_OBJECT, "body", "JSON");
  simdjson::ondemand::value value;
  if (const auto code = document_.get_value().get(value)) {
    return error(code, "body", "a JSON object or array");
  }
  return value;
}

std::size_t JsonBody::offset() {
  const char* at = nullptr;
  if (document_.current_location().get(at) != simdjson::SUCCESS) return body_.size();
  return at >= body_.data() && at <= body_.data() + body_.size()
             ? static_cast<std::size_t>(at - body_.data())
             : body_.size();
}

base::Result<void> JsonBody::close() {
  if (document_.current_location().error() == simdjson::OUT_OF_BOUNDS) return {};
  return Error(Code::Invalid,
               fmt::format("body: expected the end of the JSON, got more at byte {}", offset()));
}

Error JsonBody::error(simdjson::error_code code, std::string_view what, std::string_view expected) {
  if (is_mismatch(code)) {
    return {Code::Invalid,
            fmt::format("{}: expected {}, got another type at byte {}", what, expected, offset())};
  }
  return {Code::Invalid, fmt::format("{}: expected {}, got malformed JSON at byte {}: {}", what,
                                     expected, offset(), simdjson::error_message(code))};
}

}  // namespace contract
