#pragma once

#include <functional>

#include <mailpod/sasl/credentials.hpp>
#include <mailpod/store/vault.hpp>

namespace mailpod::admin {

/// Port: where members' vaults are opened for what a command does with them: among a daemon's sessions, or, where none
/// runs, by the command itself. Blocking; not on a loop. I/O failure throws std::system_error.
class VaultDoor {
public:
  virtual ~VaultDoor() = default;

  /// An open vault, on the visitor's thread. `change` does work where nobody else changes the vault meanwhile.
  struct Room {
    store::Vault& vault;
    std::function<void(const std::function<void()>& work)> change;
  };
  /// Errors: those of store::Vaults::open.
  virtual Status visit(const sasl::Login& login, const std::function<void(const Room&)>& work) = 0;
  /// Closes the vault, and does `work` while nobody has it open.
  virtual void alone(MemberId member, const std::function<void()>& work) = 0;
  /// What the member's vault holds, as far as that can be known without opening it.
  virtual store::Usage usage(MemberId member) = 0;
};

/// Where no daemon runs: whoever holds the pod's lock opens vaults itself.
class OwnVaults final : public VaultDoor {
public:
  OwnVaults(const store::Vault::Ports& ports, std::string members, base::ByteArray<32> pod_public_key,
            std::shared_ptr<const crypto::Key> usage_key)
      : ports_(ports),
        members_(std::move(members)),
        pod_public_key_(pod_public_key),
        usage_key_(std::move(usage_key)) {}
  Status visit(const sasl::Login& login, const std::function<void(const Room&)>& work) override;
  void alone(MemberId, const std::function<void()>& work) override { work(); }
  store::Usage usage(MemberId member) override {
    return store::usage_of({ports_.disk, base::join(members_, member.str()), member, usage_key_});
  }

private:
  store::Vault::Ports ports_;
  std::string members_;
  base::ByteArray<32> pod_public_key_;
  std::shared_ptr<const crypto::Key> usage_key_;
};

}  // namespace mailpod::admin
