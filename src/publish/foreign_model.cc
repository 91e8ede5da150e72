#include "publish/foreign_model.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/file.h"
#include "base/text.h"
#include "model/recipe.h"
#include "sklearn/model.h"
#include "tensor_files/zip.h"

namespace publish {
namespace {

using base::Code;
using base::Error;
using base::Result;
using tensor_files::Zip;

constexpr std::uint64_t kForeignBytesMax = std::uint64_t{64} << 30U;
constexpr std::string_view kHdf5 = "\x89HDF\r\n\x1a\n";
constexpr std::string_view kTfLite = "TFL3";  // Behind the offset of the root.
constexpr std::size_t kTfLiteAt = 4;
// No line of Python can have what was saved without what it was saved from.
constexpr std::string_view kTorchPickle =
    "what torch.save wrote of a PyTorch module or its weights";
constexpr std::string_view kSavedModel = "a TensorFlow SavedModel";

bool any_ends_with(const Zip& zip, std::string_view end) {
  return std::ranges::any_of(zip.entries(),
                             [&](const Zip::Entry& entry) { return entry.name.ends_with(end); });
}

std::string_view format_of_zip(const Zip& zip) {
  if (zip.find("config.json") != nullptr && zip.find("metadata.json") != nullptr) {
    return "a Keras model (.keras)";
  }
  if (any_ends_with(zip, "archive_format") || any_ends_with(zip, "models/model.json") ||
      zip.find("serialized_exported_program.json") != nullptr) {
    return "an exported PyTorch program (.pt2)";
  }
  if (!any_ends_with(zip, "/data.pkl")) return {};
  const bool code = std::ranges::any_of(zip.entries(), [](const Zip::Entry& entry) {
    return entry.name.find("/code/") != std::string_view::npos;
  });
  return code ? "a TorchScript model" : kTorchPickle;
}

// A path as it stands in a line for a shell and for Python.
std::string path_in_line(const std::string& path) {
  const bool plain = std::ranges::all_of(
      path, [](char c) { return c >= ' ' && c <= '~' && c != '\'' && c != '"' && c != '\\'; });
  return plain ? path : "PATH";
}

Error foreign(const std::string& path, std::string_view what) {
  const std::string name = model::name_from_path(path);
  const std::string next =
      what == kTorchPickle
          ? fmt::format("load it in Python and call sooth.register(module, \"{}\", example=...)",
                        name)
          : fmt::format("register it by python -c 'import sooth; sooth.register(\"{}\", \"{}\")'",
                        path_in_line(path), name);
  return {Code::Unsupported, fmt::format("{}: expected a model that is read here, got {}; {}",
                                         base::quote(path), what, next)};
}

bool is_saved_model(const std::string& folder) {
  return base::exists(folder + "/saved_model.pb") || base::exists(folder + "/saved_model.pbtxt");
}

// Endings that one library gives its models, and how those begin.
struct Named {
  std::string_view ending;
  std::string_view expected;
};
constexpr Named kNamed[] = {
    {".cbm", "CatBoost's model, which begins with CBM1"},
    {".json", "XGBoost's model, an object with its \"learner\""},
    {".txt", "LightGBM's model, which begins with the line \"tree\""},
    {".ubj", "XGBoost's model in UBJSON, an object with its \"learner\""},
};

// Whether a pickle begins so, of the protocols since 2 or packed: those have any name.
bool may_be_pickle(std::string_view text) {
  const bool plain = text.starts_with('{') || (!text.empty() && text[0] >= ' ' && text[0] <= '~');
  return !text.empty() && !plain;
}

// What is no pickle and not what its name says either would be refused as a bad pickle.
Result<void> refuse_misnamed(const std::string& path, base::Bytes bytes) {
  const std::string_view text = base::as_text(bytes);
  if ((path.ends_with(".npz") && Zip::is_zip(bytes)) ||
      (path.ends_with(".npy") && text.starts_with("\x93NUMPY"))) {
    return Error(Code::Unsupported,
                 fmt::format("{}: expected a model, got arrays of NumPy", base::quote(path)));
  }
  if (may_be_pickle(text) || sklearn::is_booster_file(bytes)) return {};
  for (const Named& each : kNamed) {
    if (!path.ends_with(each.ending)) continue;
    return Error(Code::Corrupt, fmt::format("{}: expected {}, got {}", base::quote(path),
                                            each.expected, base::quote(text.substr(0, 20))));
  }
  return {};
}

Result<void> refuse_foreign(const std::string& path, base::Bytes bytes) {
  const std::string_view what = find_foreign_format(bytes);
  return what.empty() ? Result<void>() : foreign(path, what);
}

}  // namespace

std::string_view find_foreign_format(base::Bytes bytes) {
  const std::string_view text = base::as_text(bytes);
  if (text.starts_with(kHdf5)) return "a Keras model (HDF5)";
  if (text.size() >= kTfLiteAt && text.substr(kTfLiteAt).starts_with(kTfLite)) {
    return "a TensorFlow Lite model";
  }
  if (!Zip::is_zip(bytes)) return {};
  const auto zip = Zip::open(bytes);
  return zip.ok() ? format_of_zip(*zip) : std::string_view();
}

Result<void> check_format(const std::string& path, base::Bytes bytes) {
  TRY(refuse_foreign(path, bytes));
  return refuse_misnamed(path, bytes);
}

Result<void> check_format(const std::string& path) {
  TRY(check_foreign(path));
  if (base::is_directory(path)) return {};
  const auto file = base::MappedFile::open(path, kForeignBytesMax);
  return file.ok() ? refuse_misnamed(path, (*file)->bytes()) : Result<void>();
}

Result<void> check_foreign(const std::string& path) {
  if (base::is_directory(path)) {
    const bool ours = base::exists(path + "/sooth.yaml") || base::exists(path + "/MLmodel");
    return !ours && is_saved_model(path) ? foreign(path, kSavedModel) : Result<void>();
  }
  if (path.ends_with("/saved_model.pb")) {
    return foreign(path.substr(0, path.rfind('/')), kSavedModel);
  }
  const auto file = base::MappedFile::open(path, kForeignBytesMax);
  return file.ok() ? refuse_foreign(path, (*file)->bytes()) : Result<void>();
}

}  // namespace publish
