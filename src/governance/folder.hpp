#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <mailpod/base/disk.hpp>
#include <mailpod/governance/signatures.hpp>

/// Names and files of a pod's governance folder.
namespace mailpod::governance {

std::string charter_name(std::uint64_t seq);  ///< charter-0001.toml
/// The number in an entry's name; nothing for any other name.
std::optional<std::uint64_t> entry_number(const std::string& name);

/// A charter with every `.minisig` file beside it. Throws ENOENT if there is none.
SignedFile read_charter_files(base::Disk& disk, const std::string& folder, std::uint64_t seq);
/// What lies there of a charter that did not come into force, as far as the disk lets it go.
void remove_charter_files(base::Disk& disk, const std::string& folder, std::uint64_t seq) noexcept;
/// In the place of such files. Durable: signatures first, so that a charter that is there has them.
void write_charter_files(base::Disk& disk, const std::string& folder, std::uint64_t seq, const SignedFile& charter);

}  // namespace mailpod::governance
