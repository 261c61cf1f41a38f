#include <fmt/format.h>

#include <mailpod/crypto/digest.hpp>
#include <mailpod/governance/registry.hpp>

#include "signed_text.hpp"

namespace mailpod::governance {
namespace {

constexpr std::uint8_t entry_version = 1;
constexpr std::size_t most_signatures = 128;
constexpr std::size_t longest_signature = 4096;

}  // namespace

std::string write_entry(const Entry& entry) {
  base::Encoder out;
  out.u8(entry_version).u64(base::to_seconds(entry.accepted_at)).var(entry.octets);
  out.u16(static_cast<std::uint16_t>(entry.minisigs.size()));
  for (const auto& minisig : in_key_order(entry.minisigs)) out.var(minisig);
  return out.take();
}

Verdict<Entry> parse_entry(std::string_view octets, std::string_view file_name) {
  const auto damaged = [&](std::string what) {
    return Complaint{Errc::record_damaged, std::string(file_name), 0, std::move(what),
                     "restore this file from a backup or another copy of the record"};
  };
  base::Decoder in(octets);
  if (in.u8() != entry_version) return damaged("is no entry of the record that this version reads");
  Entry out;
  const std::uint64_t seconds = in.u64();
  // Year 9999: beyond it no time can be written down.
  if (seconds > 253'402'300'799) return damaged("was accepted at an impossible time");
  out.accepted_at = base::from_seconds(seconds);
  out.octets = in.var();
  const std::uint16_t count = in.u16();
  if (out.octets.size() > largest_signed_file || count > most_signatures) return damaged("is too large");
  for (std::uint16_t i = 0; i < count && in.ok(); ++i) {
    const auto minisig = in.var();
    if (minisig.size() > longest_signature) return damaged("has a signature that is too large");
    out.minisigs.emplace_back(minisig);
  }
  if (!in.ok() || !in.at_end()) return damaged("ends too early or too late");
  if (in_key_order(out.minisigs) != out.minisigs) return damaged("has its signatures in another order");
  return out;
}

Hash leaf_hash(std::string_view entry) {
  crypto::Sha256 hash;
  hash.update(std::string_view("\0", 1)).update(entry);
  return hash.finish();
}

Verdict<std::string> write_first_entry(const SignedFile& charter) {
  const auto parsed = parse_charter(charter.octets, charter.name);
  if (!parsed) return parsed.error();
  return write_entry({parsed->issued, charter.octets, charter.minisigs});
}

Verdict<void> replay_entry(Roster& roster, const SignedFile& file, base::Time at, const SignaturesSeen* seen) {
  const auto type = type_of(file.octets);
  const auto word = [](const auto& applied) { return applied ? Verdict<void>() : applied.error(); };
  if (type == "charter") return roster.apply_charter(file, at, seen);
  if (type == "vote") return word(roster.open_vote(file, at, seen));
  if (type == "ballot") return word(roster.cast(file, at, seen));
  if (type == "result") return word(roster.decide(file, at));
  if (type == "join") return word(roster.apply_join(file, at, seen));
  if (type == "vouch") return word(roster.apply_vouch(file, at, seen));
  if (type == "admission") return word(roster.apply_confirmation(file, at));
  return word(roster.apply(file, at, seen));
}

}  // namespace mailpod::governance
