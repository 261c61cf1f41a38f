#pragma once

#include <memory>

#include <mailpod/base/octet_source.hpp>
#include <mailpod/queue/entry.hpp>
#include <mailpod/smtp/client.hpp>

namespace mailpod::queue {

/// A message as one server is to get it.
struct FittedMessage {
  std::unique_ptr<base::OctetSource> converted;  ///< nothing: as it is
  bool smtp_utf8 = false;                        ///< as smtp::Dispatch has it

  const base::OctetSource& octets(const base::OctetSource& as_it_is) const { return converted ? *converted : as_it_is; }
};

/// What it has of 8-bit and binary parts is encoded anew for a server that does not take them (RFC 6152 §3, RFC 3030
/// §3); what cannot be is for the client to refuse. Of mail that was submitted with SMTPUTF8 the header is looked at
/// where that is not offered: most of it does not need it. The result borrows `message`. Disk: on the pool.
FittedMessage fitted(const Entry& entry, const base::OctetSource& message, const smtp::Extensions& server);

}  // namespace mailpod::queue
