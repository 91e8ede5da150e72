#include "net/tls_stream.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <string>
#include <utility>

#include <sys/socket.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include "net/certificate_names.h"

namespace net {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

// What one TLS record carries.
constexpr std::size_t kRecordBytes = 16 << 10;

// The socket as OpenSSL sees it. OpenSSL's own would raise SIGPIPE when a client has left.
struct SocketEnd {
  int fd = -1;
  bool ended = false;
};

SocketEnd& end_of(BIO* bio) { return *static_cast<SocketEnd*>(::BIO_get_data(bio)); }

bool would_wait(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

int send_bytes(BIO* bio, const char* bytes, int count) {
  BIO_clear_retry_flags(bio);
  const ssize_t sent =
      ::send(end_of(bio).fd, bytes, static_cast<std::size_t>(count), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0 && would_wait(errno)) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

int receive_bytes(BIO* bio, char* bytes, int count) {
  BIO_clear_retry_flags(bio);
  const ssize_t got = ::recv(end_of(bio).fd, bytes, static_cast<std::size_t>(count), MSG_DONTWAIT);
  if (got < 0 && would_wait(errno)) BIO_set_retry_read(bio);
  if (got == 0) end_of(bio).ended = true;
  return static_cast<int>(got);
}

long control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_EOF) return end_of(bio).ended ? 1 : 0;
  return 0;
}

BIO_METHOD* make_method() {
  BIO_METHOD* const method =
      ::BIO_meth_new(::BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket without signals");
  if (method == nullptr) std::abort();
  ::BIO_meth_set_write(method, send_bytes);
  ::BIO_meth_set_read(method, receive_bytes);
  ::BIO_meth_set_ctrl(method, control);
  return method;
}

const BIO_METHOD* socket_method() {
  static BIO_METHOD* const kMethod = make_method();
  return kMethod;
}

class TlsStream final : public Stream {
 public:
  TlsStream(tcp::socket socket, const TlsContext& context)
      : socket_(std::move(socket)), ssl_(::SSL_new(&context.native())) {
    BIO* const bio = ::BIO_new(socket_method());
    if (ssl_ == nullptr || bio == nullptr) std::abort();  // Only memory can run out here.
    end_.fd = socket_.native_handle();
    ::BIO_set_data(bio, &end_);
    ::BIO_set_init(bio, 1);
    ::SSL_set_bio(ssl_, bio, bio);
    ::SSL_set_accept_state(ssl_);
  }
  ~TlsStream() override { ::SSL_free(ssl_); }

  // The client speaks first, and should say TLS.
  bool open(std::shared_ptr<StreamUser> user) override {
    socket_.async_wait(tcp::socket::wait_read,
                       [this, kept = std::move(user)](const error_code& error) mutable {
                         if (error) return kept->on_open(error);
                         if (begins_without_tls()) return kept->on_open(no_tls());
                         shake_hands(std::move(kept));
                       });
    return false;
  }

  std::unique_ptr<Stream> without_tls() override { return make_plain_stream(std::move(socket_)); }

  std::string_view client_name() const override { return client_name_; }

  void read(asio::mutable_buffer into, std::shared_ptr<StreamUser> user) override {
    std::size_t count = 0;
    const Outcome outcome = try_read(into, count);
    if (const auto wait = wait_of(outcome)) return wait_to_read(*wait, into, std::move(user));
    asio::post(socket_.get_executor(), [error = error_of(outcome), count, kept = std::move(user)] {
      kept->on_read(error, count);
    });
  }

  std::string_view protocol() const override {
    const unsigned char* name = nullptr;
    unsigned bytes = 0;
    ::SSL_get0_alpn_selected(ssl_, &name, &bytes);
    return {reinterpret_cast<const char*>(name), bytes};
  }

  // One record for both parts where they fit, so that an answer mostly is one packet.
  std::optional<std::size_t> write(std::string_view first, std::string_view second) override {
    if (state_ != State::Open) return std::nullopt;
    std::array<char, kRecordBytes> together;
    std::string_view bytes = first.empty() ? second : first;
    if (!first.empty() && !second.empty() && first.size() < together.size()) {
      const auto rest = second.substr(0, together.size() - first.size());
      std::copy(first.begin(), first.end(), together.begin());
      std::copy(rest.begin(), rest.end(),
                together.begin() + static_cast<std::ptrdiff_t>(first.size()));
      bytes = {together.data(), first.size() + rest.size()};
    }
    std::size_t count = 0;
    ::ERR_clear_error();
    switch (outcome_of(::SSL_write_ex(ssl_, bytes.data(), bytes.size(), &count))) {
      case Outcome::Done: return count;
      case Outcome::WantsWrite: return 0;
      case Outcome::WantsRead:
      case Outcome::Ended:
      case Outcome::Broken: return std::nullopt;
    }
    return std::nullopt;
  }

  void wait_to_write(std::shared_ptr<StreamUser> user) override {
    socket_.async_wait(tcp::socket::wait_write, [kept = std::move(user)](const error_code& error) {
      kept->on_writable(error);
    });
  }

  void end_output() override {
    say_goodbye();
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
  }

  void close() override {
    say_goodbye();
    state_ = State::Broken;
    error_code ignored;
    socket_.close(ignored);
  }

 private:
  enum class State : unsigned char { Opening, Open, Broken };
  enum class Outcome : unsigned char { Done, WantsRead, WantsWrite, Ended, Broken };

  // Behind an operation that had an empty error queue before it.
  Outcome outcome_of(int result) {
    switch (::SSL_get_error(ssl_, result)) {
      case SSL_ERROR_NONE: return Outcome::Done;
      case SSL_ERROR_WANT_READ: return Outcome::WantsRead;
      case SSL_ERROR_WANT_WRITE: return Outcome::WantsWrite;
      case SSL_ERROR_ZERO_RETURN: return Outcome::Ended;
      default:
        // Nothing may be asked of the session any more, not even to end it.
        state_ = State::Broken;
        return Outcome::Broken;
    }
  }

  static std::optional<tcp::socket::wait_type> wait_of(Outcome outcome) {
    if (outcome == Outcome::WantsRead) return tcp::socket::wait_read;
    if (outcome == Outcome::WantsWrite) return tcp::socket::wait_write;
    return std::nullopt;
  }
  static error_code error_of(Outcome outcome) {
    if (outcome == Outcome::Ended) return asio::error::eof;
    if (outcome == Outcome::Broken) return asio::error::connection_aborted;
    return {};
  }

  // A record of TLS begins with 22, a method of HTTP with a capital letter.
  bool begins_without_tls() const {
    char first = 0;
    const ssize_t got = ::recv(end_.fd, &first, sizeof first, MSG_PEEK | MSG_DONTWAIT);
    return got == 1 && first >= 'A' && first <= 'Z';
  }

  void wait_to_open(tcp::socket::wait_type wait, std::shared_ptr<StreamUser> user) {
    socket_.async_wait(wait, [this, kept = std::move(user)](const error_code& error) mutable {
      if (error) return kept->on_open(error);
      shake_hands(std::move(kept));
    });
  }

  void shake_hands(std::shared_ptr<StreamUser> user) {
    ::ERR_clear_error();
    const Outcome outcome = outcome_of(::SSL_accept(ssl_));
    if (const auto next = wait_of(outcome)) return wait_to_open(*next, std::move(user));
    if (outcome == Outcome::Done) {
      state_ = State::Open;
      const X509* const certificate = ::SSL_get0_peer_certificate(ssl_);
      if (certificate != nullptr) client_name_ = certificate_client(*certificate);
    }
    user->on_open(error_of(outcome));
  }

  Outcome try_read(asio::mutable_buffer into, std::size_t& count) {
    if (state_ != State::Open) return Outcome::Broken;
    ::ERR_clear_error();
    return outcome_of(::SSL_read_ex(ssl_, into.data(), into.size(), &count));
  }

  void wait_to_read(tcp::socket::wait_type wait, asio::mutable_buffer into,
                    std::shared_ptr<StreamUser> user) {
    socket_.async_wait(wait, [this, into, kept = std::move(user)](const error_code& error) mutable {
      if (error) return kept->on_read(error, 0);
      std::size_t count = 0;
      const Outcome outcome = try_read(into, count);
      if (const auto next = wait_of(outcome)) return wait_to_read(*next, into, std::move(kept));
      kept->on_read(error_of(outcome), count);
    });
  }

  // Tells the client that this is the end and not a cut; whether that gets out does not matter.
  void say_goodbye() {
    if (state_ != State::Open) return;
    ::ERR_clear_error();
    static_cast<void>(::SSL_shutdown(ssl_));
    ::ERR_clear_error();
  }

  tcp::socket socket_;
  SSL* const ssl_;
  SocketEnd end_;
  State state_ = State::Opening;
  std::string client_name_;
};

}  // namespace

std::unique_ptr<Stream> make_tls_stream(tcp::socket socket, const TlsContext& context) {
  return std::make_unique<TlsStream>(std::move(socket), context);
}

}  // namespace net
