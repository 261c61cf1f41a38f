#include "running_pod.hpp"

#include <boost/asio/co_spawn.hpp>

namespace mailpod::world {
namespace {

using net::awaitable;
using namespace std::chrono_literals;

constexpr std::uint16_t served_ports[] = {25, 465, 993};

/// What ends a detached coroutine but a failure of its connection ends the run: a loss of power, or a bug.
void rethrow(const std::exception_ptr& failure) {
  if (failure) std::rethrow_exception(failure);
}

queue::Sender::Settings sender_settings(const daemon::Configuration& configuration) {
  auto settings = configuration.sending;
  settings.client.host_name = configuration.name();
  settings.domain = configuration.domain;
  settings.own_names = {configuration.name(), configuration.domain};
  return settings;
}

}  // namespace

RunningPod::RunningPod(const Ports& ports)
    : ports_(ports),
      pod_(Foundation::instance().open(ports.disk, ports.clock, ports.entropy, ports.log)),
      budget_(pod_->configuration().spool_memory),
      place_{ports.disk, pod_->folder().queue(), ports.entropy, pod_->machine().arena, budget_},
      credentials_(members::make_pod_credentials(pod_->key_ring(), pool_, gate_)),
      vaults_(store::make_vaults({ports.disk, ports.clock, ports.entropy, ports.log, pod_->machine().arena}, pool_,
                                 {pod_->folder().members(), pod_->pod_key().public_key(),
                                  pod_->configuration().vault_linger, pod_->configuration().flush_every,
                                  pod_->configuration().vault},
                                 ports.time)),
      returns_({pod_->directory(), *vaults_, pool_, ports.disk, ports.clock, ports.entropy, ports.log, pod_->pod_key()},
               {pod_->configuration().name(), pod_->folder().members()}),
      dialer_(ports.network.dialer(pod_address)),
      alarm_(ports.time.alarm()),
      signer_({pod_->dkim_keys(), ports.clock, ports.log}),
      sender_(ports.loop.get_executor(),
              {pod_->queue(), ports.resolver, *dialer_, pool_, *alarm_, ports.clock, ports.entropy, ports.log,
               returns_, &signer_},
              sender_settings(pod_->configuration())),
      outbox_{pod_->queue(), [this](const queue::EntryId& id) { sender_.look_at(id); },
              pod_->configuration().sending.timetable.give_up_after},
      office_({pod_->directory(), pod_->registry().gate(), *vaults_, pool_, ports.disk, ports.clock, ports.entropy,
               ports.log, pod_->pod_key(), place_, &outbox_},
              {pod_->configuration().name(), pod_->folder().members(), pod_->configuration().message_size,
               pod_->configuration().letter_memory, pod_->configuration().hops, pod_->configuration().header_size}),
      imap_({*credentials_, *vaults_, place_, ports.clock, ports.log}, pod_->configuration().imap_session),
      smtp_settings_(smtp_settings()) {
  const smtp::Services services{office_, *credentials_, ports_.clock, ports_.log};
  const auto serve_smtp = [this, services](smtp::Role role) -> Talk {
    return [this, services, role](net::Stream& stream) { return smtp::serve(stream, role, smtp_settings_, services); };
  };
  listen(25, serve_smtp(smtp::Role::exchange));
  listen(465, serve_smtp(smtp::Role::submission));
  listen(993, [this](net::Stream& stream) { return imap_.converse(stream); });
  boost::asio::co_spawn(ports_.loop, sender_.run(), [this](const std::exception_ptr& failure) {
    sender_ended_ = true;
    rethrow(failure);
  });
}

RunningPod::~RunningPod() {
  for (const auto port : served_ports) ports_.network.stop_listening({pod_address, port});
}

smtp::Settings RunningPod::smtp_settings() const {
  auto settings = pod_->configuration().smtp_session;
  settings.host_name = pod_->configuration().name();
  settings.message_size = pod_->configuration().message_size;
  return settings;
}

void RunningPod::listen(std::uint16_t port, Talk how) {
  ports_.network.listen({pod_address, port},
                        [this, port, how = std::move(how)](std::unique_ptr<net::Stream> stream) {
                          return talk(how, port, std::move(stream));
                        });
}

/// One connection, with its TLS first where the port says so.
awaitable<void> RunningPod::talk(const Talk& how, std::uint16_t port, std::unique_ptr<net::Stream> stream) {
  struct Present {
    Present(Streams& all, net::Stream& one) : streams(all), place(all.insert(all.end(), &one)) {}
    ~Present() { streams.erase(place); }
    Streams& streams;
    Streams::iterator place;
  } present(streams_, *stream);
  if (port != 25) co_await stream->start_tls();
  co_await how(*stream);
  co_await stream->close();
}

bool RunningPod::stop() {
  for (const auto port : served_ports) ports_.network.stop_listening({pod_address, port});
  sender_.stop();
  for (auto* stream : streams_) stream->end_input();
  ports_.time.run_until([this] { return streams_.empty(); }, 2s);
  boost::asio::co_spawn(ports_.loop, vaults_->close_all(), [this](const std::exception_ptr& failure) {
    vaults_closed_ = true;
    rethrow(failure);
  });
  const auto over = [this] { return streams_.empty() && sender_ended_ && vaults_closed_; };
  if (ports_.time.run_until(over, 3s)) return true;
  sender_.abort();
  for (auto* stream : streams_) stream->abort();
  return ports_.time.run_until(over, 10s);
}

}  // namespace mailpod::world
