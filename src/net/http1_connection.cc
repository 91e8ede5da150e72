#include "net/http1_connection.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include "net/https_redirect.h"

namespace net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::milliseconds;

constexpr std::size_t kInputBytes = 8 << 10;    // To begin with.
constexpr std::size_t kChunkSpace = 4 << 10;    // Behind the head, for chunks to arrive in.
constexpr std::size_t kBodyStep = 64 << 10;     // A body's storage grows as it arrives.
constexpr std::size_t kBodyTurn = 32 << 10;     // Read of one before other connections' turn.
constexpr std::size_t kIdleStorage = 16 << 10;  // Kept by a connection between requests.
constexpr std::size_t kTurnRequests = 32;       // Answered before other connections' turn.
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::uint64_t kLingerBytes = 4 << 20;
constexpr milliseconds kLingerTime{2'000};

std::size_t input_max(const Limits& limits) { return limits.header_bytes_max + kChunkSpace; }

void append_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits;
  const char* const begin = digits.data();
  const char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(begin, end);
}

}  // namespace

ReadBuffer Http1Connection::make_input(const Limits& limits) {
  return ReadBuffer(std::min(kInputBytes, input_max(limits)));
}

Http1Connection::Http1Connection(Accepted client, ReadBuffer input)
    : client_(std::move(client)),
      loop_(client_.loop.get()),
      stream_(client_.stream.get()),
      limits_(loop_->server().limits),
      since_(loop_->now()),
      input_(std::move(input)),
      parser_(limits_),
      memory_(loop_->server().bodies) {
  parser_.set_source(client_.source_text);
}

void Http1Connection::start() {
  enter(Phase::Head);
  if (client_.entry == ConnectionTable::Entry::Served) {
    advance();
  } else if (refuse(503, "too many connections") == Next::Go) {
    advance();
  }
}

void Http1Connection::enter(Phase phase) {
  phase_ = phase;
  phase_bytes_ = 0;
  since_ = loop_->now();
}

// Does all that can be done with what has arrived.
void Http1Connection::advance() {
  const std::size_t requests_before = requests_;
  for (;;) {
    if (requests_ - requests_before >= kTurnRequests) {
      asio::post(loop_->io(), [self = shared_from_this()] { self->advance(); });
      return;
    }
    Next next = Next::Wait;
    if (phase_ == Phase::Head) next = read_head();
    if (phase_ == Phase::Body) next = read_body();
    if (next == Next::Wait) return;
  }
}

Http1Connection::Next Http1Connection::read_head() {
  // An empty line before a request is passed over (RFC 9112 2.2).
  while (input_.unread().starts_with("\r\n")) input_.consume(2);
  if (input_.unread().empty() || input_.unread() == "\r") {
    if (loop_->draining()) {
      close();
    } else {
      arm_read();
    }
    return Next::Wait;
  }
  if (phase_bytes_ == 0) enter(Phase::Head);  // Its time counts from the first byte.
  phase_bytes_ = input_.unread().size();
  switch (parser_.read_head(input_.unread())) {
    case Http1Parser::Step::NeedMore: arm_read(); return Next::Wait;
    case Http1Parser::Step::Bad: return refuse(parser_.status(), parser_.problem());
    case Http1Parser::Step::Done: return take_head();
  }
  return Next::Wait;
}

// Asks the handler what to do with a request whose head is there.
Http1Connection::Next Http1Connection::take_head() {
  ++requests_;
  response_.clear();
  body_size_ = 0;
  whole_ = false;
  keep_alive_ = parser_.keep_alive();
  const Admission admission = admit();
  if (admission.messages()) return refuse(505, "expected HTTP/2");
  refused_ = !admission.accepted();
  body_max_ = refused_ ? kRefusedBodyMax : admission.body_bytes_max();
  const bool waits = parser_.expects_continue() && parser_.has_body();
  if (refused_ && (waits || client_.without_tls || head().content_length.value_or(0) > body_max_)) {
    keep_alive_ = false;
    whole_ = !parser_.has_body();
    return respond();
  }
  if (head().content_length.value_or(0) > body_max_) return refuse(413, "body too large");
  if (!parser_.has_body()) return handle();
  if (waits && input_.unread().size() == parser_.head_bytes() && !send_continue()) {
    close();
    return Next::Wait;
  }
  if (parser_.chunked()) body_.clear();
  enter(Phase::Body);
  return Next::Go;
}

// Who comes without TLS to a server that has it is told where to come, whatever is asked.
Admission Http1Connection::admit() {
  ServerState& server = loop_->server();
  if (!client_.without_tls) return server.handler.admit(head(), response_);
  server.redirects.fetch_add(1, std::memory_order_relaxed);
  redirect_to_https(head(), *server.tls->read(), response_);
  return Admission::refuse();
}

bool Http1Connection::send_continue() { return stream_->write(kContinue, {}) == kContinue.size(); }

Http1Connection::Next Http1Connection::read_body() {
  return parser_.chunked() ? read_chunked_body() : read_plain_body();
}

// Takes what lies behind the head; the rest is then read straight into body_.
Http1Connection::Next Http1Connection::read_plain_body() {
  const auto length = static_cast<std::size_t>(*head().content_length);
  const std::string_view arrived = input_.unread().substr(parser_.head_bytes());
  const std::string_view part = arrived.substr(0, length - body_size_);
  const std::size_t have = body_size_ + part.size();
  // Storage follows what has arrived, not what the client announces; as much of it as the next turn
  // can fill is made ready.
  const std::size_t next = std::min(length, have + kBodyTurn) + kBodyPadding;
  if (body_.capacity() < next) {
    const std::size_t storage = std::min(length, std::max(4 * have, kBodyStep)) + kBodyPadding;
    if (!memory_.grow(storage)) return refuse_for_want_of_memory();
    body_.reserve(storage);
  }
  if (body_.size() < next) body_.resize(next);
  std::copy(part.begin(), part.end(), body_.begin() + static_cast<std::ptrdiff_t>(body_size_));
  body_size_ = have;
  phase_bytes_ += part.size();
  input_.cut(parser_.head_bytes(), part.size());
  if (body_size_ == length) return handle();
  arm_read();
  return Next::Wait;
}

Http1Connection::Next Http1Connection::read_chunked_body() {
  const std::string_view arrived = input_.unread().substr(parser_.head_bytes());
  const std::size_t storage = body_.size() + arrived.size();
  if (!memory_.grow(std::max(storage, body_.capacity()))) return refuse_for_want_of_memory();
  std::size_t taken = 0;
  const auto step = parser_.read_chunks(arrived, body_max_, body_, taken);
  phase_bytes_ += taken;
  if (step == Http1Parser::Step::Bad) {
    if (!refused_) return refuse(parser_.status(), parser_.problem());
    keep_alive_ = false;
    return respond();
  }
  input_.cut(parser_.head_bytes(), taken);
  if (step == Http1Parser::Step::Done) {
    body_size_ = body_.size();
    body_.resize(body_size_ + kBodyPadding);
    return handle();
  }
  if (input_.room() == 0 && !read_armed_) {
    input_.compact();
    input_.grow(input_max(limits_));
    parser_.rebase(input_.unread());
    if (input_.room() == 0) return refuse(431, "chunk header or trailer too long");
  }
  arm_read();
  return Next::Wait;
}

Http1Connection::Next Http1Connection::handle() {
  whole_ = true;
  if (refused_) return respond();
  enter(Phase::Handling);
  finished_ = false;
  held_ = true;
  inline_ = true;
  loop_->server().handler.handle(*this);
  inline_ = false;
  if (finished_) {
    held_ = false;
    return respond();
  }
  // Finished later: the loop must not end before, and a client that leaves must be noticed.
  guard_.emplace(loop_->io().get_executor());
  arm_read();
  return Next::Wait;
}

void Http1Connection::finish() {
  if (loop_->on_thread()) {
    finished_ = true;
    if (!inline_) resume();
    return;
  }
  // Held here as well: what is posted may be the last to hold the loop, and be done before post
  // returns.
  const std::shared_ptr<Loop> loop = client_.loop;
  asio::post(loop->io(), [self = shared_from_this()] { self->resume(); });
}

// Goes on when an exchange that was handed on comes back.
void Http1Connection::resume() {
  held_ = false;
  guard_.reset();
  if (phase_ == Phase::Closed) {
    loop_->remove(*this);
    return;
  }
  if (respond() == Next::Go) advance();
}

// Reads more into the body or the input buffer, wherever there is room; does nothing while a
// read is under way.
void Http1Connection::arm_read() {
  if (read_armed_ || phase_ == Phase::Closed) return;
  if (input_ended_) {
    if (phase_ != Phase::Handling && phase_ != Phase::Writing) close();
    return;
  }
  reads_body_ = phase_ == Phase::Body && !parser_.chunked();
  asio::mutable_buffer target;
  if (phase_ == Phase::Lingering) {
    target = asio::buffer(loop_->scratch().data(), loop_->scratch().size());
  } else if (reads_body_) {
    const auto length = static_cast<std::size_t>(*head().content_length);
    const std::size_t room = std::min(kBodyTurn, body_.size() - kBodyPadding - body_size_);
    target = asio::buffer(body_.data() + body_size_, std::min(room, length - body_size_));
  } else {
    if (phase_ == Phase::Head && input_.room() == 0) {
      input_.compact();
      if (input_.room() == 0) input_.grow(input_max(limits_));
    }
    const std::span<char> space = input_.arm();
    target = asio::buffer(space.data(), space.size());
  }
  if (target.size() == 0) return;
  read_armed_ = true;
  stream_->read(target, shared_from_this());
}

void Http1Connection::on_read(const error_code& error, std::size_t count) {
  read_armed_ = false;
  if (phase_ == Phase::Closed) return;
  if (error) {
    on_end_of_input(error);
    return;
  }
  if (phase_ == Phase::Lingering) {
    phase_bytes_ += count;
    if (phase_bytes_ > kLingerBytes) {
      close();
    } else {
      arm_read();
    }
    return;
  }
  if (reads_body_) {
    body_size_ += count;
    phase_bytes_ += count;
  } else {
    input_.commit(count);
  }
  advance();
  if (phase_ == Phase::Handling) arm_read();
}

void Http1Connection::on_end_of_input(const error_code& error) {
  input_ended_ = true;
  abandoned_.store(true, std::memory_order_relaxed);
  // A client may end its side and still read the answer; one that has reset will not.
  const bool answers = phase_ == Phase::Handling || phase_ == Phase::Writing;
  if (error != asio::error::eof || !answers) close();
}

// Answers in the server's own name, and ends the connection behind it.
Http1Connection::Next Http1Connection::refuse(int status, std::string_view message) {
  loop_->server().requests_refused.fetch_add(1, std::memory_order_relaxed);
  response_.clear();
  response_.set_status(status);
  const bool head_known = parser_.head_bytes() > 0;
  const Refusal refusal{status, message, head_known ? &parser_.head() : nullptr};
  loop_->server().handler.refuse(refusal, response_);
  if (status == 503) response_.add_header("Retry-After", kRetryAfter);
  keep_alive_ = false;
  return respond();
}

Http1Connection::Next Http1Connection::refuse_for_want_of_memory() {
  loop_->server().bodies_refused.fetch_add(1, std::memory_order_relaxed);
  std::string().swap(body_);
  body_size_ = 0;
  return refuse(503, kNoMemory);
}

Http1Connection::Next Http1Connection::respond() {
  enter(Phase::Writing);
  count_storage();
  const bool retiring = loop_->server().retiring.load(std::memory_order_relaxed);
  if (retiring || client_.without_tls) keep_alive_ = false;
  const int status = response_.status();
  const bool bodiless = status == 204 || status == 304;
  write_head(!bodiless);
  const bool head_only = parser_.head_bytes() > 0 && head().method == Method::Head;
  if (bodiless || head_only) response_.body().clear();
  sent_ = 0;
  return write();
}

void Http1Connection::write_head(bool with_length) {
  head_text_ = "HTTP/1.1 ";
  append_number(head_text_, static_cast<std::uint64_t>(response_.status()));
  head_text_.append(" ").append(reason_phrase(response_.status()));
  if (with_length) {
    head_text_.append("\r\nContent-Type: ").append(response_.content_type());
    head_text_ += "\r\nContent-Length: ";
    append_number(head_text_, response_.body().size());
  }
  head_text_ += "\r\n";
  head_text_ += loop_->date_field();
  if (!keep_alive_) {
    head_text_ += "Connection: close\r\n";
  } else if (parser_.head_bytes() > 0 && head().version_minor == 0) {
    head_text_ += "Connection: keep-alive\r\n";
  }
  head_text_ += response_.header_block();
  head_text_ += "\r\n";
}

// Sends head and body together, at once. Only what the stream does not take waits for the loop.
Http1Connection::Next Http1Connection::write() {
  const std::string_view head = head_text_;
  const std::string_view body = response_.body();
  while (sent_ < head.size() + body.size()) {
    const std::size_t head_sent = std::min(sent_, head.size());
    const auto sent = stream_->write(head.substr(head_sent), body.substr(sent_ - head_sent));
    if (!sent) {
      close();
      return Next::Wait;
    }
    if (*sent == 0) {
      stream_->wait_to_write(shared_from_this());
      return Next::Wait;
    }
    sent_ += *sent;
    phase_bytes_ = sent_;
  }
  return keep_alive_ ? end_request() : end_connection();
}

void Http1Connection::on_writable(const error_code& error) {
  if (phase_ != Phase::Writing) return;
  if (error) return close();
  if (write() == Next::Go) advance();
}

Http1Connection::Next Http1Connection::end_request() {
  input_.consume(parser_.head_bytes());
  parser_.reset();
  whole_ = false;
  enter(Phase::Head);
  return Next::Go;
}

Http1Connection::Next Http1Connection::end_connection() {
  if (whole_ && input_.unread().size() == parser_.head_bytes()) {
    close();
    return Next::Wait;
  }
  enter(Phase::Lingering);
  stream_->end_output();
  arm_read();
  return Next::Wait;
}

void Http1Connection::drain() {
  if (phase_ == Phase::Head && input_.unread().empty()) close();
}

void Http1Connection::close() {
  if (phase_ != Phase::Closed) {
    phase_ = Phase::Closed;
    abandoned_.store(true, std::memory_order_relaxed);
    stream_->close();
  }
  if (!held_) loop_->remove(*this);
}

// Whether the phase has passed its grace and fewer bytes moved than the least rate asks for.
bool Http1Connection::too_slow(std::uint64_t bytes) const {
  const auto elapsed = loop_->now() - since_;
  if (elapsed <= limits_.rate_grace) return false;
  const auto whole_ms = std::chrono::duration_cast<milliseconds>(elapsed).count();
  return bytes < static_cast<std::uint64_t>(whole_ms) * limits_.rate_min / 1000;
}

void Http1Connection::sweep() {
  const auto elapsed = loop_->now() - since_;
  bool late = false;
  switch (phase_) {
    case Phase::Head: {
      const bool waits = phase_bytes_ == 0 && requests_ > 0;
      late = elapsed > (waits ? limits_.idle_time_max : limits_.header_time_max);
      if (late && phase_bytes_ == 0) return close();
      if (waits) release_storage();
      break;
    }
    case Phase::Body: late = too_slow(phase_bytes_); break;
    case Phase::Writing:
      if (!too_slow(phase_bytes_)) return;
      loop_->server().slow_readers.fetch_add(1, std::memory_order_relaxed);
      return close();
    case Phase::Lingering:
      if (elapsed > kLingerTime) close();
      return;
    case Phase::Handling:
    case Phase::Closed: return;
  }
  if (!late) return;
  auto& counted = phase_ == Phase::Body ? loop_->server().slow_bodies : loop_->server().slow_heads;
  counted.fetch_add(1, std::memory_order_relaxed);
  if (refuse(408, "request too slow") == Next::Go) advance();
}

// Gives back what one large request made a connection hold.
void Http1Connection::release_storage() {
  if (body_.capacity() > kIdleStorage) std::string().swap(body_);
  if (response_.body().capacity() > kIdleStorage) std::string().swap(response_.body());
  count_storage();
}

void Http1Connection::count_storage() {
  memory_.set(body_.capacity() + response_.body().capacity());
}

}  // namespace net
