#include <limits>

#include "net/http2_connection.h"
#include "net/http2_stream.h"

// The part of Http2Stream that is about gRPC calls: messages in, messages out, and the status that
// a call ends with.

namespace net {
namespace {

constexpr std::string_view kCallType = "application/grpc";

}  // namespace

// False: the call has been refused.
bool Http2Stream::begin_messages(const Admission& admission) {
  mode_ = admission.only_one() ? Mode::OneMessage : Mode::Messages;
  if (admission.followed() && !begin_followed(admission)) return false;
  const auto coding = find_grpc_coding(head().header("grpc-encoding").value_or("identity"));
  reader_.reset(coding.value_or(GrpcCoding::Identity), body_max_);
  if (!coding) refuse(501, "grpc-encoding: expected identity, gzip or deflate");
  return coding.has_value();
}

// Takes as much as can be used now.
void Http2Stream::take_messages(std::string_view& bytes) {
  while (phase_ == Phase::Body && !bytes.empty()) {
    if (has_message_) return refuse(400, "call: expected one message, got more");
    if (reader_.between() && mode_ == Mode::Messages) enter(Phase::Body);  // Its time begins.
    if (!has_memory_for(bytes.size())) return;
    std::size_t taken = 0;
    const auto step = reader_.take(bytes, taken, body_);
    bytes.remove_prefix(taken);
    phase_bytes_ += taken;
    unopened_ += taken;
    body_size_ = body_.size();
    if (step == GrpcReader::Step::Bad) return refuse(reader_.status(), reader_.problem());
    if (step == GrpcReader::Step::NeedMore) continue;
    if (mode_ == Mode::Messages) {
      handle();
    } else {
      has_message_ = true;
    }
  }
}

// What arrives while a message is handled waits, and holds the window closed.
void Http2Stream::keep_unread(std::string_view bytes) {
  if (last_ || phase_ == Phase::Closed) return;
  if (unread_at_ > unread_.size() / 2) {
    unread_.erase(0, unread_at_);
    unread_at_ = 0;
  }
  unread_ += bytes;
}

// The client has ended its side, and all it sent has been handled.
void Http2Stream::end_of_messages() {
  if (!reader_.between()) return refuse(400, "message: cut off");
  if (mode_ == Mode::Messages) return end_call();
  if (!has_message_) return refuse(400, "call: expected one message, got none");
  handle();
}

void Http2Stream::answer_message() {
  const std::size_t bytes = response_.body().size();
  if (bytes > std::numeric_limits<std::uint32_t>::max()) {
    response_.set_grpc_status(static_cast<int>(GrpcStatus::ResourceExhausted),
                              "answer: too long for a message");
  }
  if (response_.grpc_status() != 0) return end_call();
  send_message(ended_ && reader_.between() && unread_.empty());
}

void Http2Stream::send_message(bool last) {
  enter(Phase::Answering);
  prefix_.clear();
  append_grpc_prefix(prefix_, response_.body().size());
  sent_ = 0;
  answer_ready_ = true;
  last_ = last;
  if (head_sent_) return owner_.session().resume_output(id_);
  fields_.clear();
  add_head_fields(200, kCallType);
  submit_head(true);
}

// Goes on with what has arrived meanwhile.
void Http2Stream::take_turn() {
  wants_turn_ = false;
  response_.body().clear();
  if (mode_ == Mode::Followed) return await_news();
  enter(Phase::Body);
  std::string_view bytes = std::string_view(unread_).substr(unread_at_);
  take_messages(bytes);
  unread_at_ = unread_.size() - bytes.size();
  if (bytes.empty()) {
    unread_.clear();
    unread_at_ = 0;
  }
  open_window();
  if (phase_ == Phase::Body && ended_) end_of_messages();
}

// Ends the call with the status of the response. Where nothing has been sent yet, the head is all
// there is.
void Http2Stream::end_call() {
  enter(Phase::Answering);
  last_ = true;
  answer_ready_ = false;
  if (head_sent_) return owner_.session().resume_output(id_);
  response_.body().clear();
  fields_.clear();
  add_head_fields(200, kCallType);
  add_grpc_status();
  fields_.add_block(response_.trailer_block());
  submit_head(false);
}

void Http2Stream::add_grpc_status() {
  grpc_status_text_ = std::to_string(response_.grpc_status());
  fields_.add("grpc-status", grpc_status_text_);
  if (response_.grpc_message().empty()) return;
  grpc_message_text_ = percent_encoded(response_.grpc_message());
  fields_.add("grpc-message", grpc_message_text_);
}

}  // namespace net
