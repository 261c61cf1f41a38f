#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <mailpod/governance/audit_entry.hpp>
#include <mailpod/members/directory.hpp>

namespace mailpod::admin {

/// What stands for a person in the audit log: 32 hexadecimal digits that tell nobody who they are but whoever has the
/// salt of their address, which lies in the sealed directory and is told to them. docs/audit-format.md, "Members".
std::string audit_mark(const members::Person& person);

/// What an operation leaves in the audit log: one row each that changes something in a way of its own. Those that only
/// look leave nothing; all others are kind `operation`.
struct Trace {
  std::string_view operation;
  governance::AuditEvent::Kind kind;
  std::string_view what;  ///< of kind slot: what became of it
  std::string_view slot;  ///< of kind slot: which
};

/// One request as the audit log will speak of it; made before it is carried out, since whom it is about may be gone
/// afterwards. It keeps neither arguments nor secrets.
class Trail {
public:
  /// `by`: `uid:0`, `member` or `pod`.
  Trail(const members::DirectoryState& people, const nlohmann::json& request, std::string_view by);

  /// Nothing where it only looked, or where a member, or a stranger in their name, was refused: anybody may be, as
  /// often as they like.
  std::optional<governance::AuditEvent> event(const std::optional<governance::Errc>& refusal) const;

private:
  std::string name_, by_, member_, file_;
};

}  // namespace mailpod::admin
