#include "folder.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include <mailpod/governance/charter.hpp>
#include <mailpod/governance/registry.hpp>

namespace mailpod::governance {

std::string charter_name(std::uint64_t seq) {
  return fmt::format("charter-{:04}.toml", seq);
}

std::string entry_name(std::uint64_t number) {
  return fmt::format("{:06}.entry", number);
}

std::optional<std::uint64_t> entry_number(const std::string& name) {
  std::uint64_t number = 0;
  const char* end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(name.data(), end, number);
  if (error != std::errc{} || number == 0 || entry_name(number) != name) return std::nullopt;
  return number;
}

SignedFile read_charter_files(base::Disk& disk, const std::string& folder, std::uint64_t seq) {
  const std::string name = charter_name(seq);
  const std::string prefix = fmt::format("charter-{:04}.", seq);
  SignedFile out;
  out.name = base::join(folder, name);
  // More than a charter may have, so that it is the parser who says what is wrong, and not the disk.
  out.octets = base::read_file(disk, out.name, 16 * largest_signed_file);
  std::vector<std::string> signatures;
  for (const auto& entry : disk.list(folder)) {
    if (entry.name.starts_with(prefix) && entry.name.ends_with(".minisig")) signatures.push_back(entry.name);
  }
  std::ranges::sort(signatures);
  for (const auto& signature : signatures) {
    out.minisigs.push_back(base::read_file(disk, base::join(folder, signature), largest_signed_file));
  }
  return out;
}

void remove_charter_files(base::Disk& disk, const std::string& folder, std::uint64_t seq) noexcept {
  try {
    for (const auto& file : disk.list(folder)) {
      if (file.name.starts_with(fmt::format("charter-{:04}.", seq))) disk.unlink(base::join(folder, file.name));
    }
  } catch (const std::system_error&) {
    // They are replaced when a charter of this number is accepted.
  }
}

void write_charter_files(base::Disk& disk, const std::string& folder, std::uint64_t seq, const SignedFile& charter) {
  base::remove_temporaries(disk, folder);
  // A charter of this number may have been refused by the disk before, and others may have signed that one.
  remove_charter_files(disk, folder, seq);
  for (const auto& minisig : charter.minisigs) {
    const auto signature = crypto::minisign::parse_signature(minisig);
    const std::string id = crypto::minisign::PublicKey{signature.value().id, {}}.id_text();
    base::replace_file(disk, base::join(folder, fmt::format("charter-{:04}.{}.minisig", seq, id)), minisig);
  }
  base::replace_file(disk, base::join(folder, charter_name(seq)), charter.octets);
}

}  // namespace mailpod::governance
