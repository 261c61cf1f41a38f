#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <mailpod/queue/sender.hpp>

#include "queue_samples.hpp"
#include "simulation/far_server.hpp"
#include "simulation/network.hpp"
#include "simulation/resolver.hpp"
#include "simulation/time.hpp"

namespace mailpod::queue {

using simulation::FarServer;

/// Vaults as far as the sender knows them.
class Mailroom final : public Returns {
public:
  boost::asio::awaitable<Status> give_back(MemberId member, const base::OctetSource& notification) override {
    if (on_give_back) on_give_back();
    if (fails) throw std::system_error(std::make_error_code(std::errc::io_error));
    if (gone) co_return boost::system::error_code(make_error_code(Errc::no_such_entry));
    reports.push_back({member, read_all(notification)});
    co_return Status{};
  }
  struct Report {
    MemberId member;
    std::string octets;
  };
  std::vector<Report> reports;
  bool fails = false;
  bool gone = false;
  std::function<void()> on_give_back;
};

class LogBook final : public base::Log {
public:
  void write(Level, std::string_view line) override {
    const std::lock_guard lock(mutex);
    lines.emplace_back(line);
  }
  bool wants(Level) const override { return true; }
  std::size_t count(std::string_view part) const {
    std::size_t count = 0;
    for (const auto& line : lines) count += line.find(part) != std::string::npos ? 1 : 0;
    return count;
  }
  std::mutex mutex;
  std::vector<std::string> lines;
};

/// A queue and its sender on a machine and an internet that are simulated. One thread.
struct SendingWorld {
  explicit SendingWorld(std::unique_ptr<simulation::Disk> on = std::make_unique<simulation::Disk>(),
                        std::uint64_t seed = 1)
      : queue(seed), disk(std::move(on)), network(loop, time, seed) {
    settings.domain = "pod.example";
    settings.client.host_name = "pod.example";
    settings.own_names = {"pod.example"};
  }
  ~SendingWorld() {
    if (sender && !ended) stop();
  }
  SendingWorld(const SendingWorld&) = delete;
  SendingWorld& operator=(const SendingWorld&) = delete;

  /// A domain whose mail `host` takes.
  void add_mx(const std::string& domain, const std::string& host, std::uint16_t preference = 10) {
    resolver.mx_records[domain].records.push_back({preference, host});
  }
  void add_address(const std::string& host, const std::string& address) {
    const bool six = address.find(':') != std::string::npos;
    resolver.address_records[{host, six ? net::Family::ipv6 : net::Family::ipv4}].records.push_back(address);
  }
  /// A domain with one host that listens at `address`.
  void add_domain(const std::string& domain, FarServer& server, const std::string& address) {
    add_mx(domain, "mx." + domain);
    add_address("mx." + domain, address);
    server.listen(network, address);
  }

  Entry entry_to(const std::vector<std::string>& recipients) {
    Entry entry;
    entry.arrival = entry.next_try = clock.now();
    entry.submitter = member;
    entry.reverse_path = "alice@pod.example";
    for (const auto& address : recipients) entry.recipients.emplace_back().address = address;
    return entry;
  }
  EntryId put(const std::vector<std::string>& recipients,
              const std::string& message = "Subject: hello\r\n\r\nworld\r\n") {
    return put_entry(entry_to(recipients), message);
  }
  EntryId put_entry(const Entry& entry, const std::string& message = "Subject: hello\r\n\r\nworld\r\n") {
    const EntryId id = spool().put(entry, base::MemorySource(message));
    if (sender) sender->look_at(id);
    return id;
  }
  Spool& spool() {
    if (!spool_) spool_ = queue.open(*disk);
    return *spool_;
  }

  void start() {
    dialer = network.dialer("192.0.2.25");
    alarm = time.alarm();
    ended = false;
    sender = std::make_unique<Sender>(loop.get_executor(),
                                      Sender::Ports{spool(), resolver, *dialer, pool, *alarm, clock, queue.entropy, log,
                                                    returns, signer, watch, policy_host},
                                      settings);
    boost::asio::co_spawn(loop, sender->run(), [this](const std::exception_ptr& failure) {
      ended = true;
      if (failure) std::rethrow_exception(failure);
    });
  }
  /// Whether it came to its end by itself.
  bool stop(std::chrono::microseconds limit = std::chrono::minutes(1)) {
    sender->stop();
    const bool came = time.run_until([&] { return ended; }, limit);
    if (!came) {
      sender->abort();
      EXPECT_TRUE(time.run_until([&] { return ended; }, std::chrono::minutes(1)));
    }
    return came;
  }
  bool until(const std::function<bool()>& happened, std::chrono::microseconds limit = std::chrono::hours(24)) {
    return time.run_until(happened, limit);
  }
  bool until_empty(std::chrono::microseconds limit = std::chrono::hours(24)) {
    return until([&] { return spool().list().empty() && sender->figures().waiting == 0; }, limit);
  }
  Entry show(const EntryId& id) { return spool().show(id).value(); }
  std::vector<net::Endpoint> dialed() const {
    std::vector<net::Endpoint> all;
    for (const auto& attempt : network.attempts()) all.push_back(attempt.to);
    return all;
  }

  static inline const MemberId member = [] {
    MemberId id;
    id.bytes.fill(0x5a);
    return id;
  }();

  LogBook log;
  QueueWorld queue;
  std::unique_ptr<simulation::Disk> disk;
  boost::asio::io_context loop;
  simulation::Clock clock;
  simulation::Time time{loop, clock};
  simulation::Network network;
  simulation::Resolver resolver;
  net::Pool pool{net::Pool::Inline{}};
  Mailroom returns;
  Sender::Settings settings;
  Signer* signer = nullptr;
  Watch* watch = nullptr;
  PolicyHost* policy_host = nullptr;

  std::unique_ptr<Spool> spool_;
  std::unique_ptr<net::Dialer> dialer;
  std::unique_ptr<net::Alarm> alarm;
  std::unique_ptr<Sender> sender;
  bool ended = false;
};

}  // namespace mailpod::queue
