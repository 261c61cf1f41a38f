#pragma once

#include <string>

#include <mailpod/base/log.hpp>
#include <mailpod/mailauth/dkim_keyring.hpp>
#include <mailpod/members/directory.hpp>
#include <mailpod/queue/spool.hpp>

#include "pod_folder.hpp"
#include "server_key.hpp"

/// Another server key for a pod. The key decides: all that is sealed under it is written anew beside, durable, then the
/// key's file is replaced at once (the commit point), then what lies beside takes its place. Whatever ends in between,
/// the pod opens by the key that its file holds. docs/decisions/0094.
namespace mailpod::daemon {

/// What lies sealed under the server key, and the key itself. Borrowed.
struct SealedParts {
  base::Disk& disk;
  base::Entropy& entropy;
  base::Log& log;
  const PodFolder& folder;
  std::string key_path;  ///< of the server key's file
  std::string domain;
  members::Directory& directory;
  queue::Spool& queue;
  mailauth::DkimKeyring& dkim;
  const crypto::SigningKey& pod_key;
};

/// Draws a new key and brings everything under it, `server` included, while all is in use. The new recovery share; the
/// caller wipes it. I/O failure throws std::system_error, and then the key is as it was.
governance::Verdict<std::string> rotate_server_key(const SealedParts& parts, ServerKey& server);

/// Before anything sealed is read: finishes a rotation that came to its commit point, forgets one that did not. With a
/// key that opens nothing of the pod, it changes nothing. Whoever calls it holds the pod's lock.
void settle_rotation(base::Disk& disk, const PodFolder& folder, const crypto::Key& server_key,
                     const std::string& domain);

/// Removes what was left of the key's file, the key in it, when a process was killed that wrote it. Whoever calls it
/// holds the pod's lock.
void remove_key_leftovers(base::Disk& disk, const std::string& key_path);

}  // namespace mailpod::daemon
