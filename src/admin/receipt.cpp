#include "receipt.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <mailpod/crypto/digest.hpp>
#include <mailpod/crypto/minisign.hpp>

#include "person_json.hpp"

namespace mailpod::admin {
namespace {

using members::Departure;

constexpr std::string_view words = R"(This pod, {pod}, has let a member go.

Member:     {member}
{address}When:       {when}
Why:        {why}

Destroyed, each overwritten before its name was removed:
  {slots} key slots: no password and no code opens the vault here any more
  the card, by which mail was sealed for the member
Then removed:
  {messages} sealed messages, {octets} octets
  the vault's journal, with the keys of every message
  the search index, and what was in quarantine
  the entry in the pod's directory: addresses, aliases, forwarding

What is kept:
  the acts about the member, in the record of acts: they name no address
  salted hashes of the addresses, until {rests}, so that they are
  given to nobody before

What the pod cannot reach:
  Backups and snapshots of the pod's folder made before {when}.
  They hold the vault as it was, and there it opens by the secrets that
  opened it then, and by nothing else. Whoever keeps them must destroy them.
  What the disk has not overwritten in place: on an SSD, and on file systems
  that write elsewhere, old blocks stay until they are used again.
  Messages that others have received, copies in mail programs, and
  what the member sent that was still in the queue: it goes on.
  What the pod wrote into its log before.

To check: minisign -V -m RECEIPT -P {key}
The key is the charter's pod_key, as minisign writes it.
)";

}  // namespace

Receipt write_receipt(const Departure& departure, const std::string& pod, const std::string& address,
                      const crypto::SigningKey& pod_key) {
  const auto digest = crypto::sha256(base::octets(pod_key.public_key()));
  crypto::minisign::KeyId id{};
  std::copy_n(digest.begin(), id.size(), id.begin());
  const auto& seed = pod_key.seed();
  const crypto::minisign::SecretKey key(id, crypto::SigningKey(crypto::Key::copy_of(seed.arena(), seed.octets())));
  const std::string when = time_text(departure.at);
  const std::string why = departure.reason == Departure::Reason::act
                              ? "expelled, by the act " + base::hex(base::octets(departure.act))
                              : "their own wish, shown by one of their secrets";
  Receipt receipt;
  receipt.public_key = key.public_key().str();
  receipt.text = fmt::format(fmt::runtime(words), fmt::arg("pod", pod), fmt::arg("member", departure.member.str()),
                             fmt::arg("address", address.empty() ? "" : "Address:    " + address + "\n"),
                             fmt::arg("when", when), fmt::arg("why", why), fmt::arg("slots", departure.slots),
                             fmt::arg("messages", departure.messages), fmt::arg("octets", departure.octets),
                             fmt::arg("rests", time_text(departure.at + members::address_rests)),
                             fmt::arg("key", receipt.public_key));
  receipt.signature = crypto::minisign::sign_file(
      key, receipt.text, fmt::format("mailpod receipt pod={} member={}", pod, departure.member.str()));
  return receipt;
}

}  // namespace mailpod::admin
