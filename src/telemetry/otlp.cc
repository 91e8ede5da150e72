#include "telemetry/otlp.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"
#include "telemetry/protobuf_writer.h"
#include "telemetry/scrub.h"

// opentelemetry/proto/collector/trace/v1/trace_service.proto, and trace.proto, common.proto and
// resource.proto beside it: ExportTraceServiceRequest > ResourceSpans > ScopeSpans > Span.

namespace telemetry {
namespace {

// Numbers of the fields that are written.
namespace request {
constexpr unsigned kResourceSpans = 1;
}
namespace resource_spans {
constexpr unsigned kResource = 1;
constexpr unsigned kScopeSpans = 2;
}  // namespace resource_spans
namespace resource {
constexpr unsigned kAttributes = 1;
}
namespace scope_spans {
constexpr unsigned kScope = 1;
constexpr unsigned kSpans = 2;
}  // namespace scope_spans
namespace scope {
constexpr unsigned kName = 1;
constexpr unsigned kVersion = 2;
}  // namespace scope
namespace span {
constexpr unsigned kTraceId = 1;
constexpr unsigned kSpanId = 2;
constexpr unsigned kTraceState = 3;
constexpr unsigned kParentSpanId = 4;
constexpr unsigned kName = 5;
constexpr unsigned kKind = 6;
constexpr unsigned kStart = 7;
constexpr unsigned kEnd = 8;
constexpr unsigned kAttributes = 9;
constexpr unsigned kStatus = 15;
constexpr unsigned kFlags = 16;
}  // namespace span
namespace key_value {
constexpr unsigned kKey = 1;
constexpr unsigned kValue = 2;
}  // namespace key_value
namespace any_value {
constexpr unsigned kString = 1;
constexpr unsigned kInt = 3;
}  // namespace any_value
constexpr unsigned kStatusCode = 3;

constexpr std::uint64_t kKindInternal = 1;
constexpr std::uint64_t kKindServer = 2;
constexpr std::uint64_t kStatusError = 2;
// Of a span's flags: W3C's in the low byte, then whether it is known that the parent is remote, and
// whether it is.
constexpr std::uint32_t kFlagSampled = 0x01;
constexpr std::uint32_t kFlagRemoteKnown = 0x100;
constexpr std::uint32_t kFlagRemote = 0x200;
constexpr int kServerErrorMin = 500;

struct WireNames {
  std::string_view span;
  std::string_view route;
};

// Few names, whatever clients ask for.
WireNames names_of(Wire wire) {
  switch (wire) {
    case Wire::AzureMl: return {"POST /score", "/score"};
    case Wire::OipRest: return {"POST /v2/models/{model}/infer", "/v2/models/{model}/infer"};
    case Wire::OipGrpc:
      return {"inference.GRPCInferenceService/ModelInfer",
              "/inference.GRPCInferenceService/ModelInfer"};
    case Wire::MlFlow: return {"POST /invocations", "/invocations"};
    case Wire::TfServing: return {"POST /v1/models/{model}:predict", "/v1/models/{model}:predict"};
    case Wire::TfGrpc:
      return {"tensorflow.serving.PredictionService/Predict",
              "/tensorflow.serving.PredictionService/Predict"};
  }
  return {"POST", ""};
}

// A text that a collector takes: one that is not UTF-8 would cost the whole batch.
std::string clean(std::string_view text) {
  std::string out;
  while (const auto bad = base::find_invalid_utf8(text)) {
    out.append(text.substr(0, *bad)).append("\xEF\xBF\xBD");
    text.remove_prefix(*bad + 1);
  }
  out.append(text);
  return may_hold_secret(out) ? scrub(out) : out;
}

void text_attribute(ProtobufWriter& out, unsigned field, std::string_view key,
                    std::string_view value) {
  if (value.empty()) return;
  out.message(field, [&](ProtobufWriter& pair) {
    pair.bytes(key_value::kKey, key);
    pair.message(key_value::kValue,
                 [&](ProtobufWriter& any) { any.bytes(any_value::kString, clean(value)); });
  });
}

void int_attribute(ProtobufWriter& out, std::string_view key, std::uint64_t value) {
  out.message(span::kAttributes, [&](ProtobufWriter& pair) {
    pair.bytes(key_value::kKey, key);
    pair.message(key_value::kValue,
                 [&](ProtobufWriter& any) { any.varint(any_value::kInt, value); });
  });
}

void times(ProtobufWriter& out, std::int64_t start_ns, std::int64_t took_ns) {
  const auto start = static_cast<std::uint64_t>(std::max<std::int64_t>(start_ns, 0));
  out.fixed64(span::kStart, start);
  out.fixed64(span::kEnd, start + static_cast<std::uint64_t>(std::max<std::int64_t>(took_ns, 0)));
}

void request_attributes(ProtobufWriter& out, const Scored& event) {
  const auto text = [&out](std::string_view key, std::string_view value) {
    text_attribute(out, span::kAttributes, key, value);
  };
  if (!is_grpc(event.wire)) text("http.request.method", "POST");
  text("http.route", names_of(event.wire).route);
  int_attribute(out, "http.response.status_code",
                static_cast<std::uint64_t>(std::max(event.status, 0)));
  int_attribute(out, "http.request.body.size", event.bytes_in);
  int_attribute(out, "http.response.body.size", event.bytes_out);
  text("sooth.endpoint", event.endpoint.view());
  text("sooth.version", event.version.view());
  text("sooth.key_id", event.key_id.view());
  // A client may have called its request by its secret; a UUID never looks like one.
  const std::string_view id = event.request_id.view();
  if (is_plain_id(id)) {
    out.message(span::kAttributes, [id](ProtobufWriter& pair) {
      pair.bytes(key_value::kKey, "sooth.request_id");
      pair.message(key_value::kValue,
                   [id](ProtobufWriter& any) { any.bytes(any_value::kString, id); });
    });
  } else {
    text("sooth.request_id", id);
  }
  int_attribute(out, "sooth.rows", event.rows);
}

void request_span(ProtobufWriter& out, const Scored& event) {
  out.bytes(span::kTraceId, event.trace.trace.raw());
  out.bytes(span::kSpanId, event.trace.span.raw());
  const std::string_view state = event.trace_state.view();
  if (!state.empty() && clean(state) == state) out.bytes(span::kTraceState, state);
  const bool child = !event.trace.parent.empty();
  if (child) out.bytes(span::kParentSpanId, event.trace.parent.raw());
  out.bytes(span::kName, names_of(event.wire).span);
  out.varint(span::kKind, kKindServer);
  times(out, event.started_ns, event.took_ns);
  request_attributes(out, event);
  if (event.status >= kServerErrorMin) {
    out.message(span::kStatus,
                [](ProtobufWriter& status) { status.varint(kStatusCode, kStatusError); });
  }
  out.fixed32(span::kFlags, kFlagSampled | kFlagRemoteKnown | (child ? kFlagRemote : 0));
}

void phase_span(ProtobufWriter& out, const Scored& event, std::string_view name, const Phase& phase,
                const SpanId& id) {
  out.bytes(span::kTraceId, event.trace.trace.raw());
  out.bytes(span::kSpanId, id.raw());
  out.bytes(span::kParentSpanId, event.trace.span.raw());
  out.bytes(span::kName, name);
  out.varint(span::kKind, kKindInternal);
  times(out, event.started_ns + phase.after_ns, phase.took_ns);
  out.fixed32(span::kFlags, kFlagSampled | kFlagRemoteKnown);
}

std::string encode_resource(const SpanResource& of) {
  std::string out;
  ProtobufWriter writer(out);
  text_attribute(writer, resource::kAttributes, "service.name", of.service_name);
  text_attribute(writer, resource::kAttributes, "service.version", of.service_version);
  return out;
}

std::string encode_scope(const SpanResource& of) {
  std::string out;
  ProtobufWriter writer(out);
  writer.bytes(scope::kName, "sooth");
  writer.bytes(scope::kVersion, clean(of.service_version));
  return out;
}

}  // namespace

SpanBatch::SpanBatch(const SpanResource& resource)
    : resource_(encode_resource(resource)), scope_(encode_scope(resource)) {}

std::size_t SpanBatch::spans_of(const Scored& event) {
  std::size_t count = 1;
  for (const Phase* phase : {&event.parse, &event.queue, &event.compute, &event.write}) {
    count += phase->took_ns > 0 ? 1 : 0;
  }
  return count;
}

void SpanBatch::add(const Scored& event, const RandomBits& random) {
  ProtobufWriter out(spans_);
  out.message(scope_spans::kSpans, [&](ProtobufWriter& each) { request_span(each, event); });
  count_ += spans_of(event);
  const auto phase = [&](std::string_view name, const Phase& what) {
    if (what.took_ns <= 0) return;
    const SpanId id = make_span_id(random);
    out.message(scope_spans::kSpans,
                [&](ProtobufWriter& each) { phase_span(each, event, name, what, id); });
  };
  phase("parse", event.parse);
  phase("queue", event.queue);
  phase("compute", event.compute);
  phase("write", event.write);
}

std::string SpanBatch::body() const {
  std::string body;
  body.reserve(spans_.size() + resource_.size() + scope_.size() + 64);
  ProtobufWriter(body).message(request::kResourceSpans, [this](ProtobufWriter& of_resource) {
    of_resource.bytes(resource_spans::kResource, resource_);
    of_resource.message(resource_spans::kScopeSpans, [this](ProtobufWriter& of_scope) {
      of_scope.bytes(scope_spans::kScope, scope_);
      of_scope.fields(spans_);
    });
  });
  return body;
}

void SpanBatch::clear() {
  spans_.clear();
  count_ = 0;
}

}  // namespace telemetry
