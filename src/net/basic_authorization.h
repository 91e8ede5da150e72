#pragma once

#include <string>
#include <string_view>

namespace net {

// The value of an Authorization field of the Basic scheme (RFC 7617).
std::string basic_authorization(std::string_view user, std::string_view password);

}  // namespace net
