// product.h for every machine.
#define Eigen EigenPortable
#define SOOTH_LANES 2
#include "plan/product_code.h"

namespace plan {

const ProductTarget kProductPortable = kTarget;

}  // namespace plan
