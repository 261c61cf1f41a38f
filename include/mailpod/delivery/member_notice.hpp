#pragma once

#include <cstdint>
#include <string>

#include <mailpod/members/enrolment.hpp>
#include <mailpod/store/letterbox.hpp>

namespace mailpod::delivery {

/// Mail from the pod to one member, about what only concerns them.
struct MemberNotice {
  std::string subject;             ///< ASCII
  std::string text;                ///< UTF-8, lines end with LF
  std::string in_reply_to = {};    ///< the message id of what it answers, with angle brackets; empty: nothing
  std::uint32_t system_flags = 0;  ///< of store::Flags
};

/// Puts it into the member's vault, durably, wherever their other mail goes on to; the arrival is for Vaults::announce.
/// Blocking. Errors: smtp::Errc::no_such_mailbox, mailbox_unavailable. I/O failure throws std::system_error.
Result<store::Arrival> put_notice(const members::Household& house, MemberId member, const MemberNotice& notice);

}  // namespace mailpod::delivery
