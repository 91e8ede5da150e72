// product.h for every machine.
#define Eigen EigenPortable
#include "plan_dense/product_code.inc"

namespace plan {

const ProductTarget kProductPortable = kTarget;

}  // namespace plan
