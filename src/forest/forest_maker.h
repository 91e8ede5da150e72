#pragma once

#include <cstddef>
#include <memory>

#include "base/result.h"
#include "forest/ensemble.h"
#include "forest/packed.h"
#include "forest/traversal.h"

namespace forest {

// Makes a Forest of trees that come one after another, none of which is kept: a large forest is
// never there twice.
class ForestMaker {
 public:
  // `shape`: an ensemble, of which all but the trees counts. `children`: as many as the trees that
  // come will have (count_children). `plain`: none of them has a categorical decision or one for
  // which zero is missing.
  static base::Result<std::unique_ptr<ForestMaker>> start(Ensemble shape, std::size_t children,
                                                          bool plain);
  // Refuses what Forest::make refuses.
  base::Result<void> add(const Tree& tree);
  Forest finish() &&;

 private:
  ForestMaker(Ensemble shape, std::size_t children, bool plain);

  const Ensemble shape_;
  const bool plain_;
  TreeChecker checker_;
  std::unique_ptr<Packing> packing_;
};

}  // namespace forest
