#include <mailpod/delivery/dkim_signer.hpp>

#include <algorithm>
#include <stdexcept>
#include <system_error>
#include <vector>

#include <mailpod/mailauth/dkim_signature.hpp>

namespace mailpod::delivery {

namespace {

constexpr std::size_t most_said = 1000;  // domains; From is the member's own address, so there are never many

/// A member's, or a report of ours: that one has no submitter and the null reverse path. What comes from outside and is
/// only passed on (forwarded, or on its way back to an author) says nothing in our name, though a member may hear what
/// becomes of it and its From may claim to be one of us.
bool is_ours(const queue::Entry& entry) {
  return !entry.passed_on && (entry.submitter.has_value() || entry.reverse_path.empty());
}

}  // namespace

std::string DkimSigner::sign(const queue::Entry& entry, const base::OctetSource& message) {
  if (entry.passed_on) return seal(message);
  if (!is_ours(entry)) return {};
  const auto signable = mailauth::SignableMessage::read(message);
  if (!signable) {
    say_unsigned("any", signable.error().message());
    return {};
  }
  const auto domain = signable->author_domain();
  if (!domain) return {};
  const auto keys = ports_.keys.signing(*domain);
  if (keys.empty()) {
    say_unsigned(*domain, "no active key");
    return {};
  }
  std::vector<mailauth::Signatory> signatories;
  signatories.reserve(keys.size());
  for (const auto& entry_of_key : keys) signatories.push_back({*domain, entry_of_key.selector, *entry_of_key.key});
  try {
    return signable->signatures(signatories, ports_.clock.now());
  } catch (const std::system_error&) {
    throw;  // the disk: for the queue to judge
  } catch (const std::runtime_error& failure) {
    // OpenSSL: mail does not wait for that to be mended.
    say_unsigned(*domain, failure.what());
  }
  return {};
}

/// RFC 8617 §5.1. Whatever is missing for it, the message goes on as it is.
std::string DkimSigner::seal(const base::OctetSource& message) {
  const auto keys = ports_.keys.signing(ports_.domain);
  const auto rsa = std::ranges::find_if(
      keys, [](const mailauth::KeyEntry& each) { return each.key->algorithm() == mailauth::Algorithm::rsa_sha256; });
  if (ports_.host_name.empty() || rsa == keys.end()) return {};
  const auto signable = mailauth::SignableMessage::read(message);
  if (!signable) return {};
  try {
    return signable->arc_set({ports_.host_name, ports_.domain, rsa->selector, *rsa->key, {}}, ports_.clock.now());
  } catch (const std::system_error&) {
    throw;
  } catch (const std::runtime_error& failure) {
    say_unsigned(ports_.domain, failure.what());
  }
  return {};
}

void DkimSigner::say_unsigned(const std::string& domain, std::string_view reason) {
  const std::lock_guard lock(mutex_);
  if (said_.size() >= most_said || !said_.insert(domain).second) return;
  ports_.log.warning("dkim.unsigned domain={} reason=\"{}\"", base::printable(domain), reason);
}

}  // namespace mailpod::delivery
