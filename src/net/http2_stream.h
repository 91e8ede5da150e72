#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/exchange.h"
#include "net/grpc_messages.h"
#include "net/http2_fields.h"
#include "net/http2_head.h"
#include "net/loop.h"

namespace net {

class Http2Connection;

// One request of an HTTP/2 connection and its answer; of a gRPC call, all its messages, each of
// which is an exchange by itself. It belongs to its connection, which uses it again for another
// request, and all but finish() and abandoned() runs on the loop's thread.
//
//   Head -> [Body] -> Handling -> Answering -> Closed
//
// A call goes from Answering back to Body until it ends; one that is followed, from there to
// Following, and back to Handling when there may be news. Closed is what nghttp2 says, whatever the
// phase; what a handler holds by then is kept until it is finished.
class Http2Stream final : public Exchange {
 public:
  explicit Http2Stream(Http2Connection& owner);

  // For the next request.
  void open(std::int32_t id);
  // Gives back what one large request made it hold. Precondition: it is closed and not held.
  void release_storage(std::size_t kept);

  std::int32_t id() const { return id_; }
  bool held() const { return held_; }
  bool closed() const { return phase_ == Phase::Closed; }
  bool has_output() const { return answer_ready_; }
  bool answered() const { return last_part_sent_; }
  bool ended_by_client() const { return ended_; }
  // Of the request, as far as it is held.
  std::size_t body_bytes() const { return body_size_ + unread_.size(); }
  bool body_is_whole() const { return phase_ >= Phase::Handling && phase_ != Phase::Closed; }

  // What the session reads.
  void on_field(std::string_view name, std::string_view value) { head_.add(name, value); }
  void on_head(bool ended);
  void on_data(std::string_view bytes);
  void on_end();
  void on_closed();

  // What the session is to write: the next bytes of the body, at most so many. Nothing, and not the
  // last: there is nothing yet. Behind the last, trailers may follow.
  struct Part {
    std::size_t bytes = 0;
    bool last = false;
    bool trailers = false;
  };
  Part next_part(std::size_t bytes_max) const;
  void append_part(std::string& out, std::size_t bytes);
  // Behind the last part.
  const Http2Fields& trailers();
  void on_last_part_sent();
  // The answer is out and the client still sends: it is read for a while, so that the end of the
  // stream does not reach it before the answer does.
  bool lingers() const;

  // Whether the answer to a message is out, and the next may be handled.
  bool wants_turn() const { return wants_turn_; }
  void take_turn();
  // Of a call that is followed: there may be news; and: this is the last time.
  void ask_followed();
  void end_followed();
  bool followed() const { return followed_; }
  // Back from a handler, on the loop's thread.
  void resume();
  // Opens the window by what has been read, if the connection has room for more.
  void open_window();
  bool waits_for_window() const { return unopened_ > 0; }
  void sweep();
  void abandon() { abandoned_.store(true, std::memory_order_relaxed); }

  const RequestHead& head() const override { return head_.head(); }
  std::string_view body() const override { return {body_.data(), body_size_}; }
  std::string_view source() const override;
  std::string_view client_name() const override;
  Response& response() override { return response_; }
  bool abandoned() const override { return abandoned_.load(std::memory_order_relaxed); }
  void finish() override;
  // Whether it is finished inside Handler::handle, so that nobody has to come back to it.
  bool finished_inside();

 private:
  enum class Phase : unsigned char { Head, Body, Handling, Answering, Following, Closed };
  enum class Mode : unsigned char { Body, Messages, OneMessage, Followed };

  void enter(Phase phase);
  bool too_slow(std::uint64_t bytes) const;
  void admit();
  bool begin_messages(const Admission& admission);
  void take_body(std::string_view bytes);
  void respond_when_read();
  void pass_over(std::string_view bytes);
  void drop_unwanted(std::size_t bytes);
  void handle();
  void ask();
  void on_finished();
  void refuse(int status, std::string_view message);
  bool has_memory_for(std::size_t bytes);
  void count_storage();
  void respond();

  void take_messages(std::string_view& bytes);
  void keep_unread(std::string_view bytes);
  void end_of_messages();
  void answer_message();
  void send_message(bool last);
  void end_call();

  bool begin_followed(const Admission& admission);
  void answer_follower();
  void await_news();
  void expire_followed();
  void leave_followed();

  void add_head_fields(int status, std::string_view content_type);
  void add_grpc_status();
  void submit_head(bool with_body);

  Http2Connection& owner_;
  const Limits& limits_;
  std::int32_t id_ = 0;
  Phase phase_ = Phase::Closed;
  Mode mode_ = Mode::Body;
  Loop::Clock::time_point since_;
  std::uint64_t phase_bytes_ = 0;  // Moved in this phase, for the least rate.

  // Input.
  Http2Head head_;
  std::string body_;  // Longer than the body: see kBodyPadding.
  std::size_t body_size_ = 0;
  BodyMemory::Share memory_;  // Of body_, unread_ and the response's.
  std::uint64_t body_max_ = 0;
  std::size_t unopened_ = 0;  // Read, and the window not opened by it yet.
  std::size_t unwanted_ = 0;  // Arrived behind the decision to refuse it.
  bool ended_ = false;        // The client has sent all of it.
  GrpcReader reader_;
  std::string unread_;         // Arrived behind a message that is being handled.
  std::size_t unread_at_ = 0;  // Of it, what is used up.
  bool has_message_ = false;   // The one of OneMessage is whole.

  // Handling.
  bool inline_ = false;  // Inside Handler::handle.
  bool finished_ = false;
  bool held_ = false;
  bool refused_ = false;  // Its body is read and not kept, so that the answer finds the client.
  std::atomic<bool> abandoned_ = false;

  // Of a call that is followed.
  bool followed_ = false;   // And counted.
  bool ask_again_ = false;  // As soon as the answer before is out.
  bool ask_last_ = false;   // That is then the end.
  std::string told_;        // The answer before.
  std::optional<Loop::Clock::time_point> until_;

  // Output.
  Response response_;
  Http2Fields fields_;
  std::string length_text_;
  std::string status_text_;
  std::string grpc_status_text_;
  std::string grpc_message_text_;
  std::string prefix_;  // Of a message.
  std::size_t sent_ = 0;
  bool head_sent_ = false;
  bool answer_ready_ = false;  // Prefix and body are there to be sent.
  bool last_ = false;          // And nothing more comes behind them.
  bool last_part_sent_ = false;
  bool wants_turn_ = false;
};

}  // namespace net
