#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "companions/words.h"

namespace companions {

// What only transforms, as nearly all of this room does.
class Transformer : public Estimator {
 public:
  bool has(Method method) const override { return method == Method::Transform; }

 protected:
  virtual base::Result<Port> transform(Builder& builder, const Port& input) const = 0;

 private:
  base::Result<Port> steps(Method, Builder& builder, const Port& input) const override {
    return transform(builder, input);
  }
};

// Gives what it gets.
class Unchanged final : public Transformer {
 private:
  base::Result<Port> transform(Builder&, const Port& input) const override { return input; }
};

// One after another; a null one passes everything through.
class Chain final : public Transformer {
 public:
  explicit Chain(std::vector<EstimatorPtr> steps) : steps_(std::move(steps)) {}

 private:
  base::Result<Port> transform(Builder& builder, const Port& input) const override {
    Port port = input;
    for (const EstimatorPtr& step : steps_) {
      if (step == nullptr) continue;
      TRY_ASSIGN(port, step->emit(Method::Transform, builder, port));
    }
    return port;
  }

  std::vector<EstimatorPtr> steps_;
};

}  // namespace companions
