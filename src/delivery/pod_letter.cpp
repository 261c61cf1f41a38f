#include "pod_letter.hpp"

#include <algorithm>
#include <optional>
#include <system_error>

#include <mailpod/delivery/acquaintances.hpp>
#include <mailpod/delivery/brake.hpp>
#include <mailpod/net/pool.hpp>
#include <mailpod/queue/delivery_report.hpp>
#include <mailpod/store/vaults.hpp>
#include <mailpod/text/ascii.hpp>

#include <mailpod/delivery/quotas.hpp>
#include <mailpod/delivery/signed_mail.hpp>
#include "automatic.hpp"
#include "exchange.hpp"
#include "report_prefix.hpp"
#include "tls_required.hpp"

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

queue::Return return_for(smtp::MailParameters::Return content) {
  switch (content) {
    case smtp::MailParameters::Return::full:
      return queue::Return::full;
    case smtp::MailParameters::Return::headers:
      return queue::Return::headers;
    default:
      return queue::Return::unspecified;
  }
}

std::uint8_t notify_for(const smtp::RecipientParameters::Notify& notify) {
  using queue::Notify;
  const int bits = (notify.never ? Notify::never : 0) | (notify.success ? Notify::success : 0) |
                   (notify.failure ? Notify::failure : 0) | (notify.delay ? Notify::delay : 0);
  return static_cast<std::uint8_t>(bits);
}

}  // namespace

PodLetter::PodLetter(const PostOffice::Ports& ports, const PostOffice::Settings& settings, Envelope envelope)
    : ports_(ports),
      settings_(settings),
      envelope_(std::move(envelope)),
      spool_(ports.spool, {settings.memory, settings.message_size}) {
  if (!envelope_.examined) return;
  mailauth::DkimVerification::Settings dkim;
  dkim.header_octets = settings.header;
  dkim.least_rsa_bits = settings.authentication.least_rsa_bits;
  examination_.emplace(*envelope_.examined, dkim);
}

// Appending in memory never blocks; hopping to the pool for each block would cost more than it does.
bool PodLetter::fits_in_memory(std::size_t more) const {
  return spool_.in_memory() && spool_.size() + more <= settings_.memory && ports_.spool.budget.available() >= more;
}

awaitable<Status> PodLetter::write(std::string_view octets) {
  Status appended;
  if (fits_in_memory(octets.size())) {
    appended = spool_.append(octets);
  } else {
    const auto append = [&] { return spool_.append(octets); };
    appended = co_await ports_.pool.run(append);
  }
  if (!appended) co_return smtp::Errc::too_big;
  eight_bit_ = eight_bit_ || !text::is_ascii(octets);
  scanner_.feed(octets);
  if (examination_) examination_->update(octets);
  co_return Status{};
}

awaitable<Result<std::string>> PodLetter::accept() {
  const Status allowed = still_allowed();
  if (!allowed) co_return allowed.error();
  arrived_ = ports_.clock.now();
  auto structure = scanner_.finish();
  if (envelope_.circumstances.destinations.governance) structure_ = std::move(structure);
  const Status judged = judge(scanner_.facts(), envelope_.circumstances);
  if (!judged) co_return judged.error();
  const Status examined = co_await examine();
  if (!examined) co_return examined.error();
  const Status heard = co_await hear_signed_files();
  if (!heard) co_return heard.error();
  if (goes_nowhere()) co_return "heard as " + envelope_.id;

  const auto deliver_all = [this] { return deliver(); };
  auto taken = co_await ports_.pool.run(deliver_all);
  if (!taken) co_return taken.error();
  if (introduction_) note_outcome(*introduction_, judgement_, *ports_.acquaintances);
  remember_whom_it_is_to();
  std::string answer = report(*taken);
  announce(std::move(*taken));
  co_return answer;
}

/// Asked again and again: while the message is written, and while it is sealed for many, its sender's secret may be
/// revoked, or the sender suspended.
Status PodLetter::still_allowed() const {
  if (envelope_.login && !envelope_.login->stands()) return smtp::Errc::may_not_submit;
  return {};
}

/// Asks who sent it, and decides where it goes by that. Nobody is told that a message is theirs before this.
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

awaitable<Status> PodLetter::hear_signed_files() {
  if (!envelope_.circumstances.destinations.governance) co_return Status{};
  const auto take = [this] { return take_signed_files(); };
  const auto readers = co_await ports_.pool.run(take);
  if (!readers) co_return readers.error();
  if (ports_.quotas == nullptr || readers->empty()) co_return Status{};
  // Nobody knew before the message was here whether it is anybody's mail.
  auto considering = ports_.quotas->consider(*readers);
  const Status room = co_await std::move(considering);
  co_return room;
}

/// What brings signed files is judged, and kept nowhere; what brings none is mail for whoever has the role.
/// Whose vaults it goes to therefore.
Result<std::vector<MemberId>> PodLetter::take_signed_files() {
  Destinations& destinations = envelope_.circumstances.destinations;
  const auto mail = read_signed_mail(spool_, structure_);
  if (!mail.files.empty()) {
    ports_.log.info("governance.mail id={} files={}", envelope_.id, mail.files.size());
    ports_.chancery->take(mail, correspondent());
    return std::vector<MemberId>();
  }
  const Routes routes{ports_.directory, ports_.gate, ports_.clock, settings_.separator};
  const auto readers = members_for(routes, {std::string(governance_address), {}});
  if (!readers) return readers.error();
  for (const MemberId& reader : *readers) {
    const bool known = std::ranges::find(destinations.local, reader, &Destination::member) != destinations.local.end();
    if (!known) destinations.local.push_back({reader, destinations.governance->address});
  }
  return readers;
}

/// Whom an answer cannot surprise: who logged in, or whose domain says that it is them; and no machine. RFC 3834 §2.
std::optional<Chancery::Correspondent> PodLetter::correspondent() const {
  const auto& facts = scanner_.facts();
  if (envelope_.reverse_path.empty() || is_automatic(facts, spool_)) return std::nullopt;
  Chancery::Correspondent from;
  from.message_id = structure_.envelope.message_id.value_or("");
  if (envelope_.login) {
    from.member = envelope_.login->member;
    return from;
  }
  const auto& authors = facts.from_addresses.addresses;
  if (!author_shown_ || authors.size() != 1) return std::nullopt;
  // Who is one of us would have logged in.
  if (ports_.directory.state()->serves(authors.front().host)) return std::nullopt;
  from.address = authors.front().address();
  return from;
}

bool PodLetter::goes_nowhere() const {
  const Destinations& to = envelope_.circumstances.destinations;
  return to.governance && to.local.empty() && to.onward.empty() && to.remote.empty();
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

Result<FinalCopies> PodLetter::finish_header() {
  const message::Date now{arrived_, std::chrono::minutes(0)};
  edit_ = edit_for(envelope_.circumstances.role, settings_.host_name, message::write_date(now),
                   message::make_message_id(ports_.entropy, envelope_.message_id_domain));
  const auto return_path = message::write_return_path(envelope_.reverse_path);
  if (!return_path) return smtp::Errc::header_malformed;
  edit_.prepend = examined_;
  envelope_.received.date = now;
  return FinalCopies::make(spool_, edit_, {*return_path, message::write_received(envelope_.received)},
                           settings_.header);
}

/// Until the last step nothing is visible, and that one cannot be undone: so it is the vaults' renames, and the queue,
/// from which an entry can be taken out again, comes before.
Result<PodLetter::Taken> PodLetter::deliver() {
  try {
    auto copies = finish_header();
    if (!copies) return copies.error();
    store::Delivery delivery({ports_.disk, ports_.clock, ports_.entropy, ports_.pod_key});
    const Readers readers{envelope_.circumstances.destinations.local, envelope_.reverse_path};
    const Status prepared = prepare(delivery, *copies, readers);
    if (!prepared) return prepared.error();
    const Status going_on = prepare_onward(delivery);
    if (!going_on) return going_on.error();
    const Status reported = prepare_report(delivery, *copies);
    if (!reported) return reported.error();
    const Status allowed = still_allowed();
    if (!allowed) return allowed.error();
    Taken taken;
    if (!envelope_.circumstances.destinations.remote.empty()) taken.entry = enqueue(*copies);
    try {
      enqueue_onward();
      taken.arrivals = delivery.commit();
    } catch (...) {
      if (taken.entry) take_out(*taken.entry);
      take_out_onward();
      throw;
    }
    return taken;
  } catch (const std::system_error& failure) {
    // The session answers 451 or 452; who runs the pod must know as well.
    ports_.log.error("delivery.failed id={} reason={}", envelope_.id, failure.code().message());
    throw;
  }
}

Status PodLetter::prepare(store::Delivery& delivery, FinalCopies& copies, const Readers& readers) {
  for (const Destination& destination : readers.local) {
    const Status allowed = still_allowed();
    if (!allowed) return allowed.error();
    const std::string folder = base::join(settings_.members, destination.member.str());
    const auto card = store::read_card(ports_.disk, folder, destination.member, ports_.pod_key.public_key());
    const auto delivered_to = message::write_delivered_to(destination.address);
    if (!card || !delivered_to) {
      ports_.log.error("delivery.no_card member={}", destination.member.str());
      return smtp::Errc::storage_failed;
    }
    // A copy in Junk says why.
    const bool is_set_aside = target_mailbox_.empty() && cautious_.contains(destination.member);
    const FinalCopies::Copy copy = copies.copy_for(is_set_aside ? *delivered_to + caution_field_ : *delivered_to);
    const base::PrefixedSource octets(copy.prefix, copies.body());
    const store::Draft draft{octets,
                             copy.structure,
                             readers.reverse_path,
                             destination.address,
                             arrived_,
                             is_set_aside ? std::string("Junk") : target_mailbox_,
                             0,
                             examined_};
    const Status prepared = delivery.prepare(folder, *card, draft);
    if (!prepared) return smtp::Errc::too_big;
  }
  return {};
}

/// Becomes visible together with the copies that it tells of. RFC 3461 §5.2: never on a null reverse path.
Status PodLetter::prepare_report(store::Delivery& delivery, const FinalCopies& copies) {
  const auto& reported = envelope_.circumstances.destinations.reported;
  if (reported.empty() || !envelope_.login || envelope_.reverse_path.empty()) return {};
  queue::Entry entry = entry_for(reported);
  entry.id.bytes = ports_.entropy.bytes<16>();
  for (queue::Recipient& recipient : entry.recipients) recipient.state = queue::RecipientState::delivered;

  const MemberId member = envelope_.login->member;
  const std::string report =
      queue::write_delivery_report(entry, copies.header(), settings_.host_name, arrived_, ports_.entropy);
  const auto prefix = report_prefix({envelope_.reverse_path, settings_.host_name, envelope_.id, arrived_});
  const std::string folder = base::join(settings_.members, member.str());
  const auto card = store::read_card(ports_.disk, folder, member, ports_.pod_key.public_key());
  if (!card || !prefix) {
    ports_.log.error("delivery.no_card member={}", member.str());
    return smtp::Errc::storage_failed;
  }
  const base::MemorySource body(report);
  const base::PrefixedSource octets(*prefix, body);
  const store::Draft draft{octets, message::scan(octets), "", envelope_.reverse_path, arrived_, "", 0, ""};
  const Status prepared = delivery.prepare(folder, *card, draft);
  if (!prepared) return smtp::Errc::too_big;
  return {};
}

/// What the queue keeps of the envelope, or would.
queue::Entry PodLetter::entry_for(const std::vector<Destinations::Remote>& recipients) const {
  queue::Entry entry;
  entry.arrival = arrived_;
  entry.next_try = std::chrono::floor<std::chrono::seconds>(arrived_);
  if (envelope_.login) entry.submitter = envelope_.login->member;
  entry.passed_on = !envelope_.login;
  entry.reverse_path = envelope_.reverse_path;
  // Many clients say SMTPUTF8 of whatever they send; what is ASCII throughout goes to servers without it too.
  const auto beyond_ascii = [](const Destinations::Remote& recipient) {
    return !text::is_ascii(recipient.address) || !text::is_ascii(recipient.parameters.original_recipient);
  };
  entry.smtp_utf8 = envelope_.parameters.smtp_utf8 && (eight_bit_ || !text::is_ascii(envelope_.reverse_path) ||
                                                       std::ranges::any_of(recipients, beyond_ascii));
  entry.require_tls = envelope_.parameters.require_tls;
  entry.envelope_id = envelope_.parameters.envelope_id;
  entry.return_content = return_for(envelope_.parameters.return_content);
  entry.body = eight_bit_ || envelope_.parameters.eight_bit ? queue::Body::eight_bit : queue::Body::seven_bit;
  for (const auto& [address, parameters] : recipients) {
    queue::Recipient recipient;
    recipient.address = address;
    recipient.original_recipient = parameters.original_recipient;
    recipient.notify = notify_for(parameters.notify);
    entry.recipients.push_back(std::move(recipient));
  }
  return entry;
}

queue::EntryId PodLetter::enqueue(const FinalCopies& copies) {
  queue::Entry entry = entry_for(envelope_.circumstances.destinations.remote);
  entry.expires = arrived_ + ports_.outbox->give_up_after;
  if (entry.submitter && ports_.outbox->brake != nullptr)
    entry.held = entry.braked = ports_.outbox->brake->holds(*entry.submitter, entry.recipients.size());
  entry.tls_optional = says_tls_required_no(copies.header());
  const std::string prefix = copies.outgoing_prefix();
  return ports_.outbox->queue.put(std::move(entry), base::PrefixedSource(prefix, copies.body()));
}

/// The message was refused, so it must not be sent either.
void PodLetter::take_out(const queue::EntryId& entry) {
  try {
    if (ports_.outbox->queue.drop(entry)) return;
  } catch (const std::system_error&) {
  }
  ports_.log.error("delivery.refused_but_queued id={} entry={}", envelope_.id, entry.str());
}

void PodLetter::announce(Taken taken) {
  const auto& local = envelope_.circumstances.destinations.local;
  for (std::size_t i = 0; i < local.size(); ++i) {
    ports_.vaults.announce(local[i].member, std::move(taken.arrivals[i]));
  }
  for (std::size_t i = announce_onward(taken.arrivals, local.size()); i < taken.arrivals.size(); ++i) {
    ports_.vaults.announce(envelope_.login->member, std::move(taken.arrivals[i]));
  }
  if (taken.entry) ports_.outbox->look_at(*taken.entry);
}

/// For the log, and what the client is told.
std::string PodLetter::report(const Taken& taken) const {
  const auto& local = envelope_.circumstances.destinations.local;
  const auto& remote = envelope_.circumstances.destinations.remote;
  if (!local.empty())
    ports_.log.info("delivery.delivered id={} copies={} octets={}", envelope_.id, local.size(), spool_.size());
  if (!taken.entry) return "delivered as " + envelope_.id;
  ports_.log.info("delivery.queued id={} entry={} recipients={} octets={}", envelope_.id, taken.entry->str(),
                  remote.size(), spool_.size());
  return "queued as " + taken.entry->str();
}

}  // namespace mailpod::delivery
