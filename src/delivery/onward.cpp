#include "onward.hpp"

#include <algorithm>

#include <mailpod/store/vaults.hpp>

#include "groups.hpp"
#include "pod_letter.hpp"
#include "tls_required.hpp"

/// A letter's copies that go on under another envelope.
namespace mailpod::delivery {

void keep_instead(const Onward& onward, std::vector<Destination>& local) {
  if (!onward.instead) return;
  const auto is_theirs = [&](const Destination& copy) { return copy.member == onward.instead->member; };
  if (std::ranges::none_of(local, is_theirs)) local.push_back(*onward.instead);
}

Status PodLetter::prepare_onward(store::Delivery& delivery) {
  const Destinations& destinations = envelope_.circumstances.destinations;
  for (const auto& group : destinations.groups) {
    const Status judged = judge_posting(*group, scanner_.facts(), spool_);
    if (!judged) return judged;
  }
  going_on_.clear();
  for (const Onward& onward : destinations.onward) {
    const HeaderChanges changes = onward.changes(scanner_.facts());
    message::HeaderEdit edit = edit_;
    edit.remove.insert(edit.remove.end(), changes.remove.begin(), changes.remove.end());
    edit.prepend = changes.prepend + edit_.prepend;
    const auto return_path = message::write_return_path(onward.reverse_path);
    if (!return_path) return smtp::Errc::header_malformed;
    auto copies =
        FinalCopies::make(spool_, edit, {*return_path, message::write_received(envelope_.received)}, settings_.header);
    if (!copies) return copies.error();
    const Status prepared = prepare(delivery, *copies, {onward.local, onward.reverse_path});
    if (!prepared) return prepared;
    going_on_.push_back({&onward, std::move(*copies), std::nullopt});
  }
  return {};
}

void PodLetter::enqueue_onward() {
  for (auto& [onward, copies, id] : going_on_) {
    if (onward->remote.empty()) continue;
    std::vector<Destinations::Remote> recipients;
    for (const std::string& address : onward->remote) recipients.push_back({address, {}});
    // Another message from here on: what its author asked to hear, and how, is not asked of it. RFC 3461 §5.2.7.1.
    queue::Entry entry = entry_for(recipients);
    entry.expires = arrived_ + ports_.outbox->give_up_after;
    entry.submitter = onward->submitter;
    entry.reverse_path = onward->reverse_path;
    if (onward->author == Onward::Author::ours) entry.passed_on = false;
    entry.envelope_id.clear();
    entry.return_content = queue::Return::unspecified;
    entry.tls_optional = says_tls_required_no(copies.header());
    const std::string prefix = copies.outgoing_prefix();
    id = ports_.outbox->queue.put(std::move(entry), base::PrefixedSource(prefix, copies.body()));
  }
}

void PodLetter::take_out_onward() {
  for (const auto& one : going_on_) {
    if (one.entry) take_out(*one.entry);
  }
}

/// `arrivals` from `next` on are theirs, in the order in which they were prepared. Says what comes behind them.
std::size_t PodLetter::announce_onward(std::vector<store::Arrival>& arrivals, std::size_t next) {
  for (const auto& [onward, copies, id] : going_on_) {
    for (const Destination& destination : onward->local)
      ports_.vaults.announce(destination.member, std::move(arrivals.at(next++)));
    if (id) ports_.outbox->look_at(*id);
    ports_.log.info("delivery.onward id={} copies={} entry={} recipients={}", envelope_.id, onward->local.size(),
                    id ? id->str() : "-", onward->remote.size());
  }
  return next;
}

}  // namespace mailpod::delivery
