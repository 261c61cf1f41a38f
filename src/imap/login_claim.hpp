#pragma once

#include <mailpod/sasl/authentication.hpp>
#include <mailpod/sasl/mechanisms.hpp>

#include "session.hpp"

namespace mailpod::imap {

/// Logs in with what LOGIN understood. Every refusal reads the same.
awaitable<Answer> log_in_with(Session& session, const sasl::OwnedClaim& claim);

/// The session is the login's member's from now on, who called herself `name`.
awaitable<Answer> enter_with(Session& session, sasl::Login login, std::string name);

/// The answer where a login ends with `error`; says so in the log. Where the machine failed, not the client: told so,
/// it tries again later instead of asking for another password.
Answer answer_for_login(Session& session, const boost::system::error_code& error);

/// The answer where a password would cross the network in clear: none is looked at. RFC 5530.
Answer privacy_required();

}  // namespace mailpod::imap
