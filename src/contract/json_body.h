#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

#include <simdjson.h>

#include "base/result.h"

namespace contract {

// How deep arrays and objects of a body may be nested, where nothing else is said.
inline constexpr std::size_t kJsonDepthMax = 64;

// A request's body as JSON, read on demand without building a tree. Its memory is reused from
// one body to the next. One thread at a time; what was read lives until the next open().
//
// Reading errors carry the byte offset where reading stopped.
class JsonBody {
 public:
  // Precondition: simdjson::SIMDJSON_PADDING bytes behind the body can be read.
  base::Result<simdjson::ondemand::object> open_object(std::string_view body);
  base::Result<simdjson::ondemand::value> open_value(std::string_view body);

  // From now on arrays and objects may be nested so deep.
  void limit_depth(std::size_t depth_max) { depth_max_ = depth_max; }
  std::size_t depth_max() const { return depth_max_; }
  // Bytes of the longest body that there is memory for; its own is some six times that.
  std::size_t capacity() const { return parser_.capacity(); }

  // Whether nothing follows what was read.
  base::Result<void> close();

  // The error of malformed JSON, or of JSON that is not what was expected here.
  base::Error error(simdjson::error_code code, std::string_view what, std::string_view expected);

 private:
  base::Result<void> iterate(std::string_view body);
  std::size_t offset();

  simdjson::ondemand::parser parser_;
  simdjson::ondemand::document document_;
  std::string_view body_;
  std::size_t depth_max_ = kJsonDepthMax;
};

// Gives the fields of an object to `on_field`, one after another, until it says no: a
// base::Result<void>(simdjson::ondemand::field&). `what` is the object in errors.
template <typename OnField>
base::Result<void> for_each_field(JsonBody& json, simdjson::ondemand::object& object,
                                  std::string_view what, const OnField& on_field) {
  for (auto each : object) {
    simdjson::ondemand::field field;
    if (const auto code = std::move(each).get(field)) return json.error(code, what, "JSON");
    TRY(on_field(field));
  }
  return {};
}

// As above, of a value that has to be an object.
template <typename OnField>
base::Result<void> for_each_field(JsonBody& json, simdjson::ondemand::value value,
                                  std::string_view what, const OnField& on_field) {
  simdjson::ondemand::object object;
  if (const auto code = value.get_object().get(object)) return json.error(code, what, "an object");
  return for_each_field(json, object, what, on_field);
}

}  // namespace contract
