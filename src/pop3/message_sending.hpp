#pragma once

#include <cstdint>
#include <optional>

#include "session.hpp"

namespace mailpod::pop3 {

/// The response of RETR, and of TOP with `body_lines`: the message read and written piece by piece, so that it need not
/// fit in memory. Why it cannot be sent, or Reply::Kind::given. What breaks after its first octet was sent is thrown:
/// the connection ends without the dot that would call the message complete.
awaitable<Reply> send_message(Session& session, const store::MessageState& message,
                              std::optional<std::uint64_t> body_lines);

}  // namespace mailpod::pop3
