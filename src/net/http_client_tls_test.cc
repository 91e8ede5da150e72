#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "net/basic_authorization.h"
#include "net/http_client.h"
#include "net/test_certificate.h"
#include "net/test_deadline.h"
#include "net/test_server.h"

namespace net {
namespace {

namespace ssl = boost::asio::ssl;

// A folder of its own, gone at the end.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "sooth-tls-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }
  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ + "/" + name) << text;
    return path_ + "/" + name;
  }

 private:
  std::string path_;
};

ssl::context server_context(const TestCertificate& certificate) {
  ssl::context context(ssl::context::tls_server);
  context.use_certificate(boost::asio::buffer(certificate.pem()), ssl::context::pem);
  context.use_private_key(boost::asio::buffer(certificate.key_pem()), ssl::context::pem);
  return context;
}

// Speaks TLS on the socket and answers every request with its own first line.
void serve_tls(ScriptedServer::Socket& socket, ssl::context& context) {
  ssl::stream<ScriptedServer::Socket&> stream(socket, context);
  boost::system::error_code error;
  stream.handshake(ssl::stream_base::server, error);
  while (!error) {
    const std::string request = read_request(stream);
    if (request.empty()) return;
    const std::string line = request.substr(0, request.find('\r'));
    write_text(stream, "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(line.size()) +
                           "\r\n\r\n" + line);
  }
}

class HttpClientTlsTest : public ::testing::Test {
 protected:
  HttpClientTlsTest() : ca_file_(folder_.write("ca.pem", authority_.pem())) {}

  TestCertificate issue(const std::string& names, long starts_in_s = -3600,
                        long ends_in_s = 3600) const {
    return make_certificate({.name = "server",
                             .alternative_names = names,
                             .issuer = &authority_,
                             .starts_in_s = starts_in_s,
                             .ends_in_s = ends_in_s});
  }
  std::shared_ptr<TlsTrust> trust(TlsTrust::Options options) const {
    options.system = false;
    auto loaded = TlsTrust::load(options);
    EXPECT_TRUE(loaded.ok()) << loaded.error().message();
    return loaded.ok() ? *loaded : nullptr;
  }
  // What a client that believes the authority gets from a server with that certificate.
  base::Result<HttpResponse> ask(const TestCertificate& certificate,
                                 const std::string& host = "localhost") {
    auto context = server_context(certificate);
    const ScriptedServer server([&context](auto& socket) { serve_tls(socket, context); });
    HttpClient client({}, trust({.ca_file = ca_file_, .ca_option = "--ca-file"}));
    const Url url{.origin = {.tls = true, .host = host, .port = server.port()}, .target = "/x"};
    return client.send({.url = url}, soon());
  }
  base::Error refusal(const TestCertificate& certificate, const std::string& host = "localhost") {
    auto outcome = ask(certificate, host);
    EXPECT_FALSE(outcome.ok());
    return outcome.ok() ? base::Error(base::Code::Internal, "") : outcome.error();
  }

  const Folder folder_;
  const TestCertificate authority_ = make_certificate({});
  const std::string ca_file_;
};

TEST_F(HttpClientTlsTest, BelievesItsAuthorities) {
  const auto answer = ask(issue("DNS:localhost"));
  ASSERT_TRUE(answer.ok()) << answer.error().message();
  EXPECT_EQ(answer->body, "GET /x HTTP/1.1");
}

TEST_F(HttpClientTlsTest, ChecksAddressesToo) {
  EXPECT_TRUE(ask(issue("IP:127.0.0.1"), "127.0.0.1").ok());
  const auto error = refusal(issue("DNS:localhost"), "127.0.0.1");
  EXPECT_EQ(error.code(), base::Code::Denied);
  EXPECT_NE(error.message().find("TLS certificate of host \"127.0.0.1\": IP address mismatch; the "
                                 "certificate is for another host"),
            std::string::npos)
      << error.message();
}

TEST_F(HttpClientTlsTest, RefusesAnotherHostsCertificate) {
  const auto error = refusal(issue("DNS:other.example"));
  EXPECT_EQ(error.code(), base::Code::Denied);
  EXPECT_NE(error.message().find("TLS certificate of host \"localhost\": hostname mismatch"),
            std::string::npos)
      << error.message();
}

TEST_F(HttpClientTlsTest, RefusesWhatIsOverOrHasNotBegun) {
  const auto over = refusal(issue("DNS:localhost", -7200, -3600));
  EXPECT_EQ(over.code(), base::Code::Denied);
  EXPECT_NE(over.message().find("certificate has expired; if it was renewed, check this machine's"),
            std::string::npos)
      << over.message();
  const auto early = refusal(issue("DNS:localhost", 3600, 7200));
  EXPECT_NE(early.message().find("certificate is not yet valid"), std::string::npos);
}

TEST_F(HttpClientTlsTest, RefusesUnknownAuthorities) {
  const TestCertificate own =
      make_certificate({.name = "self", .alternative_names = "DNS:localhost"});
  const auto error = refusal(own);
  EXPECT_EQ(error.code(), base::Code::Denied);
  EXPECT_NE(error.message().find("name that authority's certificate file with --ca-file"),
            std::string::npos)
      << error.message();
}

TEST_F(HttpClientTlsTest, KeepsItsConnection) {
  auto context = server_context(issue("DNS:localhost"));
  const ScriptedServer server([&context](auto& socket) { serve_tls(socket, context); });
  HttpClient client({}, trust({.ca_folder = folder_.path()}));
  const Url url{.origin = {.tls = true, .host = "localhost", .port = server.port()}};
  const std::string body(3 << 20, 'x');
  for (int i = 0; i < 4; ++i) {
    HttpRequest request{.method = "PUT", .url = url};
    request.body = base::as_bytes(body);
    const auto answer = client.send(request, soon());
    ASSERT_TRUE(answer.ok()) << answer.error().message();
    EXPECT_EQ(answer->body, "PUT / HTTP/1.1");
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(HttpClientTlsTest, SaysThatTheOtherSideSpeaksNoTls) {
  const ScriptedServer server([](auto& socket) {
    std::string some(64, '\0');
    boost::system::error_code ignored;
    socket.read_some(boost::asio::buffer(some), ignored);
    write_text(socket, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
  });
  HttpClient client({}, trust({.ca_file = ca_file_}));
  const Url url{.origin = {.tls = true, .host = "localhost", .port = server.port()}};
  const auto outcome = client.send({.url = url}, soon());
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code(), base::Code::Denied);
  EXPECT_NE(outcome.error().message().find("expected TLS, got something else"), std::string::npos)
      << outcome.error().message();
}

TEST_F(HttpClientTlsTest, RefusesOldVersions) {
  auto context = server_context(issue("DNS:localhost"));
  SSL_CTX_set_cipher_list(context.native_handle(), "DEFAULT@SECLEVEL=0");
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context.native_handle(), TLS1_1_VERSION);
  const ScriptedServer server([&context](auto& socket) { serve_tls(socket, context); });
  HttpClient client({}, trust({.ca_file = ca_file_}));
  const Url url{.origin = {.tls = true, .host = "localhost", .port = server.port()}};
  const auto outcome = client.send({.url = url}, soon());
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code(), base::Code::Denied) << outcome.error().message();
}

TEST_F(HttpClientTlsTest, ASilentServerIsLeftAtTheDeadline) {
  const ScriptedServer server([](auto& socket) { read_request(socket); });
  HttpClient client({}, trust({.ca_file = ca_file_}));
  const Url url{.origin = {.tls = true, .host = "localhost", .port = server.port()}};
  const auto outcome =
      client.send({.url = url}, std::chrono::steady_clock::now() + std::chrono::milliseconds(50));
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code(), base::Code::Deadline) << outcome.error().message();
}

TEST_F(HttpClientTlsTest, GoesThroughAProxyWithoutShowingItAnything) {
  auto context = server_context(issue("DNS:registry.test"));
  std::string asked;
  const ScriptedServer proxy([&](auto& socket) {
    asked = read_request(socket);
    write_text(socket, "HTTP/1.1 200 Connection established\r\n\r\n");
    serve_tls(socket, context);
  });
  HttpClient::Options options;
  options.proxy = {.url = {.origin = {.tls = false, .host = "127.0.0.1", .port = proxy.port()}},
                   .authorization = basic_authorization("me", "pass"),
                   .bypass = {}};
  HttpClient client(options, trust({.ca_file = ca_file_}));
  const Url url{.origin = {.tls = true, .host = "registry.test", .port = 443}, .target = "/v2/"};
  const auto answer = client.send({.url = url, .fields = {{"Authorization", "Bearer s"}}}, soon());
  ASSERT_TRUE(answer.ok()) << answer.error().message();
  EXPECT_EQ(answer->body, "GET /v2/ HTTP/1.1");
  EXPECT_EQ(asked,
            "CONNECT registry.test:443 HTTP/1.1\r\nHost: registry.test:443\r\n"
            "Proxy-Authorization: Basic bWU6cGFzcw==\r\n\r\n");
}

TEST_F(HttpClientTlsTest, SaysWhatAProxyRefuses) {
  for (const auto& [answer, expected] :
       {std::pair("407 Authenticate", "it asks for other credentials (407)"),
        std::pair("502 Bad Gateway", "expected a way to registry.test:443, got status 502")}) {
    const ScriptedServer proxy([answer = answer](auto& socket) {
      read_request(socket);
      write_text(socket, std::string("HTTP/1.1 ") + answer + "\r\nContent-Length: 0\r\n\r\n");
    });
    HttpClient::Options options;
    options.proxy = {.url = {.origin = {.tls = false, .host = "127.0.0.1", .port = proxy.port()}},
                     .authorization = "",
                     .bypass = {}};
    HttpClient client(options, trust({.ca_file = ca_file_}));
    const Url url{.origin = {.tls = true, .host = "registry.test", .port = 443}};
    const auto outcome = client.send({.url = url}, soon());
    ASSERT_FALSE(outcome.ok());
    EXPECT_NE(outcome.error().message().find(expected), std::string::npos)
        << outcome.error().message();
  }
}

TEST_F(HttpClientTlsTest, RefusesAuthoritiesThatAreNone) {
  const Folder empty;
  for (const TlsTrust::Options& options :
       {TlsTrust::Options{.system = false, .ca_file = "/nowhere.pem"},
        TlsTrust::Options{.system = false, .ca_file = empty.write("x.txt", "no certificate")},
        TlsTrust::Options{.system = false, .ca_folder = "/nowhere"},
        TlsTrust::Options{.system = false, .ca_folder = empty.path()}}) {
    const auto loaded = TlsTrust::load(options);
    ASSERT_FALSE(loaded.ok());
    EXPECT_EQ(loaded.error().code(), base::Code::Invalid);
  }
  EXPECT_TRUE(TlsTrust::load({}).ok());
}

TEST_F(HttpClientTlsTest, AConnectionBelievesTheMachinesAuthoritiesWhereTheyAreWanted) {
  if (!std::filesystem::exists("/etc/ssl/certs/ca-certificates.crt")) {
    GTEST_SKIP() << "this machine has no authorities";
  }
  const auto count = [](TlsTrust& loaded) {
    X509_STORE* const store = SSL_CTX_get_cert_store(loaded.context().native_handle());
    return sk_X509_OBJECT_num(X509_STORE_get0_objects(store));
  };
  const auto all = TlsTrust::load({.ca_file = ca_file_});
  ASSERT_TRUE(all.ok());
  EXPECT_GT(count(**all), 1);
  EXPECT_EQ(count(*trust({.ca_file = ca_file_})), 1);
}

}  // namespace
}  // namespace net
