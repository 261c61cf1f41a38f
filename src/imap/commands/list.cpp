#include "../annotation.hpp"
#include "../list_names.hpp"
#include "../listing.hpp"
#include "../response.hpp"
#include "../rights.hpp"
#include "commands.hpp"

// RFC 3501 §6.3.8, RFC 5258 §3, RFC 9051 §6.3.9, with the attributes of RFC 3348 and RFC 6154.
namespace mailpod::imap::commands {
namespace {

std::string attributes_of(const store::VaultState& vault, const ListedName& listed, const ListRequest& list) {
  std::string attributes =
      listed.mailbox
          ? imap::attributes_of(vault, *listed.mailbox)
          : std::string("\\NonExistent ") + (has_children(vault, listed.name) ? "\\HasChildren" : "\\HasNoChildren");
  if (listed.subscribed && (list.selection.subscribed || list.returned.subscribed)) attributes += " \\Subscribed";
  return attributes;
}

/// Which of the selection options a name below satisfies. RFC 5258 §3.5.
std::string_view child_info(const ListedName& listed, const ListRequest::Selection& selection) {
  if (!listed.selected_below) return {};
  if (!selection.special_use) return R"(("CHILDINFO" ("SUBSCRIBED")))";
  if (!selection.subscribed) return R"(("CHILDINFO" ("SPECIAL-USE")))";
  return R"(("CHILDINFO" ("SUBSCRIBED" "SPECIAL-USE")))";
}

/// What follows the LIST response of a mailbox that was selected, and is one: RFC 5819 §2, RFC 8440 §3, RFC 9590 §3.
awaitable<Status> tell_more(Session& session, const store::MailboxState& mailbox, const ListRequest::Return& returned) {
  auto& out = session.out().text();
  if (returned.my_rights) {
    out += "* MYRIGHTS ";
    write_mailbox(out, mailbox.name, session.dialect());
    out += ' ';
    out += owners_rights;
    out += "\r\n";
  }
  if (!returned.metadata.empty()) {
    const auto annotations = told_annotations(&mailbox);
    write_metadata(out, mailbox.name, returned.metadata, annotations.get(), session.dialect());
  }
  if (returned.status.empty() || !mailbox.selectable) co_return Status{};
  auto writing = write_status(session, mailbox, returned.status);
  co_return co_await std::move(writing);
}

awaitable<Answer> run(Session& session, const ListRequest& list) {
  auto& out = session.out();
  if (!list.extended && list.patterns.front().empty()) {
    // Asks for the delimiter and the root of the reference.
    write_list_response(out.text(), "LIST", {"\\Noselect", ""}, session.dialect());
    co_return ok("LIST completed");
  }
  const auto vault = session.vault().state();
  auto looking = names_for(list, vault, out);
  const auto names = co_await std::move(looking);
  for (const auto& listed : names) {
    const auto attributes = attributes_of(*vault, listed, list);
    const ListResponse response{attributes, listed.name, child_info(listed, list.selection)};
    write_list_response(out.text(), "LIST", response, session.dialect());
    if (listed.mailbox && listed.selected) {
      auto telling = tell_more(session, *listed.mailbox, list.returned);
      const auto told = co_await std::move(telling);
      if (told.has_error()) co_return session.answer_for(told.error());
    }
    co_await out.flush_if_large();
  }
  co_return ok("LIST completed");
}

}  // namespace

awaitable<Answer> list(Session& session, text::Cursor in) {
  return parse_and_run<ListRequest>(session, in, parse_list_request, run);
}

}  // namespace mailpod::imap::commands
