#include "net/http2_stream.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "net/http2_connection.h"

namespace net {
namespace {

using std::chrono::milliseconds;

// What is read of a request behind its answer, and for how long.
constexpr std::size_t kUnwantedBytes = 4 << 20;
constexpr milliseconds kUnwantedTime{2'000};
constexpr std::size_t kAnswerKept = 256 << 10;  // Storage that the next request finds.

void write_number(std::string& text, std::uint64_t number) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  text.assign(digits.data(), end);
}

void keep_at_most(std::string& storage, std::size_t kept) {
  if (storage.capacity() > kept) std::string().swap(storage);
}

}  // namespace

Http2Stream::Http2Stream(Http2Connection& owner)
    : owner_(owner),
      limits_(owner.loop().server().limits),
      head_(limits_),
      memory_(owner.loop().server().bodies) {
  head_.set_source(owner_.source());
}

void Http2Stream::open(std::int32_t id) {
  id_ = id;
  mode_ = Mode::Body;
  refused_ = false;
  head_.reset();
  body_.clear();
  body_size_ = 0;
  unopened_ = 0;
  unwanted_ = 0;
  ended_ = false;
  unread_.clear();
  unread_at_ = 0;
  has_message_ = false;
  ask_again_ = ask_last_ = false;
  told_.clear();
  until_.reset();
  abandoned_.store(false, std::memory_order_relaxed);
  response_.clear();
  prefix_.clear();
  sent_ = 0;
  head_sent_ = answer_ready_ = last_ = last_part_sent_ = wants_turn_ = false;
  enter(Phase::Head);
}

void Http2Stream::release_storage(std::size_t kept) {
  keep_at_most(body_, kept);
  keep_at_most(unread_, kept);
  keep_at_most(response_.body(), kept);
  keep_at_most(told_, kept);
  count_storage();
}

void Http2Stream::count_storage() {
  memory_.set(body_.capacity() + unread_.capacity() + response_.body().capacity() +
              told_.capacity());
}

// False: the request has been refused, since there is no memory for so much more of it.
bool Http2Stream::has_memory_for(std::size_t bytes) {
  const std::size_t held = std::max(body_.capacity(), body_.size() + bytes) + unread_.capacity();
  if (memory_.grow(held)) return true;
  owner_.loop().server().bodies_refused.fetch_add(1, std::memory_order_relaxed);
  refuse(503, kNoMemory);
  return false;
}

void Http2Stream::enter(Phase phase) {
  phase_ = phase;
  phase_bytes_ = 0;
  since_ = owner_.loop().now();
}

std::string_view Http2Stream::source() const { return owner_.source(); }
std::string_view Http2Stream::client_name() const { return owner_.client_name(); }

void Http2Stream::on_head(bool ended) {
  ended_ = ended;
  if (head_.end()) {
    admit();
  } else {
    refuse(head_.status(), head_.problem());
  }
}

// Asks the handler what to do with a request whose head is there.
void Http2Stream::admit() {
  const Admission admission = owner_.loop().server().handler.admit(head(), response_);
  if (!admission.accepted()) return respond_when_read();
  body_max_ = admission.body_bytes_max();
  if (admission.messages()) {
    if (!begin_messages(admission)) return;
  } else if (head().content_length.value_or(0) > body_max_) {
    return refuse(413, "body too large");
  } else if (ended_) {
    return handle();
  }
  if (head_.expects_continue() && !ended_) owner_.session().submit_continue(id_);
  enter(Phase::Body);
  if (ended_) end_of_messages();
}

// A refusal crosses with the body that is on its way, which some clients take for a broken stream:
// a short body is read first. A gRPC client expects its answer at any time.
void Http2Stream::respond_when_read() {
  const bool waits =
      head_.expects_continue() || is_grpc(head().header("content-type").value_or(""));
  if (ended_ || waits || head().content_length.value_or(0) > kRefusedBodyMax) return respond();
  refused_ = true;
  body_max_ = kRefusedBodyMax;
  enter(Phase::Body);
}

void Http2Stream::on_data(std::string_view bytes) {
  if (mode_ != Mode::Body) {
    if (phase_ == Phase::Body) take_messages(bytes);
    keep_unread(bytes);
    open_window();
  } else if (phase_ == Phase::Body) {
    take_body(bytes);
  } else if (phase_ == Phase::Answering) {
    drop_unwanted(bytes.size());
  }
}

bool Http2Stream::lingers() const {
  if (!last_part_sent_ || ended_ || mode_ != Mode::Body) return false;
  return !is_grpc(head().header("content-type").value_or(""));
}

void Http2Stream::on_last_part_sent() {
  last_part_sent_ = true;
  if (lingers()) enter(Phase::Answering);
}

// Some clients take the reset that ends the stream for its failure where they read both at once.
void Http2Stream::drop_unwanted(std::size_t bytes) {
  unwanted_ += bytes;
  if (unwanted_ > kUnwantedBytes) return owner_.session().reset(id_, NGHTTP2_NO_ERROR);
  unopened_ += bytes;
  open_window();
}

void Http2Stream::take_body(std::string_view bytes) {
  if (refused_) return pass_over(bytes);
  if (bytes.size() > body_max_ - body_size_) return refuse(413, "body too large");
  if (!has_memory_for(bytes.size())) return;
  body_ += bytes;
  body_size_ = body_.size();
  phase_bytes_ += bytes.size();
  unopened_ += bytes.size();
  open_window();
}

void Http2Stream::pass_over(std::string_view bytes) {
  if (bytes.size() > body_max_ - phase_bytes_) return respond();
  phase_bytes_ += bytes.size();
  unopened_ += bytes.size();
  open_window();
}

void Http2Stream::on_end() {
  ended_ = true;
  if (phase_ != Phase::Body) return;
  if (refused_) return respond();
  if (mode_ == Mode::Body) {
    handle();
  } else {
    end_of_messages();
  }
}

void Http2Stream::open_window() {
  if (unopened_ == 0 || ended_ || phase_ == Phase::Closed || !owner_.has_room_for(*this)) return;
  owner_.session().consume(id_, unopened_);
  unopened_ = 0;
}

void Http2Stream::on_closed() {
  phase_ = Phase::Closed;
  leave_followed();
  wants_turn_ = false;
  abandon();
}

void Http2Stream::handle() {
  body_size_ = body_.size();
  body_.append(kBodyPadding, '\0');
  ask();
}

void Http2Stream::ask() {
  if (head_sent_) response_.clear();  // Of the message before.
  enter(Phase::Handling);
  finished_ = false;
  held_ = true;
  inline_ = true;
  owner_.loop().server().handler.handle(*this);
  inline_ = false;
  if (!finished_) return owner_.on_held();
  held_ = false;
  on_finished();
}

bool Http2Stream::finished_inside() {
  finished_ = inline_;
  return inline_;
}

void Http2Stream::finish() { owner_.finish(*this); }

void Http2Stream::resume() {
  held_ = false;
  if (phase_ != Phase::Closed) on_finished();
}

void Http2Stream::on_finished() {
  if (mode_ == Mode::Followed) return answer_follower();
  body_size_ = 0;
  keep_at_most(body_, kAnswerKept);
  count_storage();
  if (mode_ == Mode::Body) {
    respond();
  } else {
    answer_message();
  }
}

// Answers in the server's own name; to a gRPC client, in the form that it understands.
void Http2Stream::refuse(int status, std::string_view message) {
  ServerState& server = owner_.loop().server();
  server.requests_refused.fetch_add(1, std::memory_order_relaxed);
  response_.clear();
  response_.set_status(status);
  server.handler.refuse({status, message, head_.status() == 0 ? &head() : nullptr}, response_);
  if (status == 503) response_.add_header("Retry-After", kRetryAfter);
  body_size_ = 0;
  keep_at_most(body_, kAnswerKept);
  count_storage();
  if (mode_ == Mode::Body && !is_grpc(head().header("content-type").value_or(""))) {
    return respond();
  }
  if (response_.grpc_status() == 0) {
    response_.set_grpc_status(static_cast<int>(grpc_status_of(status)), message);
  }
  if (status == 501) response_.add_header("grpc-accept-encoding", kGrpcCodings);
  end_call();
}

void Http2Stream::respond() {
  enter(Phase::Answering);
  const int status = response_.status();
  const bool bodiless = status == 204 || status == 304;
  fields_.clear();
  add_head_fields(status, bodiless ? std::string_view() : response_.content_type());
  if (bodiless || head().method == Method::Head) {
    response_.body().clear();
    submit_head(false);
    return;
  }
  answer_ready_ = true;
  last_ = true;
  submit_head(!response_.body().empty() || !response_.trailer_block().empty());
}

// Without a type there is no body either.
void Http2Stream::add_head_fields(int status, std::string_view content_type) {
  write_number(status_text_, static_cast<std::uint64_t>(status));
  fields_.add(":status", status_text_);
  if (!content_type.empty()) {
    fields_.add("content-type", content_type);
    if (!is_grpc(content_type)) {
      write_number(length_text_, response_.body().size());
      fields_.add("content-length", length_text_);
    }
  }
  if (!owner_.loop().date().empty()) fields_.add("date", owner_.loop().date());
  fields_.add_block(response_.header_block());
}

void Http2Stream::submit_head(bool with_body) {
  head_sent_ = true;
  owner_.session().submit_head(*this, fields_, with_body);
}

Http2Stream::Part Http2Stream::next_part(std::size_t bytes_max) const {
  const std::size_t left = answer_ready_ ? prefix_.size() + response_.body().size() - sent_ : 0;
  const std::size_t bytes = std::min(bytes_max, left);
  const bool last = last_ && bytes == left;
  return {bytes, last, last && (mode_ != Mode::Body || !response_.trailer_block().empty())};
}

void Http2Stream::append_part(std::string& out, std::size_t bytes) {
  const std::string_view of_prefix =
      std::string_view(prefix_).substr(std::min(sent_, prefix_.size()), bytes);
  out += of_prefix;
  const std::size_t rest = bytes - of_prefix.size();
  if (rest > 0) out.append(response_.body(), sent_ + of_prefix.size() - prefix_.size(), rest);
  sent_ += bytes;
  phase_bytes_ += bytes;
  if (mode_ == Mode::Body || last_ || sent_ < prefix_.size() + response_.body().size()) return;
  answer_ready_ = false;
  wants_turn_ = true;
  owner_.on_wants_turn(*this);
}

const Http2Fields& Http2Stream::trailers() {
  fields_.clear();
  if (mode_ != Mode::Body) add_grpc_status();
  fields_.add_block(response_.trailer_block());
  return fields_;
}

// Whether the phase has passed its grace and fewer bytes moved than the least rate asks for.
bool Http2Stream::too_slow(std::uint64_t bytes) const {
  const auto elapsed = owner_.loop().now() - since_;
  if (elapsed <= limits_.rate_grace) return false;
  const auto whole_ms = std::chrono::duration_cast<milliseconds>(elapsed).count();
  return bytes < static_cast<std::uint64_t>(whole_ms) * limits_.rate_min / 1000;
}

void Http2Stream::sweep() {
  ServerState& server = owner_.loop().server();
  if (phase_ == Phase::Body) {
    if (waits_for_window() && !owner_.has_room_for(*this)) return enter(Phase::Body);
    // Between two messages a client may take its time.
    const bool idle = mode_ == Mode::Messages && reader_.between();
    const bool late =
        idle ? owner_.loop().now() - since_ > limits_.idle_time_max : too_slow(phase_bytes_);
    if (!late) return;
    server.slow_bodies.fetch_add(1, std::memory_order_relaxed);
    refused_ ? respond() : refuse(408, "request too slow");
  } else if (phase_ == Phase::Following) {
    expire_followed();
  } else if (phase_ == Phase::Answering && lingers()) {
    if (owner_.loop().now() - since_ > kUnwantedTime) {
      owner_.session().reset(id_, NGHTTP2_NO_ERROR);
    }
  } else if (phase_ == Phase::Answering && !last_part_sent_) {
    // What waits for other answers, or for the client's network, is not this answer's fault.
    if (owner_.session().stream_window(id_) > 0) return enter(Phase::Answering);
    if (owner_.loop().now() - since_ <= limits_.rate_grace) return;
    // What was written long ago is no excuse for now.
    if (!too_slow(phase_bytes_)) return enter(Phase::Answering);
    server.slow_readers.fetch_add(1, std::memory_order_relaxed);
    owner_.session().reset(id_, NGHTTP2_CANCEL);
  }
}

}  // namespace net
