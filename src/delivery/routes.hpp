#pragma once

#include <memory>
#include <string>
#include <vector>

#include <mailpod/base/ports.hpp>
#include <mailpod/base/result.hpp>
#include <mailpod/governance/roster.hpp>
#include <mailpod/members/directory.hpp>
#include <mailpod/smtp/mailroom.hpp>

#include "onward.hpp"

namespace mailpod::delivery {

/// Who is asked where mail goes; one moment's view.
struct Routes {
  const members::Directory& directory;
  const governance::Gate& gate;
  base::Clock& clock;
  std::string separator;  ///< of sub-addresses; empty: there are none
};

/// Whether mail for `forward_path` stays in the pod.
bool is_local(const Routes& routes, const smtp::Mailbox& forward_path);

/// Whom mail for `forward_path` reaches. Several members only for a role address (RFC 2142), which comes before any
/// member's address of that name. Sub-addresses come next, and last whom the charter names for what nobody has.
/// Errors: smtp::Errc::not_local (a domain we do not serve), no_such_mailbox (unknown or not admitted),
/// mailbox_suspended, mailbox_unavailable (a role nobody fills; a member whose keys do not exist yet).
Result<std::vector<MemberId>> members_for(const Routes& routes, const smtp::Mailbox& forward_path);

/// Where a message goes.
struct Destinations {
  std::vector<Destination> local;
  struct Remote {
    std::string address;  ///< as text
    smtp::RecipientParameters parameters;
  };
  std::vector<Remote> remote;    ///< no address twice: what was asked for it first counts
  std::vector<Remote> reported;  ///< local addresses whose delivery is to be reported
  std::vector<std::shared_ptr<const members::Group>> groups;
  std::vector<std::string> forwarded;     ///< addresses of members whose mail goes on
  std::vector<Onward> onward;             ///< the groups' copies, and what is forwarded
  std::optional<Destination> governance;  ///< what signed files were sent to, of no member; nothing: they were not
};

/// For all recipients of a message, `from_outside` or a member's. A member who is named several times, by different
/// addresses or as one behind a role, gets one copy, delivered to the address that was named first.
Result<Destinations> destinations_for(const Routes& routes, const std::vector<smtp::Addressee>& recipients,
                                      bool from_outside);

/// `local-part@domain`, quoted where RFC 5321 §4.1.2 demands it; the bare postmaster gets `default_domain`. Empty for
/// the null path.
std::string address_text(const smtp::Mailbox& mailbox, std::string_view default_domain);

}  // namespace mailpod::delivery
