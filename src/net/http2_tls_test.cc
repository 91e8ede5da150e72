#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include <gtest/gtest.h>

#include "net/test_http2_client.h"
#include "net/test_peer.h"
#include "net/tls_test_pair.h"

namespace net {
namespace {

namespace asio = boost::asio;

// TLS with the protocols that the test offers.
class Http2TestTls final : public Http2TestTransport {
 public:
  Http2TestTls(std::uint16_t port, std::string_view protocols)
      : context_(asio::ssl::context::tls_client), stream_(io_, context_) {
    ::SSL_set_alpn_protos(stream_.native_handle(),
                          reinterpret_cast<const unsigned char*>(protocols.data()),
                          static_cast<unsigned>(protocols.size()));
    stream_.lowest_layer().connect({asio::ip::address_v4::loopback(), port});
    stream_.handshake(asio::ssl::stream_base::client);
  }
  bool send(std::string_view bytes) override {
    boost::system::error_code error;
    asio::write(stream_, asio::buffer(bytes), error);
    return !error;
  }
  bool receive(std::string& into) override {
    char bytes[16 << 10];
    boost::system::error_code error;
    const std::size_t count = stream_.read_some(asio::buffer(bytes), error);
    into.append(bytes, count);
    return !error;
  }
  std::string agreed() {
    const unsigned char* name = nullptr;
    unsigned count = 0;
    ::SSL_get0_alpn_selected(stream_.native_handle(), &name, &count);
    return {reinterpret_cast<const char*>(name), count};
  }

 private:
  asio::io_context io_;
  asio::ssl::context context_;
  asio::ssl::stream<asio::ip::tcp::socket> stream_;
};

class Http2TlsTest : public ::testing::Test {
 protected:
  Http2TlsTest() {
    const auto pair = testing::make_tls_pair("x");
    server_ = serve(echo_, {.tls = std::make_shared<threads::Snapshot<TlsContext>>(
                                *TlsContext::make(pair.certificate, pair.key))});
  }
  std::unique_ptr<Http2TestTls> connect(std::string_view protocols) {
    return std::make_unique<Http2TestTls>(server_->port(), protocols);
  }

  Echo echo_;
  std::unique_ptr<Server> server_;
};

TEST_F(Http2TlsTest, TheServerPrefersHttp2) {
  const struct {
    std::string_view offered;
    std::string_view agreed;
  } cases[] = {
      {"\x08http/1.1\x02h2", "h2"},
      {"\x02h2", "h2"},
      {"\x02h3\x08http/1.1", "http/1.1"},
      {"", ""},
  };
  for (const auto& c : cases) {
    auto transport = connect(c.offered);
    EXPECT_EQ(transport->agreed(), c.agreed);
    if (c.agreed == "h2") {
      Http2Client client(std::move(transport));
      EXPECT_EQ(client.wait(client.post("/a", "x")).body, "x");
    } else {
      EXPECT_TRUE(transport->send(post("/a", "x", "Connection: close\r\n")));
      std::string text;
      while (transport->receive(text)) {
      }
      EXPECT_TRUE(text.starts_with("HTTP/1.1 200 OK\r\n"));
    }
  }
}

// Over TLS the name decides, not the first bytes.
TEST_F(Http2TlsTest, HasNoPriorKnowledge) {
  auto transport = connect("\x08http/1.1");
  EXPECT_TRUE(transport->send(kHttp2Preface));
  std::string text;
  while (transport->receive(text)) {
  }
  EXPECT_TRUE(text.starts_with("HTTP/1.1 505 ")) << text;
  auto other = connect("\x02h2");
  EXPECT_TRUE(other->send(post("/a", "x") + std::string(100, 'x')));
  text.clear();
  while (other->receive(text)) {
  }
  EXPECT_EQ(text.find("HTTP/1.1"), std::string::npos);
}

TEST_F(Http2TlsTest, CarriesLargeBodiesBothWays) {
  Http2Client client(connect("\x02h2"));
  std::string body(4 << 20, ' ');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>('a' + i % 23);
  std::vector<std::int32_t> ids;
  for (int i = 0; i < 3; ++i) ids.push_back(client.post("/a", body));
  for (const auto id : ids) EXPECT_TRUE(client.wait(id).body == body);
}

TEST_F(Http2TlsTest, StopsInTwoSteps) {
  Http2Client client(connect("\x02h2"));
  const auto id = client.post("/later", "kept");
  Exchange& exchange = echo_.wait_for_held();
  const std::jthread stopper([&] { EXPECT_TRUE(server_->stop(soon())); });
  EXPECT_TRUE(client.wait_until([&] { return client.goaways().size() == 2; }));
  exchange.finish();
  EXPECT_EQ(client.wait(id).body, "kept");
  EXPECT_TRUE(client.ended());
  client.leave();
}

}  // namespace
}  // namespace net
