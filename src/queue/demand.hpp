#pragma once

#include <optional>
#include <string>

#include <mailpod/net/stream.hpp>
#include <mailpod/smtp/client.hpp>

/// What the policies of a destination ask of TLS. docs/sending.md, "What a domain asks for".
namespace mailpod::queue {

/// What TLS must give before a host gets any mail, and who says so.
struct Demand {
  enum class By { nobody, dane, mta_sts };
  By by = By::nobody;
  smtp::Protection protection = smtp::Protection::any;
  net::TlsPeer peer;  ///< whom to expect there
};

/// What a connection misses, as the recipients are answered: for now, for the host may mend it. Nothing if it is as
/// demanded.
std::optional<std::string> shortcoming_of(const net::Stream& stream, const Demand& demand);
/// The same of a handshake that failed.
std::string handshake_failed(const Demand& demand);

}  // namespace mailpod::queue
