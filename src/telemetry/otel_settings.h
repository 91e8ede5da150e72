#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "telemetry/trace_context.h"

namespace telemetry {

// Where spans go and which, as OpenTelemetry's variables say it.
struct OtelSettings {
  std::string traces_url;                                    // Empty: nowhere.
  std::vector<std::pair<std::string, std::string>> headers;  // Their values are secrets.
  std::string service_name;                                  // Empty: nothing said.
  std::string ca_file;                                       // Empty: the system's authorities.
  std::chrono::milliseconds send_time_max{10'000};
  Sampler sampler{.follows_parent = true, .ratio = 1};

  bool operator==(const OtelSettings&) const = default;
};

// The value of a variable; empty where it is not set.
using Variables = std::function<std::string(const std::string&)>;

// OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER, OTEL_EXPORTER_OTLP_ENDPOINT, _HEADERS, _TIMEOUT,
// _CERTIFICATE and _PROTOCOL and their forms with TRACES_ in them, OTEL_SERVICE_NAME,
// OTEL_TRACES_SAMPLER and its _ARG. Invalid: a value that is not understood; the error names the
// variable, and repeats no header's value.
base::Result<OtelSettings> read_otel_settings(const Variables& variables);

// The samplers by the names that OpenTelemetry has for them: always_on, always_off, traceidratio,
// and each behind parentbased_.
base::Result<Sampler> parse_sampler(const std::string& name, const std::string& argument);

// A share of requests: 0 to 1.
base::Result<double> parse_ratio(const std::string& text);

}  // namespace telemetry
