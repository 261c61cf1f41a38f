#pragma once

#include <vector>

#include <mailpod/mailauth/dns_inquiry.hpp>
#include <mailpod/net/network.hpp>

namespace mailpod::delivery {

/// What becomes of a message.
enum class Treatment {
  accept,  ///< into INBOX
  junk,    ///< into Junk, with the reason in its header; nothing of it goes on elsewhere by itself
  refuse,  ///< 550; its sender hears of it
  defer,   ///< 451, because nobody could tell: the other server asks again
};

/// How mail from outside is met by what it proves about where it comes from. docs/mail-authentication.md.
struct Authentication {
  bool enabled = true;
  Treatment on_reject = Treatment::refuse;    ///< of what fails, where the domain in From asks to reject it
  Treatment on_quarantine = Treatment::junk;  ///< where it asks to set it aside
  Treatment on_spf_fail = Treatment::accept;  ///< where it asks nothing (no DMARC), and SPF says fail
  unsigned least_rsa_bits = 1024;             ///< of a signature's key; RFC 8301 §3.2
  /// Peers that hand on what others have examined: their mail is not.
  std::vector<net::Network> exempt{*net::Network::parse("127.0.0.0/8"), *net::Network::parse("::1")};
};

}  // namespace mailpod::delivery
