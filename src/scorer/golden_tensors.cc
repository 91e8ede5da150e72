#include "scorer/golden_tensors.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/base64.h"
#include "base/text.h"
#include "scorer/golden_values.h"

namespace scorer {
namespace {

using base::Code;
using base::Error;
using base::Result;
using data::Datatype;
using engine::NamedTensor;
using nlohmann::json;

constexpr std::size_t kRankMax = 64;
constexpr std::size_t kTensorsMax = 4096;  // Of one request, and of one answer.
// Texts of one output that are kept.
constexpr std::size_t kTextsBytesMax = std::size_t{1} << 18U;
// Rows of a batch that is too large as a whole.
constexpr std::size_t kBatchKept = 64;
// However many outputs there are, some elements are kept of each.
constexpr std::size_t kElementsMin = 16;

// ---- What is kept.

// Cuts the request to the first of its batch, until it fits. The texts of a batch are not all of
// one length, so what is cut is looked at again.
bool cut_to_fit(const engine::Network& network, TensorRequest& request,
                std::vector<std::string>& left_out) {
  bool cut = false;
  for (std::size_t rows = kBatchKept;
       rows > 0 && request_bytes(request) > Golden::kRequestsBytesMax; rows /= 2) {
    cut = cut_batch(network.inputs(), rows, request) || cut;
  }
  if (cut) {
    left_out.push_back(fmt::format("rows of request 0 beyond the first {}, as {} are kept",
                                   request.front().tensor.shape.front(),
                                   base::human_bytes(Golden::kRequestsBytesMax)));
  }
  return cut;
}

// The requests that fit, and of the first what fits of it; says what is not as it was given.
// `changed`: the answers that are known are no longer those to the requests.
std::vector<TensorRequest> fitting(const engine::Network& network,
                                   std::vector<TensorRequest> requests,
                                   std::vector<std::string>& left_out, bool& changed) {
  const std::size_t all = requests.size();
  std::vector<TensorRequest> kept;
  std::uint64_t sum = 0;
  for (TensorRequest& each : requests) {
    if (kept.empty()) changed = cut_to_fit(network, each, left_out);
    sum += request_bytes(each);
    const std::uint64_t most = kept.empty() ? Golden::kRequestBytesMax : Golden::kRequestsBytesMax;
    if (sum > most || kept.size() == Golden::kRowsMax) break;
    kept.push_back(std::move(each));
  }
  if (kept.size() < all) {
    left_out.push_back(fmt::format("{} of {} requests", all - kept.size(), all));
  }
  return kept;
}

std::size_t elements_for_each(const std::vector<TensorAnswer>& answers) {
  std::size_t outputs = 0;
  for (const TensorAnswer& each : answers) outputs += each.size();
  return std::clamp(Golden::kAllElementsMax / std::max<std::size_t>(outputs, 1), kElementsMin,
                    Golden::kElementsMax);
}

std::vector<KeptTensor> keep_answer(const TensorAnswer& answer, std::size_t elements,
                                    std::vector<std::string>& left_out) {
  std::vector<KeptTensor> kept;
  for (const NamedTensor& each : answer) {
    KeptTensor output = keep(each, elements);
    std::size_t bytes = 0;
    for (const std::string& text : output.texts) bytes += text.size();
    if (bytes > kTextsBytesMax) {
      left_out.push_back(fmt::format("output {}: texts of {}, more than {}", base::quote(each.name),
                                     base::human_bytes(bytes), base::human_bytes(kTextsBytesMax)));
    } else {
      kept.push_back(std::move(output));
    }
  }
  return kept;
}

// ---- JSON.

std::string quoted_json(std::string_view text) {
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

void append_base64(std::string_view bytes, std::string& text) {
  text += '"' + base::base64_encode(bytes) + '"';
}

void append_texts(const std::vector<std::string>& texts, std::string& text) {
  text += R"("texts":)";
  append_list(texts.size(), text,
              [&](std::size_t i, std::string& to) { append_base64(texts[i], to); });
}

std::string head_of(Datatype type, std::string_view name) {
  return fmt::format(R"("datatype":"{}","name":{})", data::datatype_name(type), quoted_json(name));
}

void append_input(const NamedTensor& input, std::string& text) {
  const engine::Tensor& tensor = input.tensor;
  const std::string shape = fmt::format(R"("shape":[{}])", fmt::join(tensor.shape, ","));
  text += '{';
  if (tensor.type != Datatype::Bytes) {
    text += R"("base64":)";
    append_base64(tensor.bytes, text);
    text += ',';
  }
  text += head_of(tensor.type, input.name) + ',' + shape;
  if (tensor.type == Datatype::Bytes) {
    text += ',';
    append_texts(tensor.texts, text);
  }
  text += '}';
}

void append_output(const KeptTensor& output, std::string& text) {
  text += '{' + head_of(output.type, output.name);
  const std::string shape = fmt::format(R"(,"shape":[{}])", fmt::join(output.shape, ","));
  if (output.type == Datatype::Bytes) {
    text += shape + ',';
    append_texts(output.texts, text);
  } else {
    text += R"(,"largest":)";
    append_number(output.largest, text);
    text += R"(,"numbers":)";
    append_list(output.numbers.size(), text,
                [&](std::size_t i, std::string& to) { append_number(output.numbers[i], to); });
    text += shape;
  }
  text += '}';
}

// What inputs and outputs have in common.
struct Head {
  std::string name;
  Datatype type = Datatype::Fp32;
  std::vector<std::int64_t> shape;
  std::size_t count = 0;
};

Result<Head> head_from(const json& object) {
  const auto text_at = [&](const char* key) -> const std::string* {
    const auto at = object.find(key);
    return at == object.end() ? nullptr : at->get_ptr<const std::string*>();
  };
  if (!object.is_object() || text_at("name") == nullptr || text_at("datatype") == nullptr) {
    return bad_golden("tensors", "objects with a name and a datatype");
  }
  Head head{.name = *text_at("name"), .shape = {}};
  const auto type = data::parse_datatype(*text_at("datatype"));
  if (!type) return bad_golden("tensors", "a datatype such as FP32");
  head.type = *type;
  const auto shape = object.find("shape");
  if (shape == object.end() || !shape->is_array() || shape->size() > kRankMax) {
    return bad_golden("tensors", "a shape");
  }
  for (const json& each : *shape) {
    if (!each.is_number_unsigned()) return bad_golden("tensors", "a shape of extents");
    head.shape.push_back(
        static_cast<std::int64_t>(std::min<std::uint64_t>(each.get<std::uint64_t>(), INT64_MAX)));
  }
  auto count = engine::count_elements(head.type, head.shape);
  if (!count.ok()) return bad_golden("tensors", "a shape that fits in memory");
  head.count = *count;
  return head;
}

Result<std::vector<std::string>> texts_from(const json& object) {
  std::vector<std::string> texts;
  const auto at = object.find("texts");
  if (at == object.end() || !at->is_array()) return bad_golden("tensors", "texts of BYTES");
  for (const json& each : *at) {
    auto bytes =
        each.is_string() ? base::base64_decode(each.get_ref<const std::string&>()) : std::nullopt;
    if (!bytes) return bad_golden("tensors", "texts in base64");
    texts.push_back(*std::move(bytes));
  }
  return texts;
}

Result<NamedTensor> input_from(const json& object) {
  TRY_ASSIGN(Head head, head_from(object));
  NamedTensor input{
      .name = std::move(head.name),
      .tensor = {.type = head.type, .shape = std::move(head.shape), .bytes = {}, .texts = {}}};
  if (head.type == Datatype::Bytes) {
    TRY_ASSIGN(input.tensor.texts, texts_from(object));
    if (input.tensor.texts.size() == head.count) return input;
    return bad_golden("tensors", "as many texts as the shape says");
  }
  const auto at = object.find("base64");
  auto bytes = at != object.end() && at->is_string()
                   ? base::base64_decode(at->get_ref<const std::string&>())
                   : std::nullopt;
  if (!bytes || bytes->size() != head.count * data::datatype_bytes(head.type)) {
    return bad_golden("tensors", "as many numbers in base64 as the shape says");
  }
  input.tensor.bytes = *std::move(bytes);
  return input;
}

Result<KeptTensor> output_from(const json& object) {
  TRY_ASSIGN(Head head, head_from(object));
  KeptTensor output{.name = std::move(head.name),
                    .type = head.type,
                    .shape = std::move(head.shape),
                    .numbers = {},
                    .texts = {}};
  if (head.type == Datatype::Bytes) {
    TRY_ASSIGN(output.texts, texts_from(object));
  } else {
    const auto largest = object.find("largest");
    const auto numbers = object.find("numbers");
    const auto scale = largest == object.end() ? std::nullopt : number_of(*largest);
    if (!scale || !std::isfinite(*scale) || *scale < 0 || numbers == object.end() ||
        !numbers->is_array()) {
      return bad_golden("tensors", "numbers, and the largest of them");
    }
    output.largest = *scale;
    for (const json& each : *numbers) {
      const auto number = number_of(each);
      if (!number) return bad_golden("tensors", "numbers");
      output.numbers.push_back(*number);
    }
  }
  const std::size_t kept = output.kept();
  if (kept > Golden::kElementsMax || kept > head.count || (kept == 0) != (head.count == 0)) {
    return bad_golden("tensors", "some of the elements that the shape has");
  }
  return output;
}

template <typename T>
Result<std::vector<T>> list_from(const json& object, const char* key,
                                 Result<T> (*read)(const json&)) {
  const auto at = object.is_object() ? object.find(key) : object.end();
  if (!object.is_object() || at == object.end() || !at->is_array() || at->size() > kTensorsMax) {
    return bad_golden("tensors", fmt::format("requests with a list \"{}\"", key));
  }
  std::vector<T> list;
  for (const json& each : *at) {
    TRY_ASSIGN(T value, read(each));
    list.push_back(std::move(value));
  }
  return list;
}

}  // namespace

Result<Golden> make_tensor_golden(const engine::Network& network, Sample sample,
                                  std::string source) {
  Golden golden{.source = std::move(source),
                .columns = {},
                .examples = {},
                .answers = {},
                .outputs = {},
                .left_out = {}};
  bool changed = false;
  auto requests = fitting(network, std::move(sample.examples.requests), golden.left_out, changed);
  if (requests.empty() && golden.source == "given") {
    auto made = generate_requests(network, Golden::kRequestBytesMax);
    if (made.ok()) requests = fitting(network, *std::move(made), golden.left_out, changed);
    if (!requests.empty()) golden.source = "generated";
    changed = true;
  }
  if (requests.empty()) {
    golden.left_out.push_back(fmt::format("every request, as the inputs are larger than {}",
                                          base::human_bytes(Golden::kRequestBytesMax)));
  }
  std::vector<TensorAnswer> answers;
  if (sample.answers && !changed) answers = std::move(sample.answers->outputs);
  for (std::size_t i = answers.size(); i < requests.size(); ++i) {
    TRY_ASSIGN(TensorAnswer answer, answer_request(network, requests[i]));
    answers.push_back(std::move(answer));
  }
  answers.resize(requests.size());
  const std::size_t elements = elements_for_each(answers);
  for (const TensorAnswer& each : answers) {
    golden.outputs.push_back(keep_answer(each, elements, golden.left_out));
  }
  golden.examples.requests = std::move(requests);
  return golden;
}

Result<void> compare_outputs(const Golden& golden, const std::vector<TensorAnswer>& ours,
                             model::Parity& parity) {
  if (golden.outputs.size() != ours.size()) {
    return Error(Code::Corrupt, fmt::format("golden rows: expected answers to {} requests, got {}",
                                            ours.size(), golden.outputs.size()));
  }
  for (std::size_t r = 0; r < ours.size(); ++r) {
    for (const KeptTensor& each : golden.outputs[r]) {
      const auto same = std::ranges::find(ours[r], each.name, &NamedTensor::name);
      if (same == ours[r].end()) {
        return Error(Code::Corrupt, fmt::format("golden rows: expected output {}, got none",
                                                base::quote(each.name)));
      }
      if (auto compared = compare(each, *same, r, parity); !compared.ok()) {
        return Error(Code::Corrupt, fmt::format("golden rows: {}", compared.error().message()));
      }
    }
  }
  return {};
}

void append_tensors(const Golden& golden, std::string& text) {
  const auto& requests = golden.examples.requests;
  text += R"(,"tensors":)";
  append_list(requests.size(), text, [&](std::size_t r, std::string& to) {
    to += R"({"inputs":)";
    append_list(requests[r].size(), to,
                [&](std::size_t i, std::string& list) { append_input(requests[r][i], list); });
    to += R"(,"outputs":)";
    const auto& outputs = golden.outputs.at(r);
    append_list(outputs.size(), to,
                [&](std::size_t i, std::string& list) { append_output(outputs[i], list); });
    to += '}';
  });
}

Result<void> read_tensors(const json& list, Golden& golden) {
  if (!list.is_array() || list.size() > Golden::kRowsMax) {
    return bad_golden("tensors", "an array of requests");
  }
  for (const json& each : list) {
    TRY_ASSIGN(TensorRequest inputs, list_from<NamedTensor>(each, "inputs", input_from));
    TRY_ASSIGN(auto outputs, list_from<KeptTensor>(each, "outputs", output_from));
    golden.examples.requests.push_back(std::move(inputs));
    golden.outputs.push_back(std::move(outputs));
  }
  return {};
}

}  // namespace scorer
