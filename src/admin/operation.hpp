#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include <mailpod/admin/desk.hpp>
#include <mailpod/governance/error.hpp>

namespace mailpod::admin {

using nlohmann::json;

/// What an operation answers, or why it refuses, for a person to read. (No Verdict: json converts to whatever is asked,
/// which a result cannot tell from its error.)
struct Answer {
  Answer(json given) : value(std::move(given)) {}
  Answer(governance::Complaint complaint) : refusal(std::move(complaint)) {}

  json value;
  std::optional<governance::Complaint> refusal;
};

/// Who may ask for an operation. At the control socket everything may be asked for: who comes there owns the pod's
/// folder. What a row lets members do is asked for at the members' door too, where anybody may knock.
enum class Asked {
  by_admin,
  /// With one of the member's own secrets as `secret`, who are named by `address` or `member`: the door has tried it
  /// before the operation runs, but not the one-time code that may go with it. So the operation tries both, and relies
  /// on nothing else.
  by_member,
  /// With a code that the operation itself tries. All its refusals read the same at the door.
  by_code,
  /// With a file that the asker signed, which the operation judges by the record; or for what is in the record anyway.
  /// Refusals are told as they are, for whoever is refused to know the rule; at the door they count like failed logins.
  by_signature,
  /// By whoever knows the name of an errand, which nobody guesses.
  by_errand,
  /// By anybody: it tells what is public anyway, or takes what carries its own signature.
  by_anyone,
};

/// One thing an administrator or member can ask for: one row, one file in operations/.
struct Operation {
  std::string_view name;
  Answer (*run)(const Premises& premises, const json& arguments);
  Asked asked = Asked::by_admin;
};

/// In the order of `mailpod --help`.
std::span<const Operation> operations();
/// nullptr if there is none of this name.
const Operation* find_operation(std::string_view name);

/// What only a daemon can do was asked where none runs.
governance::Complaint no_daemon();

/// Candidates whose time has come are members once this returns.
void settle(const Premises& premises);
/// Whoever is to have a text whose act is in force has it once this returns.
void deliver_texts(const Premises& premises);

Answer charter_show(const Premises& premises, const json& arguments);
Answer charter_accept(const Premises& premises, const json& arguments);
Answer member_admit(const Premises& premises, const json& arguments);
Answer member_list(const Premises& premises, const json& arguments);
Answer member_show(const Premises& premises, const json& arguments);
Answer member_suspend(const Premises& premises, const json& arguments);
Answer member_reinstate(const Premises& premises, const json& arguments);
Answer member_forget(const Premises& premises, const json& arguments);
Answer member_data_report(const Premises& premises, const json& arguments);
Answer member_receipt(const Premises& premises, const json& arguments);
Answer member_quota(const Premises& premises, const json& arguments);
Answer member_citizen_key(const Premises& premises, const json& arguments);
Answer member_reissue(const Premises& premises, const json& arguments);
Answer alias_add(const Premises& premises, const json& arguments);
Answer alias_remove(const Premises& premises, const json& arguments);
Answer alias_list(const Premises& premises, const json& arguments);
Answer domain_add(const Premises& premises, const json& arguments);
Answer domain_remove(const Premises& premises, const json& arguments);
Answer domain_list(const Premises& premises, const json& arguments);
Answer federation_list(const Premises& premises, const json& arguments);
Answer federation_explain(const Premises& premises, const json& arguments);
Answer federation_federate(const Premises& premises, const json& arguments);
Answer federation_defederate(const Premises& premises, const json& arguments);
Answer group_set(const Premises& premises, const json& arguments);
Answer group_remove(const Premises& premises, const json& arguments);
Answer group_list(const Premises& premises, const json& arguments);
Answer group_show(const Premises& premises, const json& arguments);
Answer invitation_add(const Premises& premises, const json& arguments);
Answer invitation_withdraw(const Premises& premises, const json& arguments);
Answer invitation_list(const Premises& premises, const json& arguments);
Answer join_charter(const Premises& premises, const json& arguments);
Answer join(const Premises& premises, const json& arguments);
Answer vouch_frame(const Premises& premises, const json& arguments);
Answer vouch(const Premises& premises, const json& arguments);
Answer candidate_list(const Premises& premises, const json& arguments);
Answer enrol(const Premises& premises, const json& arguments);
Answer enrol_told(const Premises& premises, const json& arguments);
Answer app_password_add(const Premises& premises, const json& arguments);
Answer app_password_list(const Premises& premises, const json& arguments);
Answer app_password_revoke(const Premises& premises, const json& arguments);
Answer password_change(const Premises& premises, const json& arguments);
Answer recovery_code_new(const Premises& premises, const json& arguments);
Answer recovery_code_told(const Premises& premises, const json& arguments);
Answer totp_enable(const Premises& premises, const json& arguments);
Answer totp_disable(const Premises& premises, const json& arguments);
Answer totp_status(const Premises& premises, const json& arguments);
Answer forward_set(const Premises& premises, const json& arguments);
Answer forward_clear(const Premises& premises, const json& arguments);
Answer forward_show(const Premises& premises, const json& arguments);
Answer caution_set(const Premises& premises, const json& arguments);
Answer caution_clear(const Premises& premises, const json& arguments);
Answer caution_show(const Premises& premises, const json& arguments);
Answer queue_list(const Premises& premises, const json& arguments);
Answer queue_show(const Premises& premises, const json& arguments);
Answer queue_retry(const Premises& premises, const json& arguments);
Answer queue_hold(const Premises& premises, const json& arguments);
Answer queue_release(const Premises& premises, const json& arguments);
Answer queue_route(const Premises& premises, const json& arguments);
Answer queue_drop(const Premises& premises, const json& arguments);
Answer queue_suppress(const Premises& premises, const json& arguments);
Answer queue_unsuppress(const Premises& premises, const json& arguments);
Answer queue_suppressed(const Premises& premises, const json& arguments);
Answer dkim_list(const Premises& premises, const json& arguments);
Answer dkim_new(const Premises& premises, const json& arguments);
Answer dkim_records(const Premises& premises, const json& arguments);
Answer dkim_activate(const Premises& premises, const json& arguments);
Answer dkim_retire(const Premises& premises, const json& arguments);
Answer dkim_remove(const Premises& premises, const json& arguments);
Answer server_key_rotate(const Premises& premises, const json& arguments);
Answer vault_begin(const Premises& premises, const json& arguments);
Answer vault_look(const Premises& premises, const json& arguments);
Answer vault_ask(const Premises& premises, const json& arguments);
Answer vault_others(const Premises& premises, const json& arguments);
Answer vault_archive_show(const Premises& premises, const json& arguments);
Answer vault_quarantined(const Premises& premises, const json& arguments);
Answer sessions_list(const Premises& premises, const json& arguments);
Answer sessions_close(const Premises& premises, const json& arguments);
Answer sessions_mine(const Premises& premises, const json& arguments);
Answer sessions_close_mine(const Premises& premises, const json& arguments);
Answer vote_open(const Premises& premises, const json& arguments);
Answer vote_cast(const Premises& premises, const json& arguments);
Answer vote_close(const Premises& premises, const json& arguments);
Answer vote_settle(const Premises& premises, const json& arguments);
Answer vote_list(const Premises& premises, const json& arguments);
Answer vote_show(const Premises& premises, const json& arguments);
Answer card_show(const Premises& premises, const json& arguments);
Answer act_submit(const Premises& premises, const json& arguments);
Answer act_waiting(const Premises& premises, const json& arguments);
Answer dispute_list(const Premises& premises, const json& arguments);
Answer ledger_show(const Premises& premises, const json& arguments);
Answer ledger_prove(const Premises& premises, const json& arguments);
Answer ledger_witness(const Premises& premises, const json& arguments);
Answer ledger_cosign_add(const Premises& premises, const json& arguments);
Answer audit_show(const Premises& premises, const json& arguments);
Answer audit_checkpoint(const Premises& premises, const json& arguments);
Answer audit_countersign(const Premises& premises, const json& arguments);
Answer health(const Premises& premises, const json& arguments);
Answer reload(const Premises& premises, const json& arguments);
Answer status(const Premises& premises, const json& arguments);

}  // namespace mailpod::admin
