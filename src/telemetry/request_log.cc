#include "telemetry/request_log.h"

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

namespace telemetry {
namespace {

constexpr int kFailedStatusMin = 500;

std::string_view wire_name(Wire wire) {
  switch (wire) {
    case Wire::AzureMl: return "azureml";
    case Wire::OipRest: return "oip_rest";
    case Wire::OipGrpc: return "oip_grpc";
    case Wire::MlFlow: return "mlflow";
    case Wire::TfServing: return "tfserving";
    case Wire::TfGrpc: return "tfserving_grpc";
  }
  return "";
}

std::int64_t microseconds(std::int64_t ns) { return ns / 1000; }

// FNV-1a and a last mixing (of MurmurHash3), so that short ids spread over all 64 bits.
std::uint64_t spread(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  hash = (hash ^ hash >> 33U) * 0xFF51AFD7ED558CCD;
  hash = (hash ^ hash >> 33U) * 0xC4CEB9FE1A85EC53;
  return hash ^ hash >> 33U;
}

}  // namespace

bool RequestLog::writes(const Scored& event) const {
  if (ratio_ >= 1 || event.status >= kFailedStatusMin) return true;
  if (!(ratio_ > 0)) return false;
  return spread(event.request_id.view()) < static_cast<std::uint64_t>(std::ldexp(ratio_, 64));
}

void RequestLog::take(std::span<const Scored> events) {
  for (const Scored& event : events) {
    if (!writes(event)) continue;
    const std::string trace = event.trace.known() ? event.trace.trace.hex() : "";
    log_.info("scored", {{"endpoint", event.endpoint.view()},
                         {"version", event.version.view()},
                         {"protocol", wire_name(event.wire)},
                         {"key", event.key_id.view()},
                         {"request_id", event.request_id.view()},
                         {"trace_id", trace},
                         {"status", event.status},
                         {"rows", event.rows},
                         {"us", microseconds(event.took_ns)},
                         {"parse_us", microseconds(event.parse.took_ns)},
                         {"queue_us", microseconds(event.queue.took_ns)},
                         {"compute_us", microseconds(event.compute.took_ns)},
                         {"write_us", microseconds(event.write.took_ns)},
                         {"bytes_in", event.bytes_in},
                         {"bytes_out", event.bytes_out}});
  }
}

}  // namespace telemetry
