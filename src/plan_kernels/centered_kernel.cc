#include "plan_kernels/centered_kernel.h"

#include <cstddef>
#include <string>
#include <utility>

#include "plan_dense/kernel_center.h"

namespace plan {
namespace {

class CenteredKernel final : public RowKernel {
 public:
  CenteredKernel(std::shared_ptr<const RowKernel> kernel, std::vector<double> row_means,
                 double mean)
      : kernel_(std::move(kernel)), row_means_(std::move(row_means)), mean_(mean) {}
  Form form() const override { return kernel_->form(); }
  std::size_t rows() const override { return kernel_->rows(); }
  std::size_t room() const override { return kernel_->room(); }
  std::size_t scratch() const override { return kernel_->scratch(); }
  void values(const Buffer& in, std::size_t row, double* scratch, double* out) const override {
    kernel_->values(in, row, scratch, out);
    center_kernel_row(row_means_, mean_, out, out);
  }
  std::string describe() const override { return "centred " + kernel_->describe(); }
  double row_ns() const override { return kernel_->row_ns() + 2 * static_cast<double>(rows()); }

 private:
  std::shared_ptr<const RowKernel> kernel_;
  std::vector<double> row_means_;
  double mean_;
};

}  // namespace

std::shared_ptr<const RowKernel> make_centered_kernel(std::shared_ptr<const RowKernel> kernel,
                                                      std::vector<double> row_means, double mean) {
  return std::make_shared<CenteredKernel>(std::move(kernel), std::move(row_means), mean);
}

}  // namespace plan
