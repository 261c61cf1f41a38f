#pragma once

#include "../command.hpp"

/// Each of these performs one command; `in` stands after its name. RFC 1939 unless its file says otherwise.
namespace mailpod::pop3::commands {

awaitable<Reply> auth(Session& session, text::Cursor in);
awaitable<Reply> capa(Session& session, text::Cursor in);
awaitable<Reply> dele(Session& session, text::Cursor in);
awaitable<Reply> list(Session& session, text::Cursor in);
awaitable<Reply> noop(Session& session, text::Cursor in);
awaitable<Reply> pass(Session& session, text::Cursor in);
awaitable<Reply> quit(Session& session, text::Cursor in);
awaitable<Reply> retr(Session& session, text::Cursor in);
awaitable<Reply> rset(Session& session, text::Cursor in);
awaitable<Reply> stat(Session& session, text::Cursor in);
awaitable<Reply> stls(Session& session, text::Cursor in);
awaitable<Reply> top(Session& session, text::Cursor in);
awaitable<Reply> uidl(Session& session, text::Cursor in);
awaitable<Reply> user(Session& session, text::Cursor in);

}  // namespace mailpod::pop3::commands
