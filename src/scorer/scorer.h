#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/files.h"
#include "base/result.h"
#include "engine/settings.h"
#include "model/recipe.h"
#include "scorer/columns_scorer.h"
#include "scorer/image_scorer.h"
#include "scorer/match_scorer.h"

namespace engine {
class Loader;
}
namespace sklearn {
class Model;
}

namespace scorer {

// A loaded model: what a recipe and a plan make of a request. Immutable; shared by threads.
class Scorer {
 public:
  // What computes a network.
  enum class Placing : std::uint8_t {
    Plain,    // The runtime's own kernels, whatever the recipe says.
    AsSaid,   // What the recipe says, or it is refused.
    OrPlain,  // What the recipe says where that can be had, else those kernels.
  };
  struct Options {
    std::uint64_t model_bytes_max = std::uint64_t{4} << 30U;
    std::uint64_t candidates_bytes_max = std::uint64_t{1} << 30U;
    // For a model without a recipe, which says them itself (model::Recipe).
    text::PythonVersion python;
    std::vector<std::pair<std::string, std::string>> classes;
    // A row's columns, where neither the model nor its recipe says them.
    std::vector<std::string> columns;
    bool plain_pairs = false;  // See MatchOptions.
    bool find_origin = false;  // For written_by().
    // For few rows: the model's file stays as it is while the scorer lives, so what is large is
    // read where it lies in it, and not copied.
    bool in_place = false;
    // What networks are loaded with, which outlives the call; null: they are refused.
    const engine::Loader* networks = nullptr;
    // Of a network whose recipe asks for another provider than the runtime's own kernels.
    Placing placing = Placing::Plain;
    std::string fallback;  // With Plain: why it is loaded so.
  };

  // `path` is a model's file, a folder with sooth.yaml, the model and what its recipe names, or one
  // with a network and no recipe.
  static base::Result<std::shared_ptr<const Scorer>> load(const std::string& path,
                                                          const Options& options);
  // The same of files that lie elsewhere, sooth.yaml among them. `name` is what the model is
  // called where its recipe does not say.
  static base::Result<std::shared_ptr<const Scorer>> load(const base::Files& files,
                                                          std::string_view name,
                                                          const Options& options);

  const std::string& name() const { return recipe_.name; }
  const model::Recipe& recipe() const { return recipe_; }
  // "sklearn.pipeline.Pipeline"
  const std::string& title() const { return title_; }
  // "scikit-learn 1.9.1"; where the options asked for it.
  const std::vector<std::string>& written_by() const { return written_by_; }
  // About how long one row or query takes, in microseconds.
  double cost_us() const;

  // The network that pictures or tensors go through; null where there is none.
  const engine::Network* network() const;
  // What computes it.
  engine::Placement placement() const;
  // Why that is not what the recipe says; empty: it is, or nobody asked.
  const std::string& fallback() const { return fallback_; }

  // How far an answer may be from the one of registration, which another machine computed: relative
  // where a plan computes, of a probability where a network does: what its owner says.
  double replay_tolerance() const;

  // One of the four.
  const ColumnsScorer* columns() const { return std::get_if<ColumnsScorer>(&kind_); }
  const MatchScorer* match() const { return std::get_if<MatchScorer>(&kind_); }
  const ImageScorer* image() const { return std::get_if<ImageScorer>(&kind_); }
  // A network whose requests are its tensors.
  const engine::Network* tensors() const {
    const auto* network = std::get_if<std::shared_ptr<const engine::Network>>(&kind_);
    return network != nullptr ? network->get() : nullptr;
  }

 private:
  static base::Result<std::shared_ptr<const Scorer>> make(model::Recipe recipe, sklearn::Model read,
                                                          const base::Files* files,
                                                          const Options& options);
  static base::Result<std::shared_ptr<const Scorer>> make_network(model::Recipe recipe,
                                                                  const base::Files& files,
                                                                  const Options& options);
  static base::Result<ImageScorer> make_image(std::unique_ptr<const engine::Network> network,
                                              const model::Recipe& recipe, const base::Files& files,
                                              const Options& options);
  using Kind =
      std::variant<ColumnsScorer, MatchScorer, ImageScorer, std::shared_ptr<const engine::Network>>;
  Scorer(model::Recipe recipe, const sklearn::Model& model, Kind kind);
  Scorer(model::Recipe recipe, std::string title, Kind kind)
      : recipe_(std::move(recipe)), title_(std::move(title)), kind_(std::move(kind)) {}

  model::Recipe recipe_;
  std::string title_;
  Kind kind_;
  std::vector<std::string> written_by_;
  std::string fallback_;
};

}  // namespace scorer
