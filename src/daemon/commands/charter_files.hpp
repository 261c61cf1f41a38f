#pragma once

#include <memory>
#include <string>

#include <mailpod/base/disk.hpp>
#include <mailpod/governance/registry.hpp>

#include "../commands.hpp"
#include "../workplace.hpp"

namespace mailpod::daemon {

/// A charter file with the signatures that lie beside it: `charter-0002.*.minisig` for charter-0002.toml.
governance::Verdict<governance::SignedFile> read_signed_file(base::Disk& disk, const std::string& path);

/// The record of the pod, verified from the pinned hash on, read without the lock or any key.
governance::Verdict<std::unique_ptr<governance::Registry>> verified_record(const Workplace& workplace,
                                                                           const Common& common);

/// Where the signature of a key belongs: charter-0002.<key id>.minisig.
std::string signature_path(const std::string& path, const std::string& key_id);

}  // namespace mailpod::daemon
