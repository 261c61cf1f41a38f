#include "sending.hpp"

#include <algorithm>
#include <optional>
#include <system_error>

#include <boost/asio/post.hpp>

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
    : pod_(pod),
      loops_(loops),
      pool_(pool),
      loop_(loops.next()),
      resolver_(net::make_unbound_resolver(loop_, pod.configuration().dns)),
      dialer_(net::make_dialer(loop_, pod.configuration().sending_authorities)),
      web_dialer_(net::make_dialer(loop_, pod.configuration().sending_authorities, net::Strength::of_today)),
      alarm_(net::make_alarm(loop_)),
      policy_server_(
          {*web_dialer_, *resolver_, pod.machine().clock}, net::system_alarms(),
          {.loopback = pod.configuration().sending.loopback, .private_networks = pod.configuration().private_networks}),
      signer_({pod.dkim_keys(), pod.machine().clock, pod.machine().log, pod.configuration().name(),
               pod.configuration().domain}),
      brake_({pod.queue(), returns, pod.directory(), pod.registry().gate(), pool, pod.machine().clock,
              pod.machine().entropy, pod.machine().log, [this](const queue::EntryId& id) { sender_.look_at(id); },
              [this](delivery::Brake::Work work) { loops_.spawn(loop_, "brake", std::move(work)); }},
             brake_settings(pod.configuration())),
      federation_({pod.registry().gate(), pod.directory(), pod.machine().clock, pod.machine().log}),
      sender_(loop_,
              {pod.queue(), *resolver_, *dialer_, pool, *alarm_, pod.machine().clock, pod.machine().entropy,
               pod.machine().log, returns, &signer_, &brake_, &federation_, &policy_server_},
              sender_settings(pod)),
      srs_(pod.srs_key()),
      outbox_{pod.queue(), [this](const queue::EntryId& id) { sender_.look_at(id); },
              pod.configuration().sending.timetable.give_up_after, &srs_, &brake_},
      watching_(net::make_alarm(loop_)) {}

void Sending::start() {
  loops_.on_stop({[this] { sender_.stop(); }, [this] { sender_.abort(); }});
  loops_.spawn(loop_, "sender", [this] { return sender_.run(); });
  loops_.on_stop({[this] { boost::asio::post(loop_, [this] { watching_->cancel(); }); }, [] {}});
  loops_.spawn(loop_, "federation", [this] { return watch_federation(); });
}

net::awaitable<void> Sending::watch_federation() {
  constexpr std::chrono::milliseconds look_every{250};
  const auto stop_what_waits = [this] {
    const auto look_at = [this](const queue::EntryId& id) { sender_.look_at(id); };
    try {
      federation_.stop_what_waits(pod_.queue(), look_at);
      return true;
    } catch (const std::system_error& failure) {
      pod_.machine().log.error("federation.unlooked reason=\"{}\"", failure.code().message());
      return false;
    }
  };
  std::optional<delivery::Federation::Version> seen;
  std::optional<delivery::Federation::Version> tried;
  unsigned looks = 0;
  unsigned again_at = 0;
  unsigned failures = 0;
  while (true) {
    const auto version = federation_.version();
    if (tried != version) failures = 0;
    if (seen != version && (tried != version || looks >= again_at)) {
      tried = version;
      const bool looked = co_await pool_.run(stop_what_waits);
      if (looked) seen = version;
      // A disk that fails is asked again, every four minutes in the end.
      again_at = looks + (1U << std::min(failures++, 10U));
    }
    ++looks;
    const auto end = co_await watching_->wait(look_every);
    if (end == net::Alarm::End::cancelled) co_return;
  }
}

}  // namespace mailpod::daemon
