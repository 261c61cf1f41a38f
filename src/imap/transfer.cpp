#include "transfer.hpp"

#include "grammar.hpp"
#include "response.hpp"

namespace mailpod::imap {

template <Numbers by>
text::Parsed<Transfer> parse_transfer(text::Cursor& in, const Dialect& dialect) {
  if (!in.take_space()) return in.error("SP and a sequence set");
  auto set = parse_sequence_set(in, dialect.settings.set_ranges);
  if (set.has_error()) return set.error();
  if (!in.take_space()) return in.error("SP and a mailbox name");
  auto mailbox = parse_mailbox(in, dialect);
  if (mailbox.has_error()) return mailbox.error();
  return Transfer{std::move(*set), by, std::move(*mailbox)};
}
template text::Parsed<Transfer> parse_transfer<Numbers::sequence>(text::Cursor&, const Dialect&);
template text::Parsed<Transfer> parse_transfer<Numbers::uid>(text::Cursor&, const Dialect&);

TransferPlan plan(Session& session, const Transfer& transfer) {
  TransferPlan plan{{}, {}, std::nullopt};
  const auto& view = session.selected().view;
  const auto numbers = view.numbers_in(transfer.set, transfer.by);
  const auto to = session.vault().state()->find(transfer.mailbox);
  if (!numbers) {
    plan.refusal = bad("No such message number");
  } else if (!to || !to->selectable) {
    plan.refusal = no("[TRYCREATE] No such mailbox");
  } else if (view.any_ghost_in(*numbers)) {
    // All or none: RFC 3501 §6.4.7, RFC 2180 §4.4.
    plan.refusal = no("[EXPUNGEISSUED] Some of the messages no longer exist");
  } else {
    plan.uids = view.uids_at(*numbers);
    plan.to = to->id;
    if (plan.uids.empty()) plan.refusal = ok("No messages to take");
  }
  return plan;
}

std::string copy_uid_code(const store::Vault::Copied& copied) {
  std::vector<store::Uid> from;
  std::vector<store::Uid> to;
  for (const auto& [source, destination] : copied.uids) {
    from.push_back(source);
    to.push_back(destination);
  }
  std::string code = "COPYUID ";
  write_number(code, copied.uid_validity.value);
  code += ' ';
  write_uid_set(code, from);
  code += ' ';
  write_uid_set(code, to);
  return code;
}

}  // namespace mailpod::imap
