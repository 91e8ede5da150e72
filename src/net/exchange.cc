#include "net/exchange.h"

namespace net {

void Handler::refuse(const Refusal& refusal, Response& response) {
  // Messages of refusals are texts of this room and need no escaping.
  response.body().append(R"({"error": ")").append(refusal.message).append("\"}");
}

}  // namespace net
