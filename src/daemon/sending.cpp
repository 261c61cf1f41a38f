#include "sending.hpp"

#include <algorithm>

#include "privileges.hpp"
#include "terms.hpp"

namespace mailpod::daemon {
namespace {

queue::Sender::Settings sender_settings(const OpenPod& pod) {
  const auto& configuration = pod.configuration();
  queue::Sender::Settings settings = configuration.sending;
  settings.client.host_name = configuration.name();
  settings.domain = configuration.domain;
  settings.own_names = {configuration.name(), configuration.domain};
  // Most are for those who come to us.
  settings.hanging_connections = std::min<std::size_t>(settings.hanging_connections, open_files() / 4);
  return settings;
}

}  // namespace

Sending::Sending(OpenPod& pod, net::Loops& loops, net::Pool& pool, queue::Returns& returns)
    : loops_(loops),
      loop_(loops.next()),
      resolver_(net::make_unbound_resolver(loop_, pod.configuration().dns)),
      dialer_(net::make_dialer(loop_, pod.configuration().sending_authorities)),
      alarm_(net::make_alarm(loop_)),
      policy_server_({*dialer_, *resolver_}, net::system_alarms(), {.loopback = pod.configuration().sending.loopback}),
      signer_({pod.dkim_keys(), pod.machine().clock, pod.machine().log, pod.configuration().name(),
               pod.configuration().domain}),
      brake_({pod.queue(), returns, pod.directory(), pod.registry().gate(), pool, pod.machine().clock,
              pod.machine().entropy, pod.machine().log, [this](const queue::EntryId& id) { sender_.look_at(id); },
              [this](delivery::Brake::Work work) { loops_.spawn(loop_, "brake", std::move(work)); }},
             brake_settings(pod.configuration())),
      sender_(loop_,
              {pod.queue(), *resolver_, *dialer_, pool, *alarm_, pod.machine().clock, pod.machine().entropy,
               pod.machine().log, returns, &signer_, &brake_, &policy_server_},
              sender_settings(pod)),
      srs_(pod.srs_key()),
      outbox_{pod.queue(), [this](const queue::EntryId& id) { sender_.look_at(id); },
              pod.configuration().sending.timetable.give_up_after, &srs_, &brake_} {}

void Sending::start() {
  loops_.on_stop({[this] { sender_.stop(); }, [this] { sender_.abort(); }});
  loops_.spawn(loop_, "sender", [this] { return sender_.run(); });
}

}  // namespace mailpod::daemon
