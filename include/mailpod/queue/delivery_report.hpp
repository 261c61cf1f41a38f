#pragma once

#include <string>
#include <string_view>

#include <mailpod/base/ports.hpp>
#include <mailpod/queue/entry.hpp>

namespace mailpod::queue {

/// A report (RFC 3464) that a message has reached the mailboxes here that its sender named with NOTIFY=SUCCESS: a whole
/// message, CRLF line ends, without trace fields. RFC 3461 §6.2.
///
/// `entry` is its envelope; every recipient is RecipientState::delivered. It need not be in a spool: mail among members
/// never is. `header` is the message's own header, which is all that such a report returns (RFC 3461 §4.3); `domain`
/// is whose server we are.
std::string write_delivery_report(const Entry& entry, std::string_view header, const std::string& domain,
                                  base::Time now, base::Entropy& entropy);

}  // namespace mailpod::queue
