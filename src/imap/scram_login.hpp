#pragma once

#include <optional>
#include <string>

#include <mailpod/sasl/scram_exchange.hpp>

#include "session.hpp"

namespace mailpod::imap {

/// AUTHENTICATE SCRAM-SHA-256 or -PLUS, from the client's first message to the tagged answer. RFC 5802 §5.
///
/// The server's last message is a challenge of its own, which the client answers with an empty line: it has then seen
/// that this is the server that knows it. RFC 3501 has no place for it in the tagged OK.
awaitable<Answer> log_in_by_scram(Session& session, sasl::ScramExchange::Variant variant,
                                  const std::optional<std::string>& initial);

}  // namespace mailpod::imap
