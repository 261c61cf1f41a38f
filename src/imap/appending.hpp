#pragma once

#include <optional>
#include <string>

#include "message_intake.hpp"

/// What APPEND and REPLACE have in common. RFC 8508 §3.4.
namespace mailpod::imap {

/// Why no message can come into the mailbox of this name.
std::optional<Answer> refusal_of_target(Session& session, const std::string& name);

/// `APPENDUID 38505 3955:3957`. RFC 4315 §3, RFC 3502.
std::string append_uid_code(const store::Vault::Appended& appended);

/// The answer for what the vault would not do.
Answer answer_for_append(Session& session, const boost::system::error_code& error);

}  // namespace mailpod::imap
