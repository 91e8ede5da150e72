#include "cli/network_predict.h"

#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/text.h"
#include "cli/format.h"
#include "cli/stream.h"
#include "publish/example_files.h"
#include "scorer/golden.h"
#include "table/answer_writer.h"
#include "tensor_files/tensor_file.h"
#include "tensor_files/tensor_json.h"

namespace cli {
namespace {

using base::Code;
using base::Error;
using base::Result;
using nlohmann::ordered_json;

constexpr std::string_view kNpz = ".npz";

// A picture's best categories, as one line.
std::string categories_line(const std::string& file, const scorer::ImageScorer& image,
                            std::span<const scorer::Ranked> best) {
  ordered_json categories = ordered_json::array();
  for (const scorer::Ranked& each : best) {
    const auto& row = image.labels().rows[each.candidate];
    categories.push_back({{"id", row.id}, {"label", row.answer_id}, {"score", each.score}});
  }
  const ordered_json line = {{"picture", file}, {"categories", std::move(categories)}};
  return line.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

plan::Output output_of(const scorer::ImageScorer& image) {
  plan::Output output;
  for (const auto& row : image.labels().rows) output.names.push_back(row.id);
  return output;
}

struct NamedPicture {
  const std::string& file;
  const std::string& bytes;
};

// Without a writer, the best categories.
Result<void> append_picture(const NamedPicture& picture, const scorer::ImageScorer& image,
                            table::AnswerWriter* writer, scorer::ImageScorer::Scratch& scratch,
                            std::string& text) {
  if (writer == nullptr) {
    TRY_ASSIGN(const auto best, image.classify(picture.bytes, image.default_top_k(), scratch));
    text += categories_line(picture.file, image, best);
    return {};
  }
  TRY_ASSIGN(const auto scores, image.scores(picture.bytes, scratch));
  writer->row(scores, text);
  return {};
}

Result<Format> picture_format(const NetworkPredict& asked) {
  if (!asked.format.empty()) return parse_format(asked.format);
  return format_of(asked.output).value_or(Format::JsonLines);
}

}  // namespace

Result<void> predict_tensors(const scorer::Scorer& scorer, const NetworkPredict& asked,
                             World& world) {
  if (!asked.format.empty()) {
    return Error(Code::Invalid, "--format: expected none, as a network's answer is JSON or .npz");
  }
  TRY_ASSIGN(const scorer::Examples examples, publish::open_examples({asked.input}, scorer));
  if (examples.requests.size() != 1) {
    return Error(Code::Invalid, fmt::format("{}: expected one request, got {}",
                                            base::quote(asked.input), examples.requests.size()));
  }
  TRY_ASSIGN(const scorer::TensorAnswer answer,
             scorer::answer_request(*scorer.tensors(), examples.requests.front()));
  std::string text;
  if (asked.output.ends_with(kNpz)) {
    TRY_ASSIGN(text, tensor_files::make_npz(answer));
  } else {
    text = tensor_files::tensor_json(scorer.name(), answer);
  }
  TRY_ASSIGN(const auto product, open_product(asked.output, world.out));
  TRY(product->append(text));
  return product->commit();
}

Result<void> predict_pictures(const scorer::Scorer& scorer, const NetworkPredict& asked,
                              World& world) {
  TRY_ASSIGN(const Format format, picture_format(asked));
  TRY_ASSIGN(const auto files, publish::find_example_files({asked.input}, scorer));
  const scorer::ImageScorer& image = *scorer.image();
  const plan::Output output = output_of(image);
  std::unique_ptr<table::AnswerWriter> writer;
  std::string text;
  if (format != Format::JsonLines) {
    TRY_ASSIGN(writer, open_writer(format, output));
    writer->begin(text);
  }
  scorer::ImageScorer::Scratch scratch;
  for (const std::string& file : files) {
    TRY_ASSIGN(const scorer::Examples one, publish::open_examples({file}, scorer));
    auto appended =
        append_picture({file, one.pictures.front()}, image, writer.get(), scratch, text);
    if (!appended.ok()) return std::move(appended).error().within(base::quote(file));
  }
  TRY_ASSIGN(const auto product, open_product(asked.output, world.out));
  TRY(product->append(text));
  return product->commit();
}

}  // namespace cli
