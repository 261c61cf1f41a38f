#pragma once

#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

#include <mailpod/governance/error.hpp>

namespace mailpod::daemon {

/// The checkpoint that a maintainer is to countersign. docs/audit-format.md, "Checkpoints and countersignatures".
struct AuditToSign {
  std::string pod;            ///< its domain
  std::uint64_t entries = 0;  ///< that it covers
  std::string octets;         ///< of the checkpoint's file
  std::string comment;        ///< the trusted one, of its signature
};

/// Reads it from what a daemon says, of which only the octets are believed, and these only if they are the checkpoint
/// of an audit log of as many entries as are said: whoever holds the daemon gets no maintainer's signature of anything
/// else, and none under words of theirs. Errors: bad_value.
governance::Verdict<AuditToSign> audit_to_sign(const nlohmann::json& said);

}  // namespace mailpod::daemon
