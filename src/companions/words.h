#pragma once

#include "fitted/registry.h"
#include "plan/builder.h"

// The words of `fitted` and `plan` that every file of this room speaks.
namespace companions {

using data::ColumnType;
using fitted::Entry;
using fitted::Estimator;
using fitted::EstimatorPtr;
using fitted::Made;
using fitted::Object;
using fitted::Reader;
using fitted::Release;
using pickle::Value;
using plan::Builder;
using plan::Form;
using plan::Method;
using plan::NumberKind;
using plan::Port;

using fitted::describe;
using fitted::doubles_of;
using fitted::texts_of;
using fitted::values_of;

}  // namespace companions
