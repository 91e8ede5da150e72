#include "engine_onnx/session.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <malloc.h>

#include "base/bytes.h"
#include "base/text.h"
#include "engine_onnx/by_descriptor.h"
#include "engine_onnx/onnx_element.h"
#include "engine_onnx/page_release.h"
#include "engine_onnx/processor.h"
#include "engine_onnx/provider.h"
#include "engine_onnx/turns.h"
#include "engine_onnx/values.h"
#include "engine_onnx/weights.h"
#include "engine_onnx/work_thread.h"

namespace engine_onnx {
namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr const char* kFolderEntry = "session.model_external_initializers_file_folder_path";
// Of smaller models it is not worth the time: what they took is soon needed again.
constexpr std::uint64_t kTrimmedBytesMin = 1 << 20;

// An end of the session: a tensor, or a ZipMap's maps.
struct End {
  engine::TensorSpec spec;
  // As the runtime has it: `spec` does not tell floats of eight bits from bytes.
  ONNXTensorElementDataType element = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  std::optional<MapKeys> maps;
};

// The session, and the weights that it uses where they lie: they go after it.
struct Session {
  std::unique_ptr<ExternalWeights> weights;
  Owned<OrtSession> session;
  engine::Placement placement;
  unsigned at_once = 1;  // Runs that the processors are enough for.
};

class OnnxNetwork final : public engine::Network {
 public:
  OnnxNetwork(std::shared_ptr<const Library> library, Session session, std::vector<End> inputs,
              std::vector<End> outputs)
      : library_(std::move(library)), session_(std::move(session)), turns_(session_.at_once) {
    for (End& end : inputs) {
      inputs_.push_back(std::move(end.spec));
      elements_.push_back(end.element);
    }
    for (End& end : outputs) {
      outputs_.push_back(std::move(end.spec));
      maps_.push_back(std::move(end.maps));
    }
    for (const auto& spec : inputs_) input_names_.push_back(spec.name.c_str());
    for (const auto& spec : outputs_) output_names_.push_back(spec.name.c_str());
  }

  const std::vector<engine::TensorSpec>& inputs() const override { return inputs_; }
  const std::vector<engine::TensorSpec>& outputs() const override { return outputs_; }
  engine::Placement placement() const override { return session_.placement; }

  Result<void> run(std::span<const engine::TensorView> inputs, std::span<const std::size_t> wanted,
                   std::vector<engine::Tensor>& results) const override {
    TRY(check(inputs, wanted));
    results.resize(wanted.size());
    if (wanted.empty()) return {};
    Values given(*library_, inputs.size());
    for (std::size_t i = 0; i < inputs.size(); ++i) TRY(given.set(i, elements_[i], inputs[i]));
    Values got(*library_, wanted.size());
    TRY(compute(given, wanted, got));
    for (std::size_t i = 0; i < wanted.size(); ++i) TRY(read(got[i], wanted[i], results[i]));
    return {};
  }

 private:
  Result<void> check(std::span<const engine::TensorView> inputs,
                     std::span<const std::size_t> wanted) const {
    if (inputs.size() != inputs_.size()) {
      return Error(Code::Invalid,
                   fmt::format("expected {} inputs, got {}", inputs_.size(), inputs.size()));
    }
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      TRY(engine::check_input(inputs_[i], inputs[i]));
    }
    for (const std::size_t output : wanted) {
      if (output < outputs_.size()) continue;
      return Error(Code::Invalid,
                   fmt::format("expected one of {} outputs, got {}", outputs_.size(), output));
    }
    return {};
  }

  Result<void> compute(Values& given, std::span<const std::size_t> wanted, Values& got) const {
    std::vector<const char*> names(wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) names[i] = output_names_[wanted[i]];
    const OrtApi& api = *library_->api;
    const Turns::Turn turn = turns_.take();
    return outcome(api,
                   api.Run(session_.session.get(), nullptr, input_names_.data(), given.data(),
                           given.size(), names.data(), names.size(), got.data()),
                   Asked::ToRun);
  }

  Result<void> read(const OrtValue* value, std::size_t output, engine::Tensor& into) const {
    const auto& maps = maps_[output];
    auto taken =
        maps ? read_maps(*library_, value, *maps, into) : read_tensor(*library_, value, into);
    if (taken.ok()) return {};
    return std::move(taken).error().within(
        fmt::format("output {}", base::quote(outputs_[output].name)));
  }

  std::shared_ptr<const Library> library_;
  Session session_;
  mutable Turns turns_;
  std::vector<engine::TensorSpec> inputs_;
  std::vector<ONNXTensorElementDataType> elements_;  // By input.
  std::vector<engine::TensorSpec> outputs_;
  std::vector<std::optional<MapKeys>> maps_;  // By output.
  std::vector<const char*> input_names_;
  std::vector<const char*> output_names_;
};

// Whether an extent other than the first is open: what a client may send then has many forms.
bool has_open_shapes(const OnnxFile& file) {
  const auto inputs = file.inputs();
  if (!inputs.ok()) return true;
  return std::ranges::any_of(*inputs, [](const engine::TensorSpec& spec) {
    return spec.any_rank ||
           (!spec.shape.empty() && std::find(spec.shape.begin() + 1, spec.shape.end(),
                                             engine::kAnyExtent) != spec.shape.end());
  });
}

Result<void> set_entries(const OrtApi& api, OrtSessionOptions* options) {
  constexpr std::pair<const char*, const char*> kEntries[] = {
      // Threads that wait for work leave the cores to those that have some.
      {"session.intra_op.allow_spinning", "0"},
      {"session.inter_op.allow_spinning", "0"},
      // Never a flat buffer of the runtime's own, which nobody has checked.
      {"session.load_model_format", "ONNX"},
      // Weights are as large as they are; the arena's blocks are powers of two.
      {"session.use_device_allocator_for_initializers", "1"},
  };
  for (const auto& [key, value] : kEntries) {
    TRY(outcome(api, api.AddSessionConfigEntry(options, key, value)));
  }
  return {};
}

Result<Owned<OrtSessionOptions>> make_options(const OrtApi& api, const CheckedModel& model,
                                              const engine::Settings& wanted) {
  OrtSessionOptions* options = nullptr;
  TRY(outcome(api, api.CreateSessionOptions(&options)));
  Owned<OrtSessionOptions> owned(options, {&api});
  TRY(outcome(api, api.SetIntraOpNumThreads(options, static_cast<int>(wanted.threads))));
  TRY(outcome(api, api.SetInterOpNumThreads(options, 1)));
  TRY(outcome(api, api.SetSessionExecutionMode(options, ORT_SEQUENTIAL)));
  TRY(outcome(api, api.SetSessionGraphOptimizationLevel(options, ORT_ENABLE_ALL)));
  TRY(outcome(api, api.SetDeterministicCompute(options, true)));
  TRY(set_entries(api, options));
  // The runtime remembers a plan of memory for each form of input, and forgets none.
  if (has_open_shapes(model.file)) TRY(outcome(api, api.DisableMemPattern(options)));
  return owned;
}

Result<Owned<OrtSession>> create(const Library& library, std::string_view model,
                                 const OrtSessionOptions* options,
                                 const engine::Settings& settings) {
  OrtSession* session = nullptr;
  const auto make = [&] {
    return outcome(*library.api,
                   library.api->CreateSessionFromArray(library.env.get(), model.data(),
                                                       model.size(), options, &session));
  };
  // A session of one thread computes in its callers'.
  const bool own_threads = settings.threads > 1 || settings.provider != engine::Provider::Cpu;
  TRY(own_threads ? run_on_work_thread(make) : make());
  return Owned<OrtSession>(session, {library.api});
}

// What a session is about to be made with.
struct Prepared {
  Owned<OrtSessionOptions> options;
  engine::Placement placement;
  unsigned at_once = 1;

  Session with(std::unique_ptr<ExternalWeights> weights, Owned<OrtSession> session) && {
    return {.weights = std::move(weights),
            .session = std::move(session),
            .placement = std::move(placement),
            .at_once = at_once};
  }
};

Result<Prepared> prepare(const Library& library, const CheckedModel& model,
                         const LoadOptions& wanted) {
  const engine::Settings& settings = wanted.settings;
  const unsigned at_once = runs_at_once(settings.threads);
  TRY_ASSIGN(auto options, make_options(*library.api, model, settings));
  TRY(add_custom_operators(library, options.get(), wanted.custom_operators));
  TRY_ASSIGN(engine::Placement placement, add_provider(library, options.get(), settings, at_once));
  return Prepared{
      .options = std::move(options), .placement = std::move(placement), .at_once = at_once};
}

// The runtime's own kernels read weights that are named by descriptor as they lay them out.
Result<Session> make_by_descriptor(const Library& library, const CheckedModel& model,
                                   std::string_view by_descriptor, const LoadOptions& wanted) {
  TRY_ASSIGN(Prepared prepared, prepare(library, model, wanted));
  TRY(outcome(*library.api, library.api->AddSessionConfigEntry(prepared.options.get(), kFolderEntry,
                                                               kDescriptorRoot)));
  TRY_ASSIGN(auto session, create(library, by_descriptor, prepared.options.get(), wanted.settings));
  return std::move(prepared).with(nullptr, std::move(session));
}

// Where there is no /proc, the runtime has changed its mind about it, or another provider computes,
// the weights are handed over.
Result<Session> make_session(const Library& library, const CheckedModel& model,
                             const LoadOptions& wanted) {
  const engine::Provider provider = wanted.settings.provider;
  PageRelease pages;
  pages.add(model.held);
  for (const ExternalFile& file : model.external) pages.add(file.held);
  pages.start();
  const auto by_descriptor = name_by_descriptor(model.held.bytes, model.file, model.external);
  if (by_descriptor && provider == engine::Provider::Cpu) {
    auto made = make_by_descriptor(library, model, *by_descriptor, wanted);
    if (made.ok()) return made;
  }
  TRY_ASSIGN(Prepared prepared, prepare(library, model, wanted));
  auto weights = std::make_unique<ExternalWeights>(library, model);
  TRY(weights->add_to(prepared.options.get()));
  auto session =
      create(library, base::as_text(model.held.bytes), prepared.options.get(), wanted.settings);
  if (!session.ok()) {
    if (provider == engine::Provider::Cpu) return std::move(session).error();
    return std::move(session).error().within(engine::provider_name(provider));
  }
  return std::move(prepared).with(std::move(weights), *std::move(session));
}

// "seq(map(INT64,FLOAT))" is what a ZipMap gives; whether the keys are integers, or nothing.
Result<std::optional<bool>> integer_keys(const OrtApi& api, const OrtTypeInfo* type) {
  const OrtSequenceTypeInfo* sequence = nullptr;
  TRY(outcome(api, api.CastTypeInfoToSequenceTypeInfo(type, &sequence)));
  if (sequence == nullptr) return std::optional<bool>();
  OrtTypeInfo* element = nullptr;
  TRY(outcome(api, api.GetSequenceElementType(sequence, &element)));
  const Owned<OrtTypeInfo> owned(element, {&api});
  const OrtMapTypeInfo* map = nullptr;
  TRY(outcome(api, api.CastTypeInfoToMapTypeInfo(element, &map)));
  if (map == nullptr) return std::optional<bool>();
  ONNXTensorElementDataType key = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
  TRY(outcome(api, api.GetMapKeyType(map, &key)));
  return std::optional<bool>(key == ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64);
}

Result<void> describe_tensor(const OrtApi& api, const OrtTensorTypeAndShapeInfo* info, End& end) {
  TRY(outcome(api, api.GetTensorElementType(info, &end.element)));
  const Element* element = find_element(end.element);
  if (element == nullptr || !element->datatype) {
    return Error(Code::Unsupported,
                 fmt::format("expected a datatype of the Open Inference Protocol, got {}",
                             element != nullptr ? element->name : "none"));
  }
  end.spec.type = *element->datatype;
  end.spec.any_rank = !api.TensorTypeAndShape_HasShape(info);
  if (end.spec.any_rank) return {};
  std::size_t rank = 0;
  TRY(outcome(api, api.GetDimensionsCount(info, &rank)));
  end.spec.shape.resize(rank);
  TRY(outcome(api, api.GetDimensions(info, end.spec.shape.data(), rank)));
  for (std::int64_t& extent : end.spec.shape) extent = std::max(extent, engine::kAnyExtent);
  return {};
}

// `said` is what the file says of it; null: nothing.
Result<void> describe_end(const OrtApi& api, const OrtTypeInfo* type, const OnnxEnd* said,
                          End& end) {
  ONNXType kind = ONNX_TYPE_UNKNOWN;
  TRY(outcome(api, api.GetOnnxTypeFromTypeInfo(type, &kind)));
  if (kind == ONNX_TYPE_TENSOR) {
    // The runtime numbers the newest types otherwise than ONNX, and the file names them.
    if (said != nullptr && !said->refusal.empty()) return Error(Code::Unsupported, said->refusal);
    const OrtTensorTypeAndShapeInfo* info = nullptr;
    TRY(outcome(api, api.CastTypeInfoToTensorInfo(type, &info)));
    return describe_tensor(api, info, end);
  }
  if (kind == ONNX_TYPE_SEQUENCE && said != nullptr && !said->spec.labels.empty()) {
    TRY_ASSIGN(const std::optional<bool> integers, integer_keys(api, type));
    if (integers) {
      end.spec = said->spec;
      end.maps = make_map_keys(said->spec.labels, *integers);
      return {};
    }
  }
  return Error(Code::Unsupported, said != nullptr && !said->refusal.empty()
                                      ? said->refusal
                                      : "expected a tensor, got something else");
}

// How a session tells of its inputs, or of its outputs.
struct Side {
  const char* what;
  decltype(OrtApi::SessionGetInputCount) count;
  decltype(OrtApi::SessionGetInputName) name;
  decltype(OrtApi::SessionGetInputTypeInfo) type;
  const OnnxEnd* (OnnxFile::*said)(std::string_view name) const;
};

Result<std::vector<End>> read_ends(const Library& library, const OrtSession* session,
                                   const OnnxFile& file, const Side& side) {
  const OrtApi& api = *library.api;
  std::size_t count = 0;
  TRY(outcome(api, side.count(session, &count)));
  std::vector<End> ends(count);
  for (std::size_t i = 0; i < count; ++i) {
    char* name = nullptr;
    TRY(outcome(api, side.name(session, i, library.allocator, &name)));
    ends[i].spec.name = name;
    TRY(outcome(api, api.AllocatorFree(library.allocator, name)));
    OrtTypeInfo* made = nullptr;
    TRY(outcome(api, side.type(session, i, &made)));
    const Owned<OrtTypeInfo> type(made, {&api});
    auto described = describe_end(api, made, (file.*side.said)(ends[i].spec.name), ends[i]);
    if (!described.ok()) {
      return std::move(described).error().within(
          fmt::format("{} {}", side.what, base::quote(ends[i].spec.name)));
    }
  }
  return ends;
}

}  // namespace

Result<std::unique_ptr<engine::Network>> make_network(const std::shared_ptr<const Library>& library,
                                                      const CheckedModel& model,
                                                      const LoadOptions& options) {
  const OrtApi& api = *library->api;
  TRY_ASSIGN(Session loaded, make_session(*library, model, options));
  const OrtSession* session = loaded.session.get();
  TRY(check_placement(*library, session, options.settings));
  TRY_ASSIGN(auto inputs, read_ends(*library, session, model.file,
                                    {.what = "input",
                                     .count = api.SessionGetInputCount,
                                     .name = api.SessionGetInputName,
                                     .type = api.SessionGetInputTypeInfo,
                                     .said = &OnnxFile::find_input}));
  TRY_ASSIGN(auto outputs, read_ends(*library, session, model.file,
                                     {.what = "output",
                                      .count = api.SessionGetOutputCount,
                                      .name = api.SessionGetOutputName,
                                      .type = api.SessionGetOutputTypeInfo,
                                      .said = &OnnxFile::find_output}));
  // What the session was made with is several times what it keeps.
  if (model.file.weight_bytes() >= kTrimmedBytesMin) ::malloc_trim(0);
  return std::make_unique<OnnxNetwork>(library, std::move(loaded), std::move(inputs),
                                       std::move(outputs));
}

}  // namespace engine_onnx
