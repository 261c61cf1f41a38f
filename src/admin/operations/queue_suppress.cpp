#include <algorithm>

#include <mailpod/queue/suppressions.hpp>
#include <mailpod/text/unicode.hpp>

#include "../arguments.hpp"
#include "../complaint_for.hpp"
#include "../operation.hpp"
#include "../person_json.hpp"

/// To whom nothing is sent, whoever writes. Each change is durable before it is answered, and counts at once.
namespace mailpod::admin {
namespace {

constexpr std::uint64_t most_hours = 87'600;  // ten years

governance::Complaint refusal(std::string subject, std::string what, std::string remedy) {
  return {governance::Errc::bad_value, std::move(subject), 0, std::move(what), std::move(remedy)};
}

governance::Complaint refused(const boost::system::error_code& error, const std::string& what) {
  if (error == queue::Errc::damaged || error == queue::Errc::unknown_version)
    return refusal("queue/suppressed", error.message() + "; nothing is suppressed",
                   "restore it from a backup, or remove it, and start Mailpod again");
  return complaint_for(error, what);
}

governance::Complaint no_address(const std::string& text) {
  return refusal(text, "this is neither an address nor a domain", "write one such as bob@example.org or example.org");
}

bool is_line(const std::string& text) {
  const auto controls = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 127; };
  return text::is_utf8(text) && std::ranges::none_of(text, controls);
}

std::optional<std::uint64_t> hours_in(const json& arguments) {
  const auto found = arguments.find("hours");
  if (found == arguments.end()) return std::nullopt;
  if (!found->is_number_unsigned()) throw BadRequest("the argument `hours` is no number");
  return found->get<std::uint64_t>();
}

json suppression_json(const queue::Suppression& one) {
  json out{{"what", one.what}, {"since", time_text(one.since)}, {"reason", one.reason}};
  if (one.until) out["until"] = time_text(*one.until);
  return out;
}

/// Whether one of its recipients was kept by `what`, and now is by nothing.
bool is_free_again(const queue::Entry& entry, const std::string& what, const queue::Suppressions& others,
                   base::Time now) {
  return !entry.held && std::ranges::any_of(entry.recipients, [&](const queue::Recipient& one) {
    return one.state == queue::RecipientState::pending && queue::covers(what, one.address) &&
           !others.find(one.address, now);
  });
}

}  // namespace

/// `what` is an address or a domain; for `hours` from now, or until it is taken back.
Answer queue_suppress(const Premises& premises, const json& arguments) {
  const auto& text = text_argument(arguments, "what");
  const auto what = queue::parse_suppressed(text);
  if (!what) return no_address(text);
  queue::Suppression wanted{*what, premises.clock.now(), {}, optional_text(arguments, "reason")};
  if (wanted.reason.size() > queue::Suppressions::longest_reason || !is_line(wanted.reason))
    return refusal(*what, "the reason is longer than 200 octets, or more than one line", "write a shorter one");
  if (const auto hours = hours_in(arguments)) {
    if (*hours == 0 || *hours > most_hours)
      return refusal(std::to_string(*hours), "it can last from 1 to 87600 hours",
                     "leave --hours out: then it lasts until `mailpod queue unsuppress`");
    wanted.until = wanted.since + std::chrono::hours(*hours);
  }
  const auto added = premises.queue.suppressions().add(wanted);
  if (!added.has_value()) return refused(added.error(), *what);
  return suppression_json(wanted);
}

/// What waited because of it is due at once.
Answer queue_unsuppress(const Premises& premises, const json& arguments) {
  const auto& text = text_argument(arguments, "what");
  const auto what = queue::parse_suppressed(text);
  if (!what) return no_address(text);
  const auto now = premises.clock.now();
  auto& suppressions = premises.queue.suppressions();
  const auto removed = suppressions.remove(*what, now);
  if (!removed.has_value()) return refused(removed.error(), *what);
  std::size_t due = 0;
  for (const auto& summary : premises.queue.list()) {
    const auto entry = premises.queue.show(summary.id);
    if (!entry.has_value() || !is_free_again(*entry, *what, suppressions, now)) continue;
    const auto try_now = [now](queue::Entry& known) { try_at_once(known, now); };
    if (!premises.queue.change(summary.id, try_now).has_value()) continue;
    if (premises.daemon != nullptr) premises.daemon->look_at(summary.id);
    ++due;
  }
  return json{{"what", *what}, {"due", due}};
}

Answer queue_suppressed(const Premises& premises, const json&) {
  const auto list = premises.queue.suppressions().list(premises.clock.now());
  if (!list.has_value()) return refused(list.error(), {});
  json out = json::array();
  for (const auto& one : *list) out.push_back(suppression_json(one));
  return json{{"suppressed", std::move(out)}};
}

}  // namespace mailpod::admin
