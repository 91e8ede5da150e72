#include "companions/category_wrappers.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "companions/category_columns.h"
#include "companions/transformer.h"

namespace companions {
namespace {

class ClassEncoders final : public Transformer {
 public:
  struct Part {
    std::string label;
    EstimatorPtr encoder;
    std::vector<std::string> columns;
  };
  explicit ClassEncoders(std::vector<Part> parts) : parts_(std::move(parts)) {}

 private:
  base::Result<Port> transform(Builder& builder, const Port& input) const override {
    std::vector<Port> ports;
    for (const Part& part : parts_) {
      TRY_ASSIGN(const Port all, part.encoder->emit(Method::Transform, builder, input));
      TRY_ASSIGN(Port port, builder.select(all, places(all, part)));
      port.names.clear();
      for (const std::string& name : part.columns) {
        port.names.push_back(fmt::format("{}_{}", name, part.label));
      }
      ports.push_back(std::move(port));
      if (&part != &parts_.back()) continue;
      std::vector<std::size_t> rest;
      Port others;
      for (std::size_t i = 0; i < all.names.size(); ++i) {
        if (!is_encoded(part, all.names[i])) rest.push_back(i);
      }
      if (rest.empty()) break;
      TRY_ASSIGN(others, builder.select(all, rest));
      ports.insert(ports.begin(), std::move(others));
    }
    return builder.hstack(ports);
  }

  static bool is_encoded(const Part& part, const std::string& name) {
    return std::find(part.columns.begin(), part.columns.end(), name) != part.columns.end();
  }
  // Where the encoded columns are; past the end where there is none, which select refuses.
  static std::vector<std::size_t> places(const Port& all, const Part& part) {
    std::vector<std::size_t> found;
    for (const std::string& name : part.columns) {
      found.push_back(static_cast<std::size_t>(std::find(all.names.begin(), all.names.end(), name) -
                                               all.names.begin()));
    }
    return found;
  }

  std::vector<Part> parts_;
};

}  // namespace

Made read_nested_encoder(const Object& object, Reader& reader) {
  TRY_ASSIGN(const Value value, object.get("feature_encoder"));
  auto encoder = reader.read(value, "feature_encoder");
  if (encoder == nullptr) return std::make_unique<Unchanged>();
  return std::make_unique<Chain>(std::vector{std::move(encoder)});
}

Made read_class_encoders(const Object& object, Reader& reader) {
  TRY_ASSIGN(const Value encoders, object.get("feature_encoders"));
  std::vector<ClassEncoders::Part> parts;
  for (const pickle::Entry& entry : encoders.entries()) {
    const auto label = entry.key.as_string();
    if (!label) return object.unexpected("feature_encoders", "names of classes", entry.key);
    ClassEncoders::Part part{.label = std::string(*label), .encoder = nullptr, .columns = {}};
    TRY_ASSIGN(const Object encoder, Object::of(entry.value, object.release()));
    TRY_ASSIGN(part.columns, column_labels(encoder, "cols"));
    part.encoder =
        reader.read(entry.value, fmt::format("feature_encoders[{}]", base::quote(*label)));
    if (part.encoder == nullptr) return std::make_unique<Unchanged>();
    parts.push_back(std::move(part));
  }
  if (parts.empty()) {
    return object.unexpected("feature_encoders", "an encoder for each class", "none");
  }
  return std::make_unique<ClassEncoders>(std::move(parts));
}

}  // namespace companions
