#include "auth/rate_limit.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <mutex>

#include <arpa/inet.h>

namespace auth {
namespace {

constexpr std::size_t kShards = 256;
constexpr std::size_t kWays = 8;  // Names that share a part of the table.
constexpr std::size_t kPartsOfShard = RateLimit::kNames / kShards / kWays;

constexpr std::int64_t kSecondNs = 1'000'000'000;
constexpr double kPerSecondMin = 0.001;
constexpr double kPerSecondMax = 1e9;
constexpr std::int64_t kBurstMax = 1'000'000;

// SipHash-1-3 (Aumasson and Bernstein): who does not know the secret cannot choose names that
// meet in one part of the table.
class SipHash {
 public:
  explicit SipHash(const std::array<std::uint64_t, 2>& key)
      : v0_(key[0] ^ 0x736f6d6570736575),
        v1_(key[1] ^ 0x646f72616e646f6d),
        v2_(key[0] ^ 0x6c7967656e657261),
        v3_(key[1] ^ 0x7465646279746573) {}

  std::uint64_t of(std::string_view text) {
    const std::uint64_t last = static_cast<std::uint64_t>(text.size()) << 56U;
    while (text.size() >= sizeof(std::uint64_t)) {
      add(word(text.substr(0, sizeof(std::uint64_t))));
      text.remove_prefix(sizeof(std::uint64_t));
    }
    add(word(text) | last);
    v2_ ^= 0xff;
    for (int i = 0; i < 3; ++i) round();
    return v0_ ^ v1_ ^ v2_ ^ v3_;
  }

 private:
  // In this machine's order, zeros behind what is shorter.
  static std::uint64_t word(std::string_view bytes) {
    std::uint64_t word = 0;
    if (!bytes.empty()) std::memcpy(&word, bytes.data(), bytes.size());
    return word;
  }
  void add(std::uint64_t word) {
    v3_ ^= word;
    round();
    v0_ ^= word;
  }
  void round() {
    v0_ += v1_;
    v1_ = std::rotl(v1_, 13) ^ v0_;
    v0_ = std::rotl(v0_, 32);
    v2_ += v3_;
    v3_ = std::rotl(v3_, 16) ^ v2_;
    v0_ += v3_;
    v3_ = std::rotl(v3_, 21) ^ v0_;
    v2_ += v1_;
    v1_ = std::rotl(v1_, 17) ^ v2_;
    v2_ = std::rotl(v2_, 32);
  }

  std::uint64_t v0_;
  std::uint64_t v1_;
  std::uint64_t v2_;
  std::uint64_t v3_;
};

std::int64_t nanoseconds_of(RateLimit::Time now) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now.time_since_epoch()).count();
}

// Sums of moments and times stop at the ends of their range.
std::int64_t plus(std::int64_t moment, std::int64_t time) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(moment, time, &sum)) return sum;
  return time > 0 ? std::numeric_limits<std::int64_t>::max()
                  : std::numeric_limits<std::int64_t>::min();
}

}  // namespace

struct alignas(64) RateLimit::Shard {
  // It is full from `full_ns` on; 0 as a tag is nobody.
  struct Bucket {
    std::uint64_t tag = 0;
    std::int64_t full_ns = std::numeric_limits<std::int64_t>::min();
  };

  std::mutex mutex;
  std::array<std::array<Bucket, kWays>, kPartsOfShard> parts;
};

RateLimit::RateLimit(Rate rate, std::array<std::uint64_t, 2> secret) : secret_(secret) {
  if (!(rate.per_second > 0)) return;
  const double per_second = std::clamp(rate.per_second, kPerSecondMin, kPerSecondMax);
  interval_ns_ =
      std::max<std::int64_t>(1, std::llround(static_cast<double>(kSecondNs) / per_second));
  debt_ns_max_ = interval_ns_ * std::clamp<std::int64_t>(rate.burst, 1, kBurstMax);
  shards_ = std::make_unique<Shard[]>(kShards);
}

RateLimit::~RateLimit() = default;

std::optional<std::chrono::nanoseconds> RateLimit::take(std::string_view name, Time now) {
  return ask(name, now, true);
}

std::optional<std::chrono::nanoseconds> RateLimit::peek(std::string_view name, Time now) const {
  return ask(name, now, false);
}

std::optional<std::chrono::nanoseconds> RateLimit::ask(std::string_view name, Time now,
                                                       bool count) const {
  if (!is_on()) return std::nullopt;
  const std::uint64_t hash = SipHash(secret_).of(name);
  const std::uint64_t tag = hash | 1U;
  Shard& shard = shards_[(hash >> 1U) % kShards];
  const std::int64_t now_ns = nanoseconds_of(now);

  const std::scoped_lock lock(shard.mutex);
  auto& part = shard.parts[(hash >> 32U) % kPartsOfShard];
  auto found = std::find_if(part.begin(), part.end(),
                            [tag](const Shard::Bucket& bucket) { return bucket.tag == tag; });
  if (found == part.end()) {
    found = std::min_element(
        part.begin(), part.end(),
        [](const Shard::Bucket& a, const Shard::Bucket& b) { return a.full_ns < b.full_ns; });
  }
  // More debt than a burst has nobody: the clock was set back.
  const std::int64_t full_ns = std::clamp(found->full_ns, now_ns, plus(now_ns, debt_ns_max_));
  const std::int64_t next_ns = plus(full_ns, interval_ns_);
  const std::int64_t may_ns = plus(now_ns, debt_ns_max_);
  if (next_ns > may_ns) return std::chrono::nanoseconds(next_ns - may_ns);
  if (count) *found = {.tag = tag, .full_ns = next_ns};
  return std::nullopt;
}

std::chrono::seconds retry_after(std::chrono::nanoseconds wait) {
  return std::max(std::chrono::seconds(1), std::chrono::ceil<std::chrono::seconds>(wait));
}

SourceName source_name(std::string_view address) {
  constexpr std::size_t kV4Bytes = 4;
  constexpr std::size_t kNetworkBytes = 8;
  constexpr std::size_t kV4WithinV6 = 12;
  constexpr std::string_view kMapped("\0\0\0\0\0\0\0\0\0\0\xff\xff", kV4WithinV6);
  SourceName name;
  std::array<char, INET6_ADDRSTRLEN> text{};
  const std::string_view bare = address.substr(0, address.find('%'));  // Without the interface.
  if (bare.size() < text.size()) {
    std::copy(bare.begin(), bare.end(), text.begin());
    if (::inet_pton(AF_INET, text.data(), name.bytes.data()) == 1) {
      name.size = kV4Bytes;
      return name;
    }
    if (::inet_pton(AF_INET6, text.data(), name.bytes.data()) == 1) {
      name.size = kNetworkBytes;
      if (std::string_view(name.bytes.data(), kV4WithinV6) == kMapped) {
        std::copy_n(name.bytes.begin() + kV4WithinV6, kV4Bytes, name.bytes.begin());
        name.size = kV4Bytes;
      }
      return name;
    }
  }
  name.size = std::min(address.size(), name.bytes.size());
  std::copy_n(address.begin(), name.size, name.bytes.begin());
  return name;
}

}  // namespace auth
