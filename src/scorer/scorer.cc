#include "scorer/scorer.h"

#include <utility>

#include <malloc.h>

#include <fmt/format.h>

#include "base/file.h"
#include "pickle/document.h"
#include "sklearn/model.h"

namespace scorer {
namespace {

constexpr std::uint64_t kRecipeBytesMax = 256 * 1024;

// A model's folder and what its sooth.yaml says; of a lone file, what can be said without one.
struct Source {
  std::string folder;  // Empty for a lone file.
  std::string file;
  model::Recipe recipe;
};

base::Result<Source> find_source(const std::string& path, const Scorer::Options& options) {
  Source source;
  if (!base::is_directory(path)) {
    source.file = path;
    source.recipe.python = options.python;
    source.recipe.name = model::name_from_path(path);
    return source;
  }
  source.folder = path;
  TRY_ASSIGN(const std::string text, base::read_beneath(path, "sooth.yaml", kRecipeBytesMax));
  TRY_ASSIGN(source.recipe, model::parse_recipe(path + "/sooth.yaml", text));
  if (source.recipe.name.empty()) source.recipe.name = model::name_from_path(path);
  source.file = path + "/" + source.recipe.model;
  return source;
}

base::Result<sklearn::Model> read_model(const Source& source, const Scorer::Options& options) {
  pickle::Limits limits;
  limits.file_bytes = options.model_bytes_max;
  auto document = pickle::Document::open(source.file, limits);
  if (!document.ok()) return std::move(document).error();
  const bool pairs = source.recipe.match && source.recipe.match->by == model::MatchBy::Pairs;
  return sklearn::Model::read(document->root(),
                              {.python = source.recipe.python, .keep_trees = pairs});
}

}  // namespace

base::Result<std::shared_ptr<const Scorer>> Scorer::load(const std::string& path,
                                                         const Options& options) {
  TRY_ASSIGN(Source source, find_source(path, options));
  auto model = read_model(source, options);
  if (!model.ok()) return std::move(model).error().within(source.file);
  const std::string title = model->title();
  std::shared_ptr<const Scorer> made;
  if (const auto& match = source.recipe.match) {
    TRY_ASSIGN(const std::string text,
               base::read_beneath(source.folder, match->candidates, options.candidates_bytes_max));
    TRY_ASSIGN(Candidates candidates,
               Candidates::parse(source.folder + "/" + match->candidates, text, *match));
    TRY_ASSIGN(MatchScorer scorer, MatchScorer::make(*model, *match, std::move(candidates),
                                                     {.plain_pairs = options.plain_pairs}));
    made.reset(new Scorer(std::move(source.recipe), title, std::move(scorer)));
  } else {
    TRY_ASSIGN(ColumnsScorer scorer, ColumnsScorer::make(*model));
    made.reset(new Scorer(std::move(source.recipe), title, std::move(scorer)));
  }
  // Reading needs several times what the plan keeps; that goes back to the system.
  model = base::Error(base::Code::Internal, "");
  ::malloc_trim(0);
  return made;
}

double Scorer::cost_us() const {
  if (const MatchScorer* scorer = match()) return scorer->query_us();
  return columns()->plan(columns()->default_method()).row_us();
}

}  // namespace scorer
