#include "command.hpp"

#include <algorithm>

#include <mailpod/text/ascii.hpp>

#include "commands/commands.hpp"
#include "grammar.hpp"

namespace mailpod::imap {
namespace {

using enum Expunges;
using enum States;

/// RFC 3501 §6 in its order, then the extensions.
constexpr CommandRow rows[] = {
    {"CAPABILITY", any, announced, commands::capability},
    {"NOOP", any, announced, commands::noop},
    {"LOGOUT", any, held_back, commands::logout},
    {"STARTTLS", not_authenticated, held_back, commands::starttls},
    {"AUTHENTICATE", not_authenticated, held_back, commands::authenticate},
    {"LOGIN", not_authenticated, held_back, commands::login},
    {"SELECT", authenticated_or_selected, announced, commands::select},
    {"EXAMINE", authenticated_or_selected, announced, commands::examine},
    {"CREATE", authenticated_or_selected, announced, commands::create},
    {"DELETE", authenticated_or_selected, announced, commands::delete_},
    {"RENAME", authenticated_or_selected, announced, commands::rename},
    {"SUBSCRIBE", authenticated_or_selected, announced, commands::subscribe},
    {"UNSUBSCRIBE", authenticated_or_selected, announced, commands::unsubscribe},
    {"LIST", authenticated_or_selected, announced, commands::list},
    {"LSUB", authenticated_or_selected, announced, commands::lsub},
    {"STATUS", authenticated_or_selected, announced, commands::status},
    {"APPEND", authenticated_or_selected, announced, commands::append, commands::append_awaits_message},
    {"CHECK", selected, announced, commands::check},
    {"CLOSE", selected, announced, commands::close},
    {"EXPUNGE", selected, announced, commands::expunge},
    {"SEARCH", selected, held_back, commands::search},
    {"FETCH", selected, held_back, commands::fetch},
    {"STORE", selected, held_back, commands::store},
    {"COPY", selected, announced, commands::copy},
    {"UID SEARCH", selected, announced, commands::uid_search},
    {"UID FETCH", selected, announced, commands::uid_fetch},
    {"UID STORE", selected, announced, commands::uid_store},
    {"UID COPY", selected, announced, commands::uid_copy},
    {"IDLE", authenticated_or_selected, announced, commands::idle},             // RFC 2177
    {"NAMESPACE", authenticated_or_selected, announced, commands::namespace_},  // RFC 2342
    {"ID", any, announced, commands::id},                                       // RFC 2971
    {"UNSELECT", selected, announced, commands::unselect},                      // RFC 3691
    {"SETACL", authenticated_or_selected, announced, commands::set_acl},        // RFC 4314
    {"DELETEACL", authenticated_or_selected, announced, commands::delete_acl},
    {"GETACL", authenticated_or_selected, announced, commands::get_acl},
    {"LISTRIGHTS", authenticated_or_selected, announced, commands::list_rights},
    {"MYRIGHTS", authenticated_or_selected, announced, commands::my_rights},
    {"UID EXPUNGE", selected, announced, commands::uid_expunge},                    // RFC 4315
    {"COMPRESS", authenticated_or_selected, announced, commands::compress},         // RFC 4978
    {"ENABLE", authenticated_or_selected, announced, commands::enable},             // RFC 5161
    {"LANGUAGE", any, announced, commands::language},                               // RFC 5255
    {"GETMETADATA", authenticated_or_selected, announced, commands::get_metadata},  // RFC 5464
    {"SETMETADATA", authenticated_or_selected, announced, commands::set_metadata},
    {"CANCELUPDATE", selected, announced, commands::cancel_update},  // RFC 5267
    {"SORT", selected, held_back, commands::sort},                   // RFC 5256
    {"UID SORT", selected, announced, commands::uid_sort},
    {"THREAD", selected, held_back, commands::thread},
    {"UID THREAD", selected, announced, commands::uid_thread},
    {"NOTIFY", authenticated_or_selected, announced, commands::notify},  // RFC 5465
    {"MOVE", selected, announced, commands::move},                       // RFC 6851
    {"UID MOVE", selected, announced, commands::uid_move},
    {"ESEARCH", authenticated_or_selected, announced, commands::esearch},                   // RFC 7377
    {"REPLACE", selected, announced, commands::replace, commands::replace_awaits_message},  // RFC 8508
    {"UID REPLACE", selected, announced, commands::uid_replace, commands::replace_awaits_message},
    {"UNAUTHENTICATE", authenticated_or_selected, held_back, commands::unauthenticate},  // RFC 8437
    {"GETQUOTA", authenticated_or_selected, announced, commands::get_quota},             // RFC 9208
    {"GETQUOTAROOT", authenticated_or_selected, announced, commands::get_quota_root},
    {"SETQUOTA", authenticated_or_selected, announced, commands::set_quota},
};

}  // namespace

text::Parsed<NoArguments> parse_no_arguments(text::Cursor&, const Dialect&) {
  return NoArguments{};
}

bool uses_message_numbers(const CommandRow& row) {
  constexpr std::string_view names[] = {"SEARCH", "FETCH", "STORE", "COPY", "MOVE", "REPLACE", "SORT", "THREAD"};
  return std::ranges::find(names, row.name) != std::end(names);
}

const CommandRow* find_command(std::string_view name) {
  const auto* found =
      std::ranges::find_if(rows, [&](const CommandRow& row) { return text::equal_fold(row.name, name); });
  return found == std::end(rows) ? nullptr : found;
}

std::string take_command_name(text::Cursor& in) {
  std::string name(in.take_while(octets::atom_char));
  if (text::equal_fold(name, "UID")) {
    auto next = in;
    if (next.take_space()) {
      name += ' ';
      name += next.take_while(octets::atom_char);
      in = next;
    }
  }
  return name;
}

}  // namespace mailpod::imap
