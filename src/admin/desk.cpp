#include <mailpod/admin/audit_trail.hpp>
#include <mailpod/admin/desk.hpp>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <system_error>

#include "arguments.hpp"
#include "operation.hpp"
#include "reply.hpp"

namespace mailpod::admin {
namespace {

Premises for_members(Premises premises) {
  premises.asker = Asker::member;
  return premises;
}

const Operation& asked_for(const Premises& premises, const json& request) {
  if (!request.is_object()) throw BadRequest("this is no object");
  const auto* row = find_operation(text_argument(request, "operation"));
  const bool is_for_them = row != nullptr && (premises.asker == Asker::admin || row->asked != Asked::by_admin);
  if (!is_for_them) throw BadRequest("there is no operation of this name");
  return *row;
}

/// As errno has it.
int number_of(const std::error_code& code) {
  const bool is_errno = code.category() == std::generic_category() || code.category() == std::system_category();
  return is_errno ? code.value() : EIO;
}

template <class Work>
json answered(json& request, const Work& work) {
  json reply;
  try {
    reply = work();
  } catch (const BadRequest& bad) {
    reply = refusal(std::string("the request cannot be understood: ") + bad.what(),
                    "use the `mailpod` command of the daemon's own version");
  } catch (const std::system_error& failure) {
    reply = refusal(failure.what(), "mend what the machine reports (space, permissions), then try again");
    reply["machine"] = number_of(failure.code());
  } catch (const std::exception& failure) {
    // Nobody meant it to happen; whoever waits is told all the same, and the secrets are wiped.
    reply = refusal(failure.what(), "`mailpod check` may say more");
  }
  wipe_secrets(request);
  return reply;
}

}  // namespace

Desk::Desk(const Premises& premises) : premises_(premises), members_premises_(for_members(premises)) {}

json Desk::answer(const Premises& premises, const json& request, std::string_view by) {
  const auto& row = asked_for(premises, request);
  const auto arguments = request.value("arguments", json::object());
  if (!arguments.is_object()) throw BadRequest("`arguments` is no object");
  // Who waits for an errand keeps nobody else waiting.
  const auto turn =
      row.asked == Asked::by_errand ? std::unique_lock<std::mutex>() : std::unique_lock<std::mutex>(one_at_a_time_);
  const Trail trail(*premises.directory.state(), request, by);
  auto given = row.run(premises, arguments);
  const auto event = trail.event(given.refusal ? std::optional(given.refusal->code) : std::nullopt);
  if (event && premises.audit != nullptr) premises.audit->write(*event);
  if (!given.refusal) return {{"answer", std::move(given.value)}};
  return reply_of(*given.refusal);
}

void Desk::tend() {
  // Whoever stands there is served first: this comes again.
  const std::unique_lock turn(one_at_a_time_, std::try_to_lock);
  if (!turn || premises_.time == nullptr) return;
  const auto time = premises_.time->now();
  const auto roster = premises_.registry.gate().roster();
  // Where nobody waits by it, no record is written that an older Mailpod could not read.
  if (roster->charters().at(time).members.join == governance::Charter::Join::vouches) premises_.time->remember();
  premises_.admissions.settle(time);
  deliver_texts(premises_);
}

json Desk::serve(json& request, std::string_view by) {
  return answered(request, [&] { return answer(premises_, request, by); });
}

json Desk::serve_member(json& request) {
  return answered(request, [&] { return answer(members_premises_, request, "member"); });
}

}  // namespace mailpod::admin
