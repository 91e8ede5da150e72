#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/description.h"
#include "publish/source.h"
#include "publish/version_image.h"
#include "workspace/workspace.h"

namespace engine {
class Loader;
}

namespace publish {

// What somebody wants registered, and how far it may be trusted.
struct Registration {
  std::string path;    // A model's file, or a folder with sooth.yaml, MLmodel or a network.
  std::string name;    // Empty: what the recipe or the path says.
  std::string recipe;  // Path of a sooth.yaml in place of the folder's own; empty: none.
  // model::Recipe::classes, of a model without a sooth.yaml.
  std::vector<std::pair<std::string, std::string>> classes;
  // Paths of examples; none: the folder's own, else some are made.
  std::vector<std::string> example;
  // Paths of the answers to them, of tensors as many as there are requests; none: nothing to
  // compare with.
  std::vector<std::string> expected;
  std::map<std::string, std::string> labels;
  std::string alias;  // Moved to the version; empty: none.
  // Of the largest relative error; nothing: 1e-9, and of a network, whose sums depend on the
  // machine, what its replay allows.
  std::optional<double> tolerance;

  // Answers of the original library to the examples, or the first of them; called once the files
  // are written. What it gives is compared beside `expected`, under the name that it gives itself.
  struct Verdict {
    std::string against;
    std::vector<scorer::Answered> answers;
    std::vector<std::string> not_compared;
  };
  // What networks are loaded with; null: they are refused.
  const engine::Loader* networks = nullptr;
  std::function<base::Result<Verdict>(const Source& source, const scorer::Scorer& scorer,
                                      const scorer::Examples& examples)>
      verify;
};

struct Registered {
  workspace::Version version;
  bool is_new = true;
  model::Description description;
  std::string description_json;  // The same, as the version holds it; always there.
  std::vector<std::string> notes;
};

// What registration is doing, for whoever waits: bytes of the files stored so far, of how many.
using OnProgress = std::function<void(std::uint64_t done, std::uint64_t all)>;

// Proves a model and keeps it: its files are written, the plan is compiled from what was written,
// the examples are scored, compared where there is something to compare with, and become the
// golden rows. Meanwhile the files are digested and go to the disk. Refuses a model that cannot be
// run (Unsupported), and one whose answers are beyond the tolerance (Conflict, with the report in
// the message); then nothing is registered. A network whose recipe asks for another provider than
// the runtime's own kernels is loaded by both, and both have to agree (agreement.h).
base::Result<Registered> register_model(workspace::Workspace& workspace,
                                        const Registration& registration,
                                        const OnProgress& on_progress);

}  // namespace publish
