#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "section.hpp"

namespace mailpod::imap {

/// What a relative IMAP URL names: octets of one message. RFC 5092 §11, as far as RFC 4469 §3 has a use for it.
struct MessageUrl {
  std::optional<std::string> mailbox;  ///< as the store spells it; nothing: the selected one
  std::optional<std::uint32_t> uid_validity;
  std::uint32_t uid = 0;
  Section section;  ///< BODY[…] of it; without `partial`

  struct Partial {
    std::uint32_t first = 0;             ///< octet, from 0
    std::optional<std::uint32_t> count;  ///< nothing: to the end
  };
  std::optional<Partial> partial;
};

/// `/Drafts;UIDVALIDITY=385759045/;UID=20/;SECTION=1.2/;PARTIAL=0.1024`, or from `;UID=` on. `selected` is the mailbox
/// that a relative name is beside. A URL with a scheme or a server, or of anything else, is an error: it may
/// name another's mail.
text::Parsed<MessageUrl> parse_message_url(std::string_view octets, std::string_view selected,
                                           const SectionLimits& limits);

/// The URL as a response code may repeat it: what may not stand there is percent-encoded.
std::string written_in_code(std::string_view url);

}  // namespace mailpod::imap
