#include "pod_keys.hpp"

#include <mailpod/base/bytes.hpp>
#include <mailpod/crypto/digest.hpp>
#include <mailpod/crypto/seal.hpp>

namespace mailpod::daemon {
namespace {

using governance::Complaint;
using governance::Errc;

constexpr std::uint8_t pod_key_version = 1;  // stored: never renumber
constexpr std::uint64_t largest_key_file = 4096;

crypto::Key sealing_key(const crypto::Key& server_key) {
  return crypto::hkdf_key(server_key.arena(), server_key.octets(), {}, "mailpod/v1/pod-key");
}

std::string associated_data(const std::string& domain) {
  return base::Encoder().var("mailpod/v1/pod-key").u8(pod_key_version).var(domain).take();
}

}  // namespace

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
