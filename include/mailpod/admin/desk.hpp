#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <mailpod/admin/errands.hpp>
#include <mailpod/admin/vault_door.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/delivery/act_texts.hpp>
#include <mailpod/delivery/reports.hpp>
#include <mailpod/governance/audit_log.hpp>
#include <mailpod/governance/ledger.hpp>
#include <mailpod/governance/registry.hpp>
#include <mailpod/governance/waiting_files.hpp>
#include <mailpod/governance/witness.hpp>
#include <mailpod/mailauth/dkim_keyring.hpp>
#include <mailpod/members/addresses.hpp>
#include <mailpod/members/departures.hpp>
#include <mailpod/members/directory.hpp>
#include <mailpod/members/enrolment.hpp>
#include <mailpod/members/pod_time.hpp>
#include <mailpod/queue/spool.hpp>
#include <mailpod/store/letterbox.hpp>

namespace mailpod::admin {

/// Port: the daemon that runs, as far as administration touches it. Any thread.
class Daemon {
public:
  virtual ~Daemon() = default;
  /// Ends the member's sessions within a second, whatever they are doing: all that read mail, and those that submit
  /// mail by a login that stands no longer. Suspension, a revoked app password.
  virtual void close_sessions(MemberId member) = 0;
  /// Mail was put into the member's vault: whoever has it open sees it soon.
  virtual void announce(MemberId member, store::Arrival arrival) = 0;
  /// An entry of the queue was changed: whoever sends looks at it.
  virtual void look_at(const queue::EntryId& entry) = 0;
  /// Whose mail the brake holds.
  virtual std::set<MemberId> braked() const = 0;
  /// What the member sends goes again.
  virtual void release(MemberId member) = 0;
  struct Figures {
    std::uint32_t process = 0;
    std::uint64_t up_seconds = 0;
    struct Listener {
      std::string name;
      std::uint16_t port = 0;
      std::uint64_t connections = 0;
      std::uint64_t turned_away = 0;
    };
    std::vector<Listener> listeners;
    struct Sending {
      std::uint64_t waiting = 0;  ///< entries of the queue, held ones excluded
      std::uint64_t held = 0;
      std::uint64_t connections = 0;
      std::uint64_t delivered = 0;  ///< recipients since the start
      std::uint64_t failed = 0;
    };
    std::optional<Sending> sending;  ///< nothing where none is done
  };
  virtual Figures figures() const = 0;
  struct Reloaded {
    std::vector<std::string> changed;       ///< settings that count from now on
    std::vector<std::string> need_restart;  ///< settings that differ and count from the next start on
    std::size_t certificates = 0;           ///< read again
  };
  /// Takes what was changed in the configuration; says which file is broken, and where, and leaves all as it was.
  virtual governance::Verdict<Reloaded> reload() = 0;
  struct Finding {
    std::string part;     ///< "loops", "pool", "disk" …
    std::string trouble;  ///< empty: it is well
  };
  /// Asks every part; waits a second at most for each.
  virtual std::vector<Finding> health() = 0;
  struct Session {
    std::uint64_t id = 0;
    std::string listener;
    std::string address;  ///< of the peer
    std::uint16_t port = 0;
    std::string tls;  ///< "TLSv1.3"; empty: in clear
    std::optional<MemberId> member;
    base::Time since;
    std::uint64_t idle_seconds = 0;  ///< since the peer last said something
  };
  virtual std::vector<Session> sessions() const = 0;
  /// Within a second, with the protocol's goodbye. False if there is no such session.
  virtual bool end_session(std::uint64_t id) = 0;
  /// All of the member's, who may log in again; how many there were.
  virtual std::size_t end_sessions(MemberId member) = 0;
};

/// Port: the server key, as far as administration touches it.
class KeyKeeper {
public:
  virtual ~KeyKeeper() = default;
  /// Another server key, for all that is sealed under it. The new recovery share; the caller wipes it. I/O failure
  /// throws std::system_error.
  virtual governance::Verdict<std::string> rotate_server_key() = 0;
};

/// Who stands before the desk: somebody who owns the pod's folder, or whoever knocked at the members' door.
enum class Asker { admin, member };

/// What the operations work on. Borrowed; outlives the desk. Whoever makes one holds the pod's exclusive lock.
struct Premises {
  base::Clock& clock;
  members::Admissions& admissions;
  members::Addresses& addresses;
  members::Departures& departures;
  members::KeyRing& key_ring;
  members::Directory& directory;
  governance::Registry& registry;
  governance::Ledger& ledger;
  governance::Witness& witness;
  queue::Spool& queue;
  mailauth::DkimKeyring& dkim;
  const members::Household& household;
  VaultDoor& vaults;
  Errands& errands;
  Daemon* daemon = nullptr;                       ///< nullptr: none runs; the command line works on the pod itself
  std::uint64_t message_size = 50 * 1024 * 1024;  ///< octets of one message
  Asker asker = Asker::admin;
  KeyKeeper* keys = nullptr;                    ///< who makes premises says whose
  members::PodTime* time = nullptr;             ///< likewise: by which candidates wait
  governance::AuditLog* audit = nullptr;        ///< likewise: where it stands what was done here
  std::function<std::string()> card = {};       ///< likewise: the pod's, a signed note
  governance::WaitingFiles* waiting = nullptr;  ///< likewise: what waits for signatures
  delivery::ActTexts* texts = nullptr;          ///< likewise: what acts commit to
  delivery::Reports* reports = nullptr;         ///< likewise: what members tell the maintainers
  /// SHA-256 of the program that runs; nothing where it cannot be read.
  std::function<std::optional<governance::Hash>()> program = {};
};

/// Where the pod's administration is done, by one caller at a time: the control socket of a daemon, or a command line
/// that found none running. Neither can do more than the other. At the members' door less is done.
///
/// No operation opens a vault without a secret of its member's, and none changes a membership without an act that
/// maintainers signed: what the caller may do follows from what it brings, not from who it is.
class Desk {
public:
  explicit Desk(const Premises& premises);

  /// One request, `{"operation": …, "arguments": {…}}`, answered with `{"answer": …}` or `{"complaint": {…}}`.
  /// Blocking; any thread. Machine failures are answered as complaints too, with the errno under `"machine"` beside it.
  /// Secrets in `request` are wiped.
  /// `by`: who asks, for the audit log: `uid:0`; `pod` where nobody asked.
  nlohmann::json serve(nlohmann::json& request, std::string_view by = "pod");
  /// The same for who knocked at the members' door (admin::MembersDoor), which has tried the secret where the operation
  /// asks for one. What is for administrators alone is refused like what there is not.
  nlohmann::json serve_member(nlohmann::json& request);
  /// What comes due by itself: candidates whose time has come are members from now on. To be called about twice a
  /// second; does nothing while somebody stands here. Blocking; any thread. I/O failure throws std::system_error.
  void tend();

private:
  nlohmann::json answer(const Premises& premises, const nlohmann::json& request, std::string_view by);

  const Premises premises_;
  const Premises members_premises_;
  std::mutex one_at_a_time_;
};

}  // namespace mailpod::admin
