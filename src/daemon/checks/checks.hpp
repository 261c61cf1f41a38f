#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include <mailpod/governance/charter.hpp>
#include <mailpod/net/resolver.hpp>

#include "../open_pod.hpp"
#include "findings.hpp"

/// What `mailpod check` looks at, one file each. What is wrong on this machine is a fault; what only the world outside
/// of it can mend, or what is merely unwise, is a note.
namespace mailpod::daemon {

/// What can be known without the daemon.
struct Surroundings {
  const OpenPod::Machine& machine;
  const PodFolder& folder;
  const Configuration& configuration;
};

/// Keys are locked into memory.
void check_memory(Findings& findings);
/// What is in memory does not get to the disk by itself: by swap, by hibernation, by a crash dump of the kernel. `root`
/// is where /proc and /sys stand: "/". `daemon`: the process that runs, if one does.
void check_swap(Findings& findings, const std::string& root, std::optional<std::uint32_t> daemon);
/// Each secret belongs to the pod's owner, who alone can read it.
void check_secrets(Findings& findings, const Surroundings& pod);
/// Names, time and key of each certificate.
void check_certificates(Findings& findings, const Surroundings& pod);
/// There is room, and what is written becomes durable.
void check_disk(Findings& findings, const Surroundings& pod);
/// Something keeps the clock right.
void check_clock(Findings& findings);
/// No other program holds our ports. Only where no daemon of ours does.
void check_ports(Findings& findings, const Surroundings& pod);
/// It and its maintainers' terms do not end soon.
void check_charter(Findings& findings, const governance::Charter& charter, base::Time now);
/// What the world should find in DNS.
struct Published {
  std::vector<std::string> domains;
  std::string host;
  struct Key {
    std::string name;
    std::string text;
  };
  std::vector<Key> dkim;  ///< of the keys that sign
};
/// MX, SPF and DMARC of each domain, addresses and reverse names of the host, DKIM records. `own` are the addresses of
/// this machine.
boost::asio::awaitable<void> check_dns(Findings& findings, net::Resolver& resolver, Published published,
                                       std::vector<std::string> own);
/// Whether DNSSEC is validated, without which there is no DANE: by a zone that is signed for certain, org.
boost::asio::awaitable<void> check_dnssec(Findings& findings, net::Resolver& resolver);
/// All of these, with the configured resolver, to their end.
void check_dns(Findings& findings, const Surroundings& pod, const Published& published);

}  // namespace mailpod::daemon
