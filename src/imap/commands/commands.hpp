#pragma once

#include "../command.hpp"

/// Each of these performs one command; `in` stands after its name. RFC 3501 §6 unless its file says otherwise.
namespace mailpod::imap::commands {

awaitable<Answer> append(Session& session, text::Cursor in);
awaitable<Answer> authenticate(Session& session, text::Cursor in);
awaitable<Answer> cancel_update(Session& session, text::Cursor in);
awaitable<Answer> capability(Session& session, text::Cursor in);
awaitable<Answer> check(Session& session, text::Cursor in);
awaitable<Answer> close(Session& session, text::Cursor in);
awaitable<Answer> compress(Session& session, text::Cursor in);
awaitable<Answer> copy(Session& session, text::Cursor in);
awaitable<Answer> create(Session& session, text::Cursor in);
awaitable<Answer> delete_acl(Session& session, text::Cursor in);
awaitable<Answer> delete_(Session& session, text::Cursor in);
awaitable<Answer> enable(Session& session, text::Cursor in);
awaitable<Answer> esearch(Session& session, text::Cursor in);
awaitable<Answer> examine(Session& session, text::Cursor in);
awaitable<Answer> expunge(Session& session, text::Cursor in);
awaitable<Answer> fetch(Session& session, text::Cursor in);
awaitable<Answer> get_acl(Session& session, text::Cursor in);
awaitable<Answer> get_metadata(Session& session, text::Cursor in);
awaitable<Answer> get_quota(Session& session, text::Cursor in);
awaitable<Answer> get_quota_root(Session& session, text::Cursor in);
awaitable<Answer> id(Session& session, text::Cursor in);
awaitable<Answer> idle(Session& session, text::Cursor in);
awaitable<Answer> language(Session& session, text::Cursor in);
awaitable<Answer> list(Session& session, text::Cursor in);
awaitable<Answer> list_rights(Session& session, text::Cursor in);
awaitable<Answer> login(Session& session, text::Cursor in);
awaitable<Answer> logout(Session& session, text::Cursor in);
awaitable<Answer> lsub(Session& session, text::Cursor in);
awaitable<Answer> move(Session& session, text::Cursor in);
awaitable<Answer> my_rights(Session& session, text::Cursor in);
awaitable<Answer> namespace_(Session& session, text::Cursor in);
awaitable<Answer> noop(Session& session, text::Cursor in);
awaitable<Answer> notify(Session& session, text::Cursor in);
awaitable<Answer> rename(Session& session, text::Cursor in);
awaitable<Answer> replace(Session& session, text::Cursor in);
awaitable<Answer> search(Session& session, text::Cursor in);
awaitable<Answer> select(Session& session, text::Cursor in);
awaitable<Answer> set_acl(Session& session, text::Cursor in);
awaitable<Answer> set_metadata(Session& session, text::Cursor in);
awaitable<Answer> set_quota(Session& session, text::Cursor in);
awaitable<Answer> sort(Session& session, text::Cursor in);
awaitable<Answer> starttls(Session& session, text::Cursor in);
awaitable<Answer> status(Session& session, text::Cursor in);
awaitable<Answer> store(Session& session, text::Cursor in);
awaitable<Answer> subscribe(Session& session, text::Cursor in);
awaitable<Answer> thread(Session& session, text::Cursor in);
awaitable<Answer> uid_copy(Session& session, text::Cursor in);
awaitable<Answer> uid_expunge(Session& session, text::Cursor in);
awaitable<Answer> uid_fetch(Session& session, text::Cursor in);
awaitable<Answer> uid_move(Session& session, text::Cursor in);
awaitable<Answer> uid_replace(Session& session, text::Cursor in);
awaitable<Answer> uid_search(Session& session, text::Cursor in);
awaitable<Answer> uid_sort(Session& session, text::Cursor in);
awaitable<Answer> uid_store(Session& session, text::Cursor in);
awaitable<Answer> uid_thread(Session& session, text::Cursor in);
awaitable<Answer> unauthenticate(Session& session, text::Cursor in);
awaitable<Answer> unselect(Session& session, text::Cursor in);
awaitable<Answer> unsubscribe(Session& session, text::Cursor in);

/// Whether the literal that comes next in an APPEND, or in a REPLACE, is of its message.
bool append_awaits_message(text::Cursor in, const Dialect& dialect);
bool replace_awaits_message(text::Cursor in, const Dialect& dialect);

}  // namespace mailpod::imap::commands
