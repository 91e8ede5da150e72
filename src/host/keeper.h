#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/result.h"
#include "deploy_local/decide.h"
#include "deploy_local/desired.h"
#include "deploy_local/replica_form.h"
#include "deploy_local/standing.h"
#include "deploy_local/verdict.h"
#include "host/keeper_lock.h"
#include "host/notices.h"
#include "host/replica_log.h"
#include "host/shared_port.h"
#include "host/signals.h"
#include "host/state_folder.h"
#include "telemetry/log.h"

namespace host {

// Keeps one endpoint: holds its sockets, runs a process for each replica, and does what
// deploy_local decides whenever a process ends or gets ready, a time has passed, or SIGHUP says
// that something else is wanted. Of one thread, the main one: children die with it. Requests do
// not pass through it, so that it may be slow.
class Keeper {
 public:
  struct Options {
    StateFolder folder;
    std::string program;                   // That serves.
    std::vector<std::string> environment;  // Of every replica: "NAME=value".
    deploy_local::Place place;
    std::function<std::chrono::steady_clock::time_point()> now;
  };

  // Conflict where the endpoint has a keeper, or its port is somebody else's.
  static base::Result<std::unique_ptr<Keeper>> open(Options options, Signals signals,
                                                    telemetry::Log& log);
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;
  ~Keeper();

  // Until SIGTERM or SIGINT, and then until every replica has finished what it has.
  base::Result<void> run();

 private:
  struct Running {
    deploy_local::Replica replica;
    pid_t pid = 0;
    ReplicaLog log;
    bool killed_late = false;
  };

  Keeper(Options options, KeeperLock lock, Signals signals, telemetry::Log& log);

  base::Result<void> read_first();
  void take_up(deploy_local::Desired desired);
  void read_again();
  deploy_local::Moment now() const;
  deploy_local::View view() const;

  void act(const deploy_local::Decision& decision);
  void start(const deploy_local::ReplicaId& id);
  base::Result<Running> start_process(const deploy_local::ReplicaId& id,
                                      const deploy_local::ReplicaForm& form);
  void enter(deploy_local::Replica& replica, deploy_local::Phase phase);
  void stop(const deploy_local::ReplicaId& id);
  void kill(const deploy_local::ReplicaId& id, bool late);
  Running* find(const deploy_local::ReplicaId& id);

  void wait(std::optional<deploy_local::Moment> until);
  void hear_signals();
  void hear_notices();
  void reap();
  void note_end(Running& running, int status, int signal);
  void note_failure(const deploy_local::Replica& replica, const deploy_local::Verdict& verdict);
  void share();
  void release_sockets();
  deploy_local::Standing standing() const;
  deploy_local::DeploymentStanding standing_of(const deploy::DeploymentSpec& deployment) const;
  void publish();

  const Options options_;
  const KeeperLock lock_;
  Signals signals_;
  telemetry::Log& log_;

  std::optional<Notices> notices_;
  std::optional<SharedPort> port_;
  deploy_local::Desired desired_;
  std::map<std::string, deploy_local::ReplicaForm> forms_;  // By deployment.
  std::map<std::string, deploy_local::Past> past_;
  std::map<std::string, deploy_local::Verdict> verdicts_;  // Why the last one failed.
  std::map<std::string, std::int64_t> restarts_;
  std::map<std::string, std::int64_t> shares_;
  std::vector<Running> running_;
  std::int64_t settled_ = 0;
  bool ending_ = false;
  std::string published_;
};

}  // namespace host
