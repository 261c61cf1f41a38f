#include "citizen_key.hpp"

#include <nlohmann/json.hpp>

#include <mailpod/crypto/keys.hpp>

#include "acts.hpp"

namespace mailpod::daemon {

using governance::Complaint;
using governance::Errc;
using governance::Verdict;
namespace minisign = crypto::minisign;

Verdict<minisign::SecretKey> read_citizen_key(const OpenPod::Machine& machine, const std::string& path) {
  if (path.empty())
    return Complaint{Errc::missing_key, "--citizen-key", 0, "no citizen key is named",
                     "name its file, or set MAILPOD_CITIZEN_KEY"};
  if (!machine.disk.status(path))
    return Complaint{Errc::missing_key, path, 0, "the citizen key is not there",
                     "name its file with --citizen-key, or bring the disk it lies on"};
  return read_maintainer_key(machine.disk, machine.arena, path);
}

Verdict<minisign::SecretKey> citizen_key(const OpenPod::Machine& machine, const std::string& path) {
  if (path.empty() || machine.disk.status(path)) return read_citizen_key(machine, path);
  auto key = minisign::SecretKey::random(machine.arena, machine.entropy);
  std::string file = key.file();
  base::replace_file(machine.disk, path, file);
  crypto::wipe(file);
  base::replace_file(machine.disk, path + ".pub", key.public_key().file());
  return key;
}

governance::Vouch vouch_in(const OpenPod::Machine& machine, const nlohmann::json& frame) {
  governance::Vouch vouch;
  vouch.pod = frame.at("pod").get<std::string>();
  vouch.charter = frame.at("charter").get<std::uint64_t>();
  vouch.nonce = machine.entropy.bytes<16>();
  vouch.issued = base::from_seconds(base::to_seconds(machine.clock.now()));
  vouch.by = MemberId::parse(frame.at("by").get<std::string>()).value();
  if (frame.contains("newcomer")) vouch.newcomer = MemberId::parse(frame.at("newcomer").get<std::string>()).value();
  return vouch;
}

Verdict<nlohmann::json> hand_in(Office& office, const minisign::SecretKey& key, const governance::Vouch& vouch) {
  governance::SignedFile file{"vouch", governance::write_vouch(vouch), {}};
  auto signature = governance::sign(key, file.octets, file.name);
  if (!signature.has_value()) return signature.error();
  file.minisigs.push_back(std::move(*signature));
  return office.ask("vouch", {{"vouch", file_json(file)}});
}

}  // namespace mailpod::daemon
