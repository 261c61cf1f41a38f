#include <mailpod/governance/join.hpp>

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <mailpod/crypto/digest.hpp>

#include "signed_text.hpp"

namespace mailpod::governance {
namespace {

namespace minisign = crypto::minisign;

constexpr std::string_view key_purpose = "mailpod/v1/invitation";
constexpr std::string_view drawn_purpose = "mailpod/v1/join/";

}  // namespace

std::string write_join(const Join& join) {
  std::string out = fmt::format(
      "type = \"join\"\npod = {}\ncharter = {}\naccepts = \"{}\"\nissued = {}\nmember = \"{}\"\n"
      "address_commitment = \"{}\"\ncitizen_key = {}\n",
      quoted(join.pod), join.charter, base::hex(base::octets(join.accepts)), time_text(join.issued), join.member.str(),
      base::hex(base::octets(join.address_commitment)), quoted(join.citizen_key.str()));
  if (join.invitation) out += fmt::format("invitation = {}\n", quoted(join.invitation->str()));
  return out;
}

Verdict<Join> parse_join(std::string_view octets, std::string_view file_name) {
  const auto table = parse_signed_text(octets, "join", file_name);
  if (!table) return table.error();
  Findings findings(file_name);
  TableReader reader(*table, "", findings);
  Join out;
  reader.text("type");
  out.pod = reader.domain("pod");
  out.charter = reader.number("charter", 1, 9999);
  out.accepts = *base::byte_array<32>(reader.hex("accepts", 32));
  out.issued = reader.time("issued");
  out.member = MemberId{*base::byte_array<16>(reader.hex("member", 16))};
  out.address_commitment = *base::byte_array<32>(reader.hex("address_commitment", 32));
  out.citizen_key = reader.public_key("citizen_key");
  if (reader.has("invitation")) out.invitation = reader.public_key("invitation");
  reader.finish();
  if (findings.ok() && write_join(out) != octets) {
    findings.complain(Errc::not_canonical, 0, "is not written as Mailpod writes it",
                      "have it made by `mailpod join`, without comments or other spacing");
  }
  if (!findings.ok()) return findings.complaint();
  return out;
}

Verdict<Join> read_join(const SignedFile& file, const SignaturesSeen* seen) {
  auto join = parse_join(file.octets, file.name);
  if (!join) return join;
  std::vector<Maintainer> known(1);
  known[0].name = "the newcomer";
  known[0].key = join->citizen_key;
  if (join->invitation) {
    known.emplace_back().name = "the invitation";
    known[1].key = *join->invitation;
  }
  const auto comment = trusted_comment("join", join->pod, join->charter, identity(file.octets));
  const auto signers = verified_signers(file, comment, known, seen);
  if (!signers) return signers.error();
  for (const auto& each : known) {
    if (std::ranges::find(*signers, each.key) != signers->end()) continue;
    return Complaint{Errc::below_threshold, file.name, 0, "is not signed by the key of " + each.name,
                     "have it made by `mailpod join`, by whoever holds key and invitation"};
  }
  return join;
}

minisign::SecretKey invitation_key(crypto::KeyArena& arena, const InvitationSecret& secret) {
  std::array<unsigned char, 40> drawn{};
  crypto::hkdf_sha256(drawn, base::octets(secret), "", key_purpose);
  const std::string_view octets(reinterpret_cast<const char*>(drawn.data()), drawn.size());
  const auto id = *base::byte_array<8>(octets.substr(0, 8));
  minisign::SecretKey key(id, crypto::SigningKey(crypto::Key::copy_of(arena, octets.substr(8))));
  crypto::wipe(drawn);
  return key;
}

Hash invitation_commitment(const minisign::PublicKey& key) {
  return crypto::sha256(key.str());
}

Drawn draw(const minisign::SecretKey& citizen_key, const std::optional<InvitationSecret>& invitation,
           std::string_view pod) {
  std::array<unsigned char, 64> drawn{};
  const std::string salt(invitation ? base::octets(*invitation) : std::string_view());
  crypto::hkdf_sha256(drawn, citizen_key.key().seed().octets(), salt, std::string(drawn_purpose) + std::string(pod));
  const std::string_view octets(reinterpret_cast<const char*>(drawn.data()), drawn.size());
  const Drawn out{MemberId{*base::byte_array<16>(octets.substr(0, 16))}, *base::byte_array<32>(octets.substr(16, 32)),
                  *base::byte_array<16>(octets.substr(48, 16))};
  crypto::wipe(drawn);
  return out;
}

}  // namespace mailpod::governance
