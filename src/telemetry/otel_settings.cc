#include "telemetry/otel_settings.h"

#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "base/number.h"
#include "base/text.h"
#include "telemetry/secrets.h"

namespace telemetry {
namespace {

using base::Code;
using base::Error;

constexpr std::int64_t kSendTimeMaxMs = 60'000;
constexpr std::size_t kHeadersMax = 32;

// The variable for traces, or for everything; which one has a value.
struct Found {
  std::string name;
  std::string value;
};

Found find_for_traces(const Variables& variables, const std::string& what) {
  const std::string own = "OTEL_EXPORTER_OTLP_TRACES_" + what;
  if (std::string value = variables(own); !value.empty()) return {own, std::move(value)};
  const std::string general = "OTEL_EXPORTER_OTLP_" + what;
  return {general, variables(general)};
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_of(text.front(), kIsSpace)) text.remove_prefix(1);
  while (!text.empty() && is_of(text.back(), kIsSpace)) text.remove_suffix(1);
  return text;
}

std::optional<char> decoded_at(std::string_view text, std::size_t at) {
  const auto digit = [text](std::size_t i) {
    const char c = lower(text[i]);
    return c <= '9' ? c - '0' : c - 'a' + 10;
  };
  if (at + 2 >= text.size() || !is_of(text[at + 1], kIsHex) || !is_of(text[at + 2], kIsHex)) {
    return std::nullopt;
  }
  return static_cast<char>(digit(at + 1) * 16 + digit(at + 2));
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto decoded = text[at] == '%' ? decoded_at(text, at) : std::nullopt;
    out += decoded.value_or(text[at]);
    if (decoded) at += 2;
  }
  return out;
}

// name=value,name=value, values percent-encoded as in W3C Baggage.
base::Result<void> read_headers(const Found& given, OtelSettings& settings) {
  const std::string_view list = given.value;
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    const std::string_view member = trimmed(list.substr(at, end - at));
    at = end + 1;
    if (member.empty()) continue;
    const std::size_t equals = member.find('=');
    const std::string_view name = trimmed(member.substr(0, equals));
    if (equals == std::string_view::npos || name.empty()) {
      return Error(Code::Invalid,
                   fmt::format("{}: expected name=value,name=value, got a part without a name or "
                               "without a value",
                               given.name));
    }
    if (settings.headers.size() == kHeadersMax) {
      return Error(Code::Invalid,
                   fmt::format("{}: expected at most {} fields", given.name, kHeadersMax));
    }
    settings.headers.emplace_back(name, percent_decoded(trimmed(member.substr(equals + 1))));
  }
  return {};
}

base::Result<void> read_send_time(const Found& given, OtelSettings& settings) {
  if (given.value.empty()) return {};
  const auto ms = base::parse_int(given.value);
  if (!ms || *ms < 1 || *ms > kSendTimeMaxMs) {
    return Error(Code::Invalid, fmt::format("{}: expected 1 to {} milliseconds, got {}", given.name,
                                            kSendTimeMaxMs, base::quote(given.value)));
  }
  settings.send_time_max = std::chrono::milliseconds(*ms);
  return {};
}

base::Result<void> check_protocol(const Found& given) {
  if (given.value.empty() || given.value == "http/protobuf") return {};
  return Error(Code::Invalid,
               fmt::format("{}: expected http/protobuf, got {}; collectors listen for it on port "
                           "4318",
                           given.name, base::quote(given.value)));
}

// Signals of OTEL_EXPORTER_OTLP_ENDPOINT have each a path below it.
std::string find_url(const Variables& variables) {
  std::string own = variables("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
  if (!own.empty()) return own;
  std::string url = variables("OTEL_EXPORTER_OTLP_ENDPOINT");
  if (url.empty()) return url;
  return url + (url.back() == '/' ? "v1/traces" : "/v1/traces");
}

base::Result<bool> is_switched_off(const Variables& variables) {
  if (variables("OTEL_SDK_DISABLED") == "true") return true;
  const std::string exporter = variables("OTEL_TRACES_EXPORTER");
  if (exporter.empty() || exporter == "otlp") return false;
  if (exporter == "none") return true;
  return Error(Code::Invalid, fmt::format("OTEL_TRACES_EXPORTER: expected otlp or none, got {}",
                                          base::quote(exporter)));
}

}  // namespace

base::Result<double> parse_ratio(const std::string& text) {
  const auto ratio = base::parse_double(text);
  if (ratio && *ratio >= 0 && *ratio <= 1) return *ratio;
  return Error(Code::Invalid, fmt::format("expected 0 to 1, got {}", base::quote(text)));
}

base::Result<Sampler> parse_sampler(const std::string& name, const std::string& argument) {
  constexpr std::string_view kParentBased = "parentbased_";
  Sampler sampler{.follows_parent = name.starts_with(kParentBased), .ratio = 1};
  const std::string root = sampler.follows_parent ? name.substr(kParentBased.size()) : name;
  if (root == "always_on") return sampler;
  if (root == "always_off") {
    sampler.ratio = 0;
    return sampler;
  }
  if (root == "traceidratio") {
    if (argument.empty()) return sampler;
    auto ratio = parse_ratio(argument);
    if (!ratio.ok()) return std::move(ratio).error().within("OTEL_TRACES_SAMPLER_ARG");
    sampler.ratio = *ratio;
    return sampler;
  }
  return Error(Code::Invalid,
               fmt::format("OTEL_TRACES_SAMPLER: expected always_on, always_off or traceidratio, "
                           "or one of them behind parentbased_, got {}",
                           base::quote(name)));
}

base::Result<OtelSettings> read_otel_settings(const Variables& variables) {
  OtelSettings settings;
  settings.service_name = variables("OTEL_SERVICE_NAME");
  settings.ca_file = find_for_traces(variables, "CERTIFICATE").value;
  if (const std::string name = variables("OTEL_TRACES_SAMPLER"); !name.empty()) {
    TRY_ASSIGN(settings.sampler, parse_sampler(name, variables("OTEL_TRACES_SAMPLER_ARG")));
  }
  TRY(read_headers(find_for_traces(variables, "HEADERS"), settings));
  TRY(read_send_time(find_for_traces(variables, "TIMEOUT"), settings));
  TRY_ASSIGN(const bool off, is_switched_off(variables));
  if (off) return settings;
  settings.traces_url = find_url(variables);
  if (!settings.traces_url.empty()) TRY(check_protocol(find_for_traces(variables, "PROTOCOL")));
  return settings;
}

}  // namespace telemetry
