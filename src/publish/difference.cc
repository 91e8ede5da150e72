#include "publish/difference.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "model/recipe.h"
#include "pickle/document.h"
#include "publish/learned.h"
#include "publish/version_image.h"
#include "scorer/golden.h"
#include "scorer/scorer.h"
#include "sklearn/model.h"
#include "sklearn/outline.h"

namespace publish {
namespace {

constexpr std::string_view kNative = "native";

using nlohmann::ordered_json;
using Facts = std::map<std::string, std::string>;

constexpr std::uint64_t kModelBytesMax = std::uint64_t{64} << 30U;
constexpr std::size_t kTextMax = 200;

std::string cut(std::string text) {
  if (text.size() <= kTextMax) return text;
  text.resize(kTextMax);
  return text + "...";
}

// Every parameter by the way to it, and the class of everything that has some.
void add_facts(const sklearn::Outline& outline, const std::string& path, Facts& facts) {
  const std::string name = outline.name.empty() ? "model" : outline.name;
  const std::string here = path.empty() || path == "model" ? name : path + " / " + name;
  facts[here] = outline.title;
  for (const auto& [key, value] : outline.parameters) facts[here + ": " + key] = cut(value);
  for (const sklearn::Outline& part : outline.parts) {
    if (!part.learned) add_facts(part, here, facts);
  }
}

// A version's recipe, and its model as far as a difference is told of it.
struct Opened {
  std::string recipe;
  base::HeldBytes bytes;
  std::optional<pickle::Document> document;  // Nothing: a gradient boosting library's own file.
  sklearn::Outline outline;
};

base::Result<Opened> open_model(const VersionFiles& files) {
  TRY_ASSIGN(const auto recipe_text, files.open("sooth.yaml", kRecipeBytesMax));
  Opened opened;
  opened.recipe = base::as_text(recipe_text.bytes);
  TRY_ASSIGN(const model::Recipe recipe, model::parse_recipe("sooth.yaml", opened.recipe));
  TRY_ASSIGN(opened.bytes, files.open(recipe.model, kModelBytesMax));
  if (sklearn::is_booster_file(opened.bytes.bytes)) return opened;
  TRY_ASSIGN(opened.document, pickle::Document::read(opened.bytes.bytes, {}, &files));
  opened.outline = sklearn::make_outline(opened.document->root());
  return opened;
}

Facts parameters_of(const Opened& opened) {
  Facts facts;
  facts["recipe"] = cut(opened.recipe);
  if (opened.document) add_facts(opened.outline, "", facts);
  return facts;
}

std::vector<Difference::Item> learned_of(const Opened& before, const Opened& after) {
  if (before.document && after.document) return compare_learned(before.outline, after.outline);
  const bool texts =
      sklearn::is_lightgbm_text(before.bytes.bytes) && sklearn::is_lightgbm_text(after.bytes.bytes);
  if (!texts) return {};
  return compare_boosters("model", base::as_text(before.bytes.bytes),
                          base::as_text(after.bytes.bytes));
}

Facts signature_of(const model::Description& description) {
  Facts facts;
  for (const auto& input : description.inputs) {
    facts["input " + base::quote(input.name)] =
        input.type + (input.used ? "" : ", not read") + (input.optional ? ", may be omitted" : "") +
        (input.categories.empty() ? "" : fmt::format(", {}", fmt::join(input.categories, " | ")));
  }
  for (const auto& output : description.outputs) {
    facts["output " + output.method] = fmt::format(
        "{} columns{}", output.columns,
        output.classes.empty() ? "" : fmt::format(", {}", fmt::join(output.classes, " | ")));
  }
  if (const auto& network = description.network) {
    const auto add = [&](std::string_view what, const std::vector<engine::TensorSpec>& ends) {
      for (const auto& end : ends) {
        facts[fmt::format("{} {}", what, base::quote(end.name))] = engine::tensor_form(end);
      }
    };
    add("network input", network->inputs);
    add("network output", network->outputs);
  }
  if (description.candidates > 0) facts["candidates"] = std::to_string(description.candidates);
  return facts;
}

Facts files_of(const model::Description& description) {
  Facts facts;
  for (const auto& file : description.files) {
    facts["file " + file.name] =
        fmt::format("{} bytes, {}", file.size, file.digest.text().substr(0, 19));
  }
  return facts;
}

std::vector<Difference::Item> compare(const Facts& before, const Facts& after) {
  std::vector<Difference::Item> items;
  for (const auto& [what, value] : before) {
    const auto other = after.find(what);
    if (other == after.end()) {
      items.push_back({what, value, ""});
    } else if (other->second != value) {
      items.push_back({what, value, other->second});
    }
  }
  for (const auto& [what, value] : after) {
    if (!before.contains(what)) items.push_back({what, "", value});
  }
  return items;
}

// The rows in the order of another signature's columns. A column that only one of the two knows is
// left out, or missing, where the other does not read it.
base::Result<scorer::Examples> bind_rows(const scorer::Golden& golden,
                                         const data::Signature& signature) {
  scorer::Examples bound;
  bound.queries = golden.examples.queries;
  bound.rows.resize(golden.examples.rows.size());
  for (const data::Column& column : signature.columns) {
    const auto at = std::find(golden.columns.begin(), golden.columns.end(), column.name);
    if (at == golden.columns.end() && column.required()) {
      return base::Error(base::Code::NotFound,
                         fmt::format("the golden rows have no column {}, which the second reads",
                                     base::quote(column.name)));
    }
    const auto c = static_cast<std::size_t>(at - golden.columns.begin());
    for (std::size_t r = 0; r < bound.rows.size(); ++r) {
      const auto& row = golden.examples.rows[r];
      bound.rows[r].push_back(c < row.size() ? row[c] : scorer::Examples::Cell());
    }
  }
  return bound;
}

// The requests with the tensors in the order of another network's inputs.
base::Result<void> bind_requests(const engine::Network& network, scorer::Golden& golden) {
  for (scorer::TensorRequest& each : golden.examples.requests) {
    TRY_ASSIGN(each, scorer::make_request(network, std::move(each)));
  }
  return {};
}

void compare_requests(const scorer::Golden& golden, const std::vector<scorer::TensorAnswer>& ours,
                      model::Parity& parity) {
  for (std::size_t r = 0; r < std::min(golden.outputs.size(), ours.size()); ++r) {
    for (const scorer::KeptTensor& each : golden.outputs[r]) {
      const auto same = std::ranges::find(ours[r], each.name, &engine::NamedTensor::name);
      const bool compared = same != ours[r].end() && scorer::compare(each, *same, r, parity).ok();
      if (!compared && r == 0) parity.not_compared.push_back("output " + base::quote(each.name));
    }
  }
}

base::Result<void> compare_answers(const VersionFiles& before, const VersionFiles& after,
                                   const engine::Loader* networks, Difference& difference) {
  TRY_ASSIGN(scorer::Golden golden, read_golden(before));
  TRY_ASSIGN(const auto scorer, scorer::Scorer::load(after, "after", {.networks = networks}));
  if (const auto* columns = scorer->columns()) {
    TRY_ASSIGN(golden.examples, bind_rows(golden, columns->signature()));
  }
  if (const auto* network = scorer->tensors()) TRY(bind_requests(*network, golden));
  TRY_ASSIGN(const scorer::Answers answers, scorer::answer(*scorer, golden.examples));
  model::Parity parity;
  parity.against = "the answers before";
  for (const scorer::Answered& each : golden.answers) {
    const auto same =
        std::find_if(answers.answered.begin(), answers.answered.end(),
                     [&](const scorer::Answered& other) { return other.method == each.method; });
    if (same == answers.answered.end() || same->rows() != each.rows()) {
      parity.not_compared.push_back(each.method);
    } else {
      scorer::compare(each, *same, parity);
    }
  }
  compare_requests(golden, answers.outputs, parity);
  if (parity.values == 0) {
    return base::Error(base::Code::NotFound, "the two have no answer in common to compare");
  }
  difference.answers = std::move(parity);
  return {};
}

void append_items(std::string_view title, const std::vector<Difference::Item>& items,
                  std::string& text) {
  if (items.empty()) return;
  text += fmt::format("{}\n", title);
  for (const Difference::Item& each : items) {
    text += fmt::format("  {}\n", base::printable(each.what));
    if (!each.before.empty()) text += fmt::format("    - {}\n", base::printable(each.before));
    if (!each.after.empty()) text += fmt::format("    + {}\n", base::printable(each.after));
  }
}

ordered_json items_json(const std::vector<Difference::Item>& items) {
  ordered_json array = ordered_json::array();
  for (const Difference::Item& each : items) {
    array.push_back({{"what", each.what}, {"before", each.before}, {"after", each.after}});
  }
  return array;
}

}  // namespace

base::Result<model::Description> find_description(const oci::Layout& layout,
                                                  const base::Digest& version) {
  TRY_ASSIGN(const auto blob, layout.open(version, oci::kManifestBytesMax));
  TRY_ASSIGN(oci::Manifest manifest, oci::Manifest::parse(base::as_text(blob->bytes())));
  // What describes a version lies in its last layer, so the others need not be read.
  if (manifest.layers.size() > 1) {
    manifest.layers.erase(manifest.layers.begin(), manifest.layers.end() - 1);
  }
  TRY_ASSIGN(const auto files, VersionFiles::open_layers(layout, manifest.layers, version.text()));
  return read_description(*files);
}

base::Result<Difference> find_difference(const oci::Layout& layout, const base::Digest& before,
                                         const base::Digest& after,
                                         const engine::Loader* networks) {
  TRY_ASSIGN(const auto first, VersionFiles::open(layout, before));
  TRY_ASSIGN(const auto second, VersionFiles::open(layout, after));
  TRY_ASSIGN(const model::Description old_one, read_description(*first));
  TRY_ASSIGN(const model::Description new_one, read_description(*second));
  Difference difference;
  // Of a network there are but its answers.
  if (old_one.engine == kNative && new_one.engine == kNative) {
    TRY_ASSIGN(const Opened old_model, open_model(*first));
    TRY_ASSIGN(const Opened new_model, open_model(*second));
    difference.parameters = compare(parameters_of(old_model), parameters_of(new_model));
    difference.learned = learned_of(old_model, new_model);
  }
  difference.signature = compare(signature_of(old_one), signature_of(new_one));
  difference.files = compare(files_of(old_one), files_of(new_one));
  if (auto compared = compare_answers(*first, *second, networks, difference); !compared.ok()) {
    difference.answers_note = compared.error().message();
  }
  return difference;
}

std::string to_text(const Difference& difference) {
  std::string text;
  append_items("parameters", difference.parameters, text);
  append_items("learned", difference.learned, text);
  append_items("signature", difference.signature, text);
  append_items("files", difference.files, text);
  if (const auto& answers = difference.answers) {
    text += fmt::format("answers on {} golden rows\n  {} of {} values are the same", answers->rows,
                        answers->equal, answers->values);
    if (answers->labels_differ > 0)
      text += fmt::format(", {} labels differ", answers->labels_differ);
    if (answers->rel_max > 0) {
      text += fmt::format(", the largest relative difference is {:.3g}, at {}", answers->rel_max,
                          base::printable(answers->worst));
    }
    for (const std::string& each : answers->not_compared) {
      text += fmt::format("\n  not compared: {}", base::printable(each));
    }
    text += "\n";
  } else {
    text += fmt::format("answers: {}\n", base::printable(difference.answers_note));
  }
  return text;
}

std::string to_json(const Difference& difference) {
  ordered_json body = {{"parameters", items_json(difference.parameters)},
                       {"learned", items_json(difference.learned)},
                       {"signature", items_json(difference.signature)},
                       {"files", items_json(difference.files)}};
  if (difference.answers) {
    body["answers"] = ordered_json::parse(model::to_json(*difference.answers));
  } else {
    body["answers"] = {{"note", difference.answers_note}};
  }
  return body.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace publish
