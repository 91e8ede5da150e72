#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "front/urgency.h"

// Nothing is low that does not name its urgency.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view value(reinterpret_cast<const char*>(data), size);
  net::RequestHead head;
  head.headers.push_back({"priority", value});
  const bool low = front::priority_of(head) == serve::Priority::Low;
  if (low && value.find("u=") == std::string_view::npos) std::abort();
  return 0;
}
