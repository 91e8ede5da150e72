#include "net/resolver.h"

#include <algorithm>
#include <optional>
#include <system_error>
#include <thread>

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <fmt/format.h>

#include "base/text.h"

namespace net {
namespace {

using base::Code;
using base::Error;
using boost::asio::ip::address;
using Addresses = std::vector<address>;

constexpr std::size_t kAddressesMax = 16;
constexpr std::chrono::milliseconds kCancelledEveryMs{100};

struct Lookup {
  threads::Guarded<std::optional<base::Result<Addresses>>> outcome;
  std::condition_variable arrived;
};

std::optional<address> address_of(const addrinfo& entry) {
  if (entry.ai_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(entry.ai_addr);
    return boost::asio::ip::address_v4(ntohl(v4->sin_addr.s_addr));
  }
  if (entry.ai_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(entry.ai_addr);
    boost::asio::ip::address_v6::bytes_type bytes;
    std::copy(std::begin(v6->sin6_addr.s6_addr), std::end(v6->sin6_addr.s6_addr), bytes.begin());
    return boost::asio::ip::address_v6(bytes, v6->sin6_scope_id);
  }
  return std::nullopt;
}

base::Result<Addresses> ask_system(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  const int problem = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (problem == EAI_NONAME || problem == EAI_NODATA) {
    return Error(Code::NotFound,
                 fmt::format("host {}: no such name; check its spelling", base::quote(host)));
  }
  if (problem != 0) {
    return Error(Code::Unavailable, fmt::format("host {}: its address could not be looked up: {}",
                                                base::quote(host), ::gai_strerror(problem)));
  }
  Addresses addresses;
  for (const addrinfo* at = found; at != nullptr && addresses.size() < kAddressesMax;
       at = at->ai_next) {
    if (const auto each = address_of(*at)) addresses.push_back(*each);
  }
  ::freeaddrinfo(found);
  return addresses;
}

// Nothing where it takes too long.
std::optional<base::Result<Addresses>> wait_for(Lookup& lookup, Resolver::Deadline deadline,
                                                const Resolver::Cancelled& cancelled) {
  for (;;) {
    const auto now = std::chrono::steady_clock::now();
    {
      auto outcome = lookup.outcome.lock();
      const auto until = cancelled ? std::min(deadline, now + kCancelledEveryMs) : deadline;
      if (outcome.wait_until(lookup.arrived, until,
                             [](const auto& known) { return known.has_value(); })) {
        return *outcome;
      }
    }
    if (std::chrono::steady_clock::now() >= deadline) return std::nullopt;
    if (cancelled && cancelled()) return std::nullopt;
  }
}

Error too_late(const std::string& host, bool cancelled) {
  return {cancelled ? Code::Cancelled : Code::Deadline,
          fmt::format("host {}: {} while its address was looked up", base::quote(host),
                      cancelled ? "cancelled" : "deadline exceeded")};
}

}  // namespace

Resolver::Resolver() : out_(std::make_shared<Out>()) {}

base::Result<Addresses> Resolver::resolve(const std::string& host, Deadline deadline,
                                          const Cancelled& cancelled) {
  if (host == "localhost") {
    return Addresses{boost::asio::ip::address_v4::loopback(),
                     boost::asio::ip::address_v6::loopback()};
  }
  boost::system::error_code not_literal;
  const address literal = boost::asio::ip::make_address(host, not_literal);
  if (!not_literal) return Addresses{literal};
  {
    auto count = out_->count.lock();
    if (*count >= kLookupsMax) {
      return Error(Code::Unavailable, fmt::format("host {}: {} lookups of addresses wait already",
                                                  base::quote(host), kLookupsMax));
    }
    ++*count;
  }
  const auto lookup = std::make_shared<Lookup>();
  try {
    std::thread([host, lookup, out = out_] {
      auto outcome = ask_system(host);
      *lookup->outcome.lock() = std::move(outcome);
      lookup->arrived.notify_all();
      --*out->count.lock();
    }).detach();
  } catch (const std::system_error& error) {
    --*out_->count.lock();
    return Error(Code::Unavailable, fmt::format("host {}: no thread to look it up: {}",
                                                base::quote(host), error.what()));
  }
  auto outcome = wait_for(*lookup, deadline, cancelled);
  if (!outcome) return too_late(host, cancelled && cancelled());
  return *std::move(outcome);
}

}  // namespace net
