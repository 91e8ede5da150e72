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
std::string categories_line(const scorer::ImageScorer& image,
                            std::span<const scorer::Ranked> best) {
  ordered_json categories = ordered_json::array();
  for (const scorer::Ranked& each : best) {
    const auto& row = image.labels().rows[each.candidate];
    categories.push_back({{"id", row.id}, {"label", row.answer_id}, {"score", each.score}});
  }
  const ordered_json line = {{"categories", std::move(categories)}};
  return line.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

plan::Output output_of(const scorer::ImageScorer& image) {
  plan::Output output;
  for (const auto& row : image.labels().rows) output.names.push_back(row.id);
  return output;
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
  TRY_ASSIGN(const scorer::Examples examples, publish::open_examples({asked.input}, scorer));
  const scorer::ImageScorer& image = *scorer.image();
  scorer::ImageScorer::Scratch scratch;
  const plan::Output output = output_of(image);
  std::unique_ptr<table::AnswerWriter> writer;
  std::string text;
  if (format != Format::JsonLines) {
    TRY_ASSIGN(writer, open_writer(format, output));
    writer->begin(text);
  }
  for (std::size_t i = 0; i < examples.pictures.size(); ++i) {
    const std::string& picture = examples.pictures[i];
    if (writer != nullptr) {
      auto scores = image.scores(picture, scratch);
      if (!scores.ok()) return std::move(scores).error().within(fmt::format("picture {}", i));
      writer->row(*scores, text);
    } else {
      auto best = image.classify(picture, image.default_top_k(), scratch);
      if (!best.ok()) return std::move(best).error().within(fmt::format("picture {}", i));
      text += categories_line(image, *best);
    }
  }
  TRY_ASSIGN(const auto product, open_product(asked.output, world.out));
  TRY(product->append(text));
  return product->commit();
}

}  // namespace cli
