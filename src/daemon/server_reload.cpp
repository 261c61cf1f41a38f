#include "difference.hpp"
#include "server.hpp"

namespace mailpod::daemon {
namespace {

using governance::Complaint;
using governance::Errc;

}  // namespace

governance::Verdict<admin::Daemon::Reloaded> Server::reload() {
  const std::lock_guard one_at_a_time(reloading_);
  auto reloaded = try_to_reload();
  auto& log = pod_.machine().log;
  if (!reloaded.has_value()) {
    log.error("reload refused reason=\"{}\"", base::printable(reloaded.error().text(), 1000));
    return reloaded;
  }
  audit_keeper_.reloaded(*configuration_.get(), reloaded->need_restart);
  log.info("reload done changed={} certificates={}", fmt::join(reloaded->changed, ","), reloaded->certificates);
  if (!reloaded->need_restart.empty()) log.warning("reload needs_restart={}", fmt::join(reloaded->need_restart, ","));
  return reloaded;
}

/// All that can fail comes before the first thing that changes.
governance::Verdict<admin::Daemon::Reloaded> Server::try_to_reload() {
  try {
    auto wanted = read_configuration(pod_.machine().disk, pod_.folder().path);
    if (!wanted.has_value()) return wanted.error();
    auto difference = difference_of(*configuration_.get(), *wanted);
    const auto files = certificates(pod_.folder(), difference.next);
    auto tls = net::TlsContext::load(pod_.machine().disk, files);
    process_(difference.next);
    tls_.replace(std::move(tls));
    put_in_force(difference.next);
    return Reloaded{std::move(difference.changed), std::move(difference.need_restart), files.size()};
  } catch (const std::system_error& failure) {
    return Complaint{Errc::bad_value, pod_.folder().configuration(), 0, failure.what(),
                     "all stays as it was; mend this, then reload again"};
  }
}

void Server::put_in_force(const Configuration& configuration) {
  configuration_.replace(configuration);
  terms_.replace(make_terms(configuration));
  doorkeeper_.set(configuration.guard);
  if (sending_) sending_->brake().set(brake_settings(configuration));
  quotas_.set(configuration.quota);
  vaults_->set(settings_of_vaults(configuration));
  for (const auto& port : ports_) port.listener->set(configuration.*port.settings);
}

}  // namespace mailpod::daemon
