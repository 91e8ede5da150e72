#include "engine/settings.h"

namespace engine {

std::string_view provider_name(Provider provider) {
  switch (provider) {
    case Provider::OpenVino: return "openvino";
    case Provider::Cuda: return "cuda";
    case Provider::Cpu: break;
  }
  return "cpu";
}

std::string_view precision_name(Precision precision) {
  switch (precision) {
    case Precision::Bf16: return "bf16";
    case Precision::Int8: return "int8";
    case Precision::Fp32: break;
  }
  return "fp32";
}

Settings Settings::plain() const {
  Settings settings = *this;
  settings.provider = Provider::Cpu;
  if (precision == Precision::Bf16) settings.precision = Precision::Fp32;
  return settings;
}

}  // namespace engine
