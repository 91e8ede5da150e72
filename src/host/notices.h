#pragma once

#include <optional>
#include <string>

#include <sys/types.h>

#include "base/result.h"
#include "host/descriptor.h"

namespace host {

// Where children say how they are, by sd_notify(3). The kernel tells who speaks: anybody on the
// machine may send here, and only children are listened to.
class Notices {
 public:
  struct Notice {
    pid_t pid = 0;
    bool ready = false;
    bool stopping = false;
  };

  static base::Result<Notices> open();

  int handle() const { return socket_.get(); }
  const std::string& name() const { return name_; }  // For NOTIFY_SOCKET.
  // The next one that has come; does not wait.
  std::optional<Notice> next();

 private:
  Notices(Descriptor socket, std::string name)
      : socket_(std::move(socket)), name_(std::move(name)) {}

  Descriptor socket_;
  std::string name_;
};

}  // namespace host
