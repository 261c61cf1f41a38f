#include <mailpod/governance/act.hpp>

#include <algorithm>

#include <fmt/format.h>

#include <mailpod/crypto/digest.hpp>

#include "charter_words.hpp"
#include "signed_text.hpp"

namespace mailpod::governance {
namespace {

constexpr Word<Act::Kind> kind_words[] = {{"admit", Act::Kind::admit},
                                          {"suspend", Act::Kind::suspend},
                                          {"reinstate", Act::Kind::reinstate},
                                          {"reissue", Act::Kind::reissue},
                                          {"add-alias", Act::Kind::add_alias},
                                          {"remove-alias", Act::Kind::remove_alias},
                                          {"add-domain", Act::Kind::add_domain},
                                          {"remove-domain", Act::Kind::remove_domain},
                                          {"set-group", Act::Kind::set_group},
                                          {"remove-group", Act::Kind::remove_group},
                                          {"expel", Act::Kind::expel},
                                          {"set-quota", Act::Kind::set_quota},
                                          {"set-citizen-key", Act::Kind::set_citizen_key},
                                          {"invite", Act::Kind::invite},
                                          {"withdraw-invitation", Act::Kind::withdraw_invitation},
                                          {"federate", Act::Kind::federate},
                                          {"defederate", Act::Kind::defederate},
                                          {"dispute-open", Act::Kind::dispute_open},
                                          {"dispute-answer", Act::Kind::dispute_answer},
                                          {"dispute-close", Act::Kind::dispute_close},
                                          {"announce", Act::Kind::announce},
                                          {"upgrade", Act::Kind::upgrade}};
constexpr Word<DisputeOutcome> outcome_words[] = {{"upheld", DisputeOutcome::upheld},
                                                  {"dismissed", DisputeOutcome::dismissed},
                                                  {"settled", DisputeOutcome::settled},
                                                  {"withdrawn", DisputeOutcome::withdrawn}};
constexpr Word<Principal> principal_words[] = {{"member", Principal::member}, {"guest", Principal::guest}};
constexpr std::size_t longest_reason = 500;

bool is_about_a_domain(Act::Kind kind) {
  return kind == Act::Kind::add_domain || kind == Act::Kind::remove_domain || kind == Act::Kind::federate ||
         kind == Act::Kind::defederate;
}

bool is_about_a_group(Act::Kind kind) {
  return kind == Act::Kind::set_group || kind == Act::Kind::remove_group;
}

bool is_about_an_invitation(Act::Kind kind) {
  return kind == Act::Kind::invite || kind == Act::Kind::withdraw_invitation;
}

bool is_about_a_dispute(Act::Kind kind) {
  return kind == Act::Kind::dispute_open || kind == Act::Kind::dispute_answer || kind == Act::Kind::dispute_close;
}

bool has_a_text(Act::Kind kind) {
  return is_about_a_dispute(kind) || kind == Act::Kind::announce;
}

bool is_about_the_pod(Act::Kind kind) {
  return kind == Act::Kind::announce || kind == Act::Kind::upgrade;
}

bool names_a_time(Act::Kind kind) {
  return kind == Act::Kind::suspend || kind == Act::Kind::invite || kind == Act::Kind::dispute_open;
}

/// What a program calls itself: what stands in file names and package lists.
bool is_version(std::string_view text) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '+' || c == '~';
  };
  return !text.empty() && text.size() <= 32 && std::ranges::all_of(text, plain);
}

void read_care(TableReader& reader, Act& out) {
  if (has_a_text(out.kind)) out.text_commitment = base::byte_array<32>(reader.hex("text_commitment", 32));
  if (out.kind == Act::Kind::dispute_close) out.outcome = reader.word("outcome", outcome_words);
  if (out.kind != Act::Kind::upgrade) return;
  out.version = reader.text("version");
  if (!is_version(out.version)) reader.refuse("version", "is no version", "write it as `mailpod --version` does");
  out.program = base::byte_array<32>(reader.hex("program", 32));
}

std::string care_text(const Act& act) {
  std::string out;
  if (act.text_commitment)
    out += fmt::format("text_commitment = \"{}\"\n", base::hex(base::octets(*act.text_commitment)));
  if (act.outcome) out += fmt::format("outcome = \"{}\"\n", spelling(*act.outcome, outcome_words));
  if (act.program)
    out += fmt::format("version = {}\nprogram = \"{}\"\n", quoted(act.version), base::hex(base::octets(*act.program)));
  return out;
}

void check_until(TableReader& reader, const Act& act) {
  const bool is_a_hearing = act.kind == Act::Kind::dispute_open;
  if (act.kind != Act::Kind::invite && !is_a_hearing) return;
  const auto longest = is_a_hearing ? longest_hearing : longest_invitation;
  if (*act.until <= act.issued || *act.until > act.issued + longest)
    reader.refuse("until", "is not within 90 days after `issued`", "correct the time");
}

bool names_an_address(Act::Kind kind) {
  return kind == Act::Kind::admit || kind == Act::Kind::add_alias || kind == Act::Kind::remove_alias;
}

}  // namespace

Hash address_commitment(const base::ByteArray<32>& salt, std::string_view address) {
  std::string octets(base::octets(salt));
  octets += address;
  return crypto::sha256(octets);
}

std::string_view name_of(Act::Kind kind) {
  return spelling(kind, kind_words);
}

std::string_view name_of(DisputeOutcome outcome) {
  return spelling(outcome, outcome_words);
}

std::optional<Act::Kind> act_kind(std::string_view name) {
  const auto* const found = std::ranges::find(kind_words, name, &Word<Act::Kind>::text);
  if (found == std::end(kind_words)) return std::nullopt;
  return found->value;
}

std::optional<DisputeOutcome> dispute_outcome(std::string_view name) {
  const auto* const found = std::ranges::find(outcome_words, name, &Word<DisputeOutcome>::text);
  if (found == std::end(outcome_words)) return std::nullopt;
  return found->value;
}

std::string write_act(const Act& act) {
  std::string out =
      fmt::format("type = \"act\"\nact = \"{}\"\npod = {}\ncharter = {}\nnonce = \"{}\"\nissued = {}\nexpires = {}\n",
                  spelling(act.kind, kind_words), quoted(act.pod), act.charter, base::hex(base::octets(act.nonce)),
                  time_text(act.issued), time_text(act.expires));
  if (is_about_a_domain(act.kind)) {
    out += fmt::format("domain = {}\n", quoted(act.domain));
  } else if (act.group) {
    out += fmt::format("group = \"{}\"\n", base::hex(base::octets(*act.group)));
  } else if (act.invitation) {
    out += fmt::format("invitation = \"{}\"\n", base::hex(base::octets(*act.invitation)));
  } else if (act.dispute) {
    out += fmt::format("dispute = \"{}\"\n", base::hex(base::octets(*act.dispute)));
  } else if (!is_about_the_pod(act.kind)) {
    out += fmt::format("member = \"{}\"\n", act.member.str());
  }
  if (act.principal) out += fmt::format("kind = \"{}\"\n", spelling(*act.principal, principal_words));
  if (act.address_commitment) {
    out += fmt::format("address_commitment = \"{}\"\n", base::hex(base::octets(*act.address_commitment)));
  }
  if (act.group_commitment) {
    out += fmt::format("group_commitment = \"{}\"\n", base::hex(base::octets(*act.group_commitment)));
  }
  if (act.kind == Act::Kind::set_quota)
    out += fmt::format("quota_mib = {}\nquota_messages = {}\n", act.quota_mib, act.quota_messages);
  if (act.citizen_key) out += fmt::format("citizen_key = {}\n", quoted(act.citizen_key->str()));
  out += care_text(act);
  if (act.until) out += fmt::format("until = {}\n", time_text(*act.until));
  if (!act.reason.empty()) out += fmt::format("reason = {}\n", quoted(act.reason));
  return out;
}

Verdict<Act> parse_act(std::string_view octets, std::string_view file_name) {
  const auto table = parse_signed_text(octets, "act", file_name);
  if (!table) return table.error();
  Findings findings(file_name);
  TableReader reader(*table, "", findings);
  Act out;
  reader.text("type");
  out.kind = reader.word("act", kind_words);
  out.pod = reader.domain("pod");
  out.charter = reader.number("charter", 1, 9999);
  out.nonce = *base::byte_array<16>(reader.hex("nonce", 16));
  out.issued = reader.time("issued");
  out.expires = reader.time("expires");
  if (is_about_a_domain(out.kind)) {
    out.domain = reader.domain("domain");
  } else if (is_about_a_group(out.kind)) {
    out.group = base::byte_array<16>(reader.hex("group", 16));
  } else if (is_about_an_invitation(out.kind)) {
    out.invitation = base::byte_array<32>(reader.hex("invitation", 32));
  } else if (is_about_a_dispute(out.kind)) {
    out.dispute = base::byte_array<16>(reader.hex("dispute", 16));
  } else if (!is_about_the_pod(out.kind)) {
    out.member = MemberId{*base::byte_array<16>(reader.hex("member", 16))};
  }
  if (out.kind == Act::Kind::admit) {
    out.principal = reader.word("kind", principal_words);
  }
  if (names_an_address(out.kind)) {
    out.address_commitment = base::byte_array<32>(reader.hex("address_commitment", 32));
  }
  if (out.kind == Act::Kind::set_group) {
    out.group_commitment = base::byte_array<32>(reader.hex("group_commitment", 32));
  }
  if (out.kind == Act::Kind::set_quota) {
    out.quota_mib = static_cast<std::uint32_t>(reader.number("quota_mib", 0, most_quota_mib));
    out.quota_messages = static_cast<std::uint32_t>(reader.number("quota_messages", 0, most_quota_messages));
  }
  if (out.kind == Act::Kind::set_citizen_key) out.citizen_key = reader.public_key("citizen_key");
  read_care(reader, out);
  if (names_a_time(out.kind)) out.until = reader.time("until");
  check_until(reader, out);
  // Whoever cuts others off says why.
  if (reader.has("reason") || out.kind == Act::Kind::defederate)
    out.reason = reader.text("reason", {.longest = longest_reason});
  if (out.reason.find('@') != std::string::npos) {
    reader.refuse("reason", "seems to hold an address", "acts are public: name nobody");
  }
  if (out.expires <= out.issued) reader.refuse("expires", "is not after `issued`", "correct the time");
  reader.finish();
  if (findings.ok() && write_act(out) != octets) {
    findings.complain(Errc::not_canonical, 0, "is not written as Mailpod writes acts",
                      "have it made by `mailpod`, without comments or other spacing");
  }
  if (!findings.ok()) return findings.complaint();
  return out;
}

}  // namespace mailpod::governance
