#pragma once

#include <string>

#include <mailpod/base/disk.hpp>
#include <mailpod/governance/vote_result.hpp>

namespace mailpod::daemon {

/// A minisign public key as a command line names it: its one line, or the .pub file.
governance::Verdict<crypto::minisign::PublicKey> public_key_option(base::Disk& disk, const std::string& given);

/// A time as signed files write it: 2026-11-23T08:00:00Z.
governance::Verdict<base::Time> time_option(const std::string& given);

}  // namespace mailpod::daemon
