#pragma once

#include <string>
#include <vector>

namespace net {

// Whether the text is an address of IPv4 or IPv6.
bool is_ip_address(const std::string& text);
// Whether the text is an address of this machine alone; false for what is no address.
bool is_loopback(const std::string& address);
// Whether the text stands for every address of this machine: 0.0.0.0 or ::.
bool is_wildcard(const std::string& address);

// How clients may call a server that listens on the address: the name of this machine, localhost
// and its addresses, and the address itself, or all of the machine's interfaces where it stands for
// them.
std::vector<std::string> local_names(const std::string& address);

}  // namespace net
