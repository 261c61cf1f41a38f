#include "pod_keys.hpp"

#include <cstdlib>

#include <mailpod/base/bytes.hpp>
#include <mailpod/crypto/digest.hpp>
#include <mailpod/crypto/seal.hpp>
#include <mailpod/text/base32.hpp>

namespace mailpod::daemon {
namespace {

using governance::Complaint;
using governance::Errc;

constexpr std::string_view server_key_title = "mailpod server key 1\n";
constexpr std::uint8_t pod_key_version = 1;  // stored: never renumber
constexpr std::uint64_t largest_key_file = 4096;
constexpr std::uint32_t for_others = 077;  // permission bits of group and others
constexpr std::uint32_t acl_mask = 040;    // where there is an ACL, the group's bits are its mask

/// systemd gives a credential to the service's user by an ACL: root owns the file, the folder is the user's alone, and
/// nobody else is let in (systemd 252, 2022).
bool open_to_others(const std::string& path, const base::Disk::Information& status) {
  const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");
  const bool credential = credentials != nullptr && path.starts_with(std::string(credentials) + "/") && status.owner == 0;
  return (status.mode & (credential ? for_others & ~acl_mask : for_others)) != 0;
}

crypto::Key sealing_key(const crypto::Key& server_key) {
  return crypto::hkdf_key(server_key.arena(), server_key.octets(), {}, "mailpod/v1/pod-key");
}

std::string associated_data(const std::string& domain) {
  return base::Encoder().var("mailpod/v1/pod-key").u8(pod_key_version).var(domain).take();
}

}  // namespace

std::string write_server_key_code(const crypto::Key& key) {
  return text::write_code(key.octets());
}

void write_server_key(base::Disk& disk, const std::string& path, const crypto::Key& key) {
  std::string code = write_server_key_code(key);
  std::string octets = std::string(server_key_title) + code + "\n";
  base::replace_file(disk, path, octets);
  crypto::wipe(octets);
  crypto::wipe(code);
}

governance::Verdict<crypto::Key> read_server_key(base::Disk& disk, const std::string& path, crypto::KeyArena& arena) {
  const auto status = disk.status(path);
  if (!status)
    return Complaint{Errc::missing_key, path, 0, "the server key is not there",
                     "bring it back (a file, a mounted disk, a credential), or write it anew from its paper copy"};
  if (open_to_others(path, *status))
    return Complaint{Errc::bad_value, path, 0, "others than its owner may read the server key",
                     "chmod 600 it, and consider who may have read it"};
  std::string octets = base::read_file(disk, path, largest_key_file);
  const auto refused = [&](std::size_t line, std::string what) {
    crypto::wipe(octets);
    return Complaint{Errc::bad_value, path, line, std::move(what),
                     "write two lines: `mailpod server key 1`, and the code from the paper copy"};
  };
  if (!octets.starts_with(server_key_title)) return refused(1, "this is no server key file");
  std::string_view code = std::string_view(octets).substr(server_key_title.size());
  if (code.ends_with('\n')) code.remove_suffix(1);
  auto raw = text::parse_code(code);
  if (!raw || raw->size() != crypto::Key::size) return refused(2, "a character of the code is wrong or missing");
  auto key = crypto::Key::copy_of(arena, *raw);
  crypto::wipe(*raw);
  crypto::wipe(octets);
  return key;
}

void write_pod_key(base::Disk& disk, const std::string& path, const crypto::SigningKey& key,
                   const crypto::Key& server_key, const std::string& domain, base::Entropy& entropy) {
  const auto sealed = crypto::seal(sealing_key(server_key), entropy, associated_data(domain), key.seed().octets());
  base::replace_file(disk, path, base::Encoder().u8(pod_key_version).fixed(sealed).take());
}

governance::Verdict<crypto::SigningKey> read_pod_key(base::Disk& disk, const std::string& path,
                                                     const crypto::Key& server_key, const std::string& domain) {
  if (!disk.status(path))
    return Complaint{Errc::missing_key, path, 0, "the pod's key is not there", "restore it from a backup"};
  const std::string octets = base::read_file(disk, path, largest_key_file);
  base::Decoder decoder(octets);
  if (decoder.u8() != pod_key_version)
    return Complaint{Errc::bad_value, path, 0, "this is no pod key of a version known here",
                     "use the version of Mailpod that wrote it, or a later one"};
  auto seed = crypto::open(sealing_key(server_key), associated_data(domain), decoder.rest());
  if (!seed || seed->size() != crypto::Key::size)
    return Complaint{Errc::bad_value, path, 0, "the server key does not open it, or it is damaged",
                     "use the server key of this pod, or restore the file from a backup"};
  auto key = crypto::Key::copy_of(server_key.arena(), *seed);
  crypto::wipe(*seed);
  return crypto::SigningKey(std::move(key));
}

}  // namespace mailpod::daemon
