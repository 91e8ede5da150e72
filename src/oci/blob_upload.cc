#include "oci/blob_upload.h"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/number.h"
#include "base/text.h"
#include "oci/registry_refusal.h"

namespace oci {
namespace {

using base::Code;
using base::Error;

constexpr int kSessionsMax = 5;
constexpr std::uint64_t kMinChunkMax = std::uint64_t{1}
                                       << 30U;  // More is not asked for in earnest.
// Other types make some registries take the bytes for a form.
constexpr std::string_view kContentType = "application/octet-stream";

// "0-41", "bytes=0-41": how many bytes the registry has; nothing where it says none.
std::optional<std::uint64_t> received_of(const net::HttpResponse& response) {
  auto range = response.field("Range");
  if (!range) return std::nullopt;
  if (range->starts_with("bytes=")) range->remove_prefix(6);
  if (!range->starts_with("0-")) return std::nullopt;
  const auto last = base::parse_int(range->substr(2));
  if (!last || *last < 0) return std::nullopt;
  // Nothing received is "0-0" too; chunks of one byte do not occur.
  return *last == 0 ? 0 : static_cast<std::uint64_t>(*last) + 1;
}

net::Url with_digest(net::Url session, const base::Digest& digest) {
  session.target += session.target.find('?') == std::string::npos ? '?' : '&';
  session.target += "digest=" + net::percent_encode(digest.text());
  return session;
}

}  // namespace

BlobUpload::BlobUpload(RegistryTransport& transport, const Descriptor& blob, base::Bytes bytes,
                       const std::function<void(std::uint64_t)>& progress)
    : transport_(transport),
      blob_(blob),
      bytes_(bytes),
      progress_(progress),
      scopes_(transport.scopes("pull,push")),
      retry_(transport.retry()),
      chunk_bytes_(std::max<std::uint64_t>(transport.options().chunk_bytes, 2)) {}

base::Result<void> BlobUpload::run(std::optional<net::Url> session) {
  for (int sessions = 0; sessions < kSessionsMax; ++sessions) {
    if (!session) {
      TRY_ASSIGN(session, start());
    }
    TRY_ASSIGN(const Step step,
               bytes_.size() <= chunk_bytes_ ? send_whole(*session) : send_chunks(*session));
    if (step == Step::Done) return {};
    session.reset();
    at_ = 0;
  }
  return Error(Code::Unavailable,
               fmt::format("the registry forgot the upload {} times", kSessionsMax));
}

base::Result<net::Url> BlobUpload::start() {
  const RegistryRequest request{
      .method = "POST", .url = transport_.url("blobs/uploads/"), .scopes = scopes_};
  TRY_ASSIGN(const net::HttpResponse response, transport_.send(request));
  if (response.status != 202) return refusal(response, "an upload to start");
  if (const auto field = response.field("OCI-Chunk-Min-Length")) {
    const auto least = base::parse_int(*field);
    if (!least || *least < 0 || static_cast<std::uint64_t>(*least) > kMinChunkMax) {
      return Error(Code::Corrupt,
                   fmt::format("OCI-Chunk-Min-Length {}: expected a size of at "
                               "most {}",
                               base::quote(*field), base::human_bytes(kMinChunkMax)));
    }
    chunk_bytes_ = std::max(chunk_bytes_, static_cast<std::uint64_t>(*least));
  }
  return transport_.follow(request.url, response, "Location");
}

base::Result<BlobUpload::Step> BlobUpload::send_whole(const net::Url& session) {
  return finish(session, bytes_);
}

base::Result<BlobUpload::Step> BlobUpload::finish(const net::Url& session, base::Bytes body) {
  const RegistryRequest request{.method = "PUT",
                                .url = with_digest(session, blob_.digest),
                                .fields = {{"Content-Type", std::string(kContentType)}},
                                .body = body,
                                .scopes = scopes_,
                                .repeatable = false};
  for (;;) {
    auto response = transport_.send(request);
    if (response.ok() && response->status == 201) break;
    const bool forgotten = response.ok() && response->status == 404;
    const bool passing = response.ok() ? may_pass(*response) : may_pass(response.error());
    const bool again =
        (passing || forgotten) && (response.ok() ? retry_.wait(*response) : retry_.wait());
    if (!again) {
      if (!response.ok()) return std::move(response).error();
      return refusal(*response, "the blob to be taken");
    }
    // The answer may have been lost behind the deed.
    TRY_ASSIGN(const bool there, is_there());
    if (there) break;
    // Chunks that have arrived are not sent again.
    if (forgotten || !body.empty()) return Step::Restart;
  }
  at_ = bytes_.size();
  report();
  return Step::Done;
}

base::Result<bool> BlobUpload::is_there() {
  const RegistryRequest request{
      .method = "HEAD", .url = transport_.url("blobs/" + blob_.digest.text()), .scopes = scopes_};
  TRY_ASSIGN(const net::HttpResponse response, transport_.send(request));
  return response.status == 200;
}

base::Result<BlobUpload::Step> BlobUpload::send_chunks(net::Url session) {
  while (at_ < bytes_.size()) {
    const std::uint64_t size = std::min<std::uint64_t>(chunk_bytes_, bytes_.size() - at_);
    auto response = send_chunk(session, size);
    if (response.ok() && (response->status == 202 || response->status == 201)) {
      TRY(take_chunk(session, *response, size));
      continue;
    }
    if (response.ok() && response->status == 404) return Step::Restart;
    const bool passing =
        response.ok() ? may_pass(*response) || response->status == 416 : may_pass(response.error());
    const bool again = passing && (response.ok() ? retry_.wait(*response) : retry_.wait());
    if (!again) {
      if (!response.ok()) return std::move(response).error();
      return refusal(*response, fmt::format("bytes {}-{} to be taken", at_, at_ + size - 1));
    }
    TRY_ASSIGN(const Step step, resynchronise(session));
    if (step == Step::Restart) return step;
  }
  return finish(session, {});
}

base::Result<net::HttpResponse> BlobUpload::send_chunk(const net::Url& session,
                                                       std::uint64_t size) {
  return transport_.send(
      {.method = "PATCH",
       .url = session,
       .fields = {{"Content-Type", std::string(kContentType)},
                  {"Content-Range", fmt::format("{}-{}", at_, at_ + size - 1)}},
       .body = bytes_.subspan(static_cast<std::size_t>(at_), static_cast<std::size_t>(size)),
       .scopes = scopes_,
       .repeatable = false});
}

base::Result<void> BlobUpload::take_chunk(net::Url& session, const net::HttpResponse& response,
                                          std::uint64_t size) {
  TRY_ASSIGN(session, transport_.follow(session, response, "Location"));
  const std::uint64_t sent = at_ + size;
  at_ = sent;
  return take_position(response, sent);
}

// Where the registry stands, as its Range says; it cannot have more than was sent.
base::Result<void> BlobUpload::take_position(const net::HttpResponse& response,
                                             std::uint64_t sent) {
  const auto received = received_of(response);
  if (received && *received > sent) {
    return Error(Code::Corrupt, fmt::format("expected the registry to have at most {} bytes, got "
                                            "{}",
                                            sent, *received));
  }
  at_ = received.value_or(at_);
  if (at_ > best_) {
    best_ = at_;
    retry_.progress();
    report();
    return {};
  }
  // A registry that always falls back must not be followed for ever.
  if (retry_.wait()) return {};
  return Error(Code::Unavailable, fmt::format("the registry stays at byte {}", at_));
}

base::Result<BlobUpload::Step> BlobUpload::resynchronise(net::Url& session) {
  TRY_ASSIGN(const net::HttpResponse response,
             transport_.send({.url = session, .scopes = scopes_}));
  if (response.status == 404) return Step::Restart;
  if (response.status != 204 && response.status != 202) {
    return refusal(response, "the state of the upload");
  }
  if (response.field("Location")) {
    TRY_ASSIGN(session, transport_.follow(session, response, "Location"));
  }
  const auto received = received_of(response);
  if (!received) return Error(Code::Corrupt, "expected a Range in the state of the upload");
  if (*received > bytes_.size()) {
    return Error(Code::Corrupt, fmt::format("expected the registry to have at most {} bytes, got "
                                            "{}",
                                            bytes_.size(), *received));
  }
  at_ = *received;
  return Step::Done;
}

void BlobUpload::report() {
  if (progress_) progress_(at_);
}

}  // namespace oci
