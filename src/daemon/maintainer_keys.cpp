#include "maintainer_keys.hpp"

#include <mailpod/crypto/keys.hpp>

namespace mailpod::daemon {
namespace {

using governance::Complaint;
using governance::Errc;

constexpr std::uint64_t largest_key_file = 4096;
constexpr std::uint32_t for_others = 077;  // permission bits of group and others

/// Whose key it is, and what a person does about it.
struct Owner {
  const char* key;
  const char* missing;
  const char* unusable;
};

governance::Verdict<crypto::minisign::SecretKey> read_key(base::Disk& disk, crypto::KeyArena& arena,
                                                          const std::string& path, const Owner& owner) {
  const auto status = disk.status(path);
  if (!status) return Complaint{Errc::missing_key, path, 0, std::string(owner.key) + " is not there", owner.missing};
  if ((status->mode & for_others) != 0)
    return Complaint{Errc::bad_value, path, 0, std::string("others than its owner may read ") + owner.key,
                     "chmod 600 it, and consider who may have read it"};
  std::string text = base::read_file(disk, path, largest_key_file);
  auto key = crypto::minisign::parse_secret_key_file(arena, text);
  crypto::wipe(text);
  if (!key.has_value())
    return Complaint{Errc::bad_value, path, 0, "not a usable minisign secret key: " + key.error().message(),
                     owner.unusable};
  return std::move(*key);
}

}  // namespace

governance::Verdict<crypto::minisign::SecretKey> read_maintainer_key(base::Disk& disk, crypto::KeyArena& arena,
                                                                     const std::string& path) {
  return read_key(disk, arena, path,
                  {"the maintainer's key", "name it with --maintainer-key, or bring the disk it lies on",
                   "use one that `minisign -G -W` or `mailpod init` made"});
}

governance::Verdict<crypto::minisign::SecretKey> read_citizen_key(base::Disk& disk, crypto::KeyArena& arena,
                                                                  const std::string& path) {
  return read_key(disk, arena, path,
                  {"the citizen key", "name it with --citizen-key, or bring the disk it lies on",
                   "use one that `minisign -G -W` made, or sign the ballot with `minisign` itself"});
}

governance::Verdict<MaintainerKeys> MaintainerKeys::read(base::Disk& disk, crypto::KeyArena& arena,
                                                         const std::vector<std::string>& paths) {
  MaintainerKeys all;
  for (const auto& path : paths) {
    auto key = read_maintainer_key(disk, arena, path);
    if (!key.has_value()) return key.error();
    all.keys_.push_back(std::move(*key));
  }
  if (all.keys_.empty())
    return Complaint{Errc::no_signatures, "", 0, "no maintainer signs",
                     "name a key with --maintainer-key PATH, or in MAILPOD_MAINTAINER_KEY"};
  return all;
}

governance::Verdict<governance::SignedFile> MaintainerKeys::sign(std::string name, std::string octets) const {
  governance::SignedFile file{std::move(name), std::move(octets), {}};
  for (const auto& key : keys_) {
    auto signature = governance::sign(key, file.octets, file.name);
    if (!signature.has_value()) return signature.error();
    file.minisigs.push_back(std::move(*signature));
  }
  file.minisigs = governance::in_key_order(std::move(file.minisigs));
  return file;
}

governance::Verdict<governance::SignedFile> MaintainerKeys::sign(const governance::Act& act) const {
  return sign("act", governance::write_act(act));
}

}  // namespace mailpod::daemon
