#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace host {

// Sockets that are passed on, by sd_listen_fds(3): how many, and the descriptor of the first.
inline constexpr int kListenersMax = 64;
inline constexpr int kFirstListener = 3;  // SD_LISTEN_FDS_START

// What a service manager (systemd, or an endpoint's keeper) told this process in its environment,
// by sd_listen_fds(3) and sd_notify(3).
struct ServiceManager {
  std::vector<int> listeners;  // Sockets that listen already.
  std::string notify_socket;   // Where to say how it goes; empty: nobody asks.
};

// Of the variables LISTEN_PID, LISTEN_FDS and NOTIFY_SOCKET; empty: not set. Sockets that were
// meant for another process are passed over. Refuses numbers that are none.
base::Result<ServiceManager> read_service_manager(std::string_view listen_pid,
                                                  std::string_view listen_fds,
                                                  std::string_view notify_socket, int own_pid);

// Sends "READY=1", "STOPPING=1" or the like; does nothing where nobody asks. What cannot be sent is
// an error that a server can live with.
base::Result<void> notify(const ServiceManager& manager, std::string_view state);

}  // namespace host
