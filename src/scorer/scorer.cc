#include "scorer/scorer.h"

#include <utility>

#include <malloc.h>

#include <fmt/format.h>

#include "base/file.h"
#include "base/text.h"
#include "engine/loader.h"
#include "pickle/limits.h"
#include "scorer/labels.h"
#include "scorer/network_folder.h"
#include "sklearn/model.h"

namespace scorer {
namespace {

constexpr std::uint64_t kRecipeBytesMax = 256 * 1024;
// What reading a smaller model has needed is soon needed again, and giving memory back costs time
// for all that there is: of two thousand small models, more than reading them.
constexpr std::uint64_t kTrimmedBytesMin = 1 << 20;
// Until it has been seen: long enough to be computed by a worker.
constexpr double kNetworkUs = 10'000;

// The files in one folder of others.
class FilesBelow final : public base::Files {
 public:
  FilesBelow(const base::Files& files, std::string_view file)
      : files_(files), prefix_(file.substr(0, file.rfind('/') + 1)) {}

  base::Result<base::HeldBytes> open(const std::string& name,
                                     std::uint64_t bytes_max) const override {
    return files_.open(prefix_ + name, bytes_max);
  }
  std::string place(const std::string& name) const override { return files_.place(prefix_ + name); }

 private:
  const base::Files& files_;
  std::string prefix_;
};

// One file by its path, which may lead through links as its owner likes, and what lies beside it.
class LoneFile final : public base::Files {
 public:
  explicit LoneFile(const std::string& path)
      : path_(path), file_(path.substr(path.rfind('/') + 1)), beside_(folder_of(path)) {}

  base::Result<base::HeldBytes> open(const std::string& name,
                                     std::uint64_t bytes_max) const override {
    if (name != file_) return beside_.open(name, bytes_max);
    TRY_ASSIGN(auto file, base::MappedFile::open(path_, bytes_max));
    return base::HeldBytes{file->bytes(), file, {.descriptor = file->descriptor()}};
  }
  std::string place(const std::string& name) const override {
    return name == file_ ? path_ : beside_.place(name);
  }

 private:
  static std::string folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
  }

  std::string path_;
  std::string file_;
  base::FolderFiles beside_;
};

// A model, and how large its file is.
struct ModelRead {
  sklearn::Model model;
  std::uint64_t bytes = 0;
};

base::Result<ModelRead> read_model(const model::Recipe& recipe, const base::Files& files,
                                   const Scorer::Options& options) {
  TRY_ASSIGN(const base::HeldBytes file, files.open(recipe.model, options.model_bytes_max));
  pickle::Limits limits;
  limits.file_bytes = options.model_bytes_max;
  const FilesBelow beside(files, recipe.model);
  const bool pairs = recipe.match && recipe.match->by == model::MatchBy::Pairs;
  auto model = sklearn::Model::read_file(file.bytes, &beside, limits,
                                         {.python = recipe.python,
                                          .keep_trees = pairs,
                                          .find_origin = options.find_origin,
                                          .in_place = options.in_place ? file : base::HeldBytes{},
                                          .classes = recipe.classes});
  if (!model.ok()) return std::move(model).error().within(base::quote(files.place(recipe.model)));
  return ModelRead{*std::move(model), file.bytes.size()};
}

// A network, and why it is not run as its recipe says.
struct Placed {
  std::unique_ptr<const engine::Network> network;
  std::string fallback;
};

base::Result<Placed> place_network(const model::Recipe& recipe, const base::Files& files,
                                   const Scorer::Options& options) {
  using Placing = Scorer::Placing;
  const engine::Settings& said = recipe.engine;
  const bool plain = options.placing == Placing::Plain || said.is_plain();
  auto network = options.networks->load(files, recipe.model, plain ? said.plain() : said);
  if (network.ok()) {
    return Placed{.network = *std::move(network), .fallback = plain ? options.fallback : ""};
  }
  if (plain || options.placing == Placing::AsSaid) return std::move(network).error();
  std::string because = network.error().message();
  TRY_ASSIGN(auto instead, options.networks->load(files, recipe.model, said.plain()));
  return Placed{.network = std::move(instead), .fallback = std::move(because)};
}

// Reading needs several times what the plan keeps; that goes back to the system.
void trim(std::uint64_t model_bytes) {
  if (model_bytes >= kTrimmedBytesMin) ::malloc_trim(0);
}

}  // namespace

base::Result<std::shared_ptr<const Scorer>> Scorer::load(const std::string& path,
                                                         const Options& options) {
  if (base::is_directory(path)) {
    const auto network = base::exists(path + "/sooth.yaml") ? std::nullopt : find_network(path);
    if (!network) return load(base::FolderFiles(path), model::name_from_path(path), options);
    model::Recipe recipe;
    recipe.name = model::name_from_path(path);
    recipe.model = *network;
    return make_network(std::move(recipe), base::FolderFiles(path), options);
  }
  model::Recipe recipe;
  recipe.python = options.python;
  recipe.classes = options.classes;
  recipe.name = model::name_from_path(path);
  recipe.model = path.substr(path.rfind('/') + 1);
  const LoneFile file(path);
  if (recipe.is_network()) return make_network(std::move(recipe), file, options);
  if (options.networks != nullptr) {
    TRY_ASSIGN(const base::HeldBytes held, file.open(recipe.model, options.model_bytes_max));
    if (options.networks->recognises(held.bytes)) {
      return make_network(std::move(recipe), file, options);
    }
  }
  TRY_ASSIGN(ModelRead read, read_model(recipe, file, options));
  auto made = make(std::move(recipe), std::move(read.model), nullptr, options);
  trim(read.bytes);
  return made;
}

base::Result<std::shared_ptr<const Scorer>> Scorer::load(const base::Files& files,
                                                         std::string_view name,
                                                         const Options& options) {
  TRY_ASSIGN(const base::HeldBytes text, files.open("sooth.yaml", kRecipeBytesMax));
  TRY_ASSIGN(model::Recipe recipe,
             model::parse_recipe(files.place("sooth.yaml"), base::as_text(text.bytes)));
  if (recipe.name.empty()) recipe.name = name;
  if (recipe.image || recipe.is_network()) {
    return make_network(std::move(recipe), files, options);
  }
  TRY_ASSIGN(ModelRead read, read_model(recipe, files, options));
  auto made = make(std::move(recipe), std::move(read.model), &files, options);
  trim(read.bytes);
  return made;
}

base::Result<std::shared_ptr<const Scorer>> Scorer::make(model::Recipe recipe, sklearn::Model read,
                                                         const base::Files* files,
                                                         const Options& options) {
  const sklearn::Model model = std::move(read);
  if (const auto& match = recipe.match) {
    TRY_ASSIGN(const base::HeldBytes text,
               files->open(match->candidates, options.candidates_bytes_max));
    TRY_ASSIGN(Candidates candidates, Candidates::parse(files->place(match->candidates),
                                                        base::as_text(text.bytes), *match));
    TRY_ASSIGN(MatchScorer scorer, MatchScorer::make(model, *match, std::move(candidates),
                                                     {.plain_pairs = options.plain_pairs}));
    return std::shared_ptr<const Scorer>(new Scorer(std::move(recipe), model, std::move(scorer)));
  }
  const auto& columns = recipe.columns.empty() ? options.columns : recipe.columns;
  TRY_ASSIGN(ColumnsScorer scorer, ColumnsScorer::make(model, columns));
  return std::shared_ptr<const Scorer>(new Scorer(std::move(recipe), model, std::move(scorer)));
}

const engine::Network* Scorer::network() const {
  return image() != nullptr ? &image()->network() : tensors();
}

engine::Placement Scorer::placement() const {
  return network() != nullptr ? network()->placement() : engine::Placement{};
}

base::Result<std::shared_ptr<const Scorer>> Scorer::make_network(model::Recipe recipe,
                                                                 const base::Files& files,
                                                                 const Options& options) {
  if (options.networks == nullptr) {
    return base::Error(
        base::Code::Unsupported,
        fmt::format("{}: expected no network, got one", base::quote(files.place(recipe.model))));
  }
  TRY(fitted::refuse_classes(recipe.classes, "a network"));
  TRY_ASSIGN(Placed placed, place_network(recipe, files, options));
  const std::string title = "ONNX network";
  const auto made = [&](Kind kind) {
    auto* scorer = new Scorer(std::move(recipe), title, std::move(kind));
    scorer->fallback_ = std::move(placed.fallback);
    return std::shared_ptr<const Scorer>(scorer);
  };
  if (!recipe.image) return made(std::shared_ptr<const engine::Network>(std::move(placed.network)));
  TRY_ASSIGN(ImageScorer image, make_image(std::move(placed.network), recipe, files, options));
  return made(std::move(image));
}

base::Result<ImageScorer> Scorer::make_image(std::unique_ptr<const engine::Network> network,
                                             const model::Recipe& recipe, const base::Files& files,
                                             const Options& options) {
  const model::Image& image = *recipe.image;
  TRY_ASSIGN(const base::HeldBytes text, files.open(image.labels, options.candidates_bytes_max));
  TRY_ASSIGN(Candidates labels, parse_labels(files.place(image.labels), base::as_text(text.bytes)));
  auto made = ImageScorer::make(std::move(network), image, std::move(labels));
  if (!made.ok()) return std::move(made).error().within(base::quote(files.place(recipe.model)));
  return made;
}

Scorer::Scorer(model::Recipe recipe, const sklearn::Model& model, Kind kind)
    : recipe_(std::move(recipe)),
      title_(model.title()),
      kind_(std::move(kind)),
      written_by_(model.written_by()) {}

double Scorer::replay_tolerance() const {
  if (image() == nullptr && tensors() == nullptr) return 1e-12;
  const engine::Settings& settings = recipe_.engine;
  // What may be lost to bf16 is not lost where it is not used.
  const bool in_fp32 = settings.precision == engine::Precision::Bf16 &&
                       placement().precision != engine::Precision::Bf16;
  return in_fp32 ? engine::kFp32Agreement : settings.agreement;
}

double Scorer::cost_us() const {
  if (image() != nullptr || tensors() != nullptr) return kNetworkUs;
  if (const MatchScorer* scorer = match()) return scorer->query_us();
  return columns()->plan(columns()->default_method()).row_us();
}

}  // namespace scorer
