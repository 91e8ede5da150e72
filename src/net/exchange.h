#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "net/request.h"
#include "net/response.h"

namespace net {

// Behind body() so many bytes can be read (not used): parsers that read ahead need no copy.
constexpr std::size_t kBodyPadding = 64;

// One request and its answer, in whatever version of HTTP; of a gRPC call, one message and its
// answer. It lives from Handler::handle until finish(), and until then belongs to one thread at a
// time.
class Exchange {
 public:
  virtual const RequestHead& head() const = 0;
  virtual std::string_view body() const = 0;
  // The address the request came from, as text without port.
  virtual std::string_view source() const = 0;
  // Who the client is by the certificate of its connection, which was verified; "" without one.
  virtual std::string_view client_name() const { return ""; }
  virtual Response& response() = 0;

  // Whether the client has left: the answer will reach nobody. May be asked by any thread.
  virtual bool abandoned() const = 0;

  // Sends the answer. Called exactly once, from any thread; the exchange is gone afterwards.
  virtual void finish() = 0;

 protected:
  ~Exchange() = default;
};

// What a handler says of a request before its body is read.
class Admission {
 public:
  static Admission accept(std::uint64_t body_bytes_max) {
    return Admission(Kind::Body, body_bytes_max);
  }
  // A gRPC call: the body is a sequence of messages. Each is handled as an exchange of its own, one
  // behind the other, and what it writes into the response's body is sent as one message, even if
  // empty; see Response::set_grpc_status for other ends than a good one. Fields of the response go
  // out with the first answer, trailers of the last with the end. With `only_one`, a call of more
  // or fewer messages is refused. Over HTTP/1 all such calls are.
  static Admission accept_messages(std::uint64_t message_bytes_max, bool only_one) {
    return Admission(only_one ? Kind::OneMessage : Kind::Messages, message_bytes_max);
  }
  // A gRPC call of one message whose answer is followed: the exchange is handled as the one of
  // `only_one`, and again whenever Handler::revision() has changed; an answer that is as the one
  // before is not sent. So it goes on until a handling ends the call, the client leaves, the server
  // stops, or `until` has come.
  static Admission accept_followed(std::uint64_t message_bytes_max,
                                   std::optional<std::chrono::steady_clock::time_point> until) {
    Admission made(Kind::Followed, message_bytes_max);
    made.until_ = until;
    return made;
  }
  // The refusal has been written to the response.
  static Admission refuse() { return Admission(Kind::Refused, 0); }

  bool accepted() const { return kind_ != Kind::Refused; }
  bool messages() const { return kind_ != Kind::Body && accepted(); }
  bool only_one() const { return kind_ == Kind::OneMessage || kind_ == Kind::Followed; }
  bool followed() const { return kind_ == Kind::Followed; }
  std::optional<std::chrono::steady_clock::time_point> until() const { return until_; }
  // Of the body, or of each message.
  std::uint64_t body_bytes_max() const { return body_bytes_max_; }

 private:
  enum class Kind : unsigned char { Body, Messages, OneMessage, Followed, Refused };
  Admission(Kind kind, std::uint64_t body_bytes_max)
      : kind_(kind), body_bytes_max_(body_bytes_max) {}
  Kind kind_;
  std::uint64_t body_bytes_max_;
  std::optional<std::chrono::steady_clock::time_point> until_;
};

// A request that the server refuses before any handler can: malformed, too large, too slow, or
// one connection too many.
struct Refusal {
  int status = 400;
  std::string_view message;
  const RequestHead* head = nullptr;  // Where it could be read.
};

// What serves requests. All functions are called on I/O threads, several at once, and must not
// wait.
class Handler {
 public:
  virtual ~Handler() = default;

  // As soon as the head is there. A refusal is written to `refusal`, in the protocol's own form.
  virtual Admission admit(const RequestHead& head, Response& refusal) = 0;

  // With the whole body there. Finishes the exchange now, or hands it on to be finished later.
  virtual void handle(Exchange& exchange) = 0;

  // Writes the body of a refusal of the server's own, in the protocol's form, and may count it;
  // the status is already set. By default {"error": "<message>"}. To a gRPC client status and
  // message are sent in its own form instead.
  virtual void refuse(const Refusal& refusal, Response& response);

  // Another number: what followed calls are answered may have changed. It is looked at a few times
  // a second, so that calls are handled again no more often, however much changes.
  virtual std::uint64_t revision() const { return 0; }

  // Whether admit() accepts only who has a credential, as a server that is reached from other
  // machines must.
  virtual bool authenticates() const { return false; }
};

}  // namespace net
