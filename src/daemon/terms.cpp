#include "terms.hpp"

namespace mailpod::daemon {
namespace {

/// Of the charter in force.
governance::Charter::Limits limits(OpenPod& pod) {
  const auto now = pod.machine().clock.now();
  return pod.registry().gate().roster()->charters().at(now).limits;
}

governance::Charter::Privacy privacy(OpenPod& pod) {
  const auto now = pod.machine().clock.now();
  return pod.registry().gate().roster()->charters().at(now).privacy;
}

/// What the charter allows, where that is less than the configuration.
std::uint64_t message_size(OpenPod& pod, const Configuration& configuration) {
  const std::uint64_t charter = limits(pod).message_mib;
  return std::min(configuration.message_size, charter * 1024 * 1024);
}

}  // namespace

std::uint32_t messages_a_day(OpenPod& pod) {
  return limits(pod).messages_a_day;
}

std::vector<net::CertificateFiles> certificates(const PodFolder& folder, const Configuration& configuration) {
  std::vector<net::CertificateFiles> files;
  for (std::size_t i = 0; i < configuration.certificates.size(); ++i)
    files.push_back({folder.at(configuration.certificates[i]), folder.at(configuration.keys.at(i))});
  return files;
}

smtp::Settings smtp_settings(OpenPod& pod, const Configuration& configuration) {
  smtp::Settings settings = configuration.smtp_session;
  settings.host_name = configuration.name();
  settings.message_size = message_size(pod, configuration);
  settings.recipients = std::min<std::size_t>(settings.recipients, limits(pod).recipients);
  return settings;
}

smtp::Settings without_pause(smtp::Settings settings) {
  settings.greeting_pause = std::chrono::milliseconds(0);
  return settings;
}

imap::Settings imap_settings(OpenPod& pod, const Configuration& configuration) {
  imap::Settings settings = configuration.imap_session;
  settings.message = message_size(pod, configuration);
  return settings;
}

store::Vaults::Settings vaults_settings(OpenPod& pod, const Configuration& configuration,
                                        std::function<void(MemberId)> usage_changed) {
  const auto quota_of = [&pod](MemberId member) {
    return delivery::quota_for(pod.registry().gate(), member, pod.machine().clock.now());
  };
  store::Vaults::Settings settings{pod.folder().members(),    pod.pod_key().public_key(), configuration.vault_linger,
                                   configuration.flush_every, configuration.vault,        quota_of,
                                   std::move(usage_changed)};
  settings.longest_open = [&pod] { return std::chrono::hours(privacy(pod).vault_closes_after_hours); };
  settings.usage_key = pod.usage_key();
  return settings;
}

delivery::PostOffice::Settings post_office_settings(OpenPod& pod, const Configuration& configuration) {
  return {configuration.name(),        pod.folder().members(),       message_size(pod, configuration),
          configuration.letter_memory, configuration.hops,           configuration.header_size,
          configuration.separator,     configuration.authentication, configuration.strangers};
}

delivery::Brake::Settings brake_settings(const Configuration& configuration) {
  return {configuration.guard.remote_recipients_of_member, configuration.guard.refused_recipients_of_member};
}

}  // namespace mailpod::daemon
