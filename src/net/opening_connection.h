#pragma once

#include <memory>

#include "net/connection.h"
#include "net/loop.h"
#include "net/read_buffer.h"

namespace net {

// A connection before it is known what it speaks. TLS is agreed on, and says by ALPN; without TLS
// the first bytes say, which are those of HTTP/2's preface or begin a request of HTTP/1. Then the
// connection that speaks it takes this one's place. Who begins without TLS where the server has it
// speaks HTTP/1, and only to be sent elsewhere.
class OpeningConnection final : public Connection,
                                public StreamUser,
                                public std::enable_shared_from_this<OpeningConnection> {
 public:
  explicit OpeningConnection(Accepted client);

  void start() override;
  void sweep() override;
  void retire() override {}
  void drain() override;
  void close() override;

 private:
  void on_open(const boost::system::error_code& error) override;
  void on_read(const boost::system::error_code& error, std::size_t count) override;
  void on_writable(const boost::system::error_code&) override {}

  void read_on();
  void speak_http1();
  void speak_http2();
  void hand_over(std::shared_ptr<Connection> next);

  Accepted client_;
  Loop& loop_;
  const Loop::Clock::time_point since_;
  ReadBuffer input_;
  bool open_ = false;  // TLS, if any, has been agreed on.
  bool over_ = false;  // Closed or handed over.
};

}  // namespace net
