#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <nghttp2/nghttp2.h>

namespace net {

// Fields of an answer in the form that nghttp2 takes, which copies them and makes their names lower
// case. What is added must live until then.
class Http2Fields {
 public:
  void clear() { fields_.clear(); }
  void add(std::string_view name, std::string_view value);
  // Lines of "name: value\r\n". Fields that speak of a connection have no place in HTTP/2 and are
  // left out (RFC 9113, 8.2.2).
  void add_block(std::string_view block);

  const nghttp2_nv* data() const { return fields_.data(); }
  std::size_t size() const { return fields_.size(); }

 private:
  std::vector<nghttp2_nv> fields_;
};

}  // namespace net
