#include "server.hpp"

#include <unistd.h>

#include <boost/asio/post.hpp>
#include <nlohmann/json.hpp>

#include <mailpod/guard/guarded_credentials.hpp>
#include <mailpod/guard/guarded_mailroom.hpp>
#include <mailpod/members/pod_credentials.hpp>
#include <mailpod/net/alarm.hpp>
#include <mailpod/store/retaining_vaults.hpp>

namespace mailpod::daemon {
namespace {

store::Vault::Ports vault_ports(OpenPod& pod) {
  const auto& machine = pod.machine();
  return {machine.disk, machine.clock, machine.entropy, machine.log, machine.arena};
}

std::unique_ptr<delivery::Acquaintances> make_acquaintances(const OpenPod& pod) {
  if (!pod.configuration().authentication.enabled) return nullptr;
  const auto& machine = pod.machine();
  const auto key = [&pod] { return pod.strangers_key(); };
  return std::make_unique<delivery::Acquaintances>(
      delivery::Acquaintances::Ports{machine.disk, machine.clock, machine.entropy, machine.log, key},
      pod.folder().strangers());
}

void save(delivery::Acquaintances& acquaintances, base::Log& log) {
  try {
    acquaintances.save();
  } catch (const std::system_error& failure) {
    log.warning("strangers.unsaved reason=\"{}\"", failure.code().message());
  }
}

/// What a client is told, in its protocol, that finds no place.
std::string too_many_for(std::string_view listener) {
  if (listener.starts_with("imap")) return "* BYE [UNAVAILABLE] Too many connections\r\n";
  if (listener.starts_with("pop3")) return "-ERR [SYS/TEMP] Too many connections\r\n";
  if (listener.starts_with("http"))
    return "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
  return "421 4.7.0 Too many connections\r\n";
}

/// What IANA registered for ALPN; none for the others.
std::string protocol_of(const std::string& listener) {
  if (listener.starts_with("http")) return "http/1.1";
  if (listener.starts_with("imap")) return "imap";
  if (listener.starts_with("pop3")) return "pop3";
  return {};
}

/// The card that is published, by the configuration as it is now, is the one that administrators are shown.
admin::Premises with_card(admin::Premises premises, std::function<std::string()> card) {
  premises.card = std::move(card);
  return premises;
}

}  // namespace

Server::Server(OpenPod& pod, Process process, std::map<std::string, int> sockets)
    : pod_(pod),
      began_(pod.machine().clock.monotonic()),
      process_(std::move(process)),
      configuration_(pod.configuration()),
      tls_(net::TlsContext::load(pod.machine().disk, certificates(pod.folder(), pod.configuration()))),
      audit_keeper_(pod),
      retention_(pod),
      announcement_(pod, retention_,
                    [this](MemberId member, store::Arrival arrival) { announce(member, std::move(arrival)); }),
      sessions_(pod.machine().clock),
      doorkeeper_(pod.machine().clock, pod.machine().entropy, pod.configuration().guard),
      tally_(pod.machine().clock),
      spool_budget_(pod.configuration().spool_memory),
      spool_place_{pod.machine().disk, pod.folder().queue(), pod.machine().entropy, pod.machine().arena, spool_budget_},
      loops_(pod.machine().log, pod.configuration().loops),
      pool_(std::make_unique<net::Pool>(pod.configuration().pool)),
      argon2_gate_(*pool_, pod.configuration().argon2_at_once, pod.configuration().argon2_waiting),
      credentials_(members::make_pod_credentials(pod.key_ring(), *pool_, argon2_gate_)),
      own_affairs_(
          members::make_pod_credentials(pod.key_ring(), *pool_, argon2_gate_, members::KeyRing::Purpose::own_affairs)),
      vaults_(
          store::make_retaining_vaults(vault_ports(pod), *pool_, settings_of_vaults(pod.configuration()), retention_)),
      returns_({pod.directory(), *vaults_, *pool_, pod.machine().disk, pod.machine().clock, pod.machine().entropy,
                pod.machine().log, pod.pod_key()},
               {pod.configuration().name(), pod.folder().members()}),
      quotas_({pod.directory(), pod.registry().gate(), *vaults_, returns_, *pool_, pod.machine().clock,
               pod.machine().entropy, pod.machine().log,
               [this](delivery::Quotas::Work work) { loops_.spawn(loops_.next(), "quota", std::move(work)); }},
              pod.configuration().quota),
      sending_(pod.configuration().sending_enabled ? std::make_unique<Sending>(pod, loops_, *pool_, returns_)
                                                   : nullptr),
      asking_(pod.configuration().authentication.enabled ? std::make_unique<Asking>(pod, loops_) : nullptr),
      acquaintances_(make_acquaintances(pod)),
      chancery_({desk_, doorkeeper_, pod.household(), *vaults_, sending_ ? &sending_->outbox() : nullptr}),
      terms_(make_terms(pod.configuration())),
      live_vaults_(loops_, *vaults_),
      errands_(pod.machine().clock),
      desk_(with_card(pod.premises(this, live_vaults_, errands_), [this] { return publication_.card(); })),
      door_({desk_, doorkeeper_, *pool_, pod.machine().log}, {}),
      publication_({pod, *pool_, configuration_}) {
  listen(sockets, "smtp", &Configuration::smtp, serve_smtp("smtp", smtp::Role::exchange));
  listen(sockets, "submission", &Configuration::submission, serve_smtp("submission", smtp::Role::submission));
  listen(sockets, "submissions", &Configuration::submissions, serve_smtp("submissions", smtp::Role::submission));
  listen(sockets, "lmtp", &Configuration::lmtp, serve_smtp("lmtp", smtp::Role::lmtp));
  listen(sockets, "imap", &Configuration::imap, serve_imap("imap"));
  listen(sockets, "imaps", &Configuration::imaps, serve_imap("imaps"));
  listen(sockets, "pop3", &Configuration::pop3, serve_pop3("pop3"));
  listen(sockets, "pop3s", &Configuration::pop3s, serve_pop3("pop3s"));
  listen(sockets, "members", &Configuration::members, serve_members("members"));
  listen(sockets, "http", &Configuration::http, serve_http("http"));
  listen(sockets, "https", &Configuration::https, serve_http("https"));
  if (!sockets.empty())
    throw std::system_error(EINVAL, std::generic_category(),
                            "the socket `" + sockets.begin()->first +
                                "` was handed over, and no listener has that name; FileDescriptorName= must be smtp, "
                                "submission, submissions, lmtp, imap, imaps, pop3, pop3s, members, http or https");
}

Server::Asking::Asking(const OpenPod& pod, net::Loops& loops)
    : loop(loops.next()),
      resolver(net::make_unbound_resolver(loop, pod.configuration().dns)),
      inquiry({*resolver, loop, net::system_alarms(), pod.machine().clock}, pod.configuration().inquiry) {}

std::shared_ptr<const Terms> Server::make_terms(const Configuration& configuration) {
  const auto& machine = pod_.machine();
  const delivery::PostOffice::Ports post_office{pod_.directory(),
                                                pod_.registry().gate(),
                                                *vaults_,
                                                *pool_,
                                                machine.disk,
                                                machine.clock,
                                                machine.entropy,
                                                machine.log,
                                                pod_.pod_key(),
                                                spool_place_,
                                                sending_ ? &sending_->outbox() : nullptr,
                                                &quotas_,
                                                asking_ ? &asking_->inquiry : nullptr,
                                                acquaintances_.get(),
                                                &chancery_};
  return std::make_shared<const Terms>(pod_, configuration, post_office);
}

store::Vaults::Settings Server::settings_of_vaults(const Configuration& configuration) {
  auto settings = vaults_settings(pod_, configuration, [this](MemberId member) { quotas_.look_at(member); });
  settings.charter_days = [this] { return retention_.announced_days(); };
  settings.went_by_charter = [this](MemberId member, std::uint64_t messages) { retention_.note(member, messages); };
  return settings;
}

Server::~Server() {
  stop();
}

void Server::listen(std::map<std::string, int>& sockets, std::string name,
                    net::Listener::Settings Configuration::* settings, net::Listener::Serve serve) {
  net::Listener::Settings with_goodbye = pod_.configuration().*settings;
  if (const auto handed_over = sockets.extract(name)) with_goodbye.inherited = handed_over.mapped();
  if (with_goodbye.port == 0 && with_goodbye.path.empty() && with_goodbye.inherited < 0) return;
  if (!with_goodbye.path.empty()) with_goodbye.path = pod_.folder().at(with_goodbye.path);
  with_goodbye.too_many = too_many_for(name);
  with_goodbye.application_protocol = protocol_of(name);
  if (name.starts_with("http"))
    with_goodbye.admits = [this](const net::Endpoint& peer) {
      return doorkeeper_.admits_visit(doorkeeper_.origin_of(peer.address));
    };
  if (name == "smtp" || name == "members")
    with_goodbye.admits = [this](const net::Endpoint& peer) {
      return doorkeeper_.admits_connection(doorkeeper_.origin_of(peer.address));
    };
  auto listener =
      std::make_unique<net::Listener>(loops_, tls_, pod_.machine().log, name, with_goodbye, std::move(serve));
  ports_.push_back({std::move(name), settings, std::move(listener)});
}

net::Listener::Serve Server::serve_smtp(std::string name, smtp::Role role) {
  return [this, name = std::move(name), role](std::unique_ptr<net::Stream> stream) {
    return converse_smtp(name, role, std::move(stream));
  };
}

net::Listener::Serve Server::serve_imap(std::string name) {
  return [this, name = std::move(name)](std::unique_ptr<net::Stream> stream) {
    return converse_imap(name, std::move(stream));
  };
}

net::Listener::Serve Server::serve_pop3(std::string name) {
  return [this, name = std::move(name)](std::unique_ptr<net::Stream> stream) {
    return converse_pop3(name, std::move(stream));
  };
}

net::Listener::Serve Server::serve_members(std::string name) {
  return [this, name = std::move(name)](std::unique_ptr<net::Stream> stream) {
    return converse_members(name, std::move(stream));
  };
}

net::Listener::Serve Server::serve_http(std::string name) {
  return [this, name = std::move(name)](std::unique_ptr<net::Stream> stream) {
    return converse_http(name, std::move(stream));
  };
}

net::awaitable<void> Server::converse_smtp(std::string name, smtp::Role role, std::unique_ptr<net::Stream> stream) {
  const auto& machine = pod_.machine();
  const auto terms = terms_.get();
  Sessions::Visit visit(sessions_, name, *stream);
  guard::GuardedCredentials guarded(*credentials_, doorkeeper_, *stream, name, machine.log);
  VisitorsCredentials credentials(guarded, visit, audit_keeper_.logins());
  guard::GuardedMailroom mailroom(
      {terms->post_office, doorkeeper_, tally_, [this] { return messages_a_day(pod_); }, machine.log});
  const smtp::Services services{mailroom, credentials, machine.clock, machine.log};
  co_await smtp::serve(*stream, role, role == smtp::Role::exchange ? terms->smtp : terms->smtp_of_known, services);
  co_await stream->close();
}

net::awaitable<void> Server::converse_imap(std::string name, std::unique_ptr<net::Stream> stream) {
  const auto& machine = pod_.machine();
  const auto terms = terms_.get();
  Sessions::Visit visit(sessions_, name, *stream);
  guard::GuardedCredentials guarded(*credentials_, doorkeeper_, *stream, name, machine.log);
  VisitorsCredentials credentials(guarded, visit, audit_keeper_.logins());
  const imap::Server server({credentials, *vaults_, spool_place_, machine.clock, machine.log}, terms->imap);
  co_await server.converse(*stream);
}

net::awaitable<void> Server::converse_pop3(std::string name, std::unique_ptr<net::Stream> stream) {
  const auto& machine = pod_.machine();
  const auto terms = terms_.get();
  Sessions::Visit visit(sessions_, name, *stream);
  guard::GuardedCredentials guarded(*credentials_, doorkeeper_, *stream, name, machine.log);
  VisitorsCredentials credentials(guarded, visit, audit_keeper_.logins());
  pop3::Settings settings = terms->pop3;
  settings.days_kept = retention_.days_kept();
  const pop3::Server server({credentials, *vaults_, machine.clock, machine.log}, settings);
  co_await server.converse(*stream);
}

net::awaitable<void> Server::converse_members(std::string name, std::unique_ptr<net::Stream> stream) {
  Sessions::Visit visit(sessions_, name, *stream);
  guard::GuardedCredentials guarded(*own_affairs_, doorkeeper_, *stream, name, pod_.machine().log);
  VisitorsCredentials credentials(guarded, visit, audit_keeper_.logins());
  co_await door_.converse(*stream, credentials);
  co_await stream->close();
}

net::awaitable<void> Server::converse_http(std::string name, std::unique_ptr<net::Stream> stream) {
  Sessions::Visit visit(sessions_, name, *stream);
  co_await publication_.converse(*stream);
  co_await stream->close();
}

void Server::start() {
  // When told to stop, the vaults close once the sessions are over, or shortly before their grace is.
  loops_.on_stop(
      {[this] { loops_.spawn(loops_.executor(0), "close vaults", [this] { return close_vaults(); }); }, [] {}});
  forgetting_ = net::make_alarm(loops_.executor(0));
  loops_.spawn(loops_.executor(0), "forget logins", [this] { return forget_logins(); });
  tending_ = net::make_alarm(loops_.executor(0));
  loops_.spawn(loops_.executor(0), "tend desk", [this] { return tend_desk(); });
  keeping_ = net::make_alarm(loops_.executor(0));
  if (acquaintances_) loops_.spawn(loops_.executor(0), "keep acquaintances", [this] { return keep_acquaintances(); });
  if (sending_) sending_->start();
  if (asking_)
    loops_.on_stop({[this] { boost::asio::post(asking_->loop, [this] { asking_->resolver->stop(); }); }, [] {}});
  control_ = std::make_unique<admin::ControlServer>(desk_, pod_.machine().log, pod_.folder().path);
  audit_keeper_.began(*configuration_.get());
  has_begun_ = true;
  for (auto& port : ports_) port.listener->start();
  loops_.start();
}

void Server::stop() {
  control_.reset();
  errands_.stop();  // they need the loops
  loops_.stop(configuration_.get()->stop_grace);
  pool_.reset();
  if (acquaintances_) save(*acquaintances_, pod_.machine().log);
  if (std::exchange(has_begun_, false)) audit_keeper_.ended();
}

net::awaitable<void> Server::close_vaults() {
  constexpr std::chrono::milliseconds look_every{20};
  auto& clock = pod_.machine().clock;
  const auto latest = clock.monotonic() + configuration_.get()->stop_grace * 3 / 4;
  forgetting_->cancel();
  tending_->cancel();
  keeping_->cancel();
  const auto alarm = net::make_alarm(loops_.executor(0));
  while (connections() > 0 && clock.monotonic() < latest) co_await alarm->wait(look_every);
  co_await vaults_->close_all();
}

net::awaitable<void> Server::forget_logins() {
  while (true) {
    const auto end = co_await forgetting_->wait(members::KeyRing::forget_every);
    if (end == net::Alarm::End::cancelled) co_return;
    pod_.key_ring().forget_stale();
  }
}

net::awaitable<void> Server::tend_desk() {
  constexpr std::chrono::milliseconds look_every{500};
  constexpr unsigned looks_a_minute = 120;
  const auto tend = [this] {
    try {
      desk_.tend();
    } catch (const std::exception& failure) {
      // Whatever it was: it is looked at again, and the time is remembered.
      pod_.machine().log.error("candidates wait reason=\"{}\"", base::printable(failure.what()));
    }
  };
  const auto keep = [this] { keep_house(); };
  for (unsigned looks = 0;; ++looks) {
    const auto end = co_await tending_->wait(look_every);
    if (end == net::Alarm::End::cancelled) co_return;
    if (looks % looks_a_minute == 0) co_await pool_->run(keep);
    // The pod's time is remembered whoever waits for it.
    const bool is_due = looks % looks_a_minute == 0 || !pod_.registry().gate().roster()->candidates().empty();
    if (is_due) co_await pool_->run(tend);
  }
}

net::awaitable<void> Server::keep_acquaintances() {
  constexpr std::chrono::minutes keep_every{5};
  const auto keep = [this] { save(*acquaintances_, pod_.machine().log); };
  while (true) {
    const auto end = co_await keeping_->wait(keep_every);
    if (end == net::Alarm::End::cancelled) co_return;
    co_await pool_->run(keep);
  }
}

void Server::keep_house() {
  const auto tend = [this](std::string_view what, auto& of) {
    try {
      of.tend();
    } catch (const std::exception& failure) {
      // The other, and the next minute, do not suffer from it.
      pod_.machine().log.error("{} reason=\"{}\"", what, base::printable(failure.what()));
    }
  };
  tend("audit behind", audit_keeper_);
  tend("retention not told", announcement_);
}

void Server::settle_votes() {
  if (pod_.registry().gate().roster()->results_due(pod_.machine().clock.now()).empty()) return;
  nlohmann::json request{{"operation", "vote.settle"}};
  const auto reply = desk_.serve(request);
  if (reply.contains("complaint"))
    pod_.machine().log.error("votes undecided reason=\"{}\"",
                             base::printable(reply["complaint"].at("what").get<std::string>()));
}

std::size_t Server::connections() const {
  std::size_t all = 0;
  for (const auto& port : ports_) all += port.listener->connections();
  return all;
}

void Server::close_sessions(MemberId member) {
  vaults_->close(member);
  pod_.key_ring().doubt(member);
}

void Server::announce(MemberId member, store::Arrival arrival) {
  vaults_->announce(member, std::move(arrival));
}

void Server::look_at(const queue::EntryId& entry) {
  if (sending_) sending_->sender().look_at(entry);
}

std::set<MemberId> Server::braked() const {
  return sending_ ? sending_->brake().braked() : pod_.queue().found_braked();
}

void Server::release(MemberId member) {
  if (sending_) sending_->brake().release(member);
}

admin::Daemon::Figures Server::figures() const {
  Figures figures;
  figures.process = static_cast<std::uint32_t>(::getpid());
  const auto up = pod_.machine().clock.monotonic() - began_;
  figures.up_seconds = static_cast<std::uint64_t>(std::chrono::floor<std::chrono::seconds>(up).count());
  for (const auto& port : ports_) {
    figures.listeners.push_back(
        {port.name, port.listener->port(), port.listener->connections(), port.listener->turned_away()});
  }
  if (sending_) {
    const auto sending = sending_->sender().figures();
    figures.sending = {sending.waiting, sending.held, sending.connections, sending.delivered, sending.failed};
  }
  return figures;
}

}  // namespace mailpod::daemon
