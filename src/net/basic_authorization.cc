#include "net/basic_authorization.h"

#include "base/base64.h"

namespace net {

std::string basic_authorization(std::string_view user, std::string_view password) {
  return "Basic " + base::base64_encode(std::string(user) + ":" + std::string(password));
}

}  // namespace net
