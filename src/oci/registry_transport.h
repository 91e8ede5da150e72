#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "net/http_message.h"
#include "net/url.h"
#include "oci/registry_auth.h"
#include "oci/registry_retry.h"
#include "oci/registry_world.h"

namespace oci {

struct RegistryRequest {
  std::string method = "GET";
  net::Url url;
  net::HttpFields fields;
  base::Bytes body;
  std::uint64_t answer_bytes_max = 4 << 20;
  net::BodySink sink;
  std::function<base::Result<void>(const net::HttpResponse&)> on_head;  // Of a 2xx answer.
  Scopes scopes;
  bool repeatable = true;  // Whether it may be sent again after a failure that may pass.
};

// Requests to one registry, with authentication, redirects and repetition. What goes to another
// origin (by a redirect, or by a Location that a registry gave) carries no credentials; nothing
// goes from https to http. Any thread may call it.
class RegistryTransport {
 public:
  static constexpr int kRedirectsMax = 5;

  // `options.tls` is set. Both outlive it.
  RegistryTransport(const RegistryWorld& world, const RegistryOptions& options, net::Origin origin);
  RegistryTransport(const RegistryWorld&, RegistryOptions&&, net::Origin) = delete;

  // Any answer but one that asks for other credentials or points elsewhere.
  base::Result<net::HttpResponse> send(const RegistryRequest& request);

  // "https://host/v2/<repository>/" and what is given.
  net::Url url(std::string_view below) const;
  // Where an answer to `from` points to with that field.
  base::Result<net::Url> follow(const net::Url& from, const net::HttpResponse& response,
                                std::string_view field) const;

  // "repository:<name>:pull", or with "pull,push".
  Scopes scopes(std::string_view actions) const;
  Retry retry() const { return {world_, options_.retry, options_.deadline}; }
  const RegistryOptions& options() const { return options_; }

 private:
  base::Result<net::HttpResponse> send_to(const RegistryRequest& request, const net::Url& url);
  base::Result<net::HttpResponse> send_once(const RegistryRequest& request, const net::Url& url,
                                            const std::string& authorization);

  const RegistryWorld& world_;
  const RegistryOptions& options_;
  const net::Origin origin_;
  RegistryAuth auth_;
};

}  // namespace oci
