#pragma once

#include <mutex>
#include <set>
#include <string>

#include <mailpod/base/log.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/mailauth/dkim_keyring.hpp>
#include <mailpod/queue/signer.hpp>
#include <utility>

namespace mailpod::delivery {

/// Signs what members send, and the pod's own reports, with the keys of the domain in From: so that DKIM's domain is
/// the author's. docs/dkim.md.
///
/// What is only passed on, it does not sign; if the pod has examined it, it seals what was found, in its own name, so
/// that the next server may know (ARC). docs/mail-authentication.md.
///
/// Mail for which there is no key goes out unsigned, and the log says so once for each domain: it must not be lost.
/// Any thread.
class DkimSigner final : public queue::Signer {
public:
  /// Borrowed; all of it outlives the signer.
  struct Ports {
    const mailauth::DkimKeyring& keys;
    base::Clock& clock;
    base::Log& log;
    std::string host_name{};  ///< the authserv-id of what we have found out; empty: nothing is sealed
    std::string domain{};     ///< in whose name it is sealed: the pod's
  };
  explicit DkimSigner(Ports ports) : ports_(std::move(ports)) {}

  std::string sign(const queue::Entry& entry, const base::OctetSource& message) override;

private:
  std::string seal(const base::OctetSource& message);
  void say_unsigned(const std::string& domain, std::string_view reason);

  Ports ports_;
  std::mutex mutex_;
  std::set<std::string> said_;  ///< domains
};

}  // namespace mailpod::delivery
