#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>

#include <mailpod/admin/desk.hpp>
#include <mailpod/base/disk.hpp>
#include <mailpod/base/log.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/crypto/keys.hpp>
#include <mailpod/crypto/sign.hpp>
#include <mailpod/governance/audit_log.hpp>
#include <mailpod/governance/ledger.hpp>
#include <mailpod/governance/registry.hpp>
#include <mailpod/governance/witness.hpp>
#include <mailpod/mailauth/dkim_keyring.hpp>
#include <mailpod/members/addresses.hpp>
#include <mailpod/members/departures.hpp>
#include <mailpod/members/directory.hpp>
#include <mailpod/members/enrolment.hpp>
#include <mailpod/queue/spool.hpp>

#include "configuration.hpp"
#include "pod_folder.hpp"
#include "server_key.hpp"

namespace mailpod::daemon {

/// A pod whose lock we hold and whose server-side secrets are in memory: what a daemon serves from, and what a command
/// line works on where no daemon runs. It opens no vault: for that it takes a member's secret.
class OpenPod final : public admin::KeyKeeper {
public:
  /// Machine parts; they outlive the pod.
  struct Machine {
    base::Disk& disk;
    base::Clock& clock;
    base::Entropy& entropy;
    base::Log& log;
    crypto::KeyArena& arena;
  };

  /// Takes the lock, reads the keys, verifies charters and acts, and completes what a crash left unfinished. Refuses,
  /// naming file and remedy, whatever is broken, and everybody but the folder's owner, root included: the owner could
  /// not open what another user left. I/O failure throws std::system_error.
  /// `ask` is asked for the passphrase of a sealed server key.
  static governance::Verdict<std::unique_ptr<OpenPod>> open(const Machine& machine, PodFolder folder,
                                                            Configuration configuration, const AskPassphrase& ask = {});
  ~OpenPod() override;
  OpenPod(const OpenPod&) = delete;
  OpenPod& operator=(const OpenPod&) = delete;

  const PodFolder& folder() const { return folder_; }
  const Configuration& configuration() const { return configuration_; }
  const Machine& machine() const { return machine_; }
  const crypto::SigningKey& pod_key() const { return secrets_->pod; }
  /// Of the reverse paths under which members' mail is forwarded.
  crypto::Key srs_key() const;
  /// Of what is remembered of strangers. Another one once the server key is.
  crypto::Key strangers_key() const;
  /// Of what closed vaults hold.
  std::shared_ptr<const crypto::Key> usage_key() const { return usage_key_; }
  members::Directory& directory() { return *books_.directory; }
  governance::Registry& registry() { return *books_.registry; }
  governance::AuditLog& audit() { return audit_; }
  governance::Ledger& ledger() { return *books_.ledger; }
  /// Any thread.
  governance::Witness& witness() { return witness_; }
  queue::Spool& queue() { return queue_; }
  mailauth::DkimKeyring& dkim_keys() { return dkim_keys_; }
  members::Household& household() { return household_; }
  members::KeyRing& key_ring() { return key_ring_; }

  /// While everything goes on. Refuses where the key's file is not ours to write: a credential.
  governance::Verdict<std::string> rotate_server_key() override;

  /// For the desk; `daemon` is nullptr where none runs.
  admin::Premises premises(admin::Daemon* daemon);
  /// The same where the daemon opens the vaults.
  admin::Premises premises(admin::Daemon* daemon, admin::VaultDoor& vaults, admin::Errands& errands);

private:
  struct Secrets {
    ServerKey server;
    crypto::SigningKey pod;
  };
  struct Books {
    std::unique_ptr<members::Directory> directory;
    std::unique_ptr<governance::Registry> registry;
    std::unique_ptr<governance::Ledger> ledger;
  };
  using Lock = std::unique_ptr<base::Disk::Lock>;
  OpenPod(const Machine& machine, PodFolder folder, Configuration configuration, Lock lock,
          std::unique_ptr<Secrets> secrets, Books books);

  static governance::Verdict<Lock> take_lock(const Machine& machine, const PodFolder& folder);
  static governance::Verdict<Secrets> read_secrets(const Machine& machine, const PodFolder& folder,
                                                   const Configuration& configuration, const AskPassphrase& ask);
  static governance::Verdict<Books> open_books(const Machine& machine, const PodFolder& folder,
                                               const Configuration& configuration, const Secrets& secrets);
  void finish_what_was_begun();
  void deliver_texts();
  void enter_in_ledger(std::span<const std::string> entries);
  void enter_in_audit_log(std::span<const std::string> entries);

  Machine machine_;
  PodFolder folder_;
  Configuration configuration_;
  Lock lock_;
  mutable std::mutex rotating_;             // guards the server key in `secrets_` once the pod is open
  const std::unique_ptr<Secrets> secrets_;  // where it lies, the books refer to its keys
  std::shared_ptr<const crypto::Key> usage_key_;
  Books books_;
  governance::AuditLog audit_;
  governance::Witness witness_;
  queue::Spool queue_;
  mailauth::DkimKeyring dkim_keys_;
  members::Household household_;
  members::PodTime time_;
  members::Admissions admissions_;
  members::Addresses addresses_;
  members::Departures departures_;
  members::KeyRing key_ring_;
  admin::OwnVaults vaults_;
  admin::Errands errands_;
  governance::WaitingFiles waiting_;
  delivery::ActTexts texts_;
  delivery::Reports reports_;
};

}  // namespace mailpod::daemon
