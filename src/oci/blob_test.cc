#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "net/test_server.h"
#include "oci/push_blobs.h"
#include "oci/registry.h"
#include "oci/test_bytes.h"
#include "oci/test_registry.h"

namespace oci {
namespace {

class BlobTest : public RegistryTest {
 protected:
  base::Result<BlobOutcome> push(const std::string& bytes, RegistryOptions options = {},
                                 const std::string& mount_from = "") {
    return client(std::move(options))
        ->push_blob(describe(bytes), base::as_bytes(bytes), mount_from);
  }
  base::Result<std::string> fetch(const Descriptor& blob, RegistryOptions options = {}) {
    std::string taken;
    const auto fetched = client(std::move(options))->fetch_blob(blob, [&taken](base::Bytes bytes) {
      taken += base::as_text(bytes);
      return base::Result<void>();
    });
    if (!fetched.ok()) return fetched.error();
    return taken;
  }
  base::Error fetch_error(const Descriptor& blob) {
    auto outcome = fetch(blob);
    EXPECT_FALSE(outcome.ok());
    return outcome.ok() ? base::Error(base::Code::Internal, "") : outcome.error();
  }
  void keep(const std::string& bytes, const std::string& repository = "team/faq") {
    served_.blobs[repository + "@" + base::Digest::of(bytes).text()] = bytes;
  }
};

TEST_F(BlobTest, IsPushedOnce) {
  const auto first = push("content");
  ASSERT_TRUE(first.ok()) << first.error().message();
  EXPECT_EQ(*first, BlobOutcome::Uploaded);
  EXPECT_EQ(kept(describe("content")), "content");
  const auto second = push("content");
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(*second, BlobOutcome::Present);
  EXPECT_EQ(served_.count("PUT "), 1);
}

TEST_F(BlobTest, MayBeEmpty) {
  EXPECT_TRUE(push("").ok());
  const auto fetched = fetch(describe(""));
  ASSERT_TRUE(fetched.ok()) << fetched.error().message();
  EXPECT_EQ(*fetched, "");
}

TEST_F(BlobTest, GoesInChunksWhereItIsLarge) {
  const std::string bytes = some_bytes(10'500);
  for (const bool relative : {true, false}) {
    served_.faults.relative_location = relative;
    served_.blobs.clear();
    std::vector<std::uint64_t> progress;
    const auto pushed = client({.chunk_bytes = 3000})
                            ->push_blob(describe(bytes), base::as_bytes(bytes), "",
                                        [&](std::uint64_t sent) { progress.push_back(sent); });
    ASSERT_TRUE(pushed.ok()) << pushed.error().message();
    EXPECT_EQ(kept(describe(bytes)), bytes);
    EXPECT_EQ(progress, (std::vector<std::uint64_t>{3000, 6000, 9000, 10'500, 10'500}));
  }
}

TEST_F(BlobTest, MakesChunksAsLargeAsTheRegistryWants) {
  served_.faults.chunk_min = "5000";
  const std::string bytes = some_bytes(10'500);
  ASSERT_TRUE(push(bytes, {.chunk_bytes = 100}).ok());
  EXPECT_EQ(served_.count("PATCH "), 3);
  served_.faults.chunk_min = "99999999999999";
  EXPECT_EQ(push(some_bytes(20'000), {.chunk_bytes = 100}).error().code(), base::Code::Corrupt);
}

TEST_F(BlobTest, GoesOnWhereItStopped) {
  served_.faults = {.fail_count = 1, .fail_what = "PATCH ", .fail_keeps_half = true};
  const std::string bytes = some_bytes(10'000);
  const auto pushed = push(bytes, {.chunk_bytes = 4000});
  ASSERT_TRUE(pushed.ok()) << pushed.error().message();
  EXPECT_EQ(kept(describe(bytes)), bytes);
  EXPECT_EQ(served_.count("POST "), 1);
  EXPECT_EQ(served_.count("PATCH "), 3);  // 2000 of 4000, then 4000, 4000.
}

TEST_F(BlobTest, AnUploadThatIsForgottenBeginsAnew) {
  served_.faults.forget_uploads = true;
  const auto pushed = push(some_bytes(10'000), {.chunk_bytes = 4000});
  ASSERT_FALSE(pushed.ok());
  EXPECT_EQ(pushed.error().code(), base::Code::Unavailable);
  EXPECT_NE(pushed.error().message().find("the registry forgot the upload 5 times"),
            std::string::npos);
}

TEST_F(BlobTest, ARegistryThatClaimsTooMuchOrFallsBackIsLeft) {
  const std::string bytes = some_bytes(10'000);
  served_.faults.range = "0-99999";
  EXPECT_EQ(push(bytes, {.chunk_bytes = 4000}).error().code(), base::Code::Corrupt);
  served_.faults.range = "0-0";
  EXPECT_FALSE(push(bytes, {.chunk_bytes = 4000}).ok());
  EXPECT_LE(served_.count("PATCH "), 20);
}

TEST_F(BlobTest, TriesAgainWhatMayPass) {
  served_.faults = {.fail_count = 3, .fail_what = "/blobs/"};
  EXPECT_TRUE(push("content").ok());
  EXPECT_EQ(waits_, (std::vector<std::int64_t>{250, 500, 1000}));
}

TEST_F(BlobTest, WaitsAsLongAsItIsAskedTo) {
  served_.faults = {.fail_count = 1, .fail_what = "PUT ", .fail_status = 429, .retry_after = "7"};
  EXPECT_TRUE(push("content").ok());
  EXPECT_EQ(waits_, (std::vector<std::int64_t>{7000}));
  served_.faults = {
      .fail_count = 1, .fail_what = "HEAD ", .fail_status = 429, .retry_after = "100000"};
  const auto pushed = push("other");
  ASSERT_FALSE(pushed.ok());
  EXPECT_EQ(pushed.error().code(), base::Code::Exhausted);
}

TEST_F(BlobTest, GivesUpInTheEndAndAtTheDeadline) {
  served_.faults = {.fail_count = 100, .fail_what = "HEAD "};
  EXPECT_EQ(push("content").error().code(), base::Code::Unavailable);
  EXPECT_EQ(waits_.size(), 4U);
  waits_.clear();
  EXPECT_FALSE(push("content", {.deadline = now_ + std::chrono::milliseconds(400)}).ok());
  EXPECT_EQ(waits_, (std::vector<std::int64_t>{250}));
}

TEST_F(BlobTest, IsMountedWhereAnotherRepositoryHasIt) {
  keep("content", "base/image");
  const auto pushed = push("content", {}, "base/image");
  ASSERT_TRUE(pushed.ok()) << pushed.error().message();
  EXPECT_EQ(*pushed, BlobOutcome::Mounted);
  EXPECT_EQ(kept(describe("content")), "content");
  EXPECT_EQ(served_.count("PUT "), 0);
}

TEST_F(BlobTest, AMountAsksForBothRepositories) {
  served_.access.kind = RegistryAccess::Kind::Bearer;
  credentials_ = {.user = "me", .secret = "secret"};
  keep("content", "base/image");
  ASSERT_TRUE(push("content", {}, "base/image").ok());
  EXPECT_EQ(served_.count("&scope=repository%3Ateam%2Ffaq%3Apull%2Cpush"
                          "&scope=repository%3Abase%2Fimage%3Apull"),
            1);
}

TEST_F(BlobTest, IsSentWhereTheMountIsRefused) {
  keep("content", "base/image");
  served_.faults.mounts = false;
  EXPECT_EQ(*push("content", {}, "base/image"), BlobOutcome::Uploaded);
  EXPECT_EQ(served_.count("POST "), 1);  // The upload that was started goes on.
  keep("other", "base/image");
  served_.faults.mount_denied = true;
  EXPECT_EQ(*push("other", {}, "base/image"), BlobOutcome::Uploaded);
}

TEST_F(BlobTest, IsFoundWithoutItsBytes) {
  const auto registry = client();
  const base::Digest digest = base::Digest::of("content");
  EXPECT_EQ(*registry->find_blob(digest, "base/image"), std::nullopt);
  // An upload that was started instead of a mount is given back.
  EXPECT_EQ(served_.count("POST "), 1);
  EXPECT_EQ(served_.count("DELETE "), 1);
  EXPECT_EQ(*registry->find_blob(digest, ""), std::nullopt);
  keep("content", "base/image");
  EXPECT_EQ(*registry->find_blob(digest, "base/image"), BlobOutcome::Mounted);
  EXPECT_EQ(*registry->find_blob(digest, "base/image"), BlobOutcome::Present);
  EXPECT_EQ(served_.count("POST "), 2);
  served_.faults = {.fail_count = 100, .fail_what = "HEAD "};
  EXPECT_EQ(registry->find_blob(digest, "").error().code(), base::Code::Unavailable);
}

TEST_F(BlobTest, SaysWhatIsForbidden) {
  served_.faults = {.fail_count = 100, .fail_what = "POST ", .fail_status = 403};
  const auto pushed = push("content");
  ASSERT_FALSE(pushed.ok());
  EXPECT_EQ(pushed.error().code(), base::Code::Denied);
  EXPECT_EQ(pushed.error().message(),
            "push blob " + base::Digest::of("content").text() + " to " + served_.host() +
                "/team/faq: expected an upload to start, got: no permission (403 \"TOLD\" \"as "
                "told\"); ask the registry's owner for it");
}

TEST_F(BlobTest, UploadsThatGoElsewhereTakeNoCredentialsAlong) {
  served_.access.kind = RegistryAccess::Kind::Basic;
  credentials_ = {.user = "me", .secret = "secret"};
  std::string seen;
  const net::ScriptedServer elsewhere([&seen](auto& socket) {
    seen = net::read_request(socket);
    net::write_text(socket,
                    "HTTP/1.1 201 Created\r\nConnection: close\r\n"
                    "Content-Length: 0\r\n\r\n");
  });
  served_.faults.upload_location = "http://127.0.0.1:" + std::to_string(elsewhere.port());
  ASSERT_TRUE(push("content").ok());
  EXPECT_TRUE(seen.starts_with("PUT /v2/team/faq/blobs/uploads/u0?state=s&digest=sha256%3A"));
  EXPECT_EQ(seen.find("Authorization"), std::string::npos);
  served_.faults.upload_location = "http://other.example";
  EXPECT_EQ(push("more").error().code(), base::Code::Denied);
}

TEST_F(BlobTest, IsFetched) {
  const std::string bytes = some_bytes(300'000);
  keep(bytes);
  const auto fetched = fetch(describe(bytes));
  ASSERT_TRUE(fetched.ok()) << fetched.error().message();
  EXPECT_TRUE(*fetched == bytes);
}

TEST_F(BlobTest, ThatIsNotThereIsSaid) {
  const base::Error error = fetch_error(describe("content"));
  EXPECT_EQ(error.code(), base::Code::NotFound);
  EXPECT_EQ(error.message(), "fetch blob " + base::Digest::of("content").text() + " from " +
                                 served_.host() +
                                 "/team/faq: expected the blob, got: not found (404 "
                                 "\"BLOB_UNKNOWN\" \"as told\"); check the name");
}

TEST_F(BlobTest, WrongBytesAreNotTaken) {
  served_.faults.blob_bytes = "CONTENT";
  EXPECT_EQ(fetch_error(describe("content")).code(), base::Code::Corrupt);
  served_.faults.blob_bytes = "content and more";
  EXPECT_EQ(fetch_error(describe("content")).code(), base::Code::Exhausted);
  served_.faults.blob_bytes = "con";
  EXPECT_EQ(fetch_error(describe("content")).code(), base::Code::Corrupt);
}

// Answers the first request with a part, the next ones as `rest` says.
class BlobElsewhereTest : public BlobTest {
 protected:
  base::Result<std::string> fetch_from(const net::ScriptedServer::Script& script) {
    const net::ScriptedServer elsewhere(script);
    keep(bytes_);
    served_.faults.blob_location =
        "http://127.0.0.1:" + std::to_string(elsewhere.port()) + "/b?sig=1";
    return fetch(describe(bytes_));
  }
  std::string head(const std::string& status, const std::string& fields = "") const {
    return "HTTP/1.1 " + status + "\r\nConnection: close\r\n" + fields + "\r\n";
  }

  const std::string bytes_ = some_bytes(100'000);
  std::vector<std::string> seen_;
};

TEST_F(BlobElsewhereTest, RedirectsTakeNoCredentialsAlong) {
  served_.access.kind = RegistryAccess::Kind::Basic;
  credentials_ = {.user = "me", .secret = "secret"};
  const auto fetched = fetch_from([this](auto& socket) {
    seen_.push_back(net::read_request(socket));
    net::write_text(socket, head("200 OK") + bytes_);
  });
  ASSERT_TRUE(fetched.ok()) << fetched.error().message();
  EXPECT_TRUE(seen_.at(0).starts_with("GET /b?sig=1 "));
  EXPECT_EQ(seen_.at(0).find("Authorization"), std::string::npos);
}

TEST_F(BlobElsewhereTest, GoesOnWhereTheConnectionWasLost) {
  const auto fetched = fetch_from([this](auto& socket) {
    seen_.push_back(net::read_request(socket));
    if (seen_.size() == 1) {
      net::write_text(socket,
                      head("200 OK", "Content-Length: 100000\r\n") + bytes_.substr(0, 40'000));
      return;
    }
    const std::size_t from = std::stoul(seen_.back().substr(seen_.back().find("bytes=") + 6));
    net::write_text(socket, head("206 Partial", "Content-Range: bytes " + std::to_string(from) +
                                                    "-99999/100000\r\n") +
                                bytes_.substr(from));
  });
  ASSERT_TRUE(fetched.ok()) << fetched.error().message();
  EXPECT_TRUE(*fetched == bytes_);
  EXPECT_EQ(seen_.size(), 2U);
}

TEST_F(BlobElsewhereTest, BeginsAnewWhereRangesAreNotKnown) {
  const auto fetched = fetch_from([this](auto& socket) {
    seen_.push_back(net::read_request(socket));
    net::write_text(socket, head("200 OK", "Content-Length: 100000\r\n") +
                                bytes_.substr(0, seen_.size() == 1 ? 40'000 : 100'000));
  });
  ASSERT_TRUE(fetched.ok()) << fetched.error().message();
  EXPECT_TRUE(*fetched == bytes_);
}

TEST_F(BlobElsewhereTest, AnotherRangeIsRefused) {
  const auto fetched = fetch_from([this](auto& socket) {
    seen_.push_back(net::read_request(socket));
    net::write_text(socket, seen_.size() == 1
                                ? head("200 OK", "Content-Length: 100000\r\n") + bytes_.substr(0, 9)
                                : head("206 Partial", "Content-Range: bytes 5-99999/100000\r\n") +
                                      bytes_.substr(5));
  });
  ASSERT_FALSE(fetched.ok());
  EXPECT_EQ(fetched.error().code(), base::Code::Corrupt);
}

TEST_F(BlobElsewhereTest, AnEndlessBodyEnds) {
  const auto fetched = fetch_from([this](auto& socket) {
    net::read_request(socket);
    net::write_text(socket, head("200 OK"));
    boost::system::error_code error;
    while (!error) boost::asio::write(socket, boost::asio::buffer(bytes_), error);
  });
  ASSERT_FALSE(fetched.ok());
  EXPECT_EQ(fetched.error().code(), base::Code::Exhausted);
}

TEST_F(BlobTest, RedirectsEndAndStaySafe) {
  keep("content");
  served_.faults.blob_location = "/v2/team/faq/blobs/" + base::Digest::of("content").text();
  EXPECT_EQ(fetch_error(describe("content")).code(), base::Code::Corrupt);
  EXPECT_EQ(served_.count("GET "), 6);
  served_.faults.blob_location = "http://other.example/x";
  EXPECT_EQ(fetch_error(describe("content")).code(), base::Code::Denied);
  served_.faults.blob_location = "file:///etc/passwd";
  EXPECT_EQ(fetch_error(describe("content")).code(), base::Code::Invalid);
}

TEST_F(BlobTest, TheSinksErrorIsTheOutcome) {
  keep("content");
  const auto fetched = client()->fetch_blob(describe("content"), [](base::Bytes) {
    return base::Result<void>(base::Error(base::Code::Unavailable, "disk full"));
  });
  ASSERT_FALSE(fetched.ok());
  EXPECT_NE(fetched.error().message().find("disk full"), std::string::npos);
  EXPECT_TRUE(waits_.empty());
}

TEST_F(BlobTest, SeveralArePushedAtOnce) {
  std::vector<std::string> contents;
  std::vector<BlobToPush> blobs;
  for (int i = 0; i < 12; ++i) contents.push_back(some_bytes(1000) + std::to_string(i % 10));
  for (const std::string& each : contents)
    blobs.push_back({describe(each), base::as_bytes(each), ""});
  keep(contents[3]);
  std::map<std::size_t, BlobOutcome> done;
  const auto registry = client();
  const auto pushed = push_blobs(*registry, blobs, {.progress = [&](const PushProgress& progress) {
    if (progress.done) {
      done[progress.index] = progress.outcome;
    }
  }});
  ASSERT_TRUE(pushed.ok()) << pushed.error().message();
  EXPECT_EQ(served_.blobs.size(), 10U);
  EXPECT_EQ(done.size(), 10U);  // Each digest once.
  EXPECT_EQ(done[3], BlobOutcome::Present);
  EXPECT_EQ(done[4], BlobOutcome::Uploaded);
  EXPECT_EQ(served_.count("PUT "), 9);
}

TEST_F(BlobTest, TheFirstErrorEndsThePush) {
  served_.faults = {.fail_count = 1000, .fail_what = "POST ", .fail_status = 403};
  std::vector<std::string> contents;
  std::vector<BlobToPush> blobs;
  for (int i = 0; i < 50; ++i) contents.push_back(std::to_string(i));
  for (const std::string& each : contents)
    blobs.push_back({describe(each), base::as_bytes(each), ""});
  const auto registry = client();
  const auto pushed = push_blobs(*registry, blobs, {.parallel = 4});
  ASSERT_FALSE(pushed.ok());
  EXPECT_EQ(pushed.error().code(), base::Code::Denied);
  EXPECT_LE(served_.count("POST "), 8);
  EXPECT_TRUE(push_blobs(*registry, {}, {}).ok());
}

}  // namespace
}  // namespace oci
