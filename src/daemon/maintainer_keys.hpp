#pragma once

#include <string>
#include <vector>

#include <mailpod/base/disk.hpp>
#include <mailpod/crypto/minisign.hpp>
#include <mailpod/governance/act.hpp>
#include <mailpod/governance/signatures.hpp>

namespace mailpod::daemon {

/// A minisign secret key file without a password, readable by its owner alone.
governance::Verdict<crypto::minisign::SecretKey> read_maintainer_key(base::Disk& disk, crypto::KeyArena& arena,
                                                                     const std::string& path);
/// The same of a member's citizen key.
governance::Verdict<crypto::minisign::SecretKey> read_citizen_key(base::Disk& disk, crypto::KeyArena& arena,
                                                                  const std::string& path);

/// The keys of one or several maintainers, and what they sign on a command line.
class MaintainerKeys {
public:
  static governance::Verdict<MaintainerKeys> read(base::Disk& disk, crypto::KeyArena& arena,
                                                  const std::vector<std::string>& paths);

  /// A charter or act, with one signature of each key.
  governance::Verdict<governance::SignedFile> sign(std::string name, std::string octets) const;
  /// An act with one signature of each key.
  governance::Verdict<governance::SignedFile> sign(const governance::Act& act) const;
  const std::vector<crypto::minisign::SecretKey>& keys() const { return keys_; }

private:
  std::vector<crypto::minisign::SecretKey> keys_;
};

}  // namespace mailpod::daemon
