#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"

namespace boost::asio::ssl {
class context;
}  // namespace boost::asio::ssl

namespace net {

// Which certificate authorities a client believes, and how it speaks TLS: 1.2 at least, the other
// side's certificate always checked, its name too (see ClientConnection). There is no switch to
// leave a check out. Many connections share it, on any thread. This machine's authorities, which
// take 45 ms to read, are read by the first connection that needs them.
class TlsTrust {
 public:
  struct Options {
    bool system = true;     // The authorities of this machine.
    std::string ca_file;    // More authorities, PEM; empty: none.
    std::string ca_folder;  // More: its *.pem and *.crt; empty: none.
    // The option by which people name such a file, for what is said of a certificate whose
    // authority nobody knows; empty: there is none.
    std::string ca_option;
  };

  // Refuses a file or folder that was named and holds no certificate. A machine without
  // authorities is no error: every certificate is then refused when it comes.
  static base::Result<std::shared_ptr<TlsTrust>> load(const Options& options);
  TlsTrust(const TlsTrust&) = delete;
  TlsTrust& operator=(const TlsTrust&) = delete;
  ~TlsTrust();

  boost::asio::ssl::context& context();
  const std::string& ca_option() const { return ca_option_; }

 private:
  TlsTrust(bool system, std::string ca_option);

  // Behind a pointer: Asio's headers are net's own, and slow to compile.
  const std::unique_ptr<boost::asio::ssl::context> context_;
  const bool system_;
  std::once_flag system_loaded_;
  const std::string ca_option_;
};

}  // namespace net
