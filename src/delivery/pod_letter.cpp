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

#include "exchange.hpp"
#include "report_prefix.hpp"
#include "tls_required.hpp"

namespace mailpod::delivery {

using boost::asio::awaitable;

namespace {

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
