#include <mailpod/governance/vouch.hpp>

#include <fmt/format.h>

#include <mailpod/governance/act.hpp>

#include "charter_words.hpp"
#include "signed_text.hpp"

namespace mailpod::governance {
namespace {

constexpr Word<Vouch::Kind> kind_words[] = {{"invite", Vouch::Kind::invite},
                                            {"for", Vouch::Kind::vouch},
                                            {"object", Vouch::Kind::object},
                                            {"withdraw", Vouch::Kind::withdraw}};
constexpr std::size_t longest_reason = 500;

void read_invitation(Vouch& out, TableReader& reader) {
  out.invitation = base::byte_array<32>(reader.hex("invitation", 32));
  out.until = reader.time("until");
  if (*out.until <= out.issued || *out.until > out.issued + longest_invitation)
    reader.refuse("until", "is not within 90 days after `issued`", "correct the time");
}

void read_reason(Vouch& out, TableReader& reader) {
  out.reason = reader.text("reason", {.longest = longest_reason});
  if (out.reason.empty()) reader.refuse("reason", "is empty", "leave it out, or say why");
  if (out.reason.find('@') != std::string::npos)
    reader.refuse("reason", "seems to hold an address", "the record is public: name nobody");
}

}  // namespace

std::string write_vouch(const Vouch& vouch) {
  std::string out = fmt::format(
      "type = \"vouch\"\nvouch = \"{}\"\npod = {}\ncharter = {}\nnonce = \"{}\"\nissued = {}\nby = \"{}\"\n",
      spelling(vouch.kind, kind_words), quoted(vouch.pod), vouch.charter, base::hex(base::octets(vouch.nonce)),
      time_text(vouch.issued), vouch.by.str());
  if (vouch.newcomer) out += fmt::format("newcomer = \"{}\"\n", vouch.newcomer->str());
  if (vouch.invitation) out += fmt::format("invitation = \"{}\"\n", base::hex(base::octets(*vouch.invitation)));
  if (vouch.until) out += fmt::format("until = {}\n", time_text(*vouch.until));
  if (!vouch.reason.empty()) out += fmt::format("reason = {}\n", quoted(vouch.reason));
  return out;
}

Verdict<Vouch> parse_vouch(std::string_view octets, std::string_view file_name) {
  const auto table = parse_signed_text(octets, "vouch", file_name);
  if (!table) return table.error();
  Findings findings(file_name);
  TableReader reader(*table, "", findings);
  Vouch out;
  reader.text("type");
  out.kind = reader.word("vouch", kind_words);
  out.pod = reader.domain("pod");
  out.charter = reader.number("charter", 1, 9999);
  out.nonce = *base::byte_array<16>(reader.hex("nonce", 16));
  out.issued = reader.time("issued");
  out.by = MemberId{*base::byte_array<16>(reader.hex("by", 16))};
  if (out.kind == Vouch::Kind::invite) {
    read_invitation(out, reader);
  } else {
    out.newcomer = MemberId{*base::byte_array<16>(reader.hex("newcomer", 16))};
  }
  if (out.kind == Vouch::Kind::object && reader.has("reason")) read_reason(out, reader);
  reader.finish();
  if (findings.ok() && write_vouch(out) != octets)
    findings.complain(Errc::not_canonical, 0, "is not written as Mailpod writes vouches",
                      "have it made by `mailpod`, without comments or other spacing");
  if (!findings.ok()) return findings.complaint();
  return out;
}

std::string write_confirmation(const Confirmation& confirmation) {
  return fmt::format("type = \"admission\"\npod = {}\ncharter = {}\nnewcomer = \"{}\"\n", quoted(confirmation.pod),
                     confirmation.charter, confirmation.newcomer.str());
}

Verdict<Confirmation> parse_confirmation(std::string_view octets, std::string_view file_name) {
  const auto table = parse_signed_text(octets, "admission", file_name);
  if (!table) return table.error();
  Findings findings(file_name);
  TableReader reader(*table, "", findings);
  Confirmation out;
  reader.text("type");
  out.pod = reader.domain("pod");
  out.charter = reader.number("charter", 1, 9999);
  out.newcomer = MemberId{*base::byte_array<16>(reader.hex("newcomer", 16))};
  reader.finish();
  if (findings.ok() && write_confirmation(out) != octets)
    findings.complain(Errc::not_canonical, 0, "is not written as Mailpod writes admissions",
                      "restore it from another copy of the record");
  if (!findings.ok()) return findings.complaint();
  return out;
}

}  // namespace mailpod::governance
