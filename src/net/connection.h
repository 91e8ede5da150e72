#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/ip/address.hpp>

#include "net/connection_table.h"
#include "net/stream.h"

namespace net {

// So much of a body is read though its request is refused: less is lost than with the connection.
inline constexpr std::uint64_t kRefusedBodyMax = 64 << 10;

// When there is no room for another connection or body, and when to look again.
inline constexpr std::string_view kNoMemory = "bodies of other requests take all the memory";
inline constexpr std::string_view kRetryAfter = "1";

class Loop;

// An accepted client and its place in the server's table of connections, which is given back with
// it. Whoever serves the client holds it, and may hand it on.
struct Accepted {
  Accepted(std::shared_ptr<Loop> loop, std::unique_ptr<Stream> stream,
           const boost::asio::ip::address& from, ConnectionTable::Entry entry);
  Accepted(Accepted&&) = default;
  Accepted& operator=(Accepted&&) = delete;
  ~Accepted();

  std::shared_ptr<Loop> loop;
  std::unique_ptr<Stream> stream;
  ConnectionTable::Source source;
  std::string source_text;
  ConnectionTable::Entry entry;
  bool without_tls = false;  // And the server has it: nothing but a redirection is answered.
};

// A connection as its loop holds it, whatever it speaks. All of it runs on the loop's thread.
class Connection {
 public:
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  virtual ~Connection() = default;

  virtual void start() = 0;
  // Ends what has taken too long.
  virtual void sweep() = 0;
  // What followed calls are answered may have changed.
  virtual void ask_followed() {}
  // The server is going to stop: the client is told, where the protocol has words for it, and may
  // still send.
  virtual void retire() = 0;
  // The server stops: ends now if no request has begun, else behind the answers.
  virtual void drain() = 0;
  // Ends at once. What a handler still holds stays until it is finished.
  virtual void close() = 0;

 private:
  friend class Loop;
  std::size_t place_ = 0;  // Among those that the loop holds.
};

}  // namespace net
