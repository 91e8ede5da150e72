#pragma once

#include <string>

#include "base/result.h"
#include "cli/world.h"
#include "scorer/scorer.h"

namespace cli {

// What a network is asked, and where the answer goes.
struct NetworkPredict {
  std::string input;
  std::string output = "-";
  std::string format;  // Empty: what the output's name says.
};

// Answers of a network of tensors to a request of a file (.npz, .npy or JSON): JSON of the Open
// Inference Protocol, or an .npz where the output's name ends so.
base::Result<void> predict_tensors(const scorer::Scorer& scorer, const NetworkPredict& asked,
                                   World& world);

// The categories of the picture in a file, or of each picture in a folder: JSON lines of the best,
// or as CSV or TSV the score of every category, which `sooth register --expected` takes.
base::Result<void> predict_pictures(const scorer::Scorer& scorer, const NetworkPredict& asked,
                                    World& world);

}  // namespace cli
