#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <mailpod/base/ports.hpp>
#include <mailpod/crypto/sign.hpp>
#include <mailpod/governance/error.hpp>
#include <mailpod/governance/signatures.hpp>

/// What a pod's audit log is made of: one line an entry, each bound to the one before and signed by the pod.
/// docs/audit-format.md. Pure; any thread.
namespace mailpod::governance {

/// Something that whoever looks after a pod is answerable for. It names no address, no IP address and no secret.
struct AuditEvent {
  enum class Kind {
    start,           ///< the daemon answers from now on
    stop,            ///< it was told to stop, and did
    configuration,   ///< another one is in force, without a restart
    operation,       ///< an administrator or a member changed something, or was refused an act
    slot,            ///< what opens a member's vault was made, changed or revoked
    key,             ///< a key of the pod's was made, activated or exchanged
    record,          ///< the record of acts has an entry more
    logins,          ///< of one member, a day's
    refused_logins,  ///< of all names, a day's
    sealed,          ///< a sealed file did not open, or a record of one was damaged
    clock,           ///< the wall clock jumped
    retention,       ///< messages went because charter or member say after how long
    countersigned,   ///< a maintainer signed a checkpoint
    removed,         ///< older entries went, as the charter's log_days says
    gap,             ///< events that could not be written
    torn,            ///< a crash left an entry unfinished
    broken,          ///< entries that the pod remembers are not there, or are not what they were
  };
  Kind kind = Kind::start;
  /// In the order of the kind's row; at least one of them, for kinds that have any. Values are printable ASCII without
  /// spaces, 1 to 512 octets.
  std::vector<std::pair<std::string, std::string>> fields;

  /// Empty if it has no such field.
  std::string_view field(std::string_view name) const;
  friend bool operator==(const AuditEvent&, const AuditEvent&) = default;
};

/// One row a kind: its name in the log, and what its entries may say, in this order.
struct AuditKind {
  AuditEvent::Kind kind;
  std::string_view name;
  std::span<const std::string_view> fields;
};
/// In the order of the enumeration.
std::span<const AuditKind> audit_kinds();
const AuditKind& row_of(AuditEvent::Kind kind);
/// What anybody says as the value of a field: spaces become hyphens and other octets `?`, nothing is `-`, and it ends
/// after 512.
std::string audit_value(std::string_view text);

struct AuditEntry {
  std::uint64_t number = 1;  ///< counted from 1, without a gap
  base::Time at;             ///< whole seconds; never before the entry that stands before it
  AuditEvent event;
  Hash before{};  ///< audit_hash of the line before; zeros for the first
  crypto::Signature signature{};
  friend bool operator==(const AuditEntry&, const AuditEntry&) = default;
};
inline constexpr std::size_t longest_audit_line = 8192;  ///< octets, LF included

/// The line, LF included. parse_audit_entry(write_audit_entry(e)) == e, and an entry has no other octets than these.
std::string write_audit_entry(const AuditEntry& entry);
Verdict<AuditEntry> parse_audit_entry(std::string_view line, std::string_view file_name);
/// SHA-256 of the line, LF included: `sed -n 17p FILE | sha256sum`.
Hash audit_hash(std::string_view line);

/// Signed by the pod for its own log: nothing else of the pod's signatures can be passed off as one.
crypto::Signature sign_audit_entry(const crypto::SigningKey& key, std::string_view pod, const AuditEntry& entry);
bool is_signed_by(const AuditEntry& entry, const crypto::PublicKey& key, std::string_view pod);

/// The origin of checkpoints: `pod.lab/audit`. Their root is the hash of the last line.
std::string audit_origin(std::string_view pod);
/// The trusted comment under which a maintainer countersigns a checkpoint of so many entries.
std::string audit_comment(std::string_view pod, std::uint64_t entries, const Hash& identity);

}  // namespace mailpod::governance
