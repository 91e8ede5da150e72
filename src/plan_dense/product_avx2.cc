// product.h for machines with AVX2 and FMA.
#if defined(__x86_64__)
#define Eigen EigenAvx2
#include "plan_dense/product_code.inc"

namespace plan {

const ProductTarget kProductAvx2 = kTarget;

}  // namespace plan
#endif
