// product.h for every machine.
#define Eigen EigenPortable
#include "plan/product_code.h"

namespace plan {

const ProductTarget kProductPortable = kTarget;

}  // namespace plan
