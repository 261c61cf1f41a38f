#pragma once

#include <string>

#include <mailpod/base/disk.hpp>
#include <mailpod/governance/signatures.hpp>

namespace mailpod::daemon {

/// A charter file with the signatures that lie beside it: `charter-0002.*.minisig` for charter-0002.toml.
governance::Verdict<governance::SignedFile> read_signed_file(base::Disk& disk, const std::string& path);

/// Where the signature of a key belongs: charter-0002.<key id>.minisig.
std::string signature_path(const std::string& path, const std::string& key_id);

}  // namespace mailpod::daemon
