#include <fmt/format.h>

#include <mailpod/base/bytes.hpp>
#include <mailpod/crypto/digest.hpp>

#include "page.hpp"

namespace mailpod::web {
namespace {

constexpr std::chrono::days security_valid{180};

std::string_view word_for(Settings::MtaSts mode) {
  switch (mode) {
    case Settings::MtaSts::testing:
      return "testing";
    case Settings::MtaSts::enforce:
      return "enforce";
    case Settings::MtaSts::none:
      break;
  }
  return "none";
}

/// RFC 8461 §3.2
std::string mta_sts_policy(const Settings& settings) {
  return fmt::format("version: STSv1\r\nmode: {}\r\nmx: {}\r\nmax_age: {}\r\n", word_for(settings.mta_sts),
                     settings.host_name, settings.mta_sts_max_age.count());
}

std::string contact(const Site::Source& source, const Settings& settings) {
  if (!settings.security_contact.empty()) return settings.security_contact;
  const auto charter = source.pod.charters().in_force;
  const auto* local_part = charter.addresses.find("security") != nullptr ? "security" : "postmaster";
  return fmt::format("mailto:{}@{}", local_part, settings.domain);
}

}  // namespace

std::string mta_sts_record(const Settings& settings) {
  const auto digest = crypto::sha256(mta_sts_policy(settings));
  return fmt::format("v=STSv1; id={};", base::hex(base::octets(digest).substr(0, 16)));
}

http::Response front_page(const Site::Source& source, const http::Visit&) {
  const auto settings = source.pod.settings();
  const auto charter = source.pod.charters().in_force;
  return content(
      fmt::format(
          "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width\">\n<title>{0}</title>\n<h1>{0}</h1>\n"
          "<p>This is the mail of a community that runs it for itself, and reads nobody's: what is stored is "
          "encrypted for the member it belongs to.\nWho decides here, and what they may do, stands in a charter "
          "that anybody can verify.\n"
          "<ul>\n<li><a href=\"/.well-known/mailpod/charter/charter-{1:04}.toml\">the charter</a>, number {1}; "
          "<a href=\"/.well-known/mailpod/charter/\">all charters and their signatures</a>\n"
          "<li><a href=\"/.well-known/mailpod/ledger/checkpoint\">the ledger's newest checkpoint</a>\n"
          "<li><a href=\"/.well-known/mailpod/pod\">the pod's card</a>\n</ul>\n</html>\n",
          escaped(settings.domain), charter.seq),
      media::html, caching::minutes);
}

/// RFC 9116 §2.5. Its time of expiry moves once a day, so that whoever has a copy can keep it.
http::Response security_page(const Site::Source& source, const http::Visit&) {
  const auto settings = source.pod.settings();
  const auto day = std::chrono::floor<std::chrono::days>(source.clock.now()) + security_valid;
  const std::chrono::year_month_day date(day);
  return content(
      fmt::format("Contact: {}\nExpires: {:04}-{:02}-{:02}T00:00:00Z\nPreferred-Languages: en\n"
                  "Canonical: https://{}/.well-known/security.txt\n",
                  contact(source, settings), static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), settings.host_name),
      media::text, caching::minutes);
}

http::Response card_page(const Site::Source& source, const http::Visit&) {
  return content(source.pod.card(), media::text, caching::minutes);
}

/// A policy is for the domain behind `mta-sts.`, and is asked for nowhere else. RFC 8461 §3.3
http::Response mta_sts_page(const Site::Source& source, const http::Visit& visit) {
  constexpr std::string_view beginning = "mta-sts.";
  const std::string_view host = visit.request.host;
  if (!host.starts_with(beginning) || !source.pod.serves(host.substr(beginning.size()))) return refusal(404);
  return content(mta_sts_policy(source.pod.settings()), media::text, caching::seconds);
}

}  // namespace mailpod::web
