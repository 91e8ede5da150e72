#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "contract/answer.h"
#include "data/datatype.h"
#include "data/signature.h"
#include "engine/tensor.h"
#include "plan/plan.h"
#include "scorer/scorer.h"

namespace contract {

// What a deployment takes and gives, in the words that all protocols share. A match takes one
// column of texts, "input", what sees pictures one of them, "image", and both give three outputs; a
// model of rows takes its columns, and each method that it has is an output; a network takes and
// gives its tensors. Made once for a deployment; immutable, and the scorer outlives it.
class Offer {
 public:
  // What to do with numbers that JSON cannot write.
  struct Numbers {
    bool accept_nan = true;   // NaN, Infinity and -Infinity of requests; else they are refused.
    bool answer_nan = false;  // Written as such in answers; else as null.
  };
  enum class Shape : std::uint8_t {
    Vector,  // [rows]
    Matrix,  // [rows, width]
    Ranked,  // [rows, k]
    Tensor,  // As the network says.
  };
  struct Output {
    std::string name;
    data::Datatype datatype = data::Datatype::Fp64;
    Shape shape = Shape::Vector;
    // Of a Vector 1; of what is Ranked, where the request says it, and of a Tensor 0.
    std::size_t width = 1;
    // Of a model of rows.
    plan::Method method = plan::Method::Predict;
    const plan::Output* columns = nullptr;
    std::optional<AnswerText> text;
    const engine::TensorSpec* tensor = nullptr;  // Of a network.
  };
  // The outputs of what is ranked, in their order; of a picture the second is a name.
  static constexpr std::size_t kId = 0;
  static constexpr std::size_t kAnswerId = 1;
  static constexpr std::size_t kProbability = 2;

  Offer(const scorer::Scorer& scorer, Numbers numbers);

  const data::Signature& inputs() const { return inputs_; }
  // Whether requests may be tables, and the columns of those: inputs(), or, of a network that takes
  // one matrix of numbers, [rows, columns], x0, x1 and so on.
  bool takes_tables() const { return !tensors_ || !matrix_columns_.columns.empty(); }
  const data::Signature& table() const { return tensors_ ? matrix_columns_ : inputs_; }
  const std::vector<Output>& outputs() const { return outputs_; }
  const Numbers& numbers() const { return numbers_; }
  bool is_image() const { return image_; }
  bool is_tensors() const { return tensors_; }
  // What a network takes: of pictures the one tensor that they are prepared to, which may be sent
  // in their place; of rows none.
  std::span<const engine::TensorSpec> tensor_inputs() const { return tensor_inputs_; }
  // What computes, by the names that the Open Inference Protocol's clients know.
  std::string_view platform() const {
    return image_ || tensors_ ? "onnxruntime_onnx" : "sooth_native";
  }
  // Whether candidates are given best first: of a match, or the categories of a picture.
  bool is_ranked() const { return candidates_ != nullptr; }
  // Of what is ranked.
  const scorer::Candidates& candidates() const { return *candidates_; }
  // Whether all inputs are of one type, and so may come as one matrix.
  bool is_matrix() const;

  // The output of that name, as the client wrote it; `what` is what an error calls its place.
  base::Result<std::size_t> find_output(std::string_view name, std::string_view what) const;
  // What a client of the Open Inference Protocol gets who names no outputs: of a model of rows
  // predict, predict_proba, decision_function and transform; others are for whoever asks by name,
  // since a forest's leaves or a model's neighbours cost more than the answer.
  std::size_t unasked_outputs() const;
  // The most columns of such a matrix.
  static constexpr std::int64_t kMatrixColumnsMax = 10'000;
  // What a protocol answers that knows one method only: all of what is ranked or a network's, else
  // the first method.
  std::size_t usual_outputs() const { return is_ranked() || tensors_ ? outputs_.size() : 1; }

 private:
  void offer_ranked(std::string_view second);
  void offer_rows(const scorer::ColumnsScorer& columns);
  void offer_tensors(const engine::Network& network);

  const Numbers numbers_;
  const bool image_;
  const bool tensors_;
  const scorer::Candidates* candidates_ = nullptr;
  data::Signature inputs_;
  std::vector<Output> outputs_;
  std::vector<engine::TensorSpec> tensor_inputs_;
  data::Signature matrix_columns_;
};

}  // namespace contract
