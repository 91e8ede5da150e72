#include "engine_onnx/wheel.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <optional>

#include <fmt/format.h>

#include "base/base64.h"
#include "base/text.h"
#include "engine_onnx/onnx_tensor.h"

namespace engine_onnx {
namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr std::size_t kRecordEntriesMax = 10'000;
constexpr std::string_view kHash = "sha256=";

constexpr WheelPart kOnnxParts[] = {
    {"onnxruntime/capi/libonnxruntime.so.1*", true},
    {"onnxruntime/LICENSE", true},
    {"onnxruntime/ThirdPartyNotices.txt", true},
};
// What computes on the CPU, reads ONNX, and keeps what was compiled; not what is for other devices.
constexpr WheelPart kOpenVinoParts[] = {
    {"onnxruntime_ep_openvino/libonnxruntime_providers_openvino_plugin.so", true},
    {"onnxruntime_ep_openvino/libopenvino.so.*", true},
    {"onnxruntime_ep_openvino/libopenvino_intel_cpu_plugin.so", true},
    {"onnxruntime_ep_openvino/libopenvino_onnx_frontend.so.*", true},
    {"onnxruntime_ep_openvino/libopenvino_ir_frontend.so.*", false},
    {"onnxruntime_ep_openvino/libtbb.so.*", true},
    {"onnxruntime_ep_openvino/LICENSE*", false},
    {"onnxruntime_ep_openvino/third-party-programs.txt", false},
};
constexpr WheelPart kCudaParts[] = {
    {"onnxruntime/capi/libonnxruntime.so.1*", true},
    {"onnxruntime/capi/libonnxruntime_providers_shared.so", true},
    {"onnxruntime/capi/libonnxruntime_providers_cuda.so", true},
    {"onnxruntime/LICENSE", true},
    {"onnxruntime/ThirdPartyNotices.txt", true},
};

// The runtime with an older OpenVINO inside, which does not ask who made the processor. What its
// names end in is the release twice; once is enough.
constexpr WheelPart kOpenVinoAnyParts[] = {
    {"onnxruntime/capi/libonnxruntime.so.1*", true},
    {"onnxruntime/capi/libonnxruntime_providers_shared.so", true},
    {"onnxruntime/capi/libonnxruntime_providers_openvino.so", true},
    {"onnxruntime/capi/libopenvino.so.25*", true},
    {"onnxruntime/capi/libopenvino_intel_cpu_plugin.so", true},
    {"onnxruntime/capi/libopenvino_onnx_frontend.so.25*", true},
    {"onnxruntime/capi/libtbb.so.*", true},
    {"onnxruntime/LICENSE", true},
    {"onnxruntime/ThirdPartyNotices.txt", true},
};

constexpr WheelPlan kPlans[] = {
    {"onnx", "onnxruntime", "onnx", "fp32 and int8 on any processor", kOnnxParts},
    {"onnx --openvino", "onnxruntime-ep-openvino", "onnx/openvino",
     "fp32, bf16 and int8 on Intel processors", kOpenVinoParts},
    {"onnx --openvino-any", "onnxruntime-openvino", "onnx-openvino",
     "fp32, bf16 and int8 on others, too", kOpenVinoAnyParts},
    {"onnx --cuda", "onnxruntime-gpu", "onnx-cuda", "fp32 and int8 on an NVIDIA GPU", kCudaParts},
};

Error bad_line(std::string_view line) {
  return Error(Code::Corrupt,
               fmt::format("RECORD: expected PATH,sha256=DIGEST,SIZE, got {}", base::quote(line)));
}

// A field of CSV: what is between quotes, which stand twice where they are meant.
std::optional<std::string> unquoted(std::string_view field) {
  if (!field.starts_with('"')) return std::string(field);
  if (field.size() < 2 || !field.ends_with('"')) return std::nullopt;
  field = field.substr(1, field.size() - 2);
  std::string text;
  for (std::size_t at = 0; at < field.size(); ++at) {
    if (field[at] == '"' && (at + 1 == field.size() || field[++at] != '"')) return std::nullopt;
    text += field[at];
  }
  return text;
}

// As RECORD writes it: with '-' and '_', and without padding.
std::optional<base::Digest> read_digest(std::string_view text) {
  std::string plain(text);
  std::ranges::replace(plain, '-', '+');
  std::ranges::replace(plain, '_', '/');
  plain.append((4 - plain.size() % 4) % 4, '=');
  const auto bytes = base::base64_decode(plain);
  if (!bytes) return std::nullopt;
  const auto digest = base::Digest::from(base::as_bytes(*bytes));
  if (!digest.ok()) return std::nullopt;
  return *digest;
}

// Nothing of a line without a digest: RECORD's own.
Result<std::optional<RecordEntry>> parse_line(std::string_view line) {
  const std::size_t size = line.rfind(',');
  if (size == std::string_view::npos || size == 0) return bad_line(line);
  const std::size_t hash = line.rfind(',', size - 1);
  if (hash == std::string_view::npos) return bad_line(line);
  const auto path = unquoted(line.substr(0, hash));
  if (!path || !is_beneath(*path)) return bad_line(line);
  const std::string_view said = line.substr(hash + 1, size - hash - 1);
  if (said.empty()) return std::optional<RecordEntry>();
  const auto digest =
      said.starts_with(kHash) ? read_digest(said.substr(kHash.size())) : std::nullopt;
  if (!digest) return bad_line(line);
  return std::optional(RecordEntry{.path = *path, .digest = *digest});
}

bool is_part(std::string_view path, std::string_view pattern) {
  if (!pattern.ends_with('*')) return path == pattern;
  pattern.remove_suffix(1);
  return path.starts_with(pattern) &&
         path.substr(pattern.size()).find('/') == std::string_view::npos;
}

}  // namespace

Result<std::vector<RecordEntry>> parse_record(std::string_view text) {
  std::vector<RecordEntry> entries;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    TRY_ASSIGN(auto entry, parse_line(line));
    if (!entry) continue;
    if (entries.size() == kRecordEntriesMax) {
      return Error(Code::Exhausted,
                   fmt::format("RECORD: expected at most {} files, got more", kRecordEntriesMax));
    }
    entries.push_back(*std::move(entry));
  }
  return entries;
}

std::span<const WheelPlan> wheel_plans() { return kPlans; }

Result<std::vector<RecordEntry>> choose_files(const WheelPlan& plan,
                                              const std::vector<RecordEntry>& record) {
  std::vector<RecordEntry> chosen;
  for (const WheelPart& part : plan.parts) {
    const std::size_t before = chosen.size();
    std::ranges::copy_if(record, std::back_inserter(chosen),
                         [&](const RecordEntry& entry) { return is_part(entry.path, part.path); });
    if (part.needed && chosen.size() == before) {
      return Error(Code::Unsupported, fmt::format("expected a wheel of {} with {}, got one without",
                                                  plan.package, part.path));
    }
  }
  return chosen;
}

}  // namespace engine_onnx
