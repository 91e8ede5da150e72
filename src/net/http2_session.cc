#include "net/http2_session.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>

#include "net/http2_stream.h"

namespace net {
namespace {

constexpr std::size_t kFrameHeadBytes = 9;
constexpr std::uint8_t kNoticePing[8] = {'n', 'o', 't', 'i', 'c', 'e', '.', '.'};
// The watch counts resets and knows more of them; nghttp2's own count is not to come before.
constexpr std::uint64_t kResetsOff = 1'000'000'000;

// Only memory can run out here.
void must_work(int result) {
  if (result != 0) std::abort();
}

using Options = std::unique_ptr<nghttp2_option, decltype(&::nghttp2_option_del)>;

Options make_options(const Limits& limits) {
  nghttp2_option* made = nullptr;
  must_work(::nghttp2_option_new(&made));
  // Windows are opened by what has been taken, not by what has arrived.
  ::nghttp2_option_set_no_auto_window_update(made, 1);
  ::nghttp2_option_set_no_closed_streams(made, 1);
  ::nghttp2_option_set_max_continuations(made, limits.continuations_max);
  ::nghttp2_option_set_stream_reset_rate_limit(made, kResetsOff, kResetsOff);
  return {made, &::nghttp2_option_del};
}

std::uint32_t code_of(int error) {
  switch (error) {
    case NGHTTP2_ERR_FLOODED:
    case NGHTTP2_ERR_TOO_MANY_SETTINGS:
    case NGHTTP2_ERR_TOO_MANY_CONTINUATIONS: return NGHTTP2_ENHANCE_YOUR_CALM;
    case NGHTTP2_ERR_BAD_CLIENT_MAGIC: return NGHTTP2_PROTOCOL_ERROR;
    default: return NGHTTP2_INTERNAL_ERROR;
  }
}

std::string_view text_of_bytes(const std::uint8_t* bytes, std::size_t count) {
  return {reinterpret_cast<const char*>(bytes), count};
}

bool begins_request(const nghttp2_frame& frame) {
  return frame.hd.type == NGHTTP2_HEADERS && frame.headers.cat == NGHTTP2_HCAT_REQUEST;
}

}  // namespace

// What nghttp2 calls.
struct Http2Session::Callbacks {
  static Http2Session& self(void* user) { return *static_cast<Http2Session*>(user); }
  static Http2Stream* stream_of(nghttp2_session* session, std::int32_t id) {
    return static_cast<Http2Stream*>(::nghttp2_session_get_stream_user_data(session, id));
  }

  static int on_begin_headers(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    if (!begins_request(*frame)) return 0;
    const std::int32_t id = frame->hd.stream_id;
    Http2Session& to = self(user);
    // The GOAWAY that says so may not have left yet.
    Http2Stream* const stream = to.last_said_ ? nullptr : to.user_.on_request(id);
    if (stream == nullptr) {
      return ::nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_REFUSED_STREAM);
    }
    return ::nghttp2_session_set_stream_user_data(session, id, stream);
  }

  // Trailers are read and dropped: nothing may change a request that was already admitted.
  // NOLINTNEXTLINE(readability-function-size): it is nghttp2 that says what it is given.
  static int on_header(nghttp2_session* session, const nghttp2_frame* frame,
                       const std::uint8_t* name, std::size_t name_bytes, const std::uint8_t* value,
                       std::size_t value_bytes, std::uint8_t, void*) {
    if (!begins_request(*frame)) return 0;
    Http2Stream* const stream = stream_of(session, frame->hd.stream_id);
    if (stream != nullptr) {
      stream->on_field(text_of_bytes(name, name_bytes), text_of_bytes(value, value_bytes));
    }
    return 0;
  }

  static int on_frame(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    const bool ends = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    Http2Stream* const stream = stream_of(session, frame->hd.stream_id);
    switch (frame->hd.type) {
      case NGHTTP2_HEADERS:
        if (stream == nullptr) break;
        if (begins_request(*frame)) {
          stream->on_head(ends);
        } else if (ends) {
          stream->on_end();
        }
        break;
      case NGHTTP2_DATA:
        if (stream != nullptr && ends) stream->on_end();
        break;
      case NGHTTP2_RST_STREAM:
        self(user).user_.on_reset_by_client(stream != nullptr && !stream->answered());
        break;
      case NGHTTP2_PING:
        if ((frame->hd.flags & NGHTTP2_FLAG_ACK) != 0 &&
            std::equal(std::begin(kNoticePing), std::end(kNoticePing), frame->ping.opaque_data)) {
          self(user).user_.on_notice_read();
        }
        break;
      default: break;
    }
    return 0;
  }

  static int on_data(nghttp2_session* session, std::uint8_t, std::int32_t id,
                     const std::uint8_t* bytes, std::size_t count, void*) {
    // One stream that is not read on must not hold up the others.
    const int result = ::nghttp2_session_consume_connection(session, count);
    if (Http2Stream* const stream = stream_of(session, id); stream != nullptr) {
      stream->on_data(text_of_bytes(bytes, count));
    }
    return result;
  }

  static int on_stream_close(nghttp2_session* session, std::int32_t id, std::uint32_t, void* user) {
    self(user).user_.on_closed(id, stream_of(session, id));
    return 0;
  }

  static int on_frame_sent(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    User& to = self(user).user_;
    const std::int32_t id = frame->hd.stream_id;
    switch (frame->hd.type) {
      case NGHTTP2_HEADERS:
      case NGHTTP2_DATA: {
        to.on_answer_frame();
        if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) break;
        Http2Stream* const stream = stream_of(session, id);
        if (stream == nullptr) break;
        stream->on_last_part_sent();
        // The rest of the request is of no use to anybody (RFC 9113, 8.1).
        if (!stream->ended_by_client() && !stream->lingers()) {
          return ::nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_NO_ERROR);
        }
        break;
      }
      case NGHTTP2_RST_STREAM: {
        const std::uint32_t code = frame->rst_stream.error_code;
        const bool ours = code == NGHTTP2_NO_ERROR || code == NGHTTP2_INTERNAL_ERROR ||
                          code == NGHTTP2_CANCEL || code == NGHTTP2_REFUSED_STREAM;
        to.on_reset_by_server(id, !ours);
        break;
      }
      default: break;
    }
    return 0;
  }

  // Fields that a handler wrote can be too long to be sent.
  static int on_frame_not_sent(nghttp2_session* session, const nghttp2_frame* frame, int error,
                               void*) {
    if (frame->hd.type != NGHTTP2_HEADERS || error != NGHTTP2_ERR_FRAME_SIZE_ERROR) return 0;
    return ::nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id,
                                       NGHTTP2_INTERNAL_ERROR);
  }

  // NOLINTNEXTLINE(readability-function-size): it is nghttp2 that says what it is given.
  static ssize_t read_part(nghttp2_session* session, std::int32_t id, std::uint8_t*,
                           std::size_t bytes_max, std::uint32_t* flags, nghttp2_data_source* source,
                           void*) {
    Http2Stream& stream = *static_cast<Http2Stream*>(source->ptr);
    const Http2Stream::Part part = stream.next_part(bytes_max);
    if (part.bytes == 0 && !part.last) return NGHTTP2_ERR_DEFERRED;
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    if (part.last) *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (part.trailers) {
      *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
      const Http2Fields& fields = stream.trailers();
      if (::nghttp2_submit_trailer(session, id, fields.data(), fields.size()) != 0) {
        return NGHTTP2_ERR_CALLBACK_FAILURE;
      }
    }
    return static_cast<ssize_t>(part.bytes);
  }

  static int send_part(nghttp2_session*, nghttp2_frame*, const std::uint8_t* frame_head,
                       std::size_t bytes, nghttp2_data_source* source, void* user) {
    Http2Session& to = self(user);
    if (to.output_->size() >= to.output_max_) return NGHTTP2_ERR_WOULDBLOCK;
    to.output_->append(text_of_bytes(frame_head, kFrameHeadBytes));
    static_cast<Http2Stream*>(source->ptr)->append_part(*to.output_, bytes);
    return 0;
  }

  static nghttp2_session_callbacks* make() {
    nghttp2_session_callbacks* made = nullptr;
    must_work(::nghttp2_session_callbacks_new(&made));
    ::nghttp2_session_callbacks_set_on_begin_headers_callback(made, on_begin_headers);
    ::nghttp2_session_callbacks_set_on_header_callback(made, on_header);
    ::nghttp2_session_callbacks_set_on_frame_recv_callback(made, on_frame);
    ::nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, on_data);
    ::nghttp2_session_callbacks_set_on_stream_close_callback(made, on_stream_close);
    ::nghttp2_session_callbacks_set_on_frame_send_callback(made, on_frame_sent);
    ::nghttp2_session_callbacks_set_on_frame_not_send_callback(made, on_frame_not_sent);
    ::nghttp2_session_callbacks_set_send_data_callback(made, send_part);
    return made;
  }
};

Http2Session::Http2Session(const Limits& limits, User& user) : user_(user) {
  static nghttp2_session_callbacks* const kCallbacks = Callbacks::make();
  const Options options = make_options(limits);
  nghttp2_session* made = nullptr;
  must_work(::nghttp2_session_server_new2(&made, kCallbacks, this, options.get()));
  session_.reset(made);
  const std::array<nghttp2_settings_entry, 4> settings = {{
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, static_cast<std::uint32_t>(limits.streams_max)},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, static_cast<std::uint32_t>(limits.stream_window)},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(limits.header_bytes_max)},
      {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
  }};
  must_work(::nghttp2_submit_settings(made, NGHTTP2_FLAG_NONE, settings.data(), settings.size()));
  must_work(::nghttp2_session_set_local_window_size(
      made, NGHTTP2_FLAG_NONE, 0, static_cast<std::int32_t>(limits.connection_window)));
}

bool Http2Session::receive(std::string_view bytes) {
  const ssize_t read = ::nghttp2_session_mem_recv(
      session_.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (read >= 0) return true;
  end(code_of(static_cast<int>(read)));
  return false;
}

bool Http2Session::pump(std::string& output, std::size_t bytes_max) {
  output_ = &output;
  output_max_ = bytes_max;
  while (output.size() < bytes_max) {
    const std::uint8_t* bytes = nullptr;
    const ssize_t count = ::nghttp2_session_mem_send(session_.get(), &bytes);
    if (count < 0) return false;
    if (count == 0) break;
    output.append(text_of_bytes(bytes, static_cast<std::size_t>(count)));
  }
  output_ = nullptr;
  return true;
}

bool Http2Session::done() const {
  return ::nghttp2_session_want_read(session_.get()) == 0 &&
         ::nghttp2_session_want_write(session_.get()) == 0;
}

void Http2Session::submit_head(Http2Stream& stream, const Http2Fields& fields, bool with_body) {
  nghttp2_data_provider body{};
  body.source.ptr = &stream;
  body.read_callback = Callbacks::read_part;
  const int result = ::nghttp2_submit_response(session_.get(), stream.id(), fields.data(),
                                               fields.size(), with_body ? &body : nullptr);
  if (result != 0) reset(stream.id(), NGHTTP2_INTERNAL_ERROR);
}

void Http2Session::submit_continue(std::int32_t id) {
  Http2Fields fields;
  fields.add(":status", "100");
  static_cast<void>(::nghttp2_submit_headers(session_.get(), NGHTTP2_FLAG_NONE, id, nullptr,
                                             fields.data(), fields.size(), nullptr));
}

// Where the body is not waited for yet, that is an error and says nothing.
void Http2Session::resume_output(std::int32_t id) {
  static_cast<void>(::nghttp2_session_resume_data(session_.get(), id));
}

void Http2Session::reset(std::int32_t id, std::uint32_t code) {
  static_cast<void>(::nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, id, code));
}

void Http2Session::consume(std::int32_t id, std::size_t bytes) {
  static_cast<void>(::nghttp2_session_consume_stream(session_.get(), id, bytes));
}

std::int32_t Http2Session::stream_window(std::int32_t id) const {
  return ::nghttp2_session_get_stream_remote_window_size(session_.get(), id);
}

std::int32_t Http2Session::connection_window() const {
  return ::nghttp2_session_get_remote_window_size(session_.get());
}

void Http2Session::submit_ping() {
  static_cast<void>(::nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_NONE, nullptr));
}

void Http2Session::submit_notice() {
  static_cast<void>(::nghttp2_submit_shutdown_notice(session_.get()));
  static_cast<void>(::nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_NONE, kNoticePing));
}

void Http2Session::submit_goaway() {
  last_said_ = true;
  static_cast<void>(::nghttp2_submit_goaway(
      session_.get(), NGHTTP2_FLAG_NONE, ::nghttp2_session_get_last_proc_stream_id(session_.get()),
      NGHTTP2_NO_ERROR, nullptr, 0));
}

void Http2Session::end(std::uint32_t code) {
  end_code_ = code;
  static_cast<void>(::nghttp2_session_terminate_session(session_.get(), code));
}

}  // namespace net
