#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "data/signature.h"
#include "plan/step.h"

namespace plan {

// Steps that move features about and compute nothing. Made by Builder, which knows the widths.

// Number columns of the frame as dense rows.
class Gather final : public Step {
 public:
  explicit Gather(std::vector<std::size_t> columns) : columns_(std::move(columns)) {}
  std::span<const std::size_t> frame_columns() const override { return columns_; }
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override;
  bool same_as(const Step& other) const override;

 private:
  std::vector<std::size_t> columns_;
};

// Columns of the frame as cells.
class GatherCells final : public Step {
 public:
  explicit GatherCells(std::vector<std::size_t> columns) : columns_(std::move(columns)) {}
  std::span<const std::size_t> frame_columns() const override { return columns_; }
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override;
  bool same_as(const Step& other) const override;

 private:
  std::vector<std::size_t> columns_;
};

// Dense rows as cells of number columns.
class ToCells final : public Step {
 public:
  explicit ToCells(std::size_t width) : width_(width) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override;
  bool same_as(const Step& other) const override;

 private:
  std::size_t width_;
};

// Cells of number columns as dense rows.
class FromCells final : public Step {
 public:
  explicit FromCells(std::size_t width) : width_(width) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override;
  bool same_as(const Step& other) const override;

 private:
  std::size_t width_;
};

// Cells of several inputs side by side: views of theirs.
class HStackCells final : public Step {
 public:
  explicit HStackCells(std::size_t parts) : parts_(parts) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override;
  bool same_as(const Step& other) const override;

 private:
  std::size_t parts_;
};

// Features of one input by position, in the given order.
class Pick final : public Step {
 public:
  Pick(Form form, std::vector<std::size_t> positions);
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override;
  bool same_as(const Step& other) const override;

 private:
  void run_sparse(const SparseMatrix& from, SparseMatrix& to) const;

  Form form_;
  std::vector<std::size_t> positions_;
  // Sparse: (feature, where it goes), ascending. Not by feature: a hashed row has millions.
  std::vector<std::pair<std::size_t, std::size_t>> targets_;
};

// Sparse rows spread out.
class ToDense final : public Step {
 public:
  explicit ToDense(std::size_t width) : width_(width) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override;
  bool same_as(const Step& other) const override;

 private:
  std::size_t width_;
};

// Features of several inputs side by side. A part says its form and width.
class HStack final : public Step {
 public:
  struct Part {
    Form form;
    std::size_t width;
    bool operator==(const Part&) const = default;
  };
  HStack(std::vector<Part> parts, Form form);
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override;
  bool same_as(const Step& other) const override;

  const std::vector<Part>& parts() const { return parts_; }

 private:
  void stack_dense(const Inputs& in, Matrix& out) const;
  void stack_sparse(const Inputs& in, SparseMatrix& out) const;

  std::vector<Part> parts_;
  Form form_;
  std::size_t width_ = 0;
};

// What scikit-learn's check_array lets through to an estimator.
struct Allowed {
  bool nan = false;
  bool float32_only = false;  // Nothing that float32 cannot hold.
  bool dense_only = false;    // NaN not in what scikit-learn has as sparse rows.
  bool operator==(const Allowed&) const = default;
};

// The same numbers, of which none may be infinite, nor NaN unless it is allowed.
class Finite final : public Step {
 public:
  Finite(Form form, std::size_t width, std::vector<std::string> names, Allowed allowed)
      : form_(form), width_(width), names_(std::move(names)), allowed_(allowed) {}
  std::string describe() const override;
  base::Result<void> run(const Inputs& in, Buffer& out, State*) const override;
  double row_ns() const override;
  bool same_as(const Step& other) const override;

  // Whether what passes here is all that `allowed` lets through.
  bool implies(Allowed allowed) const {
    return (!allowed_.nan || allowed.nan) && (allowed_.float32_only || !allowed.float32_only);
  }

 private:
  bool passes(double x) const;
  base::Error refusal(std::size_t row, std::size_t column, double x) const;
  base::Result<void> run_dense(const Inputs& in, Matrix& to) const;
  base::Result<void> run_sparse(const Inputs& in, SparseMatrix& to) const;

  Form form_;
  std::size_t width_;
  std::vector<std::string> names_;
  Allowed allowed_;
};

// `column "age"` or `feature 7`, for messages.
std::string feature_label(const std::vector<std::string>& names, std::size_t position);

}  // namespace plan
