#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <mailpod/base/disk.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/crypto/keys.hpp>
#include <mailpod/crypto/password_hash.hpp>
#include <mailpod/governance/error.hpp>

/// The server key's file and its recovery share. docs/pod-folder.md, "server.key".
namespace mailpod::daemon {

/// What seals a server key's file: the key that a passphrase becomes, kept so that another server key can be sealed by
/// the same passphrase without asking for it again.
struct PassphraseSeal {
  base::ByteArray<16> salt{};
  crypto::Argon2Cost cost;
  crypto::Key key;
};

struct ServerKey {
  crypto::Key key;
  std::optional<PassphraseSeal> seal;  ///< nothing: the file holds the key as it is
};

/// Asks whoever starts the pod. The caller wipes the answer.
using AskPassphrase = std::function<governance::Verdict<std::string>()>;

/// The recovery share: the server key as people keep it on paper, groups of five characters and a check character.
std::string write_server_key_code(const crypto::Key& key);
/// What somebody typed from paper.
governance::Verdict<crypto::Key> parse_server_key_code(crypto::KeyArena& arena, std::string_view typed);

/// Argon2id: blocking, most of a second. A fresh salt.
PassphraseSeal make_passphrase_seal(crypto::KeyArena& arena, base::Entropy& entropy, std::string_view passphrase,
                                    crypto::Argon2Cost cost);

/// Writes a server key file, mode 0600, durably and at once: under `seal`, or, if nullptr, as it is.
void write_server_key(base::Disk& disk, const std::string& path, const crypto::Key& key, base::Entropy& entropy,
                      const PassphraseSeal* seal);
void write_server_key(base::Disk& disk, const std::string& path, const crypto::Key& key);
/// Refuses a file that anyone but its owner may read. `ask` is asked only where the file is sealed; where it is empty,
/// that is a complaint.
governance::Verdict<ServerKey> read_server_key(base::Disk& disk, const std::string& path, crypto::KeyArena& arena,
                                               const AskPassphrase& ask = {});

}  // namespace mailpod::daemon
