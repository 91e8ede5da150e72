#include <utility>

#include "net/http2_connection.h"
#include "net/http2_stream.h"

// The part of Http2Stream that is about gRPC calls that are followed: one message in, and another
// answer out whenever it is not what the one before was. The handler holds nothing in between, so
// that a client that leaves has nobody to tell.

namespace net {
namespace {

constexpr std::size_t kFollowerKept = 1 << 10;

}  // namespace

// False: the call has been refused.
bool Http2Stream::begin_followed(const Admission& admission) {
  if (!owner_.take_follower()) {
    refuse(429, "call: too many wait for news already");
    return false;
  }
  mode_ = Mode::Followed;
  followed_ = true;
  until_ = admission.until();
  return true;
}

void Http2Stream::leave_followed() {
  if (std::exchange(followed_, false)) owner_.give_back_follower();
}

void Http2Stream::ask_followed() {
  if (mode_ != Mode::Followed) return;
  ask_again_ = true;
  if (phase_ == Phase::Following) await_news();
}

void Http2Stream::end_followed() {
  if (mode_ != Mode::Followed) return;
  ask_last_ = true;
  ask_followed();
}

// Asks again if there is a reason by now.
void Http2Stream::await_news() {
  enter(Phase::Following);
  if (std::exchange(ask_again_, false)) ask();
}

void Http2Stream::answer_follower() {
  if (response_.grpc_status() != 0) return end_call();
  const bool news = !head_sent_ || response_.body() != told_;
  if (ask_last_) {
    response_.set_grpc_status(static_cast<int>(GrpcStatus::Unavailable), "server: it stops");
    if (!news) return end_call();
  }
  if (!news) return await_news();
  told_ = response_.body();
  // It may stay for days, and what the stream held for others before is not needed.
  if (body_.capacity() > kFollowerKept) body_.shrink_to_fit();
  if (unread_.capacity() > kFollowerKept) std::string().swap(unread_);
  if (response_.body().capacity() > kFollowerKept) response_.body().shrink_to_fit();
  count_storage();
  send_message(ask_last_);
}

void Http2Stream::expire_followed() {
  if (!until_ || owner_.loop().now() < *until_) return;
  response_.clear();
  response_.set_grpc_status(static_cast<int>(GrpcStatus::DeadlineExceeded),
                            "deadline: it has passed");
  end_call();
}

}  // namespace net
