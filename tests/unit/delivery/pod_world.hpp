#pragma once

#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <mailpod/crypto/digest.hpp>
#include <mailpod/delivery/brake.hpp>
#include <mailpod/delivery/post_office.hpp>
#include <mailpod/delivery/returns.hpp>
#include <mailpod/delivery/srs.hpp>
#include <mailpod/governance/registry.hpp>
#include <mailpod/members/directory.hpp>
#include <mailpod/net/pool.hpp>
#include <mailpod/queue/spool.hpp>
#include <mailpod/store/vaults.hpp>

#include "simulation/community.hpp"
#include "simulation/disk.hpp"

/// A small pod on a simulated disk, with the real gate, directory and vaults.
namespace mailpod::delivery {

/// Remembers who was told of mail; opens nothing.
class ListeningVaults final : public store::Vaults {
public:
  std::vector<MemberId> told;
  store::Usage held;  ///< by everybody

  boost::asio::awaitable<Result<std::shared_ptr<store::OpenVault>>> open(sasl::Login) override {
    co_return store::Errc::wrong_key;
  }
  boost::asio::awaitable<store::Usage> usage(MemberId) override { co_return held; }
  std::optional<store::Usage> known_usage(MemberId) const override { return held; }
  void announce(MemberId member, store::Arrival) override { told.push_back(member); }
  void close(MemberId) override {}
  boost::asio::awaitable<void> alone(MemberId, std::function<void()> work) override {
    work();
    co_return;
  }
  void set(const Settings&) override {}
  boost::asio::awaitable<void> close_all() override { co_return; }
};

/// Runs a coroutine to its end on a loop of its own.
template <class T>
T run(boost::asio::awaitable<T> work) {
  boost::asio::io_context loop;
  std::optional<T> value;
  std::exception_ptr failure;
  boost::asio::co_spawn(loop, std::move(work), [&](std::exception_ptr thrown, T result) {
    failure = thrown;
    if (!thrown) value.emplace(std::move(result));
  });
  loop.run();
  if (failure) std::rethrow_exception(failure);
  return std::move(value.value());
}

/// What outlives the machine: keys, and what the community signed.
class PodWorld {
public:
  PodWorld()
      : server_key_(crypto::Key::random(community.arena, community.entropy)),
        pod_key(crypto::SigningKey::random(community.arena, community.entropy)) {}

  /// Before found(): who reads postmaster's and abuse's mail.
  void name_maintainer(const std::string& name) { community.charter.maintainers[0].member = id_of(name); }

  /// Makes the pod with these members, on `disk`.
  void found(base::Disk& disk, const std::vector<std::string>& names) {
    for (const auto* folder : {"/pod", "/pod/members", "/pod/queue"}) disk.make_directory(folder);
    governance::Registry::found(disk, "/pod/governance", community.signed_charter()).value();
    members::Directory::found(directory_ports(disk), "/pod/directory.log", server_key_, {"pod.lab", "second.lab"})
        .value()
        ->close();
    const auto registry = open_registry(disk);
    const auto directory = open_directory(disk);
    for (const std::string& name : names) admit(disk, *registry, *directory, name);
    directory->close();
    for (const auto* folder : {"/", "/pod", "/pod/members"}) disk.sync_directory(folder);
  }

  MemberId id_of(const std::string& name) {
    const auto found = ids_.find(name);
    if (found != ids_.end()) return found->second;
    return ids_[name] = community.newcomer();
  }

  std::unique_ptr<governance::Registry> open_registry(base::Disk& disk) {
    return governance::Registry::open({disk, "/pod/governance", community.pin(), std::nullopt}).value();
  }
  std::unique_ptr<members::Directory> open_directory(base::Disk& disk) {
    return members::Directory::open(directory_ports(disk), "/pod/directory.log", server_key_).value();
  }

  void suspend(governance::Registry& registry, const std::string& name) {
    const auto act = community.sign(community.suspension(id_of(name), std::chrono::hours(5)));
    registry.record(std::vector{act}, community.clock.now()).value();
  }

  /// The mail in a member's mailbox, as the production code gives it after a restart of the machine.
  std::vector<std::string> inbox(base::Disk& disk, const std::string& name, const std::string& mailbox = "INBOX") {
    store::complete_intents(disk, "/pod/members", base::silent_log());
    const auto vault = open_vault(disk, name);
    while (vault->merge()) {
    }
    std::vector<std::string> messages;
    const auto inbox = vault->state()->find(mailbox);
    for (std::uint32_t number = 1; number <= inbox->count; ++number) {
      const auto message = vault->open_message(inbox->at(store::SeqNum{number})).value();
      std::string octets(static_cast<std::size_t>(message->size()), '\0');
      octets.resize(message->read_at(0, octets));
      messages.push_back(std::move(octets));
    }
    vault->close();
    return messages;
  }

  std::unique_ptr<store::Vault> open_vault(base::Disk& disk, const std::string& name) {
    return store::Vault::open({disk, community.clock, community.entropy, base::silent_log(), community.arena},
                              folder_of(name), id_of(name), keys_.at(name), pod_key.public_key(), {})
        .value();
  }

  std::unique_ptr<queue::Spool> open_queue(base::Disk& disk) {
    return std::make_unique<queue::Spool>(
        queue::Spool::Ports{disk, community.entropy, base::silent_log(), community.arena, server_key_}, "/pod/queue");
  }
  /// What waits to be sent after a restart of the machine, with the messages' octets.
  struct Queued {
    queue::Entry entry;
    std::string octets;
  };
  std::vector<Queued> queued(base::Disk& disk) {
    const auto spool = open_queue(disk);
    std::vector<Queued> all;
    for (const auto& summary : spool->list()) {
      Queued one{spool->show(summary.id).value(), {}};
      const auto message = spool->open_message(one.entry).value();
      one.octets.resize(static_cast<std::size_t>(message->size()));
      one.octets.resize(message->read_at(0, one.octets));
      all.push_back(std::move(one));
    }
    return all;
  }

  std::string folder_of(const std::string& name) { return "/pod/members/" + id_of(name).str(); }

  crypto::Key srs_key() { return crypto::hkdf_key(community.arena, server_key_.octets(), {}, "mailpod/v1/srs"); }

  simulation::Community community;

private:
  members::Directory::Ports directory_ports(base::Disk& disk) {
    return {disk, community.clock, community.entropy, base::silent_log(), community.arena};
  }

  void admit(base::Disk& disk, governance::Registry& registry, members::Directory& directory, const std::string& name) {
    const MemberId id = id_of(name);
    const auto act = community.sign(community.admission(id, {}, name + "@pod.lab"));
    registry.record(std::vector{act}, community.clock.now()).value();
    members::Person person;
    person.id = id;
    person.progress = members::Person::Progress::enrolled;
    person.addresses = {members::Address::parse(name + "@pod.lab").value(),
                        members::Address::parse(name + ".second@second.lab").value()};
    directory.put({&person, 1}).value();

    disk.make_directory(folder_of(name));
    store::make_member_folder(disk, folder_of(name));
    keys_[name] = std::make_shared<const crypto::VaultKey>(crypto::Key::random(community.arena, community.entropy));
    const store::Vault::Ports ports{disk, community.clock, community.entropy, base::silent_log(), community.arena};
    const auto made = store::create_vault(ports, folder_of(name), id, *keys_[name], nullptr, 1);
    store::write_card(disk, folder_of(name), {id, made.drop_key_number, made.drop_recipient, std::nullopt}, pod_key);
  }

  crypto::Key server_key_;
  std::map<std::string, MemberId> ids_;
  std::map<std::string, std::shared_ptr<const crypto::VaultKey>> keys_;

public:
  crypto::SigningKey pod_key;
};

/// How a message was answered.
struct Answer {
  std::string accepted;  ///< what the 250 says; empty if there was none
  boost::system::error_code refused;
  int failed = 0;  ///< errno of a failure of the machine
  bool ok() const { return !accepted.empty(); }
  friend std::ostream& operator<<(std::ostream& out, const Answer& answer) {
    return out << (answer.ok()          ? answer.accepted
                   : answer.failed != 0 ? "errno " + std::to_string(answer.failed)
                                        : answer.refused.message());
  }
};

/// Whether a pod sends mail to other servers.
enum class Sends { yes, no };

/// A post office that works on a disk, until the machine stops.
class RunningPod {
public:
  RunningPod(PodWorld& world, base::Disk& disk, PostOffice::Settings settings = small_settings(),
             Sends sends = Sends::yes)
      : world_(world),
        srs_(world.srs_key()),
        budget_(1 << 20),
        spool_{disk, "/pod/queue", world.community.entropy, world.community.arena, budget_},
        registry(world.open_registry(disk)),
        directory(world.open_directory(disk)),
        queue(world.open_queue(disk)),
        outbox_{*queue, [this](const queue::EntryId& id) { looked_at.push_back(id); }, std::chrono::days(5), &srs_},
        office_ports_{*directory,
                      registry->gate(),
                      vaults,
                      pool_,
                      disk,
                      world.community.clock,
                      world.community.entropy,
                      base::silent_log(),
                      world.pod_key,
                      spool_,
                      sends == Sends::yes ? &outbox_ : nullptr},
        office_settings_(std::move(settings)),
        office(std::make_unique<PostOffice>(office_ports_, office_settings_)),
        returns({*directory, vaults, pool_, disk, world.community.clock, world.community.entropy, base::silent_log(),
                 world.pod_key},
                {"mail.pod.lab", "/pod/members"}) {}

  static PostOffice::Settings small_settings() {
    PostOffice::Settings settings;
    settings.host_name = "mail.pod.lab";
    settings.members = "/pod/members";
    settings.message_size = 1 << 20;
    settings.memory = 64 * 1024;
    return settings;
  }

  static smtp::Peer outside() {
    smtp::Peer peer;
    peer.address = "192.0.2.1";
    peer.helo = "client.example";
    peer.extended = true;
    return peer;
  }
  smtp::Peer member(const std::string& name) {
    smtp::Peer peer = outside();
    peer.role = smtp::Role::submission;
    peer.tls = true;
    peer.tls_version = "TLS1.3";
    peer.tls_cipher = "TLS_AES_256_GCM_SHA384";
    peer.login.emplace();
    peer.login->member = world_.id_of(name);
    peer.login->scopes = static_cast<sasl::Scopes>(sasl::Scope::send);
    return peer;
  }

  void put_on(Brake& brake) { outbox_.brake = &brake; }
  void ask(const mailauth::DnsInquiry& dns) {
    office_ports_.dns = &dns;
    office = std::make_unique<PostOffice>(office_ports_, office_settings_);
  }
  void introduce(Acquaintances& acquaintances) {
    office_ports_.acquaintances = &acquaintances;
    office = std::make_unique<PostOffice>(office_ports_, office_settings_);
  }
  void bring_to(Chancery& chancery) {
    office_ports_.chancery = &chancery;
    office = std::make_unique<PostOffice>(office_ports_, office_settings_);
  }
  void put_under(Quotas& quotas) {
    office_ports_.quotas = &quotas;
    office = std::make_unique<PostOffice>(office_ports_, office_settings_);
  }

  /// The whole of a mail transaction, as a session leads it. All recipients must be accepted.
  Answer send(const smtp::Peer& peer, const smtp::Mailbox& from, const std::vector<smtp::Mailbox>& to,
              std::string_view octets) {
    return send_to(peer, from, {to.begin(), to.end()}, octets);
  }
  /// The same, with what the sender wants to hear of each recipient.
  Answer send_to(const smtp::Peer& peer, const smtp::Mailbox& from, const std::vector<smtp::Addressee>& to,
                 std::string_view octets) {
    try {
      return run(transact(peer, from, to, octets));
    } catch (const std::system_error& failure) {
      return {{}, {}, failure.code().value()};
    }
  }

private:
  boost::asio::awaitable<Answer> transact(smtp::Peer peer, smtp::Mailbox from, std::vector<smtp::Addressee> to,
                                          std::string_view octets) {
    const smtp::MailParameters parameters;
    const Status sender = co_await office->consider_sender(peer, from, parameters);
    if (!sender) co_return Answer{{}, sender.error(), 0};
    for (const auto& recipient : to) {
      const Status considered = co_await office->consider_recipient(peer, from, recipient.forward_path);
      if (!considered) co_return Answer{{}, considered.error(), 0};
    }
    auto letter = co_await office->begin(peer, from, to, parameters);
    if (!letter) co_return Answer{{}, letter.error(), 0};
    constexpr std::size_t block = 10'000;
    for (std::size_t at = 0; at < octets.size(); at += block) {
      const Status written = co_await (*letter)->write(octets.substr(at, block));
      if (!written) co_return Answer{{}, written.error(), 0};
    }
    const Result<std::string> accepted = co_await (*letter)->accept();
    if (!accepted) co_return Answer{{}, accepted.error(), 0};
    co_return Answer{*accepted, {}, 0};
  }

  PodWorld& world_;
  net::Pool pool_{net::Pool::Inline{}};
  Srs srs_;
  crypto::SpoolBudget budget_;
  crypto::SpoolPlace spool_;

public:
  ListeningVaults vaults;
  std::unique_ptr<governance::Registry> registry;
  std::unique_ptr<members::Directory> directory;
  std::unique_ptr<queue::Spool> queue;
  std::vector<queue::EntryId> looked_at;  ///< what the sender was told of

private:
  Outbox outbox_;
  PostOffice::Ports office_ports_;
  PostOffice::Settings office_settings_;

public:
  std::unique_ptr<PostOffice> office;
  Returns returns;
};

}  // namespace mailpod::delivery
