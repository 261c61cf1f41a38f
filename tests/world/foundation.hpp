#pragma once

#include <memory>
#include <string>
#include <vector>

#include <mailpod/base/log.hpp>
#include <mailpod/base/member_id.hpp>
#include <mailpod/crypto/keys.hpp>
#include <mailpod/store/vault.hpp>

#include "open_pod.hpp"
#include "simulation/clock.hpp"
#include "simulation/disk.hpp"
#include "simulation/entropy.hpp"

namespace mailpod::world {

/// One who has an account, and what only they know.
struct Member {
  MemberId id;
  std::string name;  ///< local part and login
  std::string address;
  std::string password;  ///< an app password
  std::shared_ptr<const crypto::VaultKey> key;
};

inline constexpr std::string_view domain = "pod.lab";
/// Nobody's address in it.
inline constexpr std::string_view nobody = "nobody@pod.lab";

/// A pod that was founded and whose members have enrolled, as every world begins: made once a process, by production
/// code, and always the same.
class Foundation {
public:
  static Foundation& instance();

  /// A disk with the pod on it, everything durable.
  std::unique_ptr<simulation::Disk> disk(std::uint64_t seed) const { return disk_->crash(seed); }
  /// For a pod that writes checkpoints, rewrites journals and gives mail up within minutes.
  const daemon::Configuration& configuration() const { return configuration_; }
  const std::vector<Member>& members() const { return members_; }
  crypto::KeyArena& arena() { return arena_; }

  /// The pod on `disk`; throws std::runtime_error with the complaint.
  std::unique_ptr<daemon::OpenPod> open(base::Disk& disk, base::Clock& clock, base::Entropy& entropy, base::Log& log);
  /// A member's vault in it.
  static std::unique_ptr<store::Vault> open_vault(daemon::OpenPod& pod, const Member& member);

private:
  Foundation();

  crypto::KeyArena arena_;
  std::unique_ptr<simulation::Disk> disk_ = std::make_unique<simulation::Disk>();
  daemon::Configuration configuration_;
  std::vector<Member> members_;
};

}  // namespace mailpod::world
