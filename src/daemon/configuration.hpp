#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/disk.hpp>
#include <mailpod/base/log.hpp>
#include <mailpod/crypto/password_hash.hpp>
#include <mailpod/delivery/authentication.hpp>
#include <mailpod/delivery/post_office.hpp>
#include <mailpod/delivery/quotas.hpp>
#include <mailpod/delivery/strangers.hpp>
#include <mailpod/governance/error.hpp>
#include <mailpod/governance/signatures.hpp>
#include <mailpod/guard/doorkeeper.hpp>
#include <mailpod/http/server.hpp>
#include <mailpod/imap/server.hpp>
#include <mailpod/mailauth/dns_inquiry.hpp>
#include <mailpod/net/listener.hpp>
#include <mailpod/net/resolver.hpp>
#include <mailpod/pop3/server.hpp>
#include <mailpod/queue/sender.hpp>
#include <mailpod/smtp/server.hpp>
#include <mailpod/store/vaults.hpp>
#include <mailpod/web/site.hpp>

namespace mailpod::daemon {

/// Everything mailpod.toml says. The defaults here are the product's; libraries have theirs in their Settings, which
/// stand in this value unchanged. An immutable value once read.
struct Configuration {
  std::string domain;          ///< the pod's domain, lower case
  std::string host_name;       ///< as mail clients and other servers know this machine; empty: the domain
  governance::Hash charter{};  ///< SHA-256 of charter 1: where trust begins

  std::string server_key = "server.key";  ///< a path, relative to the pod's folder or absolute
  std::vector<std::string> certificates{"tls/certificate.pem"};
  std::vector<std::string> keys{"tls/key.pem"};  ///< one for each certificate, same order

  /// Port 0: not served.
  net::Listener::Settings smtp = listener(25, net::Listener::Tls::on_request);
  net::Listener::Settings submission = listener(587, net::Listener::Tls::on_request);
  net::Listener::Settings submissions = listener(465, net::Listener::Tls::at_once);
  net::Listener::Settings lmtp;  ///< its path, relative to the pod's folder or absolute; empty: not served
  net::Listener::Settings imap = listener(143, net::Listener::Tls::on_request);
  net::Listener::Settings imaps = listener(993, net::Listener::Tls::at_once);
  /// Not served until somebody says so: IMAP does all of it better. 110 and 995 are what clients ask at.
  net::Listener::Settings pop3 = listener(0, net::Listener::Tls::on_request);
  net::Listener::Settings pop3s = listener(0, net::Listener::Tls::at_once);
  net::Listener::Settings members = members_door();
  /// Not served until somebody says so: what they show is public, and wants names of its own. 80 and 443.
  net::Listener::Settings http = pages(net::Listener::Tls::on_request);
  net::Listener::Settings https = pages(net::Listener::Tls::at_once);

  std::uint64_t message_size = 50 * 1024 * 1024;  ///< octets of one message, however it comes
  smtp::Settings smtp_session = sessions();       ///< for port 25, submission and LMTP
  imap::Settings imap_session;
  pop3::Settings pop3_session;
  http::Settings http_session;
  std::size_t hops = delivery::PostOffice::Settings{}.hops;
  std::size_t header_size = delivery::PostOffice::Settings{}.header;  ///< octets
  std::string separator = delivery::PostOffice::Settings{}.separator;

  std::uint64_t letter_memory = 256 * 1024;        ///< octets of one letter kept in memory
  std::uint64_t spool_memory = 256 * 1024 * 1024;  ///< octets of all letters kept in memory

  web::Settings web;  ///< all but names and ports, which are ours

  bool sending_enabled = true;      ///< members' mail to other servers
  queue::Sender::Settings sending;  ///< all but the names of ours
  std::string sending_authorities;  ///< PEM file; empty: the machine's
  bool private_networks = false;    ///< web servers of other domains may be there
  net::ResolverSettings dns;

  delivery::Authentication authentication;  ///< of mail from outside
  delivery::StrangerRules strangers;
  mailauth::DnsInquiry::Settings inquiry;  ///< what may be asked for it

  std::chrono::seconds vault_linger{60};
  std::chrono::milliseconds flush_every{500};
  store::Vault::Settings vault;

  delivery::Quotas::Settings quota;

  guard::Settings guard;

  crypto::Argon2Cost argon2;
  std::size_t argon2_at_once = 2;
  std::size_t argon2_waiting = 64;

  unsigned loops = 0;  ///< event loops; 0: one per core
  unsigned pool = 32;  ///< threads for blocking work
  std::uint64_t open_files = 65536;
  std::chrono::milliseconds stop_grace{2500};

  base::Log::Level log_level = base::Log::Level::info;
  std::string log_file;  ///< relative to the pod's folder or absolute; empty: standard error alone

  const std::string& name() const { return host_name.empty() ? domain : host_name; }

private:
  static smtp::Settings sessions() {
    smtp::Settings settings;
    settings.greeting_pause = std::chrono::milliseconds(50);
    return settings;
  }
  /// Not served until somebody says so: it leads to administration. 4194 is what clients ask at.
  static net::Listener::Settings members_door() {
    auto settings = listener(0, net::Listener::Tls::at_once);
    settings.max_connections = 200;
    settings.max_per_address = 20;
    settings.handshake_timeout = std::chrono::seconds(10);
    return settings;
  }
  static net::Listener::Settings pages(net::Listener::Tls tls) {
    auto settings = listener(0, tls);
    settings.max_connections = 2000;
    settings.handshake_timeout = std::chrono::seconds(10);
    return settings;
  }
  static net::Listener::Settings listener(std::uint16_t port, net::Listener::Tls tls) {
    net::Listener::Settings settings;
    settings.port = port;
    settings.tls = tls;
    return settings;
  }
};

/// Reads a whole configuration, of at most 256 KiB. Unknown keys, missing required ones and values out of range are
/// refused, each with its line and a remedy; `file` names the file there. Pure.
governance::Verdict<Configuration> parse_configuration(std::string_view text, std::string_view file);

/// A complete, commented file that reads back as `configuration`: what `mailpod init` writes, and config/mailpod.toml.
std::string write_configuration(const Configuration& configuration);

/// The configuration of the pod in `folder`.
governance::Verdict<Configuration> read_configuration(base::Disk& disk, const std::string& folder);

}  // namespace mailpod::daemon
