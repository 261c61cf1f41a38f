#include <mailpod/admin/audit_trail.hpp>

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include <mailpod/base/bytes.hpp>
#include <mailpod/crypto/digest.hpp>

#include "person_json.hpp"

namespace mailpod::admin {
namespace {

using governance::AuditEvent;
using Kind = AuditEvent::Kind;

constexpr std::array table{
    Trace{"app-password.add", Kind::slot, "made", "app"},
    Trace{"app-password.revoke", Kind::slot, "revoked", "any"},
    Trace{"password.change", Kind::slot, "changed", "password"},
    Trace{"recovery-code.new", Kind::slot, "made", "recovery"},
    Trace{"recovery-code.told", Kind::slot, "revoked", "recovery"},
    Trace{"totp.enable", Kind::slot, "codes-on", "password"},
    Trace{"totp.disable", Kind::slot, "codes-off", "password"},
    Trace{"vault.rekey", Kind::slot, "revoked", "all-others"},
    Trace{"server-key.rotate", Kind::key, ""},
    Trace{"dkim.new", Kind::key, ""},
    Trace{"dkim.activate", Kind::key, ""},
    Trace{"dkim.retire", Kind::key, ""},
    Trace{"dkim.remove", Kind::key, ""},
};

/// What only looks, or says itself what it did. Whatever is in neither table leaves an `operation`.
constexpr std::array silent{
    std::string_view("enrol"),
    std::string_view("enrol.told"),
    std::string_view("charter.show"),
    std::string_view("member.list"),
    std::string_view("member.show"),
    std::string_view("member.receipt"),
    std::string_view("member.data-report"),
    std::string_view("alias.list"),
    std::string_view("domain.list"),
    std::string_view("group.list"),
    std::string_view("group.show"),
    std::string_view("invitation.list"),
    std::string_view("join.charter"),
    std::string_view("vouch.frame"),
    std::string_view("candidate.list"),
    std::string_view("app-password.list"),
    std::string_view("totp.status"),
    std::string_view("forward.show"),
    std::string_view("queue.list"),
    std::string_view("queue.show"),
    std::string_view("queue.suppressed"),
    std::string_view("dkim.list"),
    std::string_view("dkim.records"),
    std::string_view("vault.look"),
    std::string_view("vault.ask"),
    std::string_view("vault.others"),
    std::string_view("vault.archive-show"),
    std::string_view("vault.quarantined"),
    std::string_view("vault.verify"),
    std::string_view("vault.stats"),
    std::string_view("sessions.list"),
    std::string_view("sessions.mine"),
    std::string_view("vote.settle"),
    std::string_view("vote.list"),
    std::string_view("vote.show"),
    std::string_view("ledger.show"),
    std::string_view("ledger.prove"),
    std::string_view("health"),
    std::string_view("status"),
    std::string_view("reload"),
    std::string_view("audit.show"),
    std::string_view("audit.checkpoint"),
    std::string_view("audit.countersign"),
};

std::string text_of(const nlohmann::json& arguments, const char* key) {
  const auto found = arguments.find(key);
  return found != arguments.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// Of the first signed file among the arguments.
std::string file_of(const nlohmann::json& arguments) {
  for (const auto& value : arguments) {
    const bool is_file = value.is_object() && value.contains("octets") && value["octets"].is_string();
    if (is_file) return base::hex(base::octets(governance::identity(value["octets"].get_ref<const std::string&>())));
  }
  return {};
}

std::string member_of(const members::DirectoryState& people, const nlohmann::json& arguments) {
  for (const auto* key : {"address", "member", "who"}) {
    const auto name = text_of(arguments, key);
    const auto* person = name.empty() ? nullptr : find_person(people, name);
    if (person != nullptr) return audit_mark(*person);
  }
  return {};
}

std::string reason_of(governance::Errc code) {
  return governance::audit_value(governance::governance_category().message(static_cast<int>(code)));
}

}  // namespace

std::string audit_mark(const members::Person& person) {
  const auto octets = base::Encoder().var("mailpod/v1/audit-member").fixed(person.salt).fixed(person.id.bytes).take();
  return base::hex(base::octets(crypto::sha256(octets)).substr(0, 16));
}

Trail::Trail(const members::DirectoryState& people, const nlohmann::json& request, std::string_view by)
    : name_(text_of(request, "operation")), by_(by) {
  const auto arguments = request.find("arguments");
  if (arguments == request.end() || !arguments->is_object()) return;
  if (name_ == "vault.begin") name_ = "vault." + text_of(*arguments, "what");
  member_ = member_of(people, *arguments);
  file_ = file_of(*arguments);
}

std::optional<AuditEvent> Trail::event(const std::optional<governance::Errc>& refusal) const {
  if (std::ranges::find(silent, name_) != silent.end()) return std::nullopt;
  if (refusal && by_ == "member") return std::nullopt;
  const auto* const row = std::ranges::find(table, name_, &Trace::operation);
  const bool is_traced = row != table.end() && !refusal;
  AuditEvent event{is_traced ? row->kind : Kind::operation, {}};
  const auto add = [&event](const char* name, std::string_view value) {
    if (!value.empty()) event.fields.emplace_back(name, governance::audit_value(value));
  };
  if (event.kind == Kind::slot) {
    add("change", row->what);
    add("slot", row->slot);
    add("by", by_);
    add("member", member_);
    return event;
  }
  add("name", name_);
  add("by", by_);
  if (event.kind == Kind::key) return event;
  add("member", member_);
  add("file", file_);
  if (refusal) add("reason", reason_of(*refusal));
  return event;
}

}  // namespace mailpod::admin
