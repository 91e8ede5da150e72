#include "front/permission.h"

namespace front {

Permission permission_of(contract::Action action) {
  using contract::Action;
  switch (action) {
    // Only what probes of health ask, which come without keys and learn yes or no.
    case Action::Alive:
    // It knows nothing of what is served.
    case Action::KeyPage:
    case Action::Live:
    case Action::Ready:
    case Action::Ping:
    // Of endpoints hears only who may score with them (health.h).
    case Action::Health:
    case Action::HealthList:
    case Action::HealthWatch:
    case Action::OipLive:
    case Action::OipReady: return Permission::open();
    case Action::Metrics: return Permission::key_for(auth::Scope::Metrics);
    case Action::Page:
    case Action::Score:
    case Action::Version:
    case Action::Swagger:
    case Action::OpenApi:
    case Action::OipServer:
    case Action::OipModels:
    case Action::OipModel:
    case Action::OipModelReady:
    case Action::OipConfig:
    case Action::OipStatistics:
    case Action::OipIndex:
    case Action::TfModels:
    case Action::TfModel:
    case Action::TfMetadata:
    case Action::Reflection: return Permission::key_for(auth::Scope::Score);
    case Action::OipLoad:
    case Action::OipUnload: return Permission::key_for(auth::Scope::Manage);
    // Refused before anybody is asked who they are.
    case Action::OipSharedMemory:
    case Action::NotFound: return Permission::nobody();
  }
  return Permission::nobody();
}

}  // namespace front
