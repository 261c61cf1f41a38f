#pragma once

#include <string>

#include <mailpod/base/disk.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/crypto/keys.hpp>
#include <mailpod/crypto/sign.hpp>
#include <mailpod/governance/error.hpp>

/// The two secrets of a pod's folder. docs/pod-folder.md has their formats.
namespace mailpod::daemon {

/// The server key as people keep it on paper: groups of five characters and a check character.
std::string write_server_key_code(const crypto::Key& key);

/// Writes a server key file, mode 0600, durably.
void write_server_key(base::Disk& disk, const std::string& path, const crypto::Key& key);
/// Refuses a file that anyone but its owner may read.
governance::Verdict<crypto::Key> read_server_key(base::Disk& disk, const std::string& path, crypto::KeyArena& arena);

/// Writes pod.key: the Ed25519 seed sealed under the server key and bound to the pod's domain.
void write_pod_key(base::Disk& disk, const std::string& path, const crypto::SigningKey& key,
                   const crypto::Key& server_key, const std::string& domain, base::Entropy& entropy);
governance::Verdict<crypto::SigningKey> read_pod_key(base::Disk& disk, const std::string& path,
                                                     const crypto::Key& server_key, const std::string& domain);

}  // namespace mailpod::daemon
