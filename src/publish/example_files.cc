#include "publish/example_files.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/file.h"
#include "base/text.h"
#include "publish/examples.h"
#include "sklearn/model.h"
#include "table/first_row.h"
#include "tensor_files/tensor_file.h"

namespace publish {
namespace {

using base::Code;
using base::Error;
using base::Result;
using engine::NamedTensor;

constexpr std::string_view kTensorEnds[] = {".npz", ".npy", ".json"};
constexpr std::string_view kPictureEnds[] = {".jpg", ".jpeg", ".png", ".webp"};
constexpr std::string_view kRowEnds[] = {".csv", ".tsv", ".jsonl", ".ndjson"};

std::span<const std::string_view> ends_of(const scorer::Scorer& scorer) {
  if (scorer.tensors() != nullptr) return kTensorEnds;
  if (scorer.image() != nullptr) return kPictureEnds;
  return kRowEnds;
}

bool ends_so(std::string name, std::span<const std::string_view> ends) {
  for (char& each : name) {
    if (each >= 'A' && each <= 'Z') each = static_cast<char>(each - 'A' + 'a');
  }
  return std::ranges::any_of(ends, [&](std::string_view end) { return name.ends_with(end); });
}

Result<std::vector<std::string>> files_in(const std::vector<std::string>& paths,
                                          std::span<const std::string_view> ends) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    if (!base::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    TRY_ASSIGN(std::vector<std::string> names, base::list_folder(path));
    std::erase_if(names, [&](const std::string& name) { return !ends_so(name, ends); });
    std::ranges::sort(names);
    if (names.empty()) {
      return Error(Code::NotFound, fmt::format("{}: expected files that end with {}, got none",
                                               base::quote(path), fmt::join(ends, ", ")));
    }
    for (const std::string& name : names) files.push_back(path + "/" + name);
  }
  if (files.size() <= kExampleFilesMax) return files;
  return Error(Code::Exhausted, fmt::format("examples: expected at most {} files, got {}",
                                            kExampleFilesMax, files.size()));
}

// Each file's bytes, as long as all of them are not too many.
template <typename Take>
Result<void> each_file(const std::vector<std::string>& files, const Take& take) {
  std::uint64_t left = kExampleBytesMax;
  for (const std::string& each : files) {
    TRY_ASSIGN(const auto file, base::MappedFile::open(each, left));
    left -= file->bytes().size();
    TRY(take(each, file->bytes()));
  }
  return {};
}

template <typename T>
void append_all(std::vector<T>& to, std::vector<T>& from) {
  std::ranges::move(from, std::back_inserter(to));
}

Error unknown_output(const engine::Network& network, std::string_view name) {
  std::vector<std::string> names;
  for (const engine::TensorSpec& each : network.outputs()) names.push_back(base::quote(each.name));
  return Error(Code::Invalid, fmt::format("expected arrays called as the outputs {}, got {}",
                                          fmt::join(names, ", "), base::quote(name)));
}

Result<void> check_names(const engine::Network& network, std::vector<NamedTensor>& tensors) {
  const auto& outputs = network.outputs();
  if (tensors.size() == 1 && tensors[0].name.empty() && outputs.size() == 1) {
    tensors[0].name = outputs[0].name;
  }
  for (const NamedTensor& each : tensors) {
    if (std::ranges::find(outputs, each.name, &engine::TensorSpec::name) == outputs.end()) {
      return unknown_output(network, each.name);
    }
  }
  return {};
}

}  // namespace

Result<std::vector<std::string>> find_example_files(const std::vector<std::string>& paths,
                                                    const scorer::Scorer& scorer) {
  return files_in(paths, ends_of(scorer));
}

Result<scorer::Examples> open_examples(const std::vector<std::string>& paths,
                                       const scorer::Scorer& scorer) {
  TRY_ASSIGN(const auto files, find_example_files(paths, scorer));
  scorer::Examples all;
  TRY(each_file(files, [&](const std::string& name, base::Bytes bytes) -> Result<void> {
    TRY_ASSIGN(scorer::Examples some, read_examples(name, base::as_text(bytes), scorer));
    append_all(all.rows, some.rows);
    append_all(all.queries, some.queries);
    append_all(all.pictures, some.pictures);
    append_all(all.requests, some.requests);
    return {};
  }));
  return all;
}

std::vector<std::string> find_example_columns(const std::vector<std::string>& paths) {
  if (paths.empty()) return {};
  const auto files = files_in(paths, kRowEnds);
  if (!files.ok() || files->empty() || !ends_so(files->front(), kRowEnds)) return {};
  const std::string& name = files->front();
  const auto file = base::MappedFile::open(name, kExampleBytesMax);
  if (!file.ok()) return {};
  table::TextSource source(base::as_text((*file)->bytes()));
  const bool json = name.ends_with(".jsonl") || name.ends_with(".ndjson");
  auto row = json ? table::first_json_row(name, source)
                  : table::first_csv_row(name, source, name.ends_with(".tsv") ? '\t' : ',');
  if (!row.ok()) return {};
  return row->names.empty() ? sklearn::numbered_columns(row->cells) : std::move(row->names);
}

Result<std::vector<scorer::TensorAnswer>> open_tensor_answers(const std::vector<std::string>& paths,
                                                              const engine::Network& network) {
  TRY_ASSIGN(const auto files, files_in(paths, kTensorEnds));
  std::vector<scorer::TensorAnswer> answers;
  TRY(each_file(files, [&](const std::string& name, base::Bytes bytes) -> Result<void> {
    TRY_ASSIGN(auto tensors, tensor_files::parse_tensors(name, bytes));
    if (auto checked = check_names(network, tensors); !checked.ok()) {
      return std::move(checked).error().within(base::quote(name));
    }
    answers.push_back(std::move(tensors));
    return {};
  }));
  return answers;
}

}  // namespace publish
