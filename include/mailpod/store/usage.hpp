#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <mailpod/base/disk.hpp>
#include <mailpod/base/member_id.hpp>
#include <mailpod/crypto/keys.hpp>

namespace mailpod::store {

struct VaultState;

/// What a vault holds, as quotas count it. RFC 9208 §5.
struct Usage {
  std::uint64_t octets = 0;    ///< RFC822.SIZE of each message in each mailbox; of one not merged yet: its sealed file
  std::uint64_t messages = 0;  ///< in all mailboxes, and not merged yet

  Usage& operator+=(const Usage& more);
  Usage& operator-=(const Usage& less);  ///< not below nothing
  friend Usage operator+(Usage left, const Usage& right) { return left += right; }
  friend Usage operator-(Usage left, const Usage& right) { return left -= right; }
  friend bool operator==(const Usage&, const Usage&) = default;
};

/// What a member may keep; 0: as much as there is.
struct Quota {
  std::uint64_t octets = 0;
  std::uint64_t messages = 0;
  std::uint64_t mailboxes = 0;

  /// Whether octets and messages fit.
  bool fits(const Usage& usage) const;
  /// The fuller of the two, in percent, rounded down; 0 where there is no limit.
  std::uint64_t percent_of(const Usage& usage) const;
  friend bool operator==(const Quota&, const Quota&) = default;
};

/// Of what is merged; takes as long as there are mailboxes.
Usage usage_of(const VaultState& state);

/// Whose closed vault it is, and the pod's key for what its vaults held when they closed.
struct UsagePlace {
  base::Disk& disk;
  std::string folder;  ///< members/<id>
  MemberId member;
  std::shared_ptr<const crypto::Key> key;  ///< nullptr: nothing is kept
};
/// What it holds: as it was when it closed, or where nobody kept that, by the sizes of its files. Needs no key of the
/// member's. Blocks on the disk, whose failures throw std::system_error; nobody may have the vault open.
Usage usage_of(const UsagePlace& closed);

}  // namespace mailpod::store
