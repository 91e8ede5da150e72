#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/result.h"
#include "net/http_message.h"
#include "oci/descriptor.h"
#include "oci/registry_transport.h"

namespace oci {

// Fetches one blob, going on where a connection was lost, and checks size and digest. Lives for
// one blob.
class BlobDownload {
 public:
  // All outlive it.
  BlobDownload(RegistryTransport& transport, const Descriptor& blob, const net::BodySink& sink);

  base::Result<void> run();

 private:
  RegistryRequest request();
  base::Result<void> take_head(const net::HttpResponse& head);
  base::Result<void> take_bytes(base::Bytes bytes);
  base::Error wrong(std::string_view expected, std::string_view got) const;

  RegistryTransport& transport_;
  const Descriptor& blob_;
  const net::BodySink& sink_;
  Retry retry_;
  base::Hasher hasher_;
  std::uint64_t received_ = 0;        // Given to the sink.
  std::uint64_t again_ = 0;           // What this answer repeats of it.
  std::optional<base::Error> final_;  // What no further attempt would change.
};

}  // namespace oci
