// product.h for machines with AVX-512 F and DQ.
#if defined(__x86_64__)
#define Eigen EigenAvx512
#include "plan_dense/product_code.inc"

namespace plan {

const ProductTarget kProductAvx512 = kTarget;

}  // namespace plan
#endif
