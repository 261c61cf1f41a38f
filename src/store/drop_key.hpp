#pragma once

#include <cstdint>

#include <mailpod/base/member_id.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/base/result.hpp>
#include <mailpod/crypto/age.hpp>
#include <mailpod/crypto/keys.hpp>

#include "log_records.hpp"

/// The secrets that open what arrived sealed, as they stand in the journal. docs/storage-format.md, "drop key".
namespace mailpod::store {

/// Whose drop key, and which.
struct DropKeyName {
  MemberId member;
  std::uint32_t number = 0;
};

/// `u32 number | u64 seconds since 1970 | secret sealed under the vault's K_drop`.
ObjectRecord write_drop_key(const DropKeyName& name, const crypto::Key& secret, const crypto::Key& drop_seal,
                            base::Entropy& entropy, base::Time now);

struct DropKey {
  std::uint32_t number = 0;
  base::Time made;
  crypto::AgeIdentity identity;
};
/// Errors: damaged.
Result<DropKey> read_drop_key(MemberId member, std::string_view content, const crypto::Key& drop_seal);

/// Labels under which a vault's keys are derived. Stored in effect: never change.
inline constexpr std::string_view log_label = "mailpod/v1/log";
inline constexpr std::string_view drop_label = "mailpod/v1/drop";
inline constexpr std::string_view search_label = "mailpod/v1/search";

}  // namespace mailpod::store
