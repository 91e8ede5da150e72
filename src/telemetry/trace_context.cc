#include "telemetry/trace_context.h"

#include <algorithm>
#include <cmath>
#include <span>

// traceparent: <version>-<trace-id>-<parent-id>-<flags>, 2, 32, 16 and 2 lower-case hexadecimal
// digits. Version ff is none; version 00 ends there, later ones may go on behind another '-'.
// tracestate: at most 32 members key=value, parted by commas with blanks around them.

namespace telemetry {
namespace {

constexpr std::size_t kParentBytes = 55;
constexpr std::size_t kTraceAt = 3;
constexpr std::size_t kSpanAt = 36;
constexpr std::size_t kFlagsAt = 53;
constexpr std::uint8_t kSampled = 0x01;
constexpr std::uint8_t kRandom = 0x02;
constexpr std::size_t kMembersMax = 32;
constexpr std::size_t kMemberKeyMax = 256;
constexpr std::size_t kMemberValueMax = 256;
constexpr std::string_view kHexDigits = "0123456789abcdef";

std::optional<std::uint8_t> hex_value(char c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  return std::nullopt;
}

// Reads two digits for each byte; false where one is none.
bool read_hex(std::string_view text, std::span<std::uint8_t> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto high = hex_value(text[2 * i]);
    const auto low = hex_value(text[2 * i + 1]);
    if (!high || !low) return false;
    out[i] = static_cast<std::uint8_t>(*high << 4U | *low);
  }
  return true;
}

void append_hex(std::string& out, std::span<const std::uint8_t> bytes) {
  for (const std::uint8_t byte : bytes) {
    out += kHexDigits[byte >> 4U];
    out += kHexDigits[byte & 15U];
  }
}

template <std::size_t N>
void fill_random(std::array<std::uint8_t, N>& bytes, const RandomBits& random) {
  for (std::size_t i = 0; i < N; i += 8) {
    const std::uint64_t bits = random();
    for (std::size_t j = 0; j < 8; ++j) {
      bytes[i + j] = static_cast<std::uint8_t>(bits >> (56 - 8 * j));
    }
  }
  if (bytes == std::array<std::uint8_t, N>{}) bytes[N - 1] = 1;
}

bool is_member_key(std::string_view key) {
  const auto first = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  const auto further = [&first](char c) {
    return first(c) || c == '_' || c == '-' || c == '*' || c == '/' || c == '@';
  };
  return !key.empty() && key.size() <= kMemberKeyMax && first(key.front()) &&
         std::all_of(key.begin(), key.end(), further);
}

bool is_member_value(std::string_view value) {
  const auto allowed = [](char c) { return c >= 0x20 && c <= 0x7E && c != ',' && c != '='; };
  return !value.empty() && value.size() <= kMemberValueMax && value.back() != ' ' &&
         std::all_of(value.begin(), value.end(), allowed);
}

std::string_view without_blanks(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace

template <std::size_t N>
std::string TraceBytes<N>::hex() const {
  std::string text;
  text.reserve(2 * N);
  append_hex(text, bytes);
  return text;
}
template struct TraceBytes<16>;
template struct TraceBytes<8>;

TraceId make_trace_id(const RandomBits& random) {
  TraceId id;
  fill_random(id.bytes, random);
  return id;
}

SpanId make_span_id(const RandomBits& random) {
  SpanId id;
  fill_random(id.bytes, random);
  return id;
}

std::optional<TraceParent> parse_traceparent(std::string_view text) {
  if (text.size() < kParentBytes) return std::nullopt;
  std::array<std::uint8_t, 1> version{};
  std::array<std::uint8_t, 1> flags{};
  TraceParent parent;
  if (text[kTraceAt - 1] != '-' || text[kSpanAt - 1] != '-' || text[kFlagsAt - 1] != '-' ||
      !read_hex(text, version) || !read_hex(text.substr(kTraceAt), parent.trace.bytes) ||
      !read_hex(text.substr(kSpanAt), parent.span.bytes) ||
      !read_hex(text.substr(kFlagsAt), flags)) {
    return std::nullopt;
  }
  if (version[0] == 0xFF || (version[0] == 0 && text.size() != kParentBytes)) return std::nullopt;
  if (text.size() > kParentBytes && text[kParentBytes] != '-') return std::nullopt;
  if (parent.trace.empty() || parent.span.empty()) return std::nullopt;
  parent.sampled = (flags[0] & kSampled) != 0;
  parent.random = (flags[0] & kRandom) != 0;
  return parent;
}

std::string format_traceparent(const TraceParent& parent) {
  const std::array<std::uint8_t, 1> flags = {
      static_cast<std::uint8_t>((parent.sampled ? kSampled : 0U) | (parent.random ? kRandom : 0U))};
  std::string text = "00-";
  text.reserve(kParentBytes);
  append_hex(text, parent.trace.bytes);
  text += '-';
  append_hex(text, parent.span.bytes);
  text += '-';
  append_hex(text, flags);
  return text;
}

std::string_view valid_tracestate(std::string_view text) {
  if (text.size() > kTraceStateBytesMax) return {};
  std::size_t members = 0;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string_view member = without_blanks(text.substr(at, end - at));
    at = end + 1;
    if (member.empty()) continue;
    const std::size_t equals = member.find('=');
    if (equals == std::string_view::npos || ++members > kMembersMax ||
        !is_member_key(member.substr(0, equals)) || !is_member_value(member.substr(equals + 1))) {
      return {};
    }
  }
  return members > 0 ? text : std::string_view();
}

bool Sampler::takes(const TraceId& trace, std::optional<bool> parent_sampled) const {
  if (follows_parent && parent_sampled) return *parent_sampled;
  if (ratio >= 1) return true;
  if (!(ratio > 0)) return false;
  std::uint64_t low = 0;
  for (std::size_t i = 8; i < trace.bytes.size(); ++i) low = low << 8U | trace.bytes[i];
  return low < static_cast<std::uint64_t>(std::ldexp(ratio, 64));
}

TracePlace find_place(std::string_view traceparent, const Sampler& sampler,
                      const RandomBits& random) {
  TracePlace place;
  place.span = make_span_id(random);
  if (const auto parent = parse_traceparent(traceparent)) {
    place.trace = parent->trace;
    place.parent = parent->span;
    place.sampled = sampler.takes(place.trace, parent->sampled);
    return place;
  }
  place.trace = make_trace_id(random);
  place.sampled = sampler.takes(place.trace, std::nullopt);
  return place;
}

}  // namespace telemetry
