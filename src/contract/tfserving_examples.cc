#include "contract/tfserving_examples.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <tensorflow_serving.pb.h>

#include "base/text.h"
#include "contract/protobuf.h"
#include "contract/tfserving_verbs.h"
#include "table/columns.h"

namespace contract::tfserving_grpc {
namespace {

using base::Code;
using base::Error;
using tensorflow::Example;
using tensorflow::Feature;
using Model = tensorflow::serving::ModelSpec;
using tfserving::Verb;
using Examples = google::protobuf::RepeatedPtrField<Example>;

// A context stands for cells of every row, so rows are not bounded by bytes: so many cells for each
// of the request's bytes at most.
constexpr std::size_t kCellsPerByteMax = 4;

constexpr std::string_view kClassify = "tensorflow/serving/classify";
constexpr std::string_view kRegress = "tensorflow/serving/regress";

struct Task {
  const Model* model;
  Verb verb;
};

class ExamplesCodec final : public Codec {
 public:
  ExamplesCodec(std::string endpoint, ExamplesCall call)
      : endpoint_(std::move(endpoint)), call_(call) {}
  base::Result<void> decode(const Incoming& in, Reader& reader) override;
  base::Result<void> encode(const Ask& ask, const Answers& answers, Outgoing& out) override;

 private:
  base::Result<void> parse(std::string_view body);
  base::Result<void> read_tasks();
  void set_model(const Task& task, Model& model) const;

  const std::string endpoint_;
  const ExamplesCall call_;
  // Texts of the ask are views of whichever is the call's.
  tensorflow::serving::ClassificationRequest classify_;
  tensorflow::serving::RegressionRequest regress_;
  tensorflow::serving::MultiInferenceRequest multi_;
  const tensorflow::serving::Input* input_ = nullptr;  // Of it.
  std::vector<Task> tasks_;                            // As Ask::outputs.
};

base::Result<void> ExamplesCodec::read_tasks() {
  for (const auto& task : multi_.tasks()) {
    const bool classify = task.method_name() == kClassify;
    if (!classify && task.method_name() != kRegress) {
      return Error(Code::Invalid,
                   fmt::format("\"method_name\": expected {} or {}, got {}", kClassify, kRegress,
                               base::quote(task.method_name())));
    }
    const Verb verb = classify ? Verb::Classify : Verb::Regress;
    for (const Task& before : tasks_) {
      if (before.verb == verb || before.model->name() != task.model_spec().name()) {
        return Error(Code::Invalid, "\"tasks\": expected each method once, and one model");
      }
    }
    tasks_.push_back({&task.model_spec(), verb});
  }
  if (!tasks_.empty()) return {};
  return Error(Code::Invalid, "\"tasks\": expected at least one, got none");
}

base::Result<void> ExamplesCodec::parse(std::string_view body) {
  tasks_.clear();
  switch (call_) {
    case ExamplesCall::Classify:
      TRY(parse_message(body, classify_));
      input_ = &classify_.input();
      tasks_.push_back({&classify_.model_spec(), Verb::Classify});
      return {};
    case ExamplesCall::Regress:
      TRY(parse_message(body, regress_));
      input_ = &regress_.input();
      tasks_.push_back({&regress_.model_spec(), Verb::Regress});
      return {};
    case ExamplesCall::Multi: break;
  }
  TRY(parse_message(body, multi_));
  input_ = &multi_.input();
  return read_tasks();
}

Error bad_cell(std::size_t row, const data::Column& column, std::string_view got) {
  return {Code::Invalid, fmt::format("row {}, {}", row, table::cell_error(column, got).message())};
}

int value_count(const Feature& feature) {
  switch (feature.kind_case()) {
    case Feature::kBytesList: return feature.bytes_list().value_size();
    case Feature::kFloatList: return feature.float_list().value_size();
    case Feature::kInt64List: return feature.int64_list().value_size();
    case Feature::KIND_NOT_SET: break;
  }
  return 0;
}

base::Result<void> read_feature(const Feature& feature, std::size_t row, std::size_t at, Ask& ask) {
  const data::Column& column = ask.offer.inputs().columns[at];
  const int count = value_count(feature);
  if (count == 0) {
    // Missing, as a cell is that may not be omitted.
    if (column.optional && column.type == data::ColumnType::Number) {
      ask.frame.set_number(row, at, data::kMissingNumber);
    }
    return {};
  }
  if (count > 1) return bad_cell(row, column, fmt::format("{} values", count));
  const bool text = column.type == data::ColumnType::Text;
  if (text != feature.has_bytes_list()) return bad_cell(row, column, text ? "a number" : "bytes");
  if (!text) {
    ask.frame.set_number(row, at,
                         feature.has_float_list()
                             ? static_cast<double>(feature.float_list().value(0))
                             : static_cast<double>(feature.int64_list().value(0)));
    return {};
  }
  const std::string& bytes = feature.bytes_list().value(0);
  if (base::find_invalid_utf8(bytes)) return bad_cell(row, column, "bytes that are no UTF-8");
  ask.frame.set_text(row, at, bytes);
  return {};
}

const Feature* find_feature(const Example& example, const std::string& name) {
  const auto at = example.features().feature().find(name);
  return at == example.features().feature().end() ? nullptr : &at->second;
}

base::Result<void> read_example(const Example& example, const Example& context, Ask& ask) {
  const std::size_t row = ask.frame.add_row();
  const std::vector<data::Column>& columns = ask.offer.inputs().columns;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (!columns[c].used) continue;
    const Feature* feature = find_feature(example, columns[c].name);
    if (feature == nullptr) feature = find_feature(context, columns[c].name);
    if (feature == nullptr && columns[c].optional) continue;
    if (feature == nullptr) return bad_cell(row, columns[c], "no such feature");
    TRY(read_feature(*feature, row, c, ask));
  }
  return {};
}

base::Result<void> read_examples(const tensorflow::serving::Input& input, std::size_t body_bytes,
                                 Ask& ask) {
  const bool has_context = input.has_example_list_with_context();
  const Examples& examples =
      has_context ? input.example_list_with_context().examples() : input.example_list().examples();
  const std::size_t columns = std::max<std::size_t>(1, ask.offer.inputs().columns.size());
  if (static_cast<std::size_t>(examples.size()) > body_bytes * kCellsPerByteMax / columns) {
    return Error(Code::Invalid, fmt::format("\"input\": expected no more examples than the message "
                                            "has room for, got {}",
                                            examples.size()));
  }
  for (const Example& example : examples) {
    TRY(read_example(example, input.example_list_with_context().context(), ask));
  }
  if (ask.frame.rows() > 0) return {};
  return Error(Code::Invalid, "\"input\": expected at least one example, got none");
}

base::Result<void> ExamplesCodec::decode(const Incoming& in, Reader& reader) {
  TRY(tfserving::check_no_method(in));
  TRY(parse(in.body));
  for (const Task& task : tasks_) {
    TRY_ASSIGN(const std::size_t output, tfserving::find_output(task.verb, reader.ask.offer));
    TRY(tfserving::check_signature(task.model->signature_name(),
                                   reader.ask.offer.outputs()[output]));
    reader.ask.outputs.push_back(output);
  }
  return read_examples(*input_, in.body.size(), reader.ask);
}

void set_classes(const Ask& ask, const Answers& answers, std::size_t at,
                 tensorflow::serving::ClassificationResult& result) {
  const Offer::Output& output = ask.offer.outputs()[ask.outputs[at]];
  for (std::size_t i = 0; i < answers.rows; ++i) {
    auto& row = *result.add_classifications();
    for (std::size_t c = 0; c < output.width; ++c) {
      auto& one = *row.add_classes();
      one.set_label(tfserving::class_label(ask.offer, output, c));
      one.set_score(static_cast<float>(answers.buffers[at]->dense.row(i)[c]));
    }
  }
}

void set_numbers(const Answers& answers, std::size_t at,
                 tensorflow::serving::RegressionResult& result) {
  for (std::size_t i = 0; i < answers.rows; ++i) {
    result.add_regressions()->set_value(static_cast<float>(answers.buffers[at]->dense.row(i)[0]));
  }
}

void ExamplesCodec::set_model(const Task& task, Model& model) const {
  model = *task.model;
  model.set_name(endpoint_);
}

base::Result<void> ExamplesCodec::encode(const Ask& ask, const Answers& answers, Outgoing& out) {
  out.content_type = "application/grpc";
  if (call_ == ExamplesCall::Classify) {
    tensorflow::serving::ClassificationResponse response;
    set_model(tasks_.front(), *response.mutable_model_spec());
    set_classes(ask, answers, 0, *response.mutable_result());
    return append_message(response, out.body);
  }
  if (call_ == ExamplesCall::Regress) {
    tensorflow::serving::RegressionResponse response;
    set_model(tasks_.front(), *response.mutable_model_spec());
    set_numbers(answers, 0, *response.mutable_result());
    return append_message(response, out.body);
  }
  tensorflow::serving::MultiInferenceResponse response;
  for (std::size_t at = 0; at < tasks_.size(); ++at) {
    auto& result = *response.add_results();
    set_model(tasks_[at], *result.mutable_model_spec());
    if (tasks_[at].verb == Verb::Classify) {
      set_classes(ask, answers, at, *result.mutable_classification_result());
    } else {
      set_numbers(answers, at, *result.mutable_regression_result());
    }
  }
  return append_message(response, out.body);
}

}  // namespace

std::unique_ptr<Codec> make_examples_codec(std::string endpoint, ExamplesCall call) {
  return std::make_unique<ExamplesCodec>(std::move(endpoint), call);
}

}  // namespace contract::tfserving_grpc
