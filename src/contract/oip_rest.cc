#include "contract/oip_rest.h"

#include <utility>

#include <fmt/format.h>

#include "contract/oip_rest_request.h"
#include "contract/outputs.h"
#include "table/answer_writer.h"

namespace contract::oip_rest {
namespace {

class Infer final : public Codec {
 public:
  explicit Infer(std::string endpoint) : endpoint_(std::move(endpoint)) {}
  base::Result<void> decode(const Incoming& in, Reader& reader) override {
    return request_.read(in, reader);
  }
  base::Result<void> encode(const Ask& ask, const Answers& answers, Outgoing& out) override;

 private:
  const std::string endpoint_;
  Request request_;
  std::string tensors_;  // Of the answer, behind its JSON.
};

base::Result<void> Infer::encode(const Ask& ask, const Answers& answers, Outgoing& out) {
  std::string& body = out.body;
  const std::size_t start = body.size();
  tensors_.clear();
  bool any_binary = false;
  body += "{\"model_name\":";
  table::append_json_string(endpoint_, body);
  if (!request_.id().empty()) {
    body += ",\"id\":";
    table::append_json_string(request_.id(), body);
  }
  body += ",\"outputs\":[";
  for (std::size_t at = 0; at < ask.outputs.size(); ++at) {
    const Offer::Output& output = ask.offer.outputs()[ask.outputs[at]];
    body += at > 0 ? ",{\"name\":" : "{\"name\":";
    table::append_json_string(output.name, body);
    fmt::format_to(std::back_inserter(body), R"(,"shape":[{}],"datatype":"{}",)",
                   fmt::join(shape_of(ask, answers, at), ","),
                   data::datatype_name(output.datatype));
    if (request_.is_binary(at)) {
      any_binary = true;
      const std::size_t before = tensors_.size();
      append_binary(ask, answers, at, tensors_);
      fmt::format_to(std::back_inserter(body), R"("parameters":{{"binary_data_size":{}}}}})",
                     tensors_.size() - before);
      continue;
    }
    body += "\"data\":[";
    append_json_cells(ask, answers, at, body);
    body += "]}";
  }
  body += "]}";
  if (!any_binary) return {};
  out.content_type = "application/octet-stream";
  out.json_bytes = body.size() - start;
  body += tensors_;
  return {};
}

}  // namespace

std::unique_ptr<Codec> make_codec(std::string endpoint) {
  return std::make_unique<Infer>(std::move(endpoint));
}

}  // namespace contract::oip_rest
