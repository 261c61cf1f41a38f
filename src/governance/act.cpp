#include <mailpod/governance/act.hpp>

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
                                          {"defederate", Act::Kind::defederate}};
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

bool names_an_address(Act::Kind kind) {
  return kind == Act::Kind::admit || kind == Act::Kind::add_alias || kind == Act::Kind::remove_alias;
}

}  // namespace

Hash address_commitment(const base::ByteArray<32>& salt, std::string_view address) {
  std::string octets(base::octets(salt));
  octets += address;
  return crypto::sha256(octets);
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
  } else {
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
  } else {
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
  if (out.kind == Act::Kind::suspend || out.kind == Act::Kind::invite) out.until = reader.time("until");
  if (out.kind == Act::Kind::invite && (*out.until <= out.issued || *out.until > out.issued + longest_invitation))
    reader.refuse("until", "is not within 90 days after `issued`", "correct the time");
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
