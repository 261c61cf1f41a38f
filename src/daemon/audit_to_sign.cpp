#include "audit_to_sign.hpp"

#include <utility>

#include <mailpod/governance/audit_entry.hpp>
#include <mailpod/governance/note.hpp>
#include <mailpod/governance/signatures.hpp>

namespace mailpod::daemon {

using governance::Errc;

governance::Verdict<AuditToSign> audit_to_sign(const nlohmann::json& said) {
  constexpr const char* name = "what the daemon asks to be signed";
  const auto refused = [&](std::string why) {
    return governance::Complaint{Errc::bad_value, name, 0, std::move(why),
                                 "sign nothing of this; ask who administers the machine"};
  };
  const auto octets = said.find("octets");
  const auto entries = said.find("entries");
  if (octets == said.end() || !octets->is_string() || entries == said.end() || !entries->is_number_unsigned())
    return refused("this is no checkpoint");
  AuditToSign out{{}, entries->get<std::uint64_t>(), octets->get<std::string>(), {}};
  const auto note = governance::parse_note(out.octets, name);
  if (!note.has_value()) return note.error();
  const auto checkpoint = governance::parse_checkpoint(note->text, name);
  if (!checkpoint.has_value()) return checkpoint.error();
  out.pod = checkpoint->origin.substr(0, checkpoint->origin.find('/'));
  if (checkpoint->origin != governance::audit_origin(out.pod)) return refused("this is another log's checkpoint");
  if (checkpoint->head.size != out.entries) return refused("its number of entries is not what was said");
  out.comment = governance::audit_comment(out.pod, out.entries, governance::identity(out.octets));
  return out;
}

}  // namespace mailpod::daemon
