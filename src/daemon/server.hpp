#pragma once

#include <functional>
#include <memory>
#include <mutex>

#include <mailpod/admin/control_socket.hpp>
#include <mailpod/admin/desk.hpp>
#include <mailpod/admin/members_door.hpp>
#include <mailpod/base/current.hpp>
#include <mailpod/crypto/spool.hpp>
#include <mailpod/delivery/acquaintances.hpp>
#include <mailpod/delivery/post_office.hpp>
#include <mailpod/delivery/returns.hpp>
#include <mailpod/guard/daily_tally.hpp>
#include <mailpod/guard/doorkeeper.hpp>
#include <mailpod/imap/server.hpp>
#include <mailpod/mailauth/dns_inquiry.hpp>
#include <mailpod/net/alarm.hpp>
#include <mailpod/net/listener.hpp>
#include <mailpod/net/loops.hpp>
#include <mailpod/net/pool.hpp>
#include <mailpod/net/resolver.hpp>
#include <mailpod/net/tls.hpp>
#include <mailpod/pop3/server.hpp>
#include <mailpod/sasl/credentials.hpp>
#include <mailpod/smtp/server.hpp>
#include <mailpod/store/vaults.hpp>

#include "audit_keeper.hpp"
#include "live_vaults.hpp"
#include "open_pod.hpp"
#include "pod_chancery.hpp"
#include "publication.hpp"
#include "retention.hpp"
#include "sending.hpp"
#include "sessions.hpp"
#include "terms.hpp"

namespace mailpod::daemon {

/// A pod that answers: listeners, sessions, vaults, post office and control socket, wired together here and nowhere
/// else. The order of the members is the order of life: what stands above outlives what stands below. Only the pool
/// goes earlier, in stop(): its work refers to everything.
class Server final : public admin::Daemon {
public:
  /// What a changed configuration means for the process itself: log, limits. Throws std::system_error, and then nothing
  /// is changed.
  using Process = std::function<void(const Configuration&)>;

  /// Binds every port; throws std::system_error that names the port, or the certificate, which cannot be had.
  /// `pod` is borrowed.
  /// `sockets`: by listeners' names, instead of binding their ports; a name that is no listener's is refused.
  Server(OpenPod& pod, Process process, std::map<std::string, int> sockets = {});
  ~Server() override;

  /// What is said there of sealed files stands in the audit log, too. Before start(); the log outlives the server.
  void overhear(OverheardLog& log) { audit_keeper_.listen_to(log); }
  /// Answers from now on.
  void start();
  /// Lets sessions end (421, BYE), closes the vaults, and returns within the configuration's stop_grace and two
  /// seconds.
  void stop();

  /// Reads mailpod.toml and the certificates again. What is broken leaves everything as it was, and is complained of,
  /// in the log too; sessions that are under way keep the terms they began with. Any thread, one at a time.
  governance::Verdict<Reloaded> reload() override;
  std::vector<Finding> health() override;
  std::vector<Session> sessions() const override { return sessions_.list(); }
  bool end_session(std::uint64_t id) override { return sessions_.close(id); }
  std::size_t end_sessions(MemberId member) override { return sessions_.close(member); }
  /// Sessions by secrets that have expired get their protocol's goodbye.
  void end_fallen_sessions() { sessions_.close_fallen(); }
  /// Votes that are over get their results, and whoever was elected is in office.
  void settle_votes();
  /// Every loop comes round within `limit`; said in the log where not.
  bool loops_answer(std::chrono::microseconds limit);
  /// What goes on, for one line.
  std::string summary() const;
  void close_sessions(MemberId member) override;
  void announce(MemberId member, store::Arrival arrival) override;
  void look_at(const queue::EntryId& entry) override;
  std::set<MemberId> braked() const override;
  void release(MemberId member) override;
  Figures figures() const override;

private:
  governance::Verdict<Reloaded> try_to_reload();
  void put_in_force(const Configuration& configuration);
  std::shared_ptr<const Terms> make_terms(const Configuration& configuration);
  store::Vaults::Settings settings_of_vaults(const Configuration& configuration);
  void listen(std::map<std::string, int>& sockets, std::string name, net::Listener::Settings Configuration::* settings,
              net::Listener::Serve serve);
  net::Listener::Serve serve_smtp(std::string name, smtp::Role role);
  net::Listener::Serve serve_imap(std::string name);
  net::Listener::Serve serve_pop3(std::string name);
  net::Listener::Serve serve_members(std::string name);
  net::Listener::Serve serve_http(std::string name);
  net::awaitable<void> converse_smtp(std::string name, smtp::Role role, std::unique_ptr<net::Stream> stream);
  net::awaitable<void> converse_imap(std::string name, std::unique_ptr<net::Stream> stream);
  net::awaitable<void> converse_pop3(std::string name, std::unique_ptr<net::Stream> stream);
  net::awaitable<void> converse_members(std::string name, std::unique_ptr<net::Stream> stream);
  net::awaitable<void> converse_http(std::string name, std::unique_ptr<net::Stream> stream);
  net::awaitable<void> close_vaults();
  /// Nothing of a login is left in memory a minute after it.
  net::awaitable<void> forget_logins();
  /// Candidates become members once their time has come.
  net::awaitable<void> tend_desk();
  /// What is remembered of strangers is on the disk some minutes later; a crash forgets less than that.
  net::awaitable<void> keep_acquaintances();
  /// Once a minute.
  void keep_house();
  std::size_t connections() const;

  OpenPod& pod_;
  std::chrono::microseconds began_;
  Process process_;
  std::mutex reloading_;
  base::Current<Configuration> configuration_;
  net::CurrentTls tls_;
  AuditKeeper audit_keeper_;
  bool has_begun_ = false;
  PodRetention retention_;
  RetentionAnnouncement announcement_;
  Sessions sessions_;
  guard::Doorkeeper doorkeeper_;
  guard::DailyTally tally_;
  crypto::SpoolBudget spool_budget_;
  crypto::SpoolPlace spool_place_;
  net::Loops loops_;
  std::unique_ptr<net::Pool> pool_;
  net::Gate argon2_gate_;
  std::unique_ptr<sasl::Credentials> credentials_;
  std::unique_ptr<sasl::Credentials> own_affairs_;  ///< the same members, at their own door
  std::unique_ptr<store::Vaults> vaults_;
  delivery::Returns returns_;
  delivery::Quotas quotas_;
  std::unique_ptr<Sending> sending_;  ///< nullptr where [sending] says so
  /// What is asked about those who send to us; nullptr where [authentication] says so.
  struct Asking {
    Asking(const OpenPod& pod, net::Loops& loops);
    boost::asio::any_io_executor loop;
    std::unique_ptr<net::Resolver> resolver;
    mailauth::DnsInquiry inquiry;
  };
  std::unique_ptr<Asking> asking_;
  std::unique_ptr<delivery::Acquaintances> acquaintances_;  ///< nullptr where nobody is asked about
  PodChancery chancery_;  ///< uses the desk, which stands below, from the first message on
  base::Current<Terms> terms_;
  struct Port {
    std::string name;
    net::Listener::Settings Configuration::* settings;
    std::unique_ptr<net::Listener> listener;
  };
  std::vector<Port> ports_;
  LiveVaults live_vaults_;
  admin::Errands errands_;
  admin::Desk desk_;
  admin::MembersDoor door_;
  Publication publication_;
  std::unique_ptr<admin::ControlServer> control_;
  std::unique_ptr<net::Alarm> forgetting_;  ///< on the first loop
  std::unique_ptr<net::Alarm> tending_;     ///< likewise
  std::unique_ptr<net::Alarm> keeping_;     ///< likewise
};

}  // namespace mailpod::daemon
