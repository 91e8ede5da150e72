#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <nghttp2/nghttp2.h>

#include "net/http2_fields.h"
#include "net/limits.h"

namespace net {

class Http2Stream;

// nghttp2's session of a server: frames in, frames out, windows and HPACK. What it reads goes to
// the stream that it is about, and what concerns the connection to the user. No function of it may
// be called from within receive() or pump() but those whose names begin with submit_, and
// consume(), resume_output(), reset() and end().
class Http2Session {
 public:
  class User {
   public:
    // A request begins. Nothing: it is refused, and the client may send it again.
    virtual Http2Stream* on_request(std::int32_t id) = 0;
    // nghttp2 is done with the stream, which may be null.
    virtual void on_closed(std::int32_t id, Http2Stream* stream) = 0;
    // The client has reset a stream; `live`: one that was not answered yet.
    virtual void on_reset_by_client(bool live) = 0;
    // The server has reset a stream; `by_error`: for the client's errors.
    virtual void on_reset_by_server(std::int32_t id, bool by_error) = 0;
    virtual void on_answer_frame() = 0;
    // The client has answered the PING of submit_notice().
    virtual void on_notice_read() = 0;

   protected:
    ~User() = default;
  };

  // `user` outlives it.
  Http2Session(const Limits& limits, User& user);

  // False: nothing more can be read from this client; the connection has been ended with the code
  // that says why.
  bool receive(std::string_view bytes);
  // Appends frames, as long as `output` is shorter than `bytes_max`. False: it is broken.
  bool pump(std::string& output, std::size_t bytes_max);
  // How many frames wait to be pumped, but for bodies.
  std::size_t queued() const { return ::nghttp2_session_get_outbound_queue_size(session_.get()); }
  // Whether nothing will be read or written any more.
  bool done() const;

  void submit_head(Http2Stream& stream, const Http2Fields& fields, bool with_body);
  void submit_continue(std::int32_t id);
  // There is more of the body.
  void resume_output(std::int32_t id);
  void reset(std::int32_t id, std::uint32_t code);
  // So much of the stream's body has been taken.
  void consume(std::int32_t id, std::size_t bytes);
  // Bytes that the client would take now, of this stream and of all.
  std::int32_t stream_window(std::int32_t id) const;
  std::int32_t connection_window() const;

  // Asks whether the client is there: something will arrive.
  void submit_ping();
  // Says that the server is going to stop, and asks the client to say that it has read it.
  void submit_notice();
  // Takes no streams any more but those that it has.
  void submit_goaway();
  // Ends the connection, and every stream with it.
  void end(std::uint32_t code);
  // What it was ended with last; 0: nothing, or no error.
  std::uint32_t end_code() const { return end_code_; }

 private:
  struct Callbacks;

  struct Deleter {
    void operator()(nghttp2_session* session) const { ::nghttp2_session_del(session); }
  };

  User& user_;
  std::unique_ptr<nghttp2_session, Deleter> session_;
  std::string* output_ = nullptr;  // Of the pump() in progress.
  std::size_t output_max_ = 0;
  bool last_said_ = false;
  std::uint32_t end_code_ = 0;
};

}  // namespace net
