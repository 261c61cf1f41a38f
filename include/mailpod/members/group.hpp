#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/member_id.hpp>
#include <mailpod/governance/act.hpp>
#include <mailpod/members/address.hpp>

namespace mailpod::members {

using governance::GroupId;

/// An address whose mail reaches several people, each with a copy of their own. What maintainers signed: the act
/// commits to all of this, so that nobody comes or goes without them. An immutable value.
struct Group {
  /// Who may write to it.
  enum class Posting : std::uint8_t { group = 1, pod = 2, anyone = 3 };  // stored: never renumber
  GroupId id{};
  base::ByteArray<32> salt{};  ///< of the commitment
  Address address;
  std::string name;  ///< for people; may be empty, at most 64 octets of UTF-8
  Posting posting = Posting::group;
  std::vector<MemberId> members;     ///< of the pod; ascending, each once
  std::vector<std::string> outside;  ///< addresses of other servers; ascending, each once

  static constexpr std::size_t most_members = 500;
  static constexpr std::size_t most_outside = 200;

  /// SHA-256(salt ‖ what the group says). docs/members-format.md, "Groups".
  governance::Hash commitment() const;
  friend bool operator==(const Group&, const Group&) = default;
};

}  // namespace mailpod::members
