#include "sklearn/preprocessing.h"

#include <memory>

namespace sklearn {
namespace {

using plan::Builder;
using plan::Method;
using plan::Port;

// func=None: what goes in comes out.
class Identity final : public Estimator {
 public:
  bool has(Method method) const override { return method == Method::Transform; }

 private:
  base::Result<Port> steps(Method, Builder&, const Port& input) const override { return input; }
};

Made read_function_transformer(const Object& object, Reader&) {
  if (const auto function = object.find("func")) {
    return object.unsupported("func", "None", describe(*function));
  }
  return std::make_unique<Identity>();
}

constexpr Entry kPreprocessing[] = {
    {"sklearn.preprocessing", "FunctionTransformer", read_function_transformer},
};

}  // namespace

std::span<const Entry> preprocessing_entries() { return kPreprocessing; }

}  // namespace sklearn
