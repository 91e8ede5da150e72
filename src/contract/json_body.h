#pragma once

#include <cstddef>
#include <string_view>

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

}  // namespace contract
