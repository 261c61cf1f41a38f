#include <array>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <mailpod/base/bytes.hpp>
#include <mailpod/crypto/digest.hpp>

#include "page.hpp"

// How members' mail programs find the pod's servers by themselves.
namespace mailpod::web {
namespace {

struct Service {
  std::string_view kind;  ///< as Thunderbird names it
  std::string_view outlook;
  std::string_view socket;
  std::uint16_t Settings::Ports::* port;
};
/// The safest first: a program takes the first that it can.
constexpr Service services[] = {
    {"imap", "IMAP", "SSL", &Settings::Ports::imaps},       {"imap", "IMAP", "STARTTLS", &Settings::Ports::imap},
    {"pop3", "POP3", "SSL", &Settings::Ports::pop3s},       {"pop3", "POP3", "STARTTLS", &Settings::Ports::pop3},
    {"smtp", "SMTP", "SSL", &Settings::Ports::submissions}, {"smtp", "SMTP", "STARTTLS", &Settings::Ports::submission},
};

/// Of which of the pod's domains the question is; empty: of none.
std::string asked_domain(const Site::Source& source, std::string_view host) {
  for (const std::string_view beginning : {"autoconfig.", "autodiscover."}) {
    if (host.starts_with(beginning) && source.pod.serves(host.substr(beginning.size())))
      return std::string(host.substr(beginning.size()));
  }
  if (source.pod.serves(host)) return std::string(host);
  const auto settings = source.pod.settings();
  return host == settings.host_name ? settings.domain : std::string();
}

std::string server_element(const Service& service, const Settings& settings) {
  const auto* const element = service.kind == "smtp" ? "outgoingServer" : "incomingServer";
  return fmt::format(
      "    <{0} type=\"{1}\">\n      <hostname>{2}</hostname>\n      <port>{3}</port>\n"
      "      <socketType>{4}</socketType>\n      <authentication>password-cleartext</authentication>\n"
      "      <username>%EMAILADDRESS%</username>\n    </{0}>\n",
      element, service.kind, escaped(settings.host_name), settings.ports.*service.port, service.socket);
}

/// The first way by which a kind of server is reached; nullptr: by none.
const Service* first_of(std::string_view kind, const Settings& settings) {
  for (const auto& service : services) {
    if (service.kind == kind && settings.ports.*service.port != 0) return &service;
  }
  return nullptr;
}

std::string protocol_element(const Service& service, const Settings& settings) {
  return fmt::format(
      "      <Protocol>\n        <Type>{}</Type>\n        <Server>{}</Server>\n        <Port>{}</Port>\n"
      "        <SPA>off</SPA>\n        <SSL>on</SSL>\n        <Encryption>{}</Encryption>\n"
      "        <AuthRequired>on</AuthRequired>\n      </Protocol>\n",
      service.outlook, escaped(settings.host_name), settings.ports.*service.port,
      service.socket == "SSL" ? "SSL" : "TLS");
}

/// A UUID that is always the same for the same text; of version 8 (RFC 9562 §5.8).
std::string uuid_for(std::string_view text) {
  auto digest = crypto::sha256(text);
  digest[6] = static_cast<unsigned char>((digest[6] & 0x0fU) | 0x80U);
  digest[8] = static_cast<unsigned char>((digest[8] & 0x3fU) | 0x80U);
  const auto digits = base::hex(base::octets(digest).substr(0, 16));
  const std::string_view all = digits;
  return fmt::format("{}-{}-{}-{}-{}", all.substr(0, 8), all.substr(8, 4), all.substr(12, 4), all.substr(16, 4),
                     all.substr(20));
}

std::string entry(std::string_view key, std::string_view value) {
  return fmt::format("      <key>{}</key>\n      <string>{}</string>\n", key, escaped(value));
}

std::string server_entries(std::string_view direction, const Service& service, const Settings& settings) {
  return entry(fmt::format("{}MailServerHostName", direction), settings.host_name) +
         fmt::format(
             "      <key>{0}MailServerPortNumber</key>\n      <integer>{1}</integer>\n"
             "      <key>{0}MailServerUseSSL</key>\n      <true/>\n",
             direction, settings.ports.*service.port) +
         entry(fmt::format("{}MailServerAuthentication", direction), "EmailAuthPassword");
}

}  // namespace

/// Mozilla's autoconfiguration, version 1.1.
http::Response autoconfig_page(const Site::Source& source, const http::Visit& visit) {
  const auto domain = asked_domain(source, visit.request.host);
  if (domain.empty()) return refusal(404);
  const auto settings = source.pod.settings();
  std::string servers;
  for (const auto& service : services) {
    if (settings.ports.*service.port != 0) servers += server_element(service, settings);
  }
  return content(
      fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<clientConfig version=\"1.1\">\n"
                  "  <emailProvider id=\"{0}\">\n    <domain>{0}</domain>\n    <displayName>{0}</displayName>\n"
                  "    <displayShortName>{0}</displayShortName>\n{1}  </emailProvider>\n</clientConfig>\n",
                  escaped(domain), servers),
      media::xml, caching::minutes);
}

/// Outlook's, which posts the address; nothing of it is read, since the answer is the same for everybody.
http::Response autodiscover_page(const Site::Source& source, const http::Visit& visit) {
  if (asked_domain(source, visit.request.host).empty()) return refusal(404);
  const auto settings = source.pod.settings();
  std::string protocols;
  for (const auto* kind : {"imap", "pop3", "smtp"}) {
    if (const auto* service = first_of(kind, settings)) protocols += protocol_element(*service, settings);
  }
  return content(
      fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                  "<Autodiscover xmlns=\"http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006\">\n"
                  "  <Response xmlns=\"http://schemas.microsoft.com/exchange/autodiscover/outlook/"
                  "responseschema/2006a\">\n    <Account>\n      <AccountType>email</AccountType>\n"
                  "      <Action>settings</Action>\n{}    </Account>\n  </Response>\n</Autodiscover>\n",
                  protocols),
      media::xml, caching::minutes);
}

/// Apple's configuration profile; the telephone asks for name and password.
http::Response mobileconfig_page(const Site::Source& source, const http::Visit& visit) {
  const auto domain = asked_domain(source, visit.request.host);
  const auto settings = source.pod.settings();
  const auto* imap = first_of("imap", settings);
  const auto* smtp = first_of("smtp", settings);
  if (domain.empty() || imap == nullptr || smtp == nullptr) return refusal(404);
  const auto common = [](std::string_view type, std::string_view name, std::string_view identifier) {
    return entry("PayloadType", type) + entry("PayloadDisplayName", name) + entry("PayloadIdentifier", identifier) +
           entry("PayloadUUID", uuid_for(identifier)) + "      <key>PayloadVersion</key>\n      <integer>1</integer>\n";
  };
  const auto account = entry("EmailAccountType", "EmailTypeIMAP") + entry("EmailAccountDescription", domain) +
                       server_entries("Incoming", *imap, settings) + server_entries("Outgoing", *smtp, settings) +
                       "      <key>OutgoingPasswordSameAsIncomingPassword</key>\n      <true/>\n" +
                       common("com.apple.mail.managed", domain, fmt::format("{}.mail", domain));
  return content(
      fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
                  "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n<plist version=\"1.0\">\n  <dict>\n"
                  "    <key>PayloadContent</key>\n    <array>\n     <dict>\n{}     </dict>\n    </array>\n{}  </dict>\n"
                  "</plist>\n",
                  account, common("Configuration", domain, domain)),
      "application/x-apple-aspen-config", caching::minutes);
}

}  // namespace mailpod::web
