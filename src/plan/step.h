#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "data/frame.h"
#include "plan/buffer.h"

namespace plan {

// Rows of a frame that lie one behind another.
struct Window {
  const data::Frame& frame;
  std::size_t first = 0;
  std::size_t rows = 0;

  static Window all_of(const data::Frame& frame) { return {frame, 0, frame.rows()}; }
};

// What a step reads: rows of the request's frame, and what earlier steps left of them, in the order
// in which the step was wired.
class Inputs {
 public:
  Inputs(const Window& window, std::span<const Buffer> buffers, std::span<const std::size_t> slots)
      : window_(window), buffers_(buffers), slots_(slots) {}

  std::size_t rows() const { return window_.rows; }
  // What the request calls a row.
  std::size_t row_of_request(std::size_t row) const { return window_.first + row; }
  data::ColumnType type(std::size_t column) const { return window_.frame.type(column); }
  // Writes those columns' numbers row by row.
  void read_numbers(std::span<const std::size_t> columns, double* to) const {
    window_.frame.read_numbers(columns, window_.first, window_.rows, to);
  }
  void read_numbers(std::size_t column, double* to) const {
    window_.frame.read_numbers(column, window_.first, window_.rows, to);
  }
  std::span<const std::string_view> texts(std::size_t column) const {
    return window_.frame.texts(column).subspan(window_.first, window_.rows);
  }
  std::size_t count() const { return slots_.size(); }
  const Buffer& operator[](std::size_t i) const { return buffers_[slots_[i]]; }

 private:
  Window window_;
  std::span<const Buffer> buffers_;
  std::span<const std::size_t> slots_;
};

// Memory that a step wants to keep from one run to the next; one per step and thread.
class State {
 public:
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  virtual ~State() = default;
};

// One typed operation on rows. Immutable: any number of threads may run it at once, each with its
// own buffers and state. Whoever makes a step has checked every shape and index that run() uses,
// so run() fails only for what rows can be wrong about (an unknown category, NaN where none may
// be) and then names row and column.
class Step {
 public:
  Step() = default;
  Step(const Step&) = delete;
  Step& operator=(const Step&) = delete;
  virtual ~Step() = default;

  // The columns of the frame that it reads; empty for a step that reads what others left.
  virtual std::span<const std::size_t> frame_columns() const { return {}; }
  // What it does, for people: "scale 30 columns".
  virtual std::string describe() const = 0;
  virtual std::unique_ptr<State> make_state() const { return nullptr; }
  virtual base::Result<void> run(const Inputs& in, Buffer& out, State* state) const = 0;
  // About how long one row takes, in nanoseconds, for choosing where to run it.
  virtual double row_ns() const = 0;
  // Whether it leaves the same as `other` to the same inputs, as far as that is quickly seen.
  virtual bool same_as(const Step& other) const { return this == &other; }
};

// A step and where it reads and writes.
struct Instruction {
  std::shared_ptr<const Step> step;
  std::vector<std::size_t> inputs;
  std::size_t output = 0;
};

// The memory of one thread that runs instructions: a buffer for each slot, a state for each step.
class Scratch {
 public:
  Scratch(std::span<const Instruction> instructions, std::size_t slots);

  Buffer& operator[](std::size_t slot) { return buffers_[slot]; }

 private:
  friend base::Result<void> run(std::span<const Instruction>, const Window&, Scratch&);
  std::vector<Buffer> buffers_;
  std::vector<std::unique_ptr<State>> states_;
};

// Runs them in their order. Precondition: `scratch` was made for the same instructions.
base::Result<void> run(std::span<const Instruction> instructions, const Window& window,
                       Scratch& scratch);

}  // namespace plan
