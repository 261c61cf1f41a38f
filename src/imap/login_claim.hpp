#pragma once

#include <mailpod/sasl/mechanisms.hpp>

#include "session.hpp"

namespace mailpod::imap {

/// Logs in with what LOGIN or AUTHENTICATE understood. Every refusal reads the same.
awaitable<Answer> log_in_with(Session& session, const sasl::OwnedClaim& claim);

/// The answer where a password would cross the network in clear: none is looked at. RFC 5530.
Answer privacy_required();

}  // namespace mailpod::imap
