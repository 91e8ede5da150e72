#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "net/connection.h"
#include "net/http2_session.h"
#include "net/http2_stream.h"
#include "net/http2_watch.h"
#include "net/loop.h"
#include "net/read_buffer.h"

namespace net {

// One HTTP/2 connection: bytes between its stream and the session, the requests that are open on
// it, their deadlines, and its end. What is ready in one turn of the loop leaves in one write;
// while the client does not take it, only so much more is read as its windows allow. All but
// finish() runs on the loop's thread.
class Http2Connection final : public Connection,
                              public StreamUser,
                              public Http2Session::User,
                              public std::enable_shared_from_this<Http2Connection> {
 public:
  // `input` holds what has arrived already, from the preface on.
  Http2Connection(Accepted client, ReadBuffer input);

  void start() override;
  void sweep() override;
  void ask_followed() override;
  void retire() override;
  void drain() override;
  void close() override;

  // For its streams.
  Loop& loop() const { return *loop_; }
  Http2Session& session() { return session_; }
  std::string_view source() const { return client_.source_text; }
  std::string_view client_name() const { return client_.stream->client_name(); }
  // Whether the stream's body may go on growing, with all that the connection holds already.
  bool has_room_for(const Http2Stream& stream) const;
  void on_wants_turn(Http2Stream& stream) { turns_.push_back(&stream); }
  // Whether one more call may be followed; then it is counted until it is given back.
  bool take_follower();
  void give_back_follower();
  // A handler has kept the stream beyond handle().
  void on_held();
  // From any thread.
  void finish(Http2Stream& stream);

 private:
  enum class Phase : unsigned char { Open, Lingering, Closed };

  void on_open(const boost::system::error_code&) override {}
  void on_read(const boost::system::error_code& error, std::size_t count) override;
  void on_writable(const boost::system::error_code& error) override;

  Http2Stream* on_request(std::int32_t id) override;
  void on_closed(std::int32_t id, Http2Stream* stream) override;
  void on_reset_by_client(bool live) override;
  void on_reset_by_server(std::int32_t id, bool by_error) override;
  void on_answer_frame() override { watch_.on_answer_frame(); }
  void on_notice_read() override;

  void receive(std::string_view bytes);
  void count_flood(bool of_resets);
  void end_flood(bool of_resets);
  void turn();
  void turn_later();
  bool pump();
  bool write();
  void arm_read();
  void resume(Http2Stream& stream);
  void end_connection();
  void on_end_of_input(const boost::system::error_code& error);
  void say_last();

  void recycle(Http2Stream& stream);
  void let_go_of_streams();
  bool sweep_connection();
  bool sweep_followers();
  bool stalls() const;
  void time_out(std::uint32_t code);
  void release_storage();

  const Accepted client_;
  Loop* const loop_;
  Stream* const stream_;
  const Limits& limits_;
  Phase phase_ = Phase::Open;
  Loop::Clock::time_point since_;  // When the phase began, or when it last had a request.

  // Input.
  ReadBuffer first_;
  std::vector<char> input_;
  bool read_armed_ = false;
  bool input_ended_ = false;
  std::size_t lingering_bytes_ = 0;
  Http2Watch watch_;
  bool flooded_ = false;            // And counted.
  std::uint64_t header_block_ = 0;  // That was being read at the last sweep, and since when.
  Loop::Clock::time_point header_since_;
  Loop::Clock::time_point heard_;  // When something last arrived.
  std::optional<Loop::Clock::time_point>
      asked_for_;  // Since when an answer to a PING is waited for.

  Http2Session session_;
  // In use up to active_; behind it, to be used again.
  std::vector<std::unique_ptr<Http2Stream>> streams_;
  std::size_t active_ = 0;
  std::vector<Http2Stream*> turns_;
  std::size_t held_ = 0;
  std::size_t followers_ = 0;
  std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> guard_;

  // Output: whole frames, of which sent_ bytes are gone.
  std::string output_;
  std::size_t sent_ = 0;
  bool waits_to_write_ = false;
  bool turn_posted_ = false;
  Loop::Clock::time_point stalled_since_;
  std::uint64_t written_ = 0;  // Since then.

  // Stopping.
  bool noticed_ = false;
  bool last_said_ = false;
  Loop::Clock::time_point noticed_at_;
};

}  // namespace net
