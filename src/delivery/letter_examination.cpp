#include <algorithm>

#include <mailpod/delivery/acquaintances.hpp>
#include <mailpod/net/pool.hpp>

#include "exchange.hpp"
#include "pod_letter.hpp"

// What a message must show before it is taken: who sent it, whether mail is exchanged with them, and how strangers are
// met.
namespace mailpod::delivery {

using boost::asio::awaitable;

namespace {

/// Of an evaluation, when all the time has gone by in waiting for DNS: what was answered still counts.
constexpr std::chrono::seconds last_look{1};
/// Of all lists together.
constexpr std::chrono::seconds patience_with_lists{4};

/// The address that a sub-address belongs to.
std::string without_detail(const std::string& address, const std::string& separator) {
  const auto at = address.rfind('@');
  const auto from = separator.empty() ? std::string::npos : address.find(separator, 1);
  if (from == std::string::npos || at == std::string::npos || from >= at) return address;
  return address.substr(0, from) + address.substr(at);
}

}  // namespace

awaitable<Status> PodLetter::examine() {
  if (!examination_) co_return ask_at_border(nullptr);
  const auto findings = co_await find_out();
  const Status at_border = ask_at_border(&findings);
  if (!at_border) co_return at_border;
  co_await meet(findings);
  const Judgement& judgement = judgement_;
  ports_.log.info("delivery.examined id={} spf={} dmarc={} from={} became={}", envelope_.id,
                  name_of(findings.spf.result), name_of(findings.dmarc.result), findings.dmarc.from,
                  name_of(judgement.treatment));
  if (judgement.treatment == Treatment::refuse || judgement.treatment == Treatment::defer) {
    if (introduction_) note_outcome(*introduction_, judgement, *ports_.acquaintances);
    co_return refuse_by_judgement();
  }
  envelope_.received.client_name = findings.iprev.name;
  author_shown_ = findings.dmarc.result == mailauth::DmarcResult::pass;
  examined_ = mailauth::write_authentication_results(settings_.host_name, findings);
  if (!judgement.reason.empty()) examined_ += message::write_field(reason_field, judgement.reason);
  if (judgement.treatment == Treatment::junk && !keep_here()) co_return refuse_by_judgement();
  const auto& from = scanner_.facts().from_addresses.addresses;
  if (from.size() == 1 && shows_nothing_of_author(findings, from.front().host)) be_cautious(from.front().host);
  co_return Status{};
}

/// Whoever is met as a stranger hears why.
Status PodLetter::refuse_by_judgement() {
  if (judgement_.ground != Judgement::Ground::proof) explanation_ = judgement_.reason;
  return judgement_.refusal;
}

Introduction PodLetter::introduce(const mailauth::Findings& findings) const {
  const auto& from = scanner_.facts().from_addresses.addresses;
  // Not who reads it as one of a group, or elsewhere: whether mail is spared tells who stands behind an address.
  const Destinations& destinations = envelope_.circumstances.destinations;
  const mailauth::SpfQuery& sender = *envelope_.examined;
  Introduction introduction;
  introduction.client = sender.client;
  introduction.sender = sender.domain;
  for (const std::string& recipient : envelope_.recipients)
    introduction.recipients.push_back(without_detail(recipient, settings_.separator));
  introduction.proved = proved_domains(findings);
  add_witnesses(findings, introduction);
  if (from.size() == 1) {
    introduction.from = from.front().address();
    introduction.from_is_proved = shows_author(findings, from.front().host);
  }
  introduction.readers = destinations.local;
  return introduction;
}

/// By what was found, and if that says nothing worse, by what is known of whom it comes from.
awaitable<void> PodLetter::meet(const mailauth::Findings& findings) {
  const Exchange exchange{ports_.gate.roster(), ports_.directory.state(), ports_.clock.now()};
  const auto rules = ruled_by(settings_.authentication, exchange.roster->charters().at(exchange.now));
  judgement_ = judge_sender(rules, findings);
  // Whom everybody reaches is reached by strangers too. RFC 5321 §4.5.1.
  if (ports_.acquaintances == nullptr || !envelope_.asks_at_border) co_return;
  introduction_ = introduce(findings);
  if (judgement_.treatment == Treatment::refuse || judgement_.treatment == Treatment::defer) co_return;
  if (is_known(*introduction_, exchange, *ports_.acquaintances)) co_return;
  const Listing listing = co_await ask_lists();
  Judgement of_stranger = judge_stranger(*introduction_, listing, settings_.strangers, *ports_.acquaintances);
  const bool is_graver = of_stranger.treatment == Treatment::refuse || of_stranger.treatment == Treatment::defer ||
                         (of_stranger.treatment == Treatment::junk && judgement_.treatment == Treatment::accept);
  if (is_graver) judgement_ = std::move(of_stranger);
}

/// Apart from what the message must show, and for a short time: a list that does not answer holds up nothing else.
awaitable<Listing> PodLetter::ask_lists() const {
  const auto& lists = settings_.strangers.lists;
  mailauth::DnsTable dns;
  Listing unasked = listing_of(lists, envelope_.examined->client, dns);
  auto missing = dns.take_missing();
  if (missing.empty()) co_return unasked;
  auto asking = ports_.dns->answer(dns, std::move(missing), ports_.clock.monotonic() + patience_with_lists);
  co_await std::move(asking);
  co_return listing_of(lists, envelope_.examined->client, dns);
}

/// Whom a member writes to, is known to them under the address that they used.
void PodLetter::remember_whom_it_is_to() const {
  if (ports_.acquaintances == nullptr || !envelope_.circumstances.submitter || envelope_.reverse_path.empty()) return;
  const MemberId member = envelope_.circumstances.submitter->member;
  for (const auto& remote : envelope_.circumstances.destinations.remote)
    ports_.acquaintances->wrote_to(member, {envelope_.reverse_path, remote.address});
}

/// Whether mail is exchanged with whoever stands behind the message. By the rules of this moment: a charter may have
/// taken effect since its recipients were named.
Status PodLetter::ask_at_border(const mailauth::Findings* findings) {
  if (!envelope_.asks_at_border) return {};
  const auto& from = scanner_.facts().from_addresses;
  const Exchange exchange{ports_.gate.roster(), ports_.directory.state(), ports_.clock.now()};
  Provenance provenance{{}, findings, false};
  for (const auto& address : from.addresses) provenance.from.push_back(address.host);
  // What cannot be read whole may hide another author.
  if (!from.well_formed || from.truncated) provenance.from.emplace_back();
  // Without DNS nothing can be shown; whoever else is not examined hands on what was.
  provenance.is_vouched_for = findings == nullptr && (ports_.dns != nullptr && settings_.authentication.enabled);
  if (envelope_.circumstances.role == smtp::Role::lmtp) provenance.is_vouched_for = true;
  auto refusal = refusal_of_message(exchange, provenance);
  if (!refusal) return {};
  ports_.log.info("delivery.not_federated id={} became={}", envelope_.id,
                  refusal->code == smtp::Errc::not_federated ? "refused" : "deferred");
  explanation_ = std::move(refusal->words);
  return refusal->code;
}

/// Evaluates, fetches what was missing, and evaluates again. On the pool, for signatures cost time.
awaitable<mailauth::Findings> PodLetter::find_out() {
  examination_->finish();
  const auto& from = scanner_.facts().from_addresses.addresses;
  const std::string domain = from.size() == 1 ? from.front().host : std::string();
  const auto until = ports_.dns->time_is_up();
  mailauth::DnsTable dns;
  while (true) {
    const auto look = [&] {
      const auto end = std::max(until, ports_.clock.monotonic() + last_look);
      const auto late = [&] { return ports_.clock.monotonic() >= end; };
      return examination_->findings(domain, dns, arrived_, late);
    };
    auto findings = co_await ports_.pool.run(look);
    auto missing = dns.take_missing();
    if (missing.empty()) co_return findings;
    auto asking = ports_.dns->answer(dns, std::move(missing), until);
    co_await std::move(asking);
  }
}

/// What may be forged goes to Junk, and neither a member's forwarding nor a group, in whose name the pod would sign it,
/// spreads it. False if nobody here is left to find it there.
bool PodLetter::keep_here() {
  target_mailbox_ = "Junk";
  Destinations& destinations = envelope_.circumstances.destinations;
  std::erase_if(destinations.onward, [&](const Onward& onward) {
    keep_instead(onward, destinations.local);
    return onward.forwards;
  });
  for (Onward& onward : destinations.onward) onward.remote.clear();
  std::erase_if(destinations.onward, [](const Onward& onward) { return onward.local.empty(); });
  return !destinations.local.empty() || !destinations.onward.empty() || !destinations.remote.empty() ||
         destinations.governance;
}

/// What proves nothing lies in the Junk of members who asked for that, and does not go on for them.
void PodLetter::be_cautious(const std::string& from) {
  const auto directory = ports_.directory.state();
  const auto wants_it = [&](MemberId member) {
    const members::Person* person = directory->find(member);
    return person != nullptr && person->caution == members::Caution::unproved;
  };
  Destinations& destinations = envelope_.circumstances.destinations;
  std::erase_if(destinations.onward, [&](const Onward& onward) {
    if (!onward.forwards || !onward.submitter || !wants_it(*onward.submitter)) return false;
    keep_instead(onward, destinations.local);
    return true;
  });
  const auto add = [&](const std::vector<Destination>& copies) {
    for (const Destination& copy : copies) {
      if (wants_it(copy.member)) cautious_.insert(copy.member);
    }
  };
  add(destinations.local);
  for (const Onward& onward : destinations.onward) add(onward.local);
  caution_field_ =
      message::write_field(reason_field, "Nothing shows that this message comes from " + compared_domain(from) +
                                             ", and you asked to have such mail set aside (mailpod caution).");
}

}  // namespace mailpod::delivery
