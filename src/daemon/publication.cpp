#include "publication.hpp"

#include "pod_card.hpp"

namespace mailpod::daemon {

web::Settings web_settings(const Configuration& configuration) {
  web::Settings settings = configuration.web;
  settings.domain = configuration.domain;
  settings.host_name = configuration.name();
  settings.ports = {configuration.imap.port,  configuration.imaps.port,      configuration.pop3.port,
                    configuration.pop3s.port, configuration.submission.port, configuration.submissions.port};
  return settings;
}

Publication::Publication(const Ports& ports)
    : ports_(ports),
      site_({*this, ports.pod.machine().disk, ports.pod.machine().clock, ports.pool, ports.pod.folder().governance()}),
      server_({site_.contents(), ports.pod.machine().clock, ports.pod.machine().log}) {}

net::awaitable<void> Publication::converse(net::Stream& stream) {
  const auto configuration = ports_.configuration.get();
  auto talk = server_.converse(stream, configuration->http_session);
  co_await std::move(talk);
}

web::Settings Publication::settings() const {
  return web_settings(*ports_.configuration.get());
}

bool Publication::serves(std::string_view domain) const {
  return ports_.pod.directory().state()->serves(domain);
}

web::Pod::Charters Publication::charters() const {
  const auto now = ports_.pod.machine().clock.now();
  const auto roster = ports_.pod.registry().gate().roster();
  return {roster->charters().at(now), roster->charters().size()};
}

std::string Publication::card() const {
  return pod_card(ports_.pod, *ports_.configuration.get()).str();
}

void Publication::with_witness(const std::function<void(governance::Witness&)>& work) {
  work(ports_.pod.witness());
}

}  // namespace mailpod::daemon
