#include "server.hpp"

#include <unistd.h>

#include <mailpod/members/pod_credentials.hpp>
#include <mailpod/net/alarm.hpp>

namespace mailpod::daemon {
namespace {

/// Of the charter in force.
governance::Charter::Limits limits(OpenPod& pod) {
  const auto now = pod.machine().clock.now();
  return pod.registry().gate().roster()->charters().at(now).limits;
}

/// What the charter allows, where that is less than the configuration.
std::uint64_t message_size(OpenPod& pod) {
  const std::uint64_t charter = limits(pod).message_mib;
  return std::min(pod.configuration().message_size, charter * 1024 * 1024);
}

std::vector<net::CertificateFiles> certificates(const OpenPod& pod) {
  const auto& configuration = pod.configuration();
  std::vector<net::CertificateFiles> files;
  for (std::size_t i = 0; i < configuration.certificates.size(); ++i)
    files.push_back({pod.folder().at(configuration.certificates[i]), pod.folder().at(configuration.keys.at(i))});
  return files;
}

smtp::Settings smtp_settings(OpenPod& pod) {
  smtp::Settings settings = pod.configuration().smtp_session;
  settings.host_name = pod.configuration().name();
  settings.message_size = message_size(pod);
  settings.recipients = std::min<std::size_t>(settings.recipients, limits(pod).recipients);
  return settings;
}

/// Members' clients and the server beside us are no spam engines.
smtp::Settings without_pause(smtp::Settings settings) {
  settings.greeting_pause = std::chrono::milliseconds(0);
  return settings;
}

imap::Settings imap_settings(OpenPod& pod) {
  imap::Settings settings = pod.configuration().imap_session;
  settings.message = message_size(pod);
  return settings;
}

store::Vaults::Settings vaults_settings(OpenPod& pod) {
  const auto& configuration = pod.configuration();
  return {pod.folder().members(), pod.pod_key().public_key(), configuration.vault_linger, configuration.flush_every,
          configuration.vault};
}

delivery::PostOffice::Settings post_office_settings(OpenPod& pod) {
  const auto& configuration = pod.configuration();
  return {configuration.name(),        pod.folder().members(), message_size(pod),
          configuration.letter_memory, configuration.hops,     configuration.header_size,
          configuration.separator};
}

store::Vault::Ports vault_ports(OpenPod& pod) {
  const auto& machine = pod.machine();
  return {machine.disk, machine.clock, machine.entropy, machine.log, machine.arena};
}

}  // namespace

Server::Server(OpenPod& pod)
    : pod_(pod),
      began_(pod.machine().clock.monotonic()),
      smtp_settings_(smtp_settings(pod)),
      known_smtp_settings_(without_pause(smtp_settings_)),
      tls_(net::TlsContext::load(pod.machine().disk, certificates(pod))),
      spool_budget_(pod.configuration().spool_memory),
      spool_place_{pod.machine().disk, pod.folder().queue(), pod.machine().entropy, pod.machine().arena, spool_budget_},
      loops_(pod.machine().log, pod.configuration().loops),
      pool_(std::make_unique<net::Pool>(pod.configuration().pool)),
      argon2_gate_(*pool_, pod.configuration().argon2_at_once, pod.configuration().argon2_waiting),
      credentials_(members::make_pod_credentials(pod.key_ring(), *pool_, argon2_gate_)),
      vaults_(store::make_vaults(vault_ports(pod), *pool_, vaults_settings(pod))),
      returns_({pod.directory(), *vaults_, *pool_, pod.machine().disk, pod.machine().clock, pod.machine().entropy,
                pod.machine().log, pod.pod_key()},
               {pod.configuration().name(), pod.folder().members()}),
      sending_(pod.configuration().sending_enabled ? std::make_unique<Sending>(pod, loops_, *pool_, returns_)
                                                   : nullptr),
      post_office_({pod.directory(), pod.registry().gate(), *vaults_, *pool_, pod.machine().disk, pod.machine().clock,
                    pod.machine().entropy, pod.machine().log, pod.pod_key(), spool_place_,
                    sending_ ? &sending_->outbox() : nullptr},
                   post_office_settings(pod)),
      imap_server_({*credentials_, *vaults_, spool_place_, pod.machine().clock, pod.machine().log}, imap_settings(pod)),
      desk_(pod.premises(this)) {
  const auto& configuration = pod.configuration();
  listen("smtp", configuration.smtp, serve_smtp(smtp::Role::exchange));
  listen("submission", configuration.submission, serve_smtp(smtp::Role::submission));
  listen("submissions", configuration.submissions, serve_smtp(smtp::Role::submission));
  listen("lmtp", configuration.lmtp, serve_smtp(smtp::Role::lmtp));
  listen("imap", configuration.imap, serve_imap());
  listen("imaps", configuration.imaps, serve_imap());
}

Server::~Server() {
  stop();
}

void Server::listen(std::string name, const net::Listener::Settings& settings, net::Listener::Serve serve) {
  if (settings.port == 0 && settings.path.empty()) return;
  net::Listener::Settings with_goodbye = settings;
  if (!settings.path.empty()) with_goodbye.path = pod_.folder().at(settings.path);
  with_goodbye.too_many =
      name.starts_with("imap") ? "* BYE [UNAVAILABLE] Too many connections\r\n" : "421 4.3.2 Too many connections\r\n";
  auto listener =
      std::make_unique<net::Listener>(loops_, tls_, pod_.machine().log, name, with_goodbye, std::move(serve));
  ports_.push_back({std::move(name), std::move(listener)});
}

net::Listener::Serve Server::serve_smtp(smtp::Role role) {
  return [this, role](std::unique_ptr<net::Stream> stream) -> net::awaitable<void> {
    const auto& machine = pod_.machine();
    const smtp::Services services{post_office_, *credentials_, machine.clock, machine.log};
    const smtp::Settings& settings = role == smtp::Role::exchange ? smtp_settings_ : known_smtp_settings_;
    co_await smtp::serve(*stream, role, settings, services);
    co_await stream->close();
  };
}

net::Listener::Serve Server::serve_imap() {
  return
      [this](std::unique_ptr<net::Stream> stream) -> net::awaitable<void> { co_await imap_server_.converse(*stream); };
}

void Server::start() {
  // When told to stop, the vaults close once the sessions are over, or shortly before their grace is.
  loops_.on_stop(
      {[this] { loops_.spawn(loops_.executor(0), "close vaults", [this] { return close_vaults(); }); }, [] {}});
  if (sending_) sending_->start();
  control_ = std::make_unique<admin::ControlServer>(desk_, pod_.machine().log, pod_.folder().path);
  for (auto& port : ports_) port.listener->start();
  loops_.start();
}

void Server::stop() {
  control_.reset();
  loops_.stop(pod_.configuration().stop_grace);
  pool_.reset();
}

net::awaitable<void> Server::close_vaults() {
  constexpr std::chrono::milliseconds look_every{20};
  auto& clock = pod_.machine().clock;
  const auto latest = clock.monotonic() + pod_.configuration().stop_grace * 3 / 4;
  const auto alarm = net::make_alarm(loops_.executor(0));
  while (connections() > 0 && clock.monotonic() < latest) co_await alarm->wait(look_every);
  co_await vaults_->close_all();
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

void Server::look_at(const queue::EntryId& entry) {
  if (sending_) sending_->sender().look_at(entry);
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
