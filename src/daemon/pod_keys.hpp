#pragma once

#include <string>

#include <mailpod/base/disk.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/crypto/keys.hpp>
#include <mailpod/crypto/sign.hpp>
#include <mailpod/governance/error.hpp>

/// The pod's own secret, as it lies in its folder. docs/pod-folder.md, "pod.key".
namespace mailpod::daemon {

/// Writes pod.key: the Ed25519 seed sealed under the server key and bound to the pod's domain.
void write_pod_key(base::Disk& disk, const std::string& path, const crypto::SigningKey& key,
                   const crypto::Key& server_key, const std::string& domain, base::Entropy& entropy);
governance::Verdict<crypto::SigningKey> read_pod_key(base::Disk& disk, const std::string& path,
                                                     const crypto::Key& server_key, const std::string& domain);

}  // namespace mailpod::daemon
