#include <mailpod/delivery/federation.hpp>

#include <algorithm>
#include <exception>
#include <system_error>

#include <mailpod/governance/roster.hpp>
#include <mailpod/members/directory.hpp>

#include "exchange.hpp"

namespace mailpod::delivery {

std::optional<std::string> Federation::refusal(std::string_view address) const {
  const auto at = address.rfind('@');
  if (at == std::string_view::npos) return std::nullopt;
  const Exchange exchange{ports_.gate.roster(), ports_.directory.state(), ports_.clock.now()};
  if (exchange.is_open()) return std::nullopt;
  const auto refusal = refusal_out(exchange, address.substr(0, at), address.substr(at + 1));
  if (!refusal) return std::nullopt;
  return "550 5.7.1 " + refusal->words;
}

Federation::Version Federation::version() const {
  const auto roster = ports_.gate.roster();
  return {roster->charters().at(ports_.clock.now()).seq, roster->federation_acts()};
}

bool Federation::is_to_be_stopped(const queue::Entry& entry) const {
  return !entry.held && std::ranges::any_of(entry.recipients, [&](const queue::Recipient& recipient) {
    return recipient.state == queue::RecipientState::pending && refusal(recipient.address);
  });
}

std::size_t Federation::stop_what_waits(queue::Spool& queue,
                                        const std::function<void(const queue::EntryId&)>& look_at) const {
  const Exchange exchange{ports_.gate.roster(), ports_.directory.state(), ports_.clock.now()};
  if (exchange.is_open()) return 0;
  std::size_t stopped = 0;
  std::exception_ptr failure;
  const auto stop = [&](const queue::EntryId& id) {
    const auto entry = queue.show(id);
    if (!entry || !is_to_be_stopped(*entry)) return;
    const auto now = ports_.clock.now();
    const Status changed = queue.change(id, [now](queue::Entry& known) { try_at_once(known, now); });
    if (!changed) return;
    look_at(id);
    ++stopped;
  };
  for (const queue::Summary& summary : queue.list()) {
    try {
      stop(summary.id);
    } catch (const std::system_error&) {
      // One that cannot be read keeps no other.
      failure = std::current_exception();
    }
  }
  if (stopped > 0) ports_.log.info("federation.stopped entries={}", stopped);
  if (failure) std::rethrow_exception(failure);
  return stopped;
}

}  // namespace mailpod::delivery
