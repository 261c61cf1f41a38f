#include "demand.hpp"

#include <string_view>

namespace mailpod::queue {

namespace {

// Who says so, in a sentence that ends with it.
std::string_view source_of(Demand::By by) {
  switch (by) {
    case Demand::By::dane:
      return "as its TLSA records in DNS demand (DANE)";
    case Demand::By::mta_sts:
      return "as the domain's MTA-STS policy demands";
    case Demand::By::nobody:
      break;
  }
  return "as is demanded";
}

std::string_view reason_of(net::Mistrust mistrust) {
  switch (mistrust) {
    case net::Mistrust::other_name:
      return "it is for another name";
    case net::Mistrust::expired:
      return "it has expired";
    case net::Mistrust::no_match:
      return "no record names it";
    case net::Mistrust::untrusted:
    case net::Mistrust::none:
      break;
  }
  return "nobody that is trusted vouches for it";
}

std::string said(std::string_view what, Demand::By by) {
  return std::string(what) + ", " + std::string(source_of(by));
}

}  // namespace

std::optional<std::string> shortcoming_of(const net::Stream& stream, const Demand& demand) {
  if (demand.protection == smtp::Protection::any) return std::nullopt;
  if (!stream.secure()) return said("451 4.7.10 the host does not begin TLS", demand.by);
  if (demand.protection != smtp::Protection::authenticated) return std::nullopt;
  const net::TlsInformation tls = stream.tls();
  if (tls.verified) return std::nullopt;
  const std::string what = "451 4.7.5 the host's certificate does not show that it is the host: ";
  return said(what + std::string(reason_of(tls.mistrust)), demand.by);
}

std::string handshake_failed(const Demand& demand) {
  return said("451 4.7.10 TLS with the host failed, and nothing is sent without", demand.by);
}

}  // namespace mailpod::queue
