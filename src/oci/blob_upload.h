#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "net/url.h"
#include "oci/descriptor.h"
#include "oci/registry_transport.h"

namespace oci {

// Sends one blob: small ones with one PUT, larger ones with PATCHes that, when one fails, ask where
// the registry stands and go on from there. Lives for one blob.
class BlobUpload {
 public:
  // All outlive it. `progress` may be empty.
  BlobUpload(RegistryTransport& transport, const Descriptor& blob, base::Bytes bytes,
             const std::function<void(std::uint64_t)>& progress);

  // `session`: where an upload that was started already goes on.
  base::Result<void> run(std::optional<net::Url> session);

 private:
  enum class Step : unsigned char { Done, Restart };

  base::Result<net::Url> start();
  base::Result<Step> send_whole(const net::Url& session);
  base::Result<Step> send_chunks(net::Url session);
  base::Result<Step> finish(const net::Url& session, base::Bytes body);
  base::Result<net::HttpResponse> send_chunk(const net::Url& session, std::uint64_t size);
  base::Result<void> take_chunk(net::Url& session, const net::HttpResponse& response,
                                std::uint64_t size);
  base::Result<Step> resynchronise(net::Url& session);
  base::Result<void> take_position(const net::HttpResponse& response, std::uint64_t sent);
  base::Result<bool> is_there();
  void report();

  RegistryTransport& transport_;
  const Descriptor& blob_;
  const base::Bytes bytes_;
  const std::function<void(std::uint64_t)>& progress_;
  const Scopes scopes_;
  Retry retry_;
  std::uint64_t chunk_bytes_;
  std::uint64_t at_ = 0;    // What the registry has.
  std::uint64_t best_ = 0;  // The most it ever had.
};

}  // namespace oci
