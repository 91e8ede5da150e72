#include "net/connection.h"

#include <utility>

#include "net/loop.h"

namespace net {

Accepted::Accepted(std::shared_ptr<Loop> its_loop, std::unique_ptr<Stream> its_stream,
                   const boost::asio::ip::address& from, ConnectionTable::Entry its_entry)
    : loop(std::move(its_loop)),
      stream(std::move(its_stream)),
      source(ConnectionTable::source_of(from)),
      source_text(from.to_string()),
      entry(its_entry) {}

// Without a loop it has been handed on.
Accepted::~Accepted() {
  if (loop != nullptr) loop->server().table.leave(source, entry);
}

}  // namespace net
