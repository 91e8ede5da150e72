#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/files.h"
#include "base/result.h"
#include "fitted/estimator.h"
#include "fitted/object.h"
#include "pickle/value.h"
#include "text/unicode.h"

namespace fitted {

class Registry;

struct ReadOptions {
  // Whose rules of str and re the text steps follow.
  text::PythonVersion python;
  // Keep tree ensembles as they were read, for the pair factorisation.
  bool keep_trees = false;
  // Note which libraries wrote the file, which costs a walk through all of it.
  bool find_origin = false;
  // For few rows: these bytes of the file stay as they are for as long as their holder lives, so
  // what is large is read where it lies in them, and not copied.
  base::HeldBytes in_place = {};
  // Classes that nobody here knows, and the one that each answers as, since the model's owner says
  // so: "__main__.Mine", "lightgbm.LGBMClassifier". A class that is known stays what it is.
  std::vector<std::pair<std::string, std::string>> classes = {};
};

// Refuses classes of the owner's where they mean nothing: `what` is no pickle, "a network", and so
// holds no class of anybody's.
base::Result<void> refuse_classes(const std::vector<std::pair<std::string, std::string>>& classes,
                                  std::string_view what);

// What cannot be run: where in the model, and why.
struct Problem {
  std::string path;  // "steps[1] \"model\""
  base::Error error;
};

// Reads estimators from values, the parts of a composite through itself. A part that cannot be
// run does not stop the reading: it is remembered, so that a person sees all of them at once. One
// that contains itself does. Whoever reads a root asks check_unfolded (unfolded.h) first.
class Reader {
 public:
  // `registry` outlives the reader.
  Reader(const Registry& registry, ReadOptions options)
      : registry_(registry), options_(std::move(options)) {}

  const ReadOptions& options() const { return options_; }
  const std::vector<Problem>& problems() const { return problems_; }

  // The estimator at `path` of the model. Gives null where it, or a part of it, is a problem, now
  // remembered: whoever is made of parts sees only those that are whole.
  EstimatorPtr read(pickle::Value value, std::string_view path);

  // Counts values that the file does not hold one by one: a slice of a million columns is three
  // numbers in it. False once they are too many.
  bool spend(std::size_t values);

 private:
  base::Result<EstimatorPtr> read_here(pickle::Value value);

  const Registry& registry_;
  ReadOptions options_;
  Release release_;
  std::vector<std::string> path_;
  std::vector<pickle::Value> open_;  // What is being read, from the root down.
  std::size_t count_ = 0;
  std::size_t spent_ = 0;
  std::size_t failures_ = 0;
  std::vector<Problem> problems_;
};

}  // namespace fitted
