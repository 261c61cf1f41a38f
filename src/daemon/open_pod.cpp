#include "open_pod.hpp"

#include <mailpod/crypto/digest.hpp>
#include <mailpod/store/letterbox.hpp>
#include <mailpod/text/base64.hpp>

#include "key_rotation.hpp"
#include "pod_card.hpp"
#include "pod_keys.hpp"
#include "program.hpp"

namespace mailpod::daemon {
namespace {

using governance::Complaint;
using governance::Errc;

/// What the configuration says against what the charter says.
governance::Verdict<void> check_agreement(const PodFolder& folder, const Configuration& configuration,
                                          const governance::Charter& charter) {
  if (charter.pod != configuration.domain)
    return Complaint{Errc::wrong_pod, folder.configuration(), 0,
                     "pod.domain is " + configuration.domain + ", but the charter is for " + charter.pod,
                     "write the charter's domain"};
  return {};
}

/// Others will not believe what this pod signs. Its mail has nothing to do with it, and only a pod that runs can accept
/// the charter that mends it.
void tell_of_another_key(base::Log& log, const PodFolder& folder, const governance::Charter& charter,
                         const crypto::SigningKey& pod_key) {
  const auto& named = charter.federation.pod_key;
  if (!named || *named == pod_key.public_key()) return;
  log.error("pod_key differs file={} charter={} pod_key={}", base::printable(folder.pod_key()),
            text::write_base64(base::octets(*named)), text::write_base64(base::octets(pod_key.public_key())));
}

/// Full disks and lost folders keep nobody from their mail: what the ledger and the directory's memory of it miss is
/// made up for by the next act, or at the next start.
void remember_ledger(base::Log& log, members::Directory& directory, const governance::Ledger& ledger) {
  try {
    if (!ledger.behind().empty()) throw std::runtime_error(ledger.behind());
    directory.remember_ledger(ledger.head());
  } catch (const std::runtime_error& failure) {
    log.error("ledger behind reason=\"{}\"", base::printable(failure.what()));
  }
}

/// The value of a line `key = "value"` of a signed file, where it has one.
std::string line_value(const std::string& octets, const std::string& key) {
  const auto begin = octets.find(key + " = \"");
  if (begin == std::string::npos) return {};
  const auto from = begin + key.size() + 4;
  return octets.substr(from, octets.find('"', from) - from);
}

/// `act:suspend`, `charter`, `ballot` …
governance::AuditEvent record_event(const std::string& octets, std::uint64_t number) {
  const auto entry = governance::parse_entry(octets, "entry");
  std::string type = entry.has_value() ? line_value(entry->octets, "type") : std::string();
  if (type == "act") type += ":" + line_value(entry->octets, "\nact").substr(0, 64);
  return {governance::AuditEvent::Kind::record,
          {{"entry", fmt::format("{}", number)},
           {"leaf", base::hex(base::octets(governance::leaf_hash(octets)))},
           {"type", governance::audit_value(type)}}};
}

}  // namespace

governance::Verdict<std::unique_ptr<OpenPod>> OpenPod::open(const Machine& machine, PodFolder folder,
                                                            Configuration configuration, const AskPassphrase& ask) {
  if (const auto ours = check_owner(machine.disk, folder); !ours.has_value()) return ours.error();
  auto lock = take_lock(machine, folder);
  if (!lock.has_value()) return lock.error();
  auto read = read_secrets(machine, folder, configuration, ask);
  if (!read.has_value()) return read.error();
  auto secrets = std::make_unique<Secrets>(std::move(*read));
  auto books = open_books(machine, folder, configuration, *secrets);
  if (!books.has_value()) return books.error();
  return std::unique_ptr<OpenPod>(new OpenPod(machine, std::move(folder), std::move(configuration), std::move(*lock),
                                              std::move(secrets), std::move(*books)));
}

OpenPod::OpenPod(const Machine& machine, PodFolder folder, Configuration configuration, Lock lock,
                 std::unique_ptr<Secrets> secrets, Books books)
    : machine_(machine),
      folder_(std::move(folder)),
      configuration_(std::move(configuration)),
      lock_(std::move(lock)),
      secrets_(std::move(secrets)),
      usage_key_(std::make_shared<const crypto::Key>(
          crypto::hkdf_key(machine.arena, secrets_->server.key.octets(), {}, "mailpod/v1/usage"))),
      books_(std::move(books)),
      audit_({machine.disk, machine.clock, machine.log, folder_.audit(), configuration_.domain, secrets_->pod,
              books_.directory->state()->audit(),
              [this](const governance::TreeHead& head) { books_.directory->remember_audit(head); }}),
      witness_({machine.disk, machine.clock, folder_.witnessed(), configuration_.domain, secrets_->pod}),
      queue_({machine.disk, machine.entropy, machine.log, machine.arena, secrets_->server.key}, folder_.queue()),
      dkim_keys_({machine.disk, machine.clock, machine.entropy, machine.log, machine.arena, secrets_->server.key},
                 folder_.dkim()),
      household_{machine.disk,     machine.clock,         machine.entropy,         machine.log,
                 machine.arena,    folder_.members(),     secrets_->pod,           *books_.directory,
                 *books_.registry, configuration_.argon2, configuration_.separator},
      time_(machine.clock, *books_.directory, *books_.registry),
      admissions_(household_),
      addresses_(household_),
      departures_(household_),
      key_ring_(household_),
      vaults_({machine.disk, machine.clock, machine.entropy, machine.log, machine.arena}, folder_.members(),
              secrets_->pod.public_key(), usage_key_),
      errands_(machine.clock),
      waiting_(machine.disk, folder_.waiting()),
      texts_(household_, folder_.texts()),
      reports_(household_) {
  books_.registry->follow_with([this](std::span<const std::string> entries) {
    enter_in_ledger(entries);
    enter_in_audit_log(entries);
  });
  books_.registry->doubt_clock_by([this] { return time_.now(); });
  finish_what_was_begun();
  store::complete_intents(machine.disk, folder_.members(), machine.log);
  deliver_texts();
}

/// Of those whose acts were recorded when the machine died. A full disk is no reason not to start here either.
void OpenPod::deliver_texts() {
  try {
    texts_.deliver();
  } catch (const std::system_error& failure) {
    machine_.log.error("texts wait reason=\"{}\"", base::printable(failure.what()));
  }
}

/// A full disk is no reason not to start: else nobody could make room. What cannot be written now waits as after a
/// crash: newcomers until the daemon looks again, twice a second; an alias, a group or a departure until the next
/// start.
void OpenPod::finish_what_was_begun() {
  const auto attempt = [&](std::string_view what, const auto& finish) {
    try {
      finish();
    } catch (const std::system_error& failure) {
      machine_.log.error("{} unfinished reason=\"{}\"", what, base::printable(failure.what()));
    }
  };
  attempt("departures", [&] { departures_.recover(); });
  attempt("addresses", [&] { addresses_.recover(); });
  attempt("admissions", [&] { admissions_.recover(); });
  attempt("candidates", [&] { admissions_.settle(time_.now()); });
}

OpenPod::~OpenPod() {
  try {
    books_.directory->close();
  } catch (const std::exception& failure) {
    // All that it holds is durable; it is only found unclosed when the pod opens next.
    machine_.log.error("directory closed uncleanly reason=\"{}\"", base::printable(failure.what()));
  }
}

/// The act is in force, whatever becomes of this: what the ledger misses it gets with the next, or at the next start.
void OpenPod::enter_in_ledger(std::span<const std::string> entries) {
  auto& ledger = *books_.ledger;
  try {
    if (ledger.behind().empty() && ledger.size() + entries.size() == books_.registry->leaves().size()) {
      ledger.append(entries);
    } else {
      ledger.follow(governance::record_of(*books_.registry));
    }
    books_.directory->remember_ledger(ledger.head());
  } catch (const std::runtime_error& failure) {
    machine_.log.error("ledger behind reason=\"{}\"", base::printable(failure.what()));
  }
}

void OpenPod::enter_in_audit_log(std::span<const std::string> entries) {
  std::vector<governance::AuditEvent> events;
  auto number = books_.registry->tally().count - entries.size();
  for (const auto& entry : entries) events.push_back(record_event(entry, ++number));
  audit_.write(events);
}

crypto::Key OpenPod::srs_key() const {
  return crypto::hkdf_key(machine_.arena, secrets_->server.key.octets(), {}, "mailpod/v1/srs");
}

crypto::Key OpenPod::strangers_key() const {
  const std::lock_guard lock(rotating_);
  return crypto::hkdf_key(machine_.arena, secrets_->server.key.octets(), {}, "mailpod/v1/strangers");
}

governance::Verdict<std::string> OpenPod::rotate_server_key() {
  const auto& configured = configuration_.server_key;
  if (PodFolder::is_credential(configured))
    return Complaint{
        Errc::bad_value, configured, 0, "the server key is a credential, which only systemd can change",
        "stop the daemon, let pod.server_key name a file that holds the key, rotate it there, and make the "
        "credential anew from that file"};
  const std::lock_guard lock(rotating_);
  return daemon::rotate_server_key({machine_.disk, machine_.entropy, machine_.log, folder_, folder_.at(configured),
                                    configuration_.domain, *books_.directory, queue_, dkim_keys_, secrets_->pod},
                                   secrets_->server);
}

admin::Premises OpenPod::premises(admin::Daemon* daemon) {
  return premises(daemon, vaults_, errands_);
}

admin::Premises OpenPod::premises(admin::Daemon* daemon, admin::VaultDoor& vaults, admin::Errands& errands) {
  return {machine_.clock,
          admissions_,
          addresses_,
          departures_,
          key_ring_,
          *books_.directory,
          *books_.registry,
          *books_.ledger,
          witness_,
          queue_,
          dkim_keys_,
          household_,
          vaults,
          errands,
          daemon,
          configuration_.message_size,
          admin::Asker::admin,
          this,
          &time_,
          &audit_,
          [this] { return pod_card(*this, configuration_).str(); },
          &waiting_,
          &texts_,
          &reports_,
          hash_of_program};
}

governance::Verdict<OpenPod::Lock> OpenPod::take_lock(const Machine& machine, const PodFolder& folder) {
  auto lock = machine.disk.lock(folder.lock());
  if (!lock)
    return Complaint{Errc::bad_value, folder.lock(), 0, "another mailpod works on this pod",
                     "if it is a daemon, use it (`mailpod status`) or stop it; else wait for the command to end"};
  return lock;
}

governance::Verdict<OpenPod::Secrets> OpenPod::read_secrets(const Machine& machine, const PodFolder& folder,
                                                            const Configuration& configuration,
                                                            const AskPassphrase& ask) {
  auto server = read_server_key(machine.disk, folder.at(configuration.server_key), machine.arena, ask);
  if (!server.has_value()) return server.error();
  if (!PodFolder::is_credential(configuration.server_key))
    remove_key_leftovers(machine.disk, folder.at(configuration.server_key));
  settle_rotation(machine.disk, folder, server->key, configuration.domain);
  auto pod = read_pod_key(machine.disk, folder.pod_key(), server->key, configuration.domain);
  if (!pod.has_value()) return pod.error();
  return Secrets{std::move(*server), std::move(*pod)};
}

governance::Verdict<OpenPod::Books> OpenPod::open_books(const Machine& machine, const PodFolder& folder,
                                                        const Configuration& configuration, const Secrets& secrets) {
  auto directory = members::Directory::open({machine.disk, machine.clock, machine.entropy, machine.log, machine.arena},
                                            folder.directory(), secrets.server.key);
  if (!directory.has_value())
    return Complaint{Errc::record_damaged, folder.directory(), 0, directory.error().message(),
                     "use the server key of this pod, or restore the folder from a backup"};
  auto registry = governance::Registry::open(
      {machine.disk, folder.governance(), configuration.charter, (*directory)->state()->tally(), &machine.clock});
  if (!registry.has_value()) return registry.error();
  const auto roster = (*registry)->gate().roster();
  const auto& charter = roster->charters().at(machine.clock.now());
  if (const auto agreed = check_agreement(folder, configuration, charter); !agreed.has_value()) return agreed.error();
  tell_of_another_key(machine.log, folder, charter, secrets.pod);
  const auto remembered = (*directory)->state()->ledger();
  auto ledger = governance::Ledger::open({machine.disk, folder.ledger(), configuration.domain, secrets.pod,
                                          remembered.size == 0 ? std::nullopt : std::optional(remembered)},
                                         governance::record_of(**registry));
  if (!ledger.has_value()) return ledger.error();
  remember_ledger(machine.log, **directory, **ledger);
  return Books{std::move(*directory), std::move(*registry), std::move(*ledger)};
}

}  // namespace mailpod::daemon
