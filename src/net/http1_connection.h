#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "net/connection.h"
#include "net/exchange.h"
#include "net/http1_parser.h"
#include "net/loop.h"
#include "net/read_buffer.h"
#include "net/stream.h"

namespace net {

// One HTTP/1.x connection: reads a request, hands it to the handler, writes the answer, and so
// on, in order. It is its own Exchange, since there is never more than one at a time; pipelined
// requests wait in the read buffer. All but finish() and abandoned() runs on its loop's thread.
//
//   Head -> [Body] -> Handling -> Writing -> Head ...    -> Lingering -> Closed
//
// Lingering: the answer is sent and the connection over, but the client still sends. Its bytes
// are read and dropped for a while, since closing would make its kernel throw the answer away.
class Http1Connection final : public Connection,
                              public Exchange,
                              public StreamUser,
                              public std::enable_shared_from_this<Http1Connection> {
 public:
  // `input` is from make_input(), and holds what has arrived already.
  Http1Connection(Accepted client, ReadBuffer input);

  static ReadBuffer make_input(const Limits& limits);

  void start() override;
  void sweep() override;
  void retire() override {}  // ServerState::retiring makes the next answer the last.
  void drain() override;
  void close() override;

  const RequestHead& head() const override { return parser_.head(); }
  std::string_view body() const override { return {body_.data(), body_size_}; }
  std::string_view source() const override { return client_.source_text; }
  std::string_view client_name() const override { return stream_->client_name(); }
  Response& response() override { return response_; }
  bool abandoned() const override { return abandoned_.load(std::memory_order_relaxed); }
  void finish() override;

 private:
  enum class Phase : unsigned char { Head, Body, Handling, Writing, Lingering, Closed };
  // Whether there is more to do before something arrives.
  enum class Next : unsigned char { Go, Wait };

  void advance();
  Next read_head();
  Next take_head();
  Admission admit();
  Next read_body();
  Next read_plain_body();
  Next read_chunked_body();
  Next handle();
  void resume();

  void on_open(const boost::system::error_code&) override {}
  void on_read(const boost::system::error_code& error, std::size_t count) override;
  void on_writable(const boost::system::error_code& error) override;

  void arm_read();
  void on_end_of_input(const boost::system::error_code& error);

  Next refuse(int status, std::string_view message);
  Next refuse_for_want_of_memory();
  Next respond();
  Next write();
  Next end_request();
  Next end_connection();
  bool send_continue();

  void enter(Phase phase);
  bool too_slow(std::uint64_t bytes) const;
  void write_head(bool with_length);
  void release_storage();
  void count_storage();

  const Accepted client_;
  Loop* const loop_;
  Stream* const stream_;
  const Limits& limits_;

  Phase phase_ = Phase::Head;
  Loop::Clock::time_point since_;  // When the phase began.
  std::size_t requests_ = 0;

  // Input.
  ReadBuffer input_;
  Http1Parser parser_;
  std::string body_;  // Longer than the body: see kBodyPadding.
  std::size_t body_size_ = 0;
  BodyMemory::Share memory_;  // Of body_ and of the response's.
  std::uint64_t body_max_ = 0;
  std::uint64_t phase_bytes_ = 0;  // Moved in this phase, for the least rate.
  bool refused_ = false;           // The body is read only to be dropped.
  bool whole_ = false;             // The whole request has been read.
  bool read_armed_ = false;
  bool reads_body_ = false;  // The armed read goes into body_, not into input_.
  bool input_ended_ = false;

  // Handling.
  bool inline_ = false;  // Inside Handler::handle.
  bool finished_ = false;
  bool held_ = false;  // A handler has the exchange.
  std::atomic<bool> abandoned_ = false;
  std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> guard_;

  // Output.
  Response response_;
  std::string head_text_;
  std::size_t sent_ = 0;
  bool keep_alive_ = true;
};

}  // namespace net
