#include <algorithm>
#include <array>

#include "operation.hpp"

namespace mailpod::admin {
namespace {

constexpr std::array table{
    Operation{"charter.show", charter_show},
    Operation{"charter.accept", charter_accept},
    Operation{"member.admit", member_admit},
    Operation{"member.list", member_list},
    Operation{"member.show", member_show},
    Operation{"member.suspend", member_suspend},
    Operation{"member.reinstate", member_reinstate},
    Operation{"member.reissue", member_reissue},
    Operation{"member.quota", member_quota},
    Operation{"member.citizen-key", member_citizen_key},
    Operation{"member.forget", member_forget, Asked::by_member},
    Operation{"member.receipt", member_receipt},
    Operation{"member.data-report", member_data_report, Asked::by_member},
    Operation{"alias.add", alias_add},
    Operation{"alias.remove", alias_remove},
    Operation{"alias.list", alias_list},
    Operation{"domain.add", domain_add},
    Operation{"domain.remove", domain_remove},
    Operation{"domain.list", domain_list},
    Operation{"group.set", group_set},
    Operation{"group.remove", group_remove},
    Operation{"group.list", group_list},
    Operation{"group.show", group_show},
    Operation{"invitation.add", invitation_add},
    Operation{"invitation.withdraw", invitation_withdraw},
    Operation{"invitation.list", invitation_list},
    Operation{"join.charter", join_charter, Asked::by_signature},
    Operation{"join", join, Asked::by_signature},
    Operation{"vouch.frame", vouch_frame, Asked::by_signature},
    Operation{"vouch", vouch, Asked::by_signature},
    Operation{"candidate.list", candidate_list, Asked::by_member},
    Operation{"enrol", enrol, Asked::by_code},
    Operation{"enrol.told", enrol_told, Asked::by_code},
    Operation{"app-password.add", app_password_add, Asked::by_member},
    Operation{"app-password.list", app_password_list, Asked::by_member},
    Operation{"app-password.revoke", app_password_revoke, Asked::by_member},
    Operation{"password.change", password_change, Asked::by_code},
    Operation{"recovery-code.new", recovery_code_new, Asked::by_code},
    Operation{"recovery-code.told", recovery_code_told, Asked::by_code},
    Operation{"totp.enable", totp_enable, Asked::by_member},
    Operation{"totp.disable", totp_disable, Asked::by_member},
    Operation{"totp.status", totp_status, Asked::by_member},
    Operation{"forward.set", forward_set, Asked::by_member},
    Operation{"forward.clear", forward_clear, Asked::by_member},
    Operation{"forward.show", forward_show, Asked::by_member},
    Operation{"queue.list", queue_list},
    Operation{"queue.show", queue_show},
    Operation{"queue.retry", queue_retry},
    Operation{"queue.hold", queue_hold},
    Operation{"queue.release", queue_release},
    Operation{"queue.route", queue_route},
    Operation{"queue.drop", queue_drop},
    Operation{"queue.suppress", queue_suppress},
    Operation{"queue.unsuppress", queue_unsuppress},
    Operation{"queue.suppressed", queue_suppressed},
    Operation{"dkim.list", dkim_list},
    Operation{"dkim.new", dkim_new},
    Operation{"dkim.records", dkim_records},
    Operation{"dkim.activate", dkim_activate},
    Operation{"dkim.retire", dkim_retire},
    Operation{"dkim.remove", dkim_remove},
    Operation{"server-key.rotate", server_key_rotate},
    Operation{"vault.begin", vault_begin, Asked::by_member},
    Operation{"vault.look", vault_look, Asked::by_errand},
    Operation{"vault.ask", vault_ask, Asked::by_errand},
    Operation{"vault.others", vault_others, Asked::by_member},
    Operation{"vault.archive-show", vault_archive_show, Asked::by_member},
    Operation{"vault.quarantined", vault_quarantined},
    Operation{"sessions.list", sessions_list},
    Operation{"sessions.close", sessions_close},
    Operation{"sessions.mine", sessions_mine, Asked::by_member},
    Operation{"sessions.close-mine", sessions_close_mine, Asked::by_member},
    Operation{"vote.open", vote_open},
    Operation{"vote.cast", vote_cast, Asked::by_anyone},
    Operation{"vote.close", vote_close},
    Operation{"vote.settle", vote_settle},
    Operation{"vote.list", vote_list, Asked::by_anyone},
    Operation{"vote.show", vote_show, Asked::by_anyone},
    Operation{"ledger.show", ledger_show},
    Operation{"ledger.prove", ledger_prove},
    Operation{"ledger.witness", ledger_witness},
    Operation{"ledger.cosign-add", ledger_cosign_add},
    Operation{"audit.show", audit_show},
    Operation{"audit.checkpoint", audit_checkpoint},
    Operation{"audit.countersign", audit_countersign},
    Operation{"health", health},
    Operation{"reload", reload},
    Operation{"status", status},
};

}  // namespace

std::span<const Operation> operations() {
  return table;
}

const Operation* find_operation(std::string_view name) {
  const auto* row = std::ranges::find(table, name, &Operation::name);
  return row == table.end() ? nullptr : row;
}

}  // namespace mailpod::admin
