#pragma once

#include <functional>

#include <mailpod/delivery/brake.hpp>
#include <mailpod/delivery/post_office.hpp>
#include <mailpod/imap/server.hpp>
#include <mailpod/net/tls.hpp>
#include <mailpod/pop3/server.hpp>
#include <mailpod/smtp/server.hpp>
#include <mailpod/store/vaults.hpp>

#include "open_pod.hpp"

/// What configuration and charter say, as the libraries want to hear it.
namespace mailpod::daemon {

smtp::Settings smtp_settings(OpenPod& pod, const Configuration& configuration);
/// Members' clients and the server beside us are no spam engines.
smtp::Settings without_pause(smtp::Settings settings);
imap::Settings imap_settings(OpenPod& pod, const Configuration& configuration);
store::Vaults::Settings vaults_settings(OpenPod& pod, const Configuration& configuration,
                                        std::function<void(MemberId)> usage_changed);
delivery::PostOffice::Settings post_office_settings(OpenPod& pod, const Configuration& configuration);
delivery::Brake::Settings brake_settings(const Configuration& configuration);
/// Of the charter in force: how many messages a member may send in a day.
std::uint32_t messages_a_day(OpenPod& pod);
std::vector<net::CertificateFiles> certificates(const PodFolder& folder, const Configuration& configuration);

/// What a session is served by. A reload makes new ones for the sessions that begin after it; the others keep theirs.
struct Terms {
  Terms(OpenPod& pod, const Configuration& configuration, const delivery::PostOffice::Ports& post_office_ports)
      : smtp(smtp_settings(pod, configuration)),
        smtp_of_known(without_pause(smtp)),
        post_office(post_office_ports, post_office_settings(pod, configuration)),
        imap(imap_settings(pod, configuration)),
        pop3(configuration.pop3_session) {}

  const smtp::Settings smtp;           ///< of port 25
  const smtp::Settings smtp_of_known;  ///< of submission and LMTP
  mutable delivery::PostOffice post_office;
  const imap::Settings imap;
  const pop3::Settings pop3;
};

}  // namespace mailpod::daemon
