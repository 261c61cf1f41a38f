#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <mailpod/governance/join.hpp>

#include "remote_door.hpp"

namespace mailpod::daemon {

/// What a newcomer is handed, as text, link or QR code: the invitation's secret and, where there is one, the members'
/// door at which it counts. docs/joining.md, "The link".
struct InvitationLink {
  governance::InvitationSecret secret{};
  std::optional<DoorPlace> door;
};

/// `MAILPOD:MAIL.EXAMPLE.ORG:4195/31A7H-…`, the port only where it is not the usual one; without a door the code alone.
/// In capitals, so that a QR code of it is small. The caller wipes it.
std::string write_invitation(const InvitationLink& link);

/// Reads either in any case; spaces around it, and those that people put into codes, are forgiven. Nothing for anything
/// else, or more than 400 octets. Pure; the caller wipes the secret.
std::optional<InvitationLink> parse_invitation(std::string_view typed);

}  // namespace mailpod::daemon
