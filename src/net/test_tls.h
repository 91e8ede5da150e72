#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <sys/socket.h>
#include <sys/time.h>
#include <csignal>

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include "net/server.h"
#include "net/tls_test_pair.h"

// For tests: a server over TLS, and a client that writes bytes as the test says.

namespace net::testing {

using Contexts = threads::Snapshot<TlsContext>;

// Answers with the body it got; to /who with the name of the client's certificate.
class PlainEcho : public Handler {
 public:
  Admission admit(const RequestHead&, Response&) override { return Admission::accept(8 << 20); }
  void handle(Exchange& exchange) override {
    const bool who = exchange.head().path == "/who";
    exchange.response().body() = who ? exchange.client_name() : exchange.body();
    exchange.finish();
  }
};

class AuthenticatingEcho final : public PlainEcho {
 public:
  bool authenticates() const override { return true; }
};

inline std::shared_ptr<const TlsContext> context(const std::string& name, unsigned rsa_bits = 0) {
  const auto pair = make_tls_pair(name, rsa_bits);
  auto made = TlsContext::make(pair.certificate, pair.key);
  EXPECT_TRUE(made.ok()) << made.error().message();
  return *std::move(made);
}

// A server over TLS, whose certificate can be changed.
struct House {
  explicit House(Server::Options options = {}, unsigned rsa_bits = 0)
      : House(context("first", rsa_bits), std::move(options)) {}
  explicit House(std::shared_ptr<const TlsContext> first, Server::Options options = {})
      : contexts(std::make_shared<Contexts>(std::move(first))) {
    options.tls = contexts;
    auto listening = Server::listen(std::move(options), echo);
    EXPECT_TRUE(listening.ok()) << listening.error().message();
    server = *std::move(listening);
  }

  PlainEcho echo;
  std::shared_ptr<Contexts> contexts;
  std::unique_ptr<Server> server;
};

// OpenSSL's own socket raises SIGPIPE when the server has left. It is held back for the client's
// thread alone: that the server raises none is part of what is tested.
class SignalsHeldBack {
 public:
  SignalsHeldBack() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  SignalsHeldBack(const SignalsHeldBack&) = delete;
  SignalsHeldBack& operator=(const SignalsHeldBack&) = delete;
  ~SignalsHeldBack() {
    const timespec now{};
    ::sigtimedwait(&pipe_, nullptr, &now);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t pipe_{};
  sigset_t before_{};
};

struct ClientOptions {
  int version_min = 0;
  int version_max = 0;
  const char* suites = nullptr;    // Of TLS 1.2.
  const char* suites13 = nullptr;  // Of TLS 1.3.
  const char* groups = nullptr;
  std::string_view protocols;  // As ALPN has them: each behind its length.
  std::string certificate;     // PEM; empty: it shows none.
  std::string key;
};

// A client that writes bytes as the test says.
class TlsPeer {
 public:
  explicit TlsPeer(const Server& server, const ClientOptions& options = {})
      : context_(::SSL_CTX_new(::TLS_client_method())) {
    ::SSL_CTX_set_security_level(context_, 0);  // What is refused is to be the server's doing.
    ::SSL_CTX_set_min_proto_version(context_, options.version_min);
    ::SSL_CTX_set_max_proto_version(context_, options.version_max);
    if (options.suites != nullptr) ::SSL_CTX_set_cipher_list(context_, options.suites);
    if (options.suites13 != nullptr) ::SSL_CTX_set_ciphersuites(context_, options.suites13);
    if (options.groups != nullptr) SSL_CTX_set1_groups_list(context_, options.groups);
    ::SSL_CTX_set_alpn_protos(context_,
                              reinterpret_cast<const unsigned char*>(options.protocols.data()),
                              static_cast<unsigned>(options.protocols.size()));
    if (!options.certificate.empty()) use(options);
    bio_ = ::BIO_new_ssl_connect(context_);
    BIO_get_ssl(bio_, &ssl_);
    BIO_set_conn_hostname(bio_, ("127.0.0.1:" + std::to_string(server.port())).c_str());
    const SignalsHeldBack held;
    agreed_ = BIO_do_handshake(bio_) == 1;
    int fd = -1;
    BIO_get_fd(bio_, &fd);
    const timeval patience{30, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::ERR_clear_error();
  }
  TlsPeer(const TlsPeer&) = delete;
  TlsPeer& operator=(const TlsPeer&) = delete;
  ~TlsPeer() {
    ::BIO_free_all(bio_);
    ::SSL_CTX_free(context_);
  }

  bool agreed() const { return agreed_; }
  SSL& ssl() { return *ssl_; }
  std::string suite() const { return ::SSL_get_cipher_name(ssl_); }
  std::string version() const { return ::SSL_get_version(ssl_); }
  std::string subject() const {
    X509* const certificate = SSL_get_peer_certificate(ssl_);
    if (certificate == nullptr) return "";
    char text[64] = "";
    ::X509_NAME_get_text_by_NID(::X509_get_subject_name(certificate), NID_commonName, text,
                                sizeof text);
    ::X509_free(certificate);
    return text;
  }

  bool send(std::string_view bytes) {
    const SignalsHeldBack held;
    std::size_t sent = 0;
    return ::SSL_write_ex(ssl_, bytes.data(), bytes.size(), &sent) == 1 && sent == bytes.size();
  }
  // The next answer, whole; "" at the end.
  std::string answer() {
    for (;;) {
      const std::size_t end = arrived_.find("\r\n\r\n");
      const std::size_t at = arrived_.find("Content-Length: ");
      if (end != std::string::npos && at < end) {
        const std::size_t whole = end + 4 + std::stoul(arrived_.substr(at + 16));
        if (arrived_.size() >= whole) {
          const std::string text = arrived_.substr(0, whole);
          arrived_.erase(0, whole);
          return text;
        }
      }
      if (!more()) return "";
    }
  }
  // Whether the server has said that nothing more comes.
  bool ended() {
    while (more()) {
    }
    return arrived_.empty() && ::SSL_get_error(ssl_, 0) == SSL_ERROR_ZERO_RETURN;
  }

 private:
  void use(const ClientOptions& options) {
    BIO* const certificate = ::BIO_new_mem_buf(options.certificate.data(), -1);
    BIO* const key = ::BIO_new_mem_buf(options.key.data(), -1);
    X509* const own = ::PEM_read_bio_X509(certificate, nullptr, nullptr, nullptr);
    EVP_PKEY* const its = ::PEM_read_bio_PrivateKey(key, nullptr, nullptr, nullptr);
    ::SSL_CTX_use_certificate(context_, own);
    ::SSL_CTX_use_PrivateKey(context_, its);
    ::X509_free(own);
    ::EVP_PKEY_free(its);
    ::BIO_free(certificate);
    ::BIO_free(key);
  }

  bool more() {
    char bytes[16 << 10];
    std::size_t got = 0;
    if (::SSL_read_ex(ssl_, bytes, sizeof bytes, &got) != 1) return false;
    arrived_.append(bytes, got);
    return true;
  }

  SSL_CTX* context_;
  BIO* bio_ = nullptr;
  SSL* ssl_ = nullptr;
  bool agreed_ = false;
  std::string arrived_;
};

inline std::string post_body(std::string_view body, std::string_view fields = "") {
  return "POST /a HTTP/1.1\r\nHost: x\r\n" + std::string(fields) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

}  // namespace net::testing
