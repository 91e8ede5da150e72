#include "net/http2_connection.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

namespace net {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::milliseconds;

constexpr std::size_t kReadBytes = 16 << 10;
constexpr std::size_t kOutputBytes = 64 << 10;  // And one frame.
// That wait for room there. A client may write all that its windows allow before it reads, so that
// not to read from it sooner could make both wait for ever.
constexpr std::size_t kQueuedFrames = 256;
constexpr std::size_t kStreamKept = 256 << 10;  // Storage of each that the next request finds.
constexpr std::size_t kIdleStreamKept = 16 << 10;
constexpr std::size_t kIdleStreams = 4;
constexpr std::size_t kDroppedBytes = 4 << 20;
constexpr milliseconds kDropTime{2'000};
// For the client to say that it has read that the server stops.
constexpr milliseconds kNoticeTime{1'000};

}  // namespace

Http2Connection::Http2Connection(Accepted client, ReadBuffer input)
    : client_(std::move(client)),
      loop_(client_.loop.get()),
      stream_(client_.stream.get()),
      limits_(loop_->server().limits),
      since_(loop_->now()),
      first_(std::move(input)),
      input_(kReadBytes),
      watch_(limits_),
      heard_(since_),
      session_(limits_, *this),
      stalled_since_(since_) {}

void Http2Connection::start() {
  if (!first_.unread().empty()) receive(first_.unread());
  first_ = ReadBuffer(0);
  if (loop_->server().retiring.load(std::memory_order_relaxed)) retire();
  turn();
}

// Reading.

void Http2Connection::receive(std::string_view bytes) {
  const Http2Watch::Verdict verdict = watch_.scan(bytes, loop_->now());
  // What came with a flood is not worth its work; the last frame says that nobody has seen to it.
  if (verdict.code == NGHTTP2_ENHANCE_YOUR_CALM) return end_flood(verdict.of_resets);
  if (!session_.receive(bytes.substr(0, verdict.good))) {
    if (session_.end_code() == NGHTTP2_ENHANCE_YOUR_CALM) count_flood(false);
    return;
  }
  if (verdict.code != 0) session_.end(verdict.code);
}

void Http2Connection::arm_read() {
  if (read_armed_ || input_ended_ || phase_ == Phase::Closed) return;
  asio::mutable_buffer into(input_.data(), input_.size());
  if (phase_ == Phase::Lingering) {
    into = asio::buffer(loop_->scratch().data(), loop_->scratch().size());
  } else if (output_.size() - sent_ >= kOutputBytes && session_.queued() >= kQueuedFrames) {
    return;  // What it asks for would only be answered into memory.
  }
  read_armed_ = true;
  stream_->read(into, shared_from_this());
}

void Http2Connection::on_read(const error_code& error, std::size_t count) {
  read_armed_ = false;
  if (phase_ == Phase::Closed) return;
  if (error) return on_end_of_input(error);
  if (phase_ == Phase::Lingering) {
    lingering_bytes_ += count;
    if (lingering_bytes_ > kDroppedBytes) return close();
    return arm_read();
  }
  heard_ = loop_->now();
  asked_for_.reset();
  receive({input_.data(), count});
  turn();
}

void Http2Connection::on_end_of_input(const error_code& error) {
  input_ended_ = true;
  // A client may end its side and still read the answers; one that has reset will not.
  if (error != asio::error::eof || phase_ != Phase::Open || active_ == 0) return close();
  for (std::size_t i = 0; i < active_; ++i) {
    streams_[i]->abandon();
    // It would be followed for ever: nothing comes that could end it.
    if (streams_[i]->followed()) session_.reset(streams_[i]->id(), NGHTTP2_CANCEL);
  }
  if (followers_ > 0) turn();
}

Http2Stream* Http2Connection::on_request(std::int32_t id) {
  // Those count too that were reset while a handler has them.
  if (active_ >= limits_.streams_max) return nullptr;
  if (active_ == streams_.size()) streams_.push_back(std::make_unique<Http2Stream>(*this));
  Http2Stream* const stream = streams_[active_++].get();
  stream->open(id);
  return stream;
}

void Http2Connection::on_closed(std::int32_t id, Http2Stream* stream) {
  watch_.on_closed(static_cast<std::uint32_t>(id));
  if (stream == nullptr) return;
  stream->on_closed();
  if (!stream->held()) recycle(*stream);
}

void Http2Connection::recycle(Http2Stream& stream) {
  const auto end = streams_.begin() + static_cast<std::ptrdiff_t>(active_);
  const auto at =
      std::find_if(streams_.begin(), end, [&](const auto& each) { return each.get() == &stream; });
  stream.release_storage(kStreamKept);
  std::swap(*at, streams_[--active_]);
  if (active_ == 0) since_ = loop_->now();
}

void Http2Connection::on_reset_by_client(bool live) {
  const bool flood = live ? watch_.count_reset(loop_->now()) : watch_.count_control(loop_->now());
  if (flood) end_flood(live);
}

void Http2Connection::on_reset_by_server(std::int32_t id, bool by_error) {
  watch_.on_closed(static_cast<std::uint32_t>(id));  // Also one that never was a stream for us.
  if (by_error && watch_.count_reset(loop_->now())) end_flood(true);
}

void Http2Connection::count_flood(bool of_resets) {
  ServerState& server = loop_->server();
  if (std::exchange(flooded_, true)) return;
  (of_resets ? server.reset_floods : server.frame_floods).fetch_add(1, std::memory_order_relaxed);
}

void Http2Connection::end_flood(bool of_resets) {
  count_flood(of_resets);
  session_.end(NGHTTP2_ENHANCE_YOUR_CALM);
}

bool Http2Connection::has_room_for(const Http2Stream& stream) const {
  std::uint64_t bytes = 0;
  bool alone = true;  // Nobody's end would make room, and no request is older.
  for (std::size_t i = 0; i < active_; ++i) {
    const Http2Stream& each = *streams_[i];
    bytes += each.body_bytes();
    if (each.body_bytes() > 0 && (each.body_is_whole() || each.id() < stream.id())) alone = false;
  }
  return bytes <= limits_.stream_bodies_max || alone;
}

// Handling.

bool Http2Connection::take_follower() {
  ServerState& server = loop_->server();
  const bool further = followers_ > 0;
  bool taken = followers_ < limits_.followers_per_connection_max;
  if (taken && further) {
    const auto others = server.further_followers.fetch_add(1, std::memory_order_relaxed);
    taken = others < limits_.followers_max;
    if (!taken) server.further_followers.fetch_sub(1, std::memory_order_relaxed);
  }
  auto& count = taken ? server.followers : server.followers_refused;
  count.fetch_add(1, std::memory_order_relaxed);
  if (taken) ++followers_;
  return taken;
}

void Http2Connection::give_back_follower() {
  ServerState& server = loop_->server();
  server.followers.fetch_sub(1, std::memory_order_relaxed);
  if (--followers_ > 0) server.further_followers.fetch_sub(1, std::memory_order_relaxed);
}

void Http2Connection::ask_followed() {
  if (followers_ == 0 || phase_ != Phase::Open) return;
  for (std::size_t i = 0; i < active_; ++i) streams_[i]->ask_followed();
}

void Http2Connection::on_held() {
  ++held_;
  if (!guard_) guard_.emplace(loop_->io().get_executor());
}

void Http2Connection::finish(Http2Stream& stream) {
  if (loop_->on_thread()) {
    if (!stream.finished_inside()) resume(stream);
    return;
  }
  // Held here as well: what is posted may be the last to hold the loop, and be done before post
  // returns.
  const std::shared_ptr<Loop> loop = client_.loop;
  asio::post(loop->io(), [self = shared_from_this(), &stream] { self->resume(stream); });
}

// Goes on when an exchange that was handed on comes back.
void Http2Connection::resume(Http2Stream& stream) {
  --held_;
  stream.resume();
  if (stream.closed()) recycle(stream);
  if (held_ == 0) guard_.reset();
  if (phase_ != Phase::Closed) return turn_later();
  if (held_ == 0) loop_->remove(*this);
}

// Behind all that comes back in this turn of the loop.
void Http2Connection::turn_later() {
  if (turn_posted_) return;
  turn_posted_ = true;
  asio::post(loop_->io(), [self = shared_from_this()] {
    self->turn_posted_ = false;
    self->turn();
  });
}

// Writing.

// Does all that can be done with what has arrived or come back.
void Http2Connection::turn() {
  if (phase_ != Phase::Open) return;
  if (!pump() || !write()) return close();
  if (output_.empty() && session_.done()) return end_connection();
  if (input_ended_ && active_ == 0) return close();
  arm_read();
}

// Fills the output as far as it goes; lets calls go on whose answers have left for it.
bool Http2Connection::pump() {
  if (sent_ > 0) {
    output_.erase(0, sent_);
    sent_ = 0;
  }
  for (;;) {
    if (!session_.pump(output_, kOutputBytes)) return false;
    if (turns_.empty()) return true;
    const std::vector<Http2Stream*> turns = std::exchange(turns_, {});
    for (Http2Stream* const each : turns) {
      if (each->wants_turn()) each->take_turn();
    }
  }
}

bool Http2Connection::write() {
  while (!waits_to_write_ && !output_.empty()) {
    const auto count = stream_->write(std::string_view(output_).substr(sent_), {});
    if (!count) return false;
    sent_ += *count;
    written_ += *count;
    if (sent_ == output_.size()) {
      output_.clear();
      sent_ = 0;
      if (!pump()) return false;
    } else if (*count == 0) {
      waits_to_write_ = true;
      stream_->wait_to_write(shared_from_this());
    }
  }
  return true;
}

void Http2Connection::on_writable(const error_code& error) {
  waits_to_write_ = false;
  if (phase_ == Phase::Closed) return;
  if (error) return close();
  turn();
}

// Ending.

void Http2Connection::retire() {
  if (noticed_ || phase_ != Phase::Open) return;
  noticed_ = true;
  noticed_at_ = loop_->now();
  session_.submit_notice();
  turn_later();
}

void Http2Connection::drain() {
  if (noticed_) {
    say_last();
    turn_later();
  } else {
    retire();
  }
}

// From here on the client sends no request that it could lose: it knows that none is taken.
void Http2Connection::on_notice_read() {
  if (noticed_) say_last();
}

void Http2Connection::say_last() {
  if (std::exchange(last_said_, true)) return;
  session_.submit_goaway();
  for (std::size_t i = 0; i < active_; ++i) streams_[i]->end_followed();
}

// The last frame is out, but the client may still send, and closing would make its kernel throw
// that frame away.
void Http2Connection::end_connection() {
  if (input_ended_) return close();
  phase_ = Phase::Lingering;
  since_ = loop_->now();
  let_go_of_streams();
  stream_->end_output();
  arm_read();
}

void Http2Connection::close() {
  if (phase_ != Phase::Closed) {
    phase_ = Phase::Closed;
    let_go_of_streams();
    stream_->close();
  }
  if (held_ == 0) loop_->remove(*this);
}

// What handlers have stays until it comes back.
void Http2Connection::let_go_of_streams() {
  for (std::size_t i = active_; i-- > 0;) {
    Http2Stream& stream = *streams_[i];
    if (!stream.closed()) stream.on_closed();
    if (!stream.held()) recycle(stream);
  }
}

// Deadlines.

void Http2Connection::sweep() {
  if (phase_ == Phase::Lingering) {
    if (loop_->now() - since_ > kDropTime) close();
    return;
  }
  if (phase_ == Phase::Closed || !sweep_connection()) return;
  for (std::size_t i = 0; i < active_; ++i) {
    streams_[i]->sweep();
    if (streams_[i]->waits_for_window()) streams_[i]->open_window();
  }
  turn();
}

// False: it is over.
bool Http2Connection::sweep_connection() {
  const auto now = loop_->now();
  const auto stalled = std::chrono::duration_cast<milliseconds>(now - stalled_since_);
  const bool stalls_now = stalls();
  if (stalls_now && stalled > limits_.rate_grace &&
      written_ < static_cast<std::uint64_t>(stalled.count()) * limits_.rate_min / 1000) {
    loop_->server().slow_readers.fetch_add(1, std::memory_order_relaxed);
    close();
    return false;
  }
  // What was written long ago is no excuse for now.
  if (!stalls_now || stalled > limits_.rate_grace) {
    stalled_since_ = now;
    written_ = 0;
  }
  if (watch_.header_block() == 0 || watch_.header_block() != header_block_) {
    header_block_ = watch_.header_block();
    header_since_ = now;
  } else if (now - header_since_ > limits_.header_time_max) {
    time_out(NGHTTP2_ENHANCE_YOUR_CALM);
  }
  if (noticed_ && now - noticed_at_ > kNoticeTime) say_last();
  if (active_ > followers_) return true;
  release_storage();
  if (followers_ > 0) return sweep_followers();
  if (!watch_.begun() && now - since_ > limits_.header_time_max) {
    time_out(NGHTTP2_SETTINGS_TIMEOUT);
  } else if (now - since_ > limits_.idle_time_max) {
    session_.end(NGHTTP2_NO_ERROR);
  }
  return true;
}

// A client that only waits for news sends nothing, so whether it is still there has to be asked.
// False: it is not.
bool Http2Connection::sweep_followers() {
  const auto now = loop_->now();
  if (!asked_for_ && now - heard_ > limits_.idle_time_max) {
    asked_for_ = now;
    session_.submit_ping();
  } else if (asked_for_ && now - *asked_for_ > limits_.rate_grace) {
    loop_->server().slow_readers.fetch_add(1, std::memory_order_relaxed);
    close();
    return false;
  }
  return true;
}

// Whether answers wait for the client, be it for its network or for its leave.
bool Http2Connection::stalls() const {
  if (!output_.empty()) return true;
  return session_.connection_window() <= 0 &&
         std::any_of(streams_.begin(), streams_.begin() + static_cast<std::ptrdiff_t>(active_),
                     [](const auto& each) { return each->has_output(); });
}

void Http2Connection::time_out(std::uint32_t code) {
  loop_->server().slow_heads.fetch_add(1, std::memory_order_relaxed);
  session_.end(code);
}

// Gives back what a burst of requests made a connection hold.
void Http2Connection::release_storage() {
  const std::size_t kept = std::max(kIdleStreams, active_);
  if (streams_.size() > kept) streams_.resize(kept);
  for (std::size_t i = active_; i < streams_.size(); ++i) {
    streams_[i]->release_storage(kIdleStreamKept);
  }
  if (output_.empty() && output_.capacity() > kIdleStreamKept) std::string().swap(output_);
}

}  // namespace net
