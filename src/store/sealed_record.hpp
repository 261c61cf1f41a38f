#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <mailpod/base/member_id.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/base/result.hpp>
#include <mailpod/crypto/sign.hpp>
#include <mailpod/store/error.hpp>
#include <mailpod/store/mailbox.hpp>

namespace mailpod::store {

/// Who put a sealed file into the vault. Stored: never renumber.
enum class Origin : std::uint8_t {
  delivered = 1,  ///< the pod; the record carries its signature
  appended = 2,   ///< the member's own client; only the journal vouches for it
};

/// What a sealed file says of the mail in it. Stands behind the mail and its padding, because most of it is known only
/// after the last octet. docs/storage-format.md, "sealed record".
struct SealedRecord {
  Origin origin = Origin::delivered;
  MemberId member;
  MessageId message{};
  base::Time received;
  std::uint64_t size = 0;  ///< exact octets of the mail
  base::ByteArray<32> mail_hash{};
  std::string reverse_path;
  std::string recipient;
  std::string target_mailbox;
  std::uint32_t system_flags = 0;
  std::string authentication_results;
  std::string structure;  ///< message::encode(); empty if it was too large

  /// With the pod's signature if `pod_key` is given.
  std::string encode(const crypto::SigningKey* pod_key) const;
  /// Errors: damaged.
  static Result<SealedRecord> decode(std::string_view octets);
};

/// Whether `octets` (an encoded record) carry this pod's signature.
bool is_signed_by(std::string_view octets, const crypto::PublicKey& pod);

/// Octets of one record; what delivery hands in is cut to fit long before.
inline constexpr std::size_t max_sealed_record = 60 * 1024;

}  // namespace mailpod::store
