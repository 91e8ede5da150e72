#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nghttp2/nghttp2.h>

#include "net/blocking_socket.h"
#include "net/server.h"
#include "net/test_deadline.h"

// For tests: a client of HTTP/2 on nghttp2, and one that sends frames as the test writes them.

namespace net {

using Http2TestFields = std::vector<std::pair<std::string, std::string>>;

struct Http2TestRequest {
  std::string method = "GET";
  std::string path = "/a";
  Http2TestFields fields;
  std::string body;
  bool has_body = false;  // Also an empty one.
  bool end = true;        // Else more of the body follows.
  std::string authority = "x";
};

struct Http2TestAnswer {
  int status = 0;
  std::vector<int> interim;
  std::map<std::string, std::string> fields;
  std::map<std::string, std::string> trailers;
  std::string body;
  bool ended = false;
  bool closed = false;
  std::uint32_t code = 0;  // Of the reset, behind closed.
};

// The bytes below HTTP/2: a socket, unless a test puts TLS there.
class Http2TestTransport {
 public:
  virtual ~Http2TestTransport() = default;
  virtual bool send(std::string_view bytes) = 0;
  // Appends what has arrived; false at the end.
  virtual bool receive(std::string& into) = 0;
};

class Http2TestSocket final : public Http2TestTransport {
 public:
  explicit Http2TestSocket(std::uint16_t port)
      : socket_(*BlockingSocket::connect("127.0.0.1", port, soon())) {}
  bool send(std::string_view bytes) override { return socket_.send(bytes, soon()).ok(); }
  bool receive(std::string& into) override {
    const auto got = socket_.receive(into, soon());
    return got.ok() && *got > 0;
  }
  BlockingSocket& socket() { return socket_; }

 private:
  BlockingSocket socket_;
};

class Http2Client {
 public:
  explicit Http2Client(const Server& server)
      : Http2Client(std::make_unique<Http2TestSocket>(server.port())) {}
  // `window`: what the client takes of each answer without saying more.
  explicit Http2Client(std::unique_ptr<Http2TestTransport> transport,
                       std::uint32_t window = 1 << 20)
      : transport_(std::move(transport)) {
    nghttp2_session_callbacks* callbacks = nullptr;
    ::nghttp2_session_callbacks_new(&callbacks);
    ::nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    ::nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    ::nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    ::nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
    nghttp2_option* options = nullptr;
    ::nghttp2_option_new(&options);
    ::nghttp2_option_set_no_auto_window_update(options, 1);
    ::nghttp2_session_client_new2(&session_, callbacks, this, options);
    ::nghttp2_option_del(options);
    ::nghttp2_session_callbacks_del(callbacks);
    const nghttp2_settings_entry settings[] = {{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, window},
                                               {NGHTTP2_SETTINGS_ENABLE_PUSH, 0}};
    ::nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings, 2);
    ::nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, 1 << 20);
  }
  Http2Client(const Http2Client&) = delete;
  Http2Client& operator=(const Http2Client&) = delete;
  ~Http2Client() { ::nghttp2_session_del(session_); }

  // Whether the windows are opened by what is read; so it is, unless the test says otherwise.
  void set_reads(bool reads) { reads_ = reads; }

  std::int32_t send(const Http2TestRequest& request) {
    std::vector<nghttp2_nv> fields;
    const auto add = [&](std::string_view name, std::string_view value) {
      fields.push_back({bytes(name), bytes(value), name.size(), value.size(), 0});
    };
    add(":method", request.method);
    add(":path", request.path);
    add(":scheme", "http");
    if (!request.authority.empty()) add(":authority", request.authority);
    for (const auto& [name, value] : request.fields) add(name, value);
    const bool has_body = request.has_body || !request.body.empty() || !request.end;
    auto output = std::make_unique<Output>(Output{request.body, 0, request.end});
    nghttp2_data_provider body{};
    body.source.ptr = output.get();
    body.read_callback = read_body;
    const std::int32_t id = ::nghttp2_submit_request(
        session_, nullptr, fields.data(), fields.size(), has_body ? &body : nullptr, nullptr);
    outputs_[id] = std::move(output);
    answers_[id];
    flush();
    return id;
  }
  std::int32_t get(const std::string& path) { return send({.path = path}); }
  std::int32_t post(const std::string& path, const std::string& body, Http2TestFields fields = {}) {
    return send({.method = "POST",
                 .path = path,
                 .fields = std::move(fields),
                 .body = body,
                 .has_body = true});
  }
  void send_more(std::int32_t id, std::string_view body, bool end) {
    outputs_[id]->text += body;
    outputs_[id]->end = end;
    ::nghttp2_session_resume_data(session_, id);
    flush();
  }
  void reset(std::int32_t id) {
    ::nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
    flush();
  }
  void ping() {
    ::nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr);
    flush();
  }
  // Lets the server send so much more.
  void open_window(std::int32_t id, std::size_t count) {
    ::nghttp2_session_consume(session_, id, count);
    flush();
  }

  const Http2TestAnswer& answer(std::int32_t id) { return answers_[id]; }
  // The answer, once its stream is closed.
  const Http2TestAnswer& wait(std::int32_t id) {
    EXPECT_TRUE(wait_until([&] { return answers_[id].closed; })) << id;
    return answers_[id];
  }
  template <typename Condition>
  bool wait_until(Condition condition) {
    while (!condition()) {
      if (!step()) return condition();
    }
    return true;
  }
  // Sends what is to be sent and reads once; false at the end.
  bool step() {
    flush();
    // Behind a GOAWAY, and with nothing left to wait for, clients leave.
    if (::nghttp2_session_want_read(session_) == 0) return false;
    std::string arrived;
    if (!transport_->receive(arrived)) return false;
    const auto read = ::nghttp2_session_mem_recv(session_, bytes(arrived), arrived.size());
    if (read < 0) return false;
    flush();
    return true;
  }
  bool ended() {
    while (step()) {
    }
    return true;
  }
  // Closes its side.
  void leave() { transport_.reset(); }
  void flush() {
    for (;;) {
      const std::uint8_t* data = nullptr;
      const ssize_t count = ::nghttp2_session_mem_send(session_, &data);
      if (count <= 0 || transport_ == nullptr) return;
      transport_->send({reinterpret_cast<const char*>(data), static_cast<std::size_t>(count)});
    }
  }

  struct Goaway {
    std::int32_t last = 0;
    std::uint32_t code = 0;
    bool operator==(const Goaway&) const = default;
  };
  const std::vector<Goaway>& goaways() const { return goaways_; }
  int pings_answered() const { return pings_answered_; }
  // Those of the server, which nghttp2 answers.
  int pings_received() const { return pings_received_; }
  nghttp2_session* session() { return session_; }

 private:
  struct Output {
    std::string text;
    std::size_t at = 0;
    bool end = true;
  };

  static std::uint8_t* bytes(std::string_view text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  }
  static Http2Client& self(void* user) { return *static_cast<Http2Client*>(user); }

  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                       std::size_t name_bytes, const std::uint8_t* value, std::size_t value_bytes,
                       std::uint8_t, void* user) {
    Http2TestAnswer& answer = self(user).answers_[frame->hd.stream_id];
    const std::string key(reinterpret_cast<const char*>(name), name_bytes);
    const std::string text(reinterpret_cast<const char*>(value), value_bytes);
    if (key == ":status" && text[0] == '1') {
      answer.interim.push_back(std::stoi(text));
    } else if (key == ":status") {
      answer.status = std::stoi(text);
    } else if (frame->headers.cat == NGHTTP2_HCAT_HEADERS && answer.status != 0 &&
               self(user).had_head_[frame->hd.stream_id]) {
      answer.trailers[key] = text;
    } else {
      answer.fields[key] = text;
    }
    return 0;
  }
  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* user) {
    Http2Client& to = self(user);
    const std::int32_t id = frame->hd.stream_id;
    if (frame->hd.type == NGHTTP2_HEADERS && to.answers_[id].status != 0) to.had_head_[id] = true;
    if (frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA) {
      if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) to.answers_[id].ended = true;
    } else if (frame->hd.type == NGHTTP2_GOAWAY) {
      to.goaways_.push_back({frame->goaway.last_stream_id, frame->goaway.error_code});
    } else if (frame->hd.type == NGHTTP2_PING && (frame->hd.flags & NGHTTP2_FLAG_ACK) != 0) {
      ++to.pings_answered_;
    } else if (frame->hd.type == NGHTTP2_PING) {
      ++to.pings_received_;
    }
    return 0;
  }
  static int on_data(nghttp2_session* session, std::uint8_t, std::int32_t id,
                     const std::uint8_t* data, std::size_t count, void* user) {
    Http2Client& to = self(user);
    to.answers_[id].body.append(reinterpret_cast<const char*>(data), count);
    if (to.reads_) ::nghttp2_session_consume(session, id, count);
    return 0;
  }
  static int on_close(nghttp2_session*, std::int32_t id, std::uint32_t code, void* user) {
    self(user).answers_[id].closed = true;
    self(user).answers_[id].code = code;
    return 0;
  }
  static ssize_t read_body(nghttp2_session*, std::int32_t, std::uint8_t* into, std::size_t max,
                           std::uint32_t* flags, nghttp2_data_source* source, void*) {
    Output& output = *static_cast<Output*>(source->ptr);
    const std::size_t count = std::min(max, output.text.size() - output.at);
    if (count == 0 && !output.end) return NGHTTP2_ERR_DEFERRED;
    std::copy_n(output.text.begin() + static_cast<std::ptrdiff_t>(output.at), count, into);
    output.at += count;
    if (output.end && output.at == output.text.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(count);
  }

  std::unique_ptr<Http2TestTransport> transport_;
  nghttp2_session* session_ = nullptr;
  std::map<std::int32_t, std::unique_ptr<Output>> outputs_;
  std::map<std::int32_t, Http2TestAnswer> answers_;
  std::map<std::int32_t, bool> had_head_;
  std::vector<Goaway> goaways_;
  int pings_answered_ = 0;
  int pings_received_ = 0;
  bool reads_ = true;
};

// Frames by hand.
inline constexpr std::string_view kHttp2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
// GET http://x/ without indexing anything.
inline constexpr std::string_view kHttp2GetFields = "\x82\x84\x86\x41\x01x";
inline constexpr std::string_view kHttp2PostFields = "\x83\x84\x86\x41\x01x";

inline std::string http2_frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
                               std::string_view payload = "") {
  std::string frame;
  for (const int shift : {16, 8, 0}) frame += static_cast<char>(payload.size() >> shift & 0xFF);
  frame += static_cast<char>(type);
  frame += static_cast<char>(flags);
  for (const int shift : {24, 16, 8, 0}) frame += static_cast<char>(stream >> shift & 0xFF);
  return frame + std::string(payload);
}

inline std::string http2_number(std::uint32_t value) {
  std::string text;
  for (const int shift : {24, 16, 8, 0}) text += static_cast<char>(value >> shift & 0xFF);
  return text;
}

class RawHttp2 {
 public:
  struct Frame {
    std::uint8_t type = 0;
    std::uint8_t flags = 0;
    std::uint32_t stream = 0;
    std::string payload;
  };

  explicit RawHttp2(const Server& server) : transport_(server.port()) {
    send(std::string(kHttp2Preface) + http2_frame(NGHTTP2_SETTINGS, 0, 0));
  }
  bool send(std::string_view bytes) { return transport_.send(bytes); }
  BlockingSocket& socket() { return transport_.socket(); }

  // The next frame; false at the end.
  bool receive(Frame& frame) {
    while (arrived_.size() < 9 || arrived_.size() < 9 + length()) {
      if (!transport_.receive(arrived_)) return false;
    }
    const std::size_t whole = 9 + length();
    frame.type = static_cast<std::uint8_t>(byte(3));
    frame.flags = static_cast<std::uint8_t>(byte(4));
    frame.stream = (byte(5) & 0x7FU) << 24 | byte(6) << 16 | byte(7) << 8 | byte(8);
    frame.payload = arrived_.substr(9, whole - 9);
    arrived_.erase(0, whole);
    return true;
  }
  // The code that the connection ends with; -1 without one.
  int end_code() {
    int code = -1;
    Frame frame;
    while (receive(frame)) {
      if (frame.type == NGHTTP2_GOAWAY) code = static_cast<unsigned char>(frame.payload[7]);
    }
    return code;
  }

 private:
  unsigned byte(std::size_t at) const { return static_cast<unsigned char>(arrived_[at]); }
  std::size_t length() const { return byte(0) << 16 | byte(1) << 8 | byte(2); }

  Http2TestSocket transport_;
  std::string arrived_;
};

}  // namespace net
