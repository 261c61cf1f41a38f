#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/octet_source.hpp>
#include <mailpod/members/group.hpp>

#include "onward.hpp"
#include "routes.hpp"

/// Mail to a group: who may write to it, what its members get, and how it never comes round again.
namespace mailpod::delivery {

/// Who writes: a member who has logged in, or whoever the reverse path names, which nobody has verified.
struct Poster {
  std::optional<MemberId> member;
  std::string reverse_path;  ///< as text; empty for <>
};

/// The group that mail for `forward_path` is for; nullptr if it is for none.
std::shared_ptr<const members::Group> group_for(const Routes& routes, const smtp::Mailbox& forward_path);

/// Whether an address is one at which a group is administered: `choir-request`, `choir-owner` (RFC 2142 §6), and
/// `choir-bounces`, where what other servers say of its members comes back to.
bool is_beside_a_group(const members::DirectoryState& directory, std::string_view local_part, std::string_view domain);

/// Errors: posting_refused; mailbox_unavailable (nobody would get it now).
Status may_post(const Routes& routes, const members::Group& group, const Poster& poster);

/// The copies of one message: for members of the pod but those who get it already, and one for all others.
std::vector<Onward> onward_for(const Routes& routes, const std::shared_ptr<const members::Group>& group,
                               const std::vector<Destination>& already, bool from_outside);

/// At the dot. Errors: too_many_hops (it was with this group before), posting_refused (an automatic answer). RFC 2919,
/// RFC 3834 §2. Reads `message`: pool.
Status judge_posting(const members::Group& group, const message::HeaderFacts& facts, const base::OctetSource& message);

/// The fields that tell mail programs of the group. RFC 2919, RFC 2369.
std::string list_fields(const members::Group& group);

/// `"Author via Group" <group@domain>`, and where answers go: for members of other servers, which would refuse a
/// foreign author's mail from us by DMARC.
HeaderChanges author_fields(const members::Group& group, const message::HeaderFacts& facts);

}  // namespace mailpod::delivery
