#include "front/failure.h"

#include <string>

#include <fmt/format.h>

#include "base/base64.h"
#include "base/status.h"
#include "contract/codec.h"
#include "contract/oip_grpc.h"
#include "net/grpc_messages.h"
#include "telemetry/protobuf_writer.h"

namespace front {
namespace {

// As gRPC writes a message in a field: what is not printable ASCII, and "%", percent-encoded.
std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c < 0x20 || c > 0x7e || c == '%') {
      fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out;
}

// google.rpc.Status{code, message, details: [Any of google.rpc.RetryInfo{retry_delay}]}
std::string status_details(const base::Error& error, std::chrono::seconds after) {
  std::string status;
  telemetry::ProtobufWriter(status).varint(
      1, static_cast<std::uint64_t>(base::status_of(error.code()).grpc));
  telemetry::ProtobufWriter(status).bytes(2, error.message());
  telemetry::ProtobufWriter(status).message(3, [&](telemetry::ProtobufWriter& any) {
    any.bytes(1, "type.googleapis.com/google.rpc.RetryInfo");
    any.message(2, [&](telemetry::ProtobufWriter& info) {
      info.message(1, [&](telemetry::ProtobufWriter& delay) {
        delay.varint(1, static_cast<std::uint64_t>(after.count()));
      });
    });
  });
  return status;
}

}  // namespace

bool is_call(const net::RequestHead& head) {
  return net::is_grpc(head.header("content-type").value_or(""));
}

void write_refusal(contract::Protocol protocol, int status, std::string_view message,
                   net::Response& response) {
  response.set_status(status);
  response.set_content_type("application/json");
  response.body().clear();
  contract::encode_error(protocol, status, message, response.body());
}

void write_failure(const contract::Route& route, const base::Error& error,
                   net::Response& response) {
  const base::Status& status = base::status_of(error.code());
  if (!route.is_grpc()) {
    return write_refusal(route.protocol, status.http, error.message(), response);
  }
  response.body().clear();
  if (route.form == contract::Form::OipGrpcStream && route.action == contract::Action::Score) {
    contract::oip_grpc::encode_stream_error(error.message(), response.body());
  } else {
    response.set_grpc_status(status.grpc, error.message());
  }
}

void add_retry(const contract::Route& route, const base::Error& error, std::chrono::seconds after,
               net::Response& response) {
  if (!route.is_grpc()) {
    response.add_header("Retry-After", std::to_string(after.count()));
    return;
  }
  response.add_header("grpc-retry-pushback-ms",
                      std::to_string(std::chrono::milliseconds(after).count()));
  response.add_header("grpc-status-details-bin", base::base64_encode(status_details(error, after)));
}

void refuse_call(base::Code code, std::string_view message, net::Response& response) {
  response.set_status(200);
  response.set_content_type("application/grpc");
  response.body().clear();
  response.add_header("grpc-status", std::to_string(base::status_of(code).grpc));
  response.add_header("grpc-message", percent_encoded(message));
}

}  // namespace front
