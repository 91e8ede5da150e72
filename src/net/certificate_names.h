#pragma once

#include <string>

#include <openssl/types.h>

namespace net {

// What a certificate says whose it is. Nothing here asks whether that is true: it is of one that
// was verified, or of one's own.

// A host that it is for: the first name without a "*", else the first address; "" where it has
// neither.
std::string certificate_host(const X509& certificate);

// Who a client is, for logs: the subject's common name, else the first URI, host name or e-mail
// address of the alternative names; "" where it has none. Printable, and at most 60 bytes.
std::string certificate_client(const X509& certificate);

}  // namespace net
