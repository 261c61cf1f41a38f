#include <algorithm>
#include <set>

#include <fmt/format.h>

#include <mailpod/governance/act.hpp>
#include <mailpod/governance/charter.hpp>
#include <mailpod/text/base64.hpp>

#include "charter_addresses.hpp"
#include "charter_words.hpp"
#include "signed_text.hpp"

namespace mailpod::governance {
namespace {

Maintainer read_maintainer(const TomlTable& table, Findings& findings) {
  TableReader reader(table, "[[maintainers]]", findings);
  Maintainer out;
  out.name = reader.text("name");
  if (out.name.empty()) reader.refuse("name", "is empty", "name the maintainer");
  out.key = reader.public_key("key");
  out.from = reader.time("from");
  out.to = reader.time("to");
  if (out.from >= out.to) reader.refuse("to", "is not after `from`", "correct the term");
  if (reader.has("member")) out.member = MemberId{*base::byte_array<16>(reader.hex("member", 16))};
  reader.finish();
  return out;
}

Charter::Members read_members(const TomlTable& table, Findings& findings) {
  TableReader reader(table, "[members]", findings);
  Charter::Members out;
  out.join = reader.word("join", join_words);
  if (out.join == Charter::Join::vouches) {
    out.vouches = static_cast<std::uint32_t>(reader.number("vouches", 1, 100));
    reader.optional_number("voucher_age_days", out.voucher_age_days, 0, 3650);
    reader.optional_number("objection_days", out.objection_days, 0, 365);
    reader.optional_number("voucher_budget", out.voucher_budget, 0, Charter::largest_voucher_budget);
  }
  reader.optional_number("suspension_days", out.suspension_days, 1, 14);
  reader.optional_word("expulsion", out.expulsion, expulsion_words);
  reader.finish();
  return out;
}

Charter::Votes read_votes(const TomlTable& table, Findings& findings) {
  TableReader reader(table, "[votes]", findings);
  Charter::Votes out;
  reader.optional_word("ballot", out.ballot, ballot_words);
  reader.optional_word("method", out.method, method_words);
  reader.optional_number("quorum_percent", out.quorum_percent, 0, 100);
  reader.optional_number("pass_percent", out.pass_percent, 1, 100);
  reader.optional_number("amend_percent", out.amend_percent, 50, 100);
  reader.optional_number("notice_days", out.notice_days, 0, 365);
  reader.finish();
  return out;
}

Charter::Recovery read_recovery(const TomlTable& table, Findings& findings) {
  TableReader reader(table, "[recovery]", findings);
  Charter::Recovery out;
  reader.optional_number("share_percent", out.share_percent, 50, 100);
  reader.optional_number("wait_days", out.wait_days, 1, 365);
  reader.finish();
  return out;
}

Charter::Privacy read_privacy(const TomlTable& table, Findings& findings) {
  TableReader reader(table, "[privacy]", findings);
  Charter::Privacy out;
  reader.optional_number("retention_days", out.retention_days, 0, 36500);
  reader.optional_number("log_days", out.log_days, 0, 365);
  // Escrow is written down so that people read it; nothing else can be written.
  if (reader.has("escrow") && reader.text("escrow") != no_escrow) {
    reader.refuse("escrow", "can only be \"none\"", "no charter can make mail readable to others than its member");
  }
  reader.optional_number("vault_closes_after_hours", out.vault_closes_after_hours, 0, 8760);
  reader.optional_word("passwords", out.passwords, password_words);
  reader.finish();
  return out;
}

Charter::Federation read_federation(const TomlTable& table, Findings& findings) {
  TableReader reader(table, "[federation]", findings);
  Charter::Federation out;
  if (reader.has("pod_key")) {
    const auto octets = text::parse_base64(reader.text("pod_key"));
    if (octets) out.pod_key = base::byte_array<32>(*octets);
    if (!out.pod_key) reader.refuse("pod_key", "is no Ed25519 public key", "write 32 octets in base64");
  }
  reader.optional_word("policy", out.policy, federate_words);
  out.allow = reader.domains("allow", most_pods_in_a_list);
  out.deny = reader.domains("deny", most_pods_in_a_list);
  out.witnesses = reader.domains("witnesses", most_pods_in_a_list);
  out.replicas = reader.domains("replicas", most_pods_in_a_list);
  reader.finish();
  return out;
}

Charter::Authentication read_authentication(const TomlTable& table, Findings& findings) {
  TableReader reader(table, "[authentication]", findings);
  Charter::Authentication out;
  reader.optional_word("dmarc_reject", out.dmarc_reject, unshown_words);
  reader.optional_word("dmarc_quarantine", out.dmarc_quarantine, unshown_words);
  reader.optional_word("spf_fail", out.spf_fail, unshown_words);
  reader.finish();
  return out;
}

Charter::Limits read_limits(const TomlTable& table, Findings& findings) {
  TableReader reader(table, "[limits]", findings);
  Charter::Limits out;
  reader.optional_number("quota_mib", out.quota_mib, 1, most_quota_mib);
  reader.optional_number("quota_messages", out.quota_messages, 0, most_quota_messages);
  reader.optional_number("messages_a_day", out.messages_a_day, 1, 1'000'000);
  reader.optional_number("recipients", out.recipients, 1, 10'000);
  reader.optional_number("message_mib", out.message_mib, 1, 1024);
  reader.finish();
  return out;
}

std::string read_text(const TomlTable& table, Findings& findings) {
  TableReader reader(table, "[text]", findings);
  std::string out =
      reader.text("constitution", {.longest = largest_signed_file, .lines = TableReader::TextRule::Lines::many});
  reader.finish();
  return out;
}

/// What no field says alone.
void check_whole(const Charter& charter, TableReader& reader) {
  if (charter.prev.has_value() != (charter.seq > 1)) {
    reader.refuse("prev", "is for every charter but the first",
                  "name the SHA-256 of the charter before, from seq 2 on");
  }
  if (charter.effective < charter.issued) reader.refuse("effective", "is before `issued`", "correct the time");
  if (charter.expires <= charter.effective) reader.refuse("expires", "is not after `effective`", "correct the time");
  std::set<crypto::minisign::PublicKey> keys;
  std::set<crypto::minisign::KeyId> ids;
  std::size_t in_term = 0;
  for (const auto& maintainer : charter.maintainers) {
    if (!keys.insert(maintainer.key).second || !ids.insert(maintainer.key.id).second) {
      reader.refuse("maintainers", "name one key twice", "one key, one maintainer");
    }
    if (maintainer.in_term(charter.effective)) ++in_term;
  }
  if (in_term < charter.threshold) {
    reader.refuse("threshold", "is more than the maintainers in term when the charter takes effect",
                  "lower it or name more maintainers");
  }
}

}  // namespace

Verdict<Charter> parse_charter(std::string_view octets, std::string_view file_name) {
  const auto table = parse_signed_text(octets, "charter", file_name);
  if (!table) return table.error();
  Findings findings(file_name);
  TableReader reader(*table, "", findings);
  Charter out;
  reader.text("type");
  out.pod = reader.domain("pod");
  out.seq = reader.number("seq", 1, 9999);
  if (reader.has("prev")) out.prev = base::byte_array<32>(reader.hex("prev", 32));
  out.issued = reader.time("issued");
  out.effective = reader.time("effective");
  out.expires = reader.time("expires");
  out.threshold = static_cast<std::uint32_t>(reader.number("threshold", 1, most_maintainers));
  for (const auto* entry : reader.tables("maintainers", most_maintainers)) {
    out.maintainers.push_back(read_maintainer(*entry, findings));
  }
  if (!reader.has("members")) {
    findings.complain(Errc::missing_key, 0, "[members] is missing", "say how one joins");
  }
  if (const auto* members = reader.table("members")) out.members = read_members(*members, findings);
  if (const auto* votes = reader.table("votes")) out.votes = read_votes(*votes, findings);
  if (const auto* recovery = reader.table("recovery")) out.recovery = read_recovery(*recovery, findings);
  if (const auto* privacy = reader.table("privacy")) out.privacy = read_privacy(*privacy, findings);
  if (const auto* federation = reader.table("federation")) out.federation = read_federation(*federation, findings);
  if (const auto* table_of = reader.table("authentication"))
    out.authentication = read_authentication(*table_of, findings);
  if (const auto* limits = reader.table("limits")) out.limits = read_limits(*limits, findings);
  if (const auto* addresses = reader.table("addresses")) out.addresses = read_addresses(*addresses, findings);
  if (const auto* text = reader.table("text")) out.text = read_text(*text, findings);
  reader.finish();
  if (findings.ok()) check_whole(out, reader);
  if (!findings.ok()) return findings.complaint();
  return out;
}

}  // namespace mailpod::governance
