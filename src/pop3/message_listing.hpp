#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "session.hpp"

namespace mailpod::pop3 {

/// What LIST and UIDL say: a line of one message, or of each. RFC 1939 §5, §7.
struct MessageListing {
  std::string status;  ///< where each is listed
  std::string (*shown)(const Maildrop& maildrop, const store::MessageState& message);
};
awaitable<Reply> list_messages(Session& session, std::optional<std::uint64_t> number, const MessageListing& listing);

}  // namespace mailpod::pop3
