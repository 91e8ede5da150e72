#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

namespace net {

// Whom a stream tells that what it was asked for is done: on the loop's thread, and never from
// within the call that asked.
class StreamUser {
 public:
  virtual void on_open(const boost::system::error_code& error) = 0;
  virtual void on_read(const boost::system::error_code& error, std::size_t count) = 0;
  virtual void on_writable(const boost::system::error_code& error) = 0;

 protected:
  ~StreamUser() = default;
};

// What carries bytes between a connection and its client: the socket as it is, or TLS over it.
// Writing is tried at once, since a socket nearly always takes an answer; only what it does not
// take waits. It belongs to one connection and to its loop's thread. The user is kept while
// something is under way, and keeps the stream: after close() it may still be told, of an error.
class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  virtual ~Stream() = default;

  // Whether it is open already; else on_open() follows, and before it nothing else is allowed.
  virtual bool open(std::shared_ptr<StreamUser> user) = 0;
  // What both sides have agreed to speak, by its ALPN name; "" where nothing was said of it. Once
  // it is open.
  virtual std::string_view protocol() const { return ""; }
  // Who the client is by the certificate that it has shown; "" where it has shown none. Once it is
  // open.
  virtual std::string_view client_name() const { return ""; }
  // Behind on_open() with no_tls(): the same client, who speaks without TLS. This one is over then.
  virtual std::unique_ptr<Stream> without_tls() { return nullptr; }
  // Reads some bytes; on_read() follows. One at a time, and `into` is not empty.
  virtual void read(boost::asio::mutable_buffer into, std::shared_ptr<StreamUser> user) = 0;
  // Sends what goes out at once of both parts, one behind the other, and says how much. None: it
  // would have to wait. Nothing: the stream is broken. What was not taken comes again, unchanged.
  virtual std::optional<std::size_t> write(std::string_view first, std::string_view second) = 0;
  // on_writable() follows when write() is worth trying again.
  virtual void wait_to_write(std::shared_ptr<StreamUser> user) = 0;
  // Tells the client that nothing more comes.
  virtual void end_output() = 0;
  virtual void close() = 0;
};

// Instead of TLS the client began with what could be HTTP, of which nothing is read yet.
inline boost::system::error_code no_tls() { return boost::asio::error::no_protocol_option; }

std::unique_ptr<Stream> make_plain_stream(boost::asio::ip::tcp::socket socket);

}  // namespace net
