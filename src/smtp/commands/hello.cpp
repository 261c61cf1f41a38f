#include <algorithm>

#include <mailpod/text/ascii.hpp>
#include <mailpod/text/cursor.hpp>

#include "../auth_exchange.hpp"
#include "../commands.hpp"

namespace mailpod::smtp {

namespace {

constexpr std::size_t longest_name = 255;  // RFC 5321 §4.5.3.1.2

// RFC 5321 §4.1.4 forbids refusing a client because its name is untrue. Many a name is not even a domain (Windows
// machine names with underscores, bare IP addresses), so any printable word will do.
bool is_acceptable_name(std::string_view name) {
  const auto printable = [](char octet) { return text::octets::vchar.contains(octet); };
  return !name.empty() && name.size() <= longest_name && std::ranges::all_of(name, printable);
}

Reply refuse_name(Session& session) {
  ++session.patience.errors;
  return {501, "5.5.4", "give your domain or address literal"};
}

Reply wrong_protocol(Session& session, std::string text) {
  ++session.patience.errors;
  return {500, "5.5.1", std::move(text)};
}

// RFC 9422 §4: what a client need not find out by being refused.
std::string limits(const Settings& settings) {
  return "LIMITS MAILMAX=" + std::to_string(settings.messages) + " RCPTMAX=" + std::to_string(settings.recipients);
}

// The keywords in the order of their RFCs.
Reply offer(Session& session, std::string_view name) {
  if (!is_acceptable_name(name)) return refuse_name(session);
  session.greet(name, true);

  Reply reply(250, "", session.settings.host_name);
  reply.add("PIPELINING");                                             // RFC 2920
  reply.add("SIZE " + std::to_string(session.settings.message_size));  // RFC 1870
  reply.add("8BITMIME");                                               // RFC 6152
  if (session.offers_dsn()) reply.add("DSN");                          // RFC 3461
  if (session.offers_starttls()) reply.add("STARTTLS");                // RFC 3207
  if (session.offers_auth() && !session.peer.login) {
    reply.add("AUTH " + offered_mechanisms(session));  // RFC 4954
  }
  if (session.offers_require_tls()) reply.add("REQUIRETLS");               // RFC 8689
  reply.add("CHUNKING");                                                   // RFC 3030
  reply.add("SMTPUTF8");                                                   // RFC 6531
  if (session.offers_xclient()) reply.add("XCLIENT NAME ADDR PORT HELO");  // Postfix's XCLIENT_README
  reply.add(limits(session.settings));                                     // RFC 9422
  reply.add("ENHANCEDSTATUSCODES");                                        // RFC 2034
  reply.add("HELP");
  return reply;
}

}  // namespace

// RFC 5321 §4.1.1.1
awaitable<Reply> run_ehlo(Session& session, std::string_view arguments) {
  if (session.is_lmtp()) co_return wrong_protocol(session, "this is LMTP: say LHLO");
  co_return offer(session, arguments);
}

// RFC 2033 §4.1
awaitable<Reply> run_lhlo(Session& session, std::string_view arguments) {
  if (!session.is_lmtp()) co_return wrong_protocol(session, "this is SMTP: say EHLO");
  co_return offer(session, arguments);
}

awaitable<Reply> run_helo(Session& session, std::string_view arguments) {
  if (session.is_lmtp()) co_return wrong_protocol(session, "this is LMTP: say LHLO");
  if (!is_acceptable_name(arguments)) co_return refuse_name(session);
  session.greet(arguments, false);
  co_return Reply(250, "", session.settings.host_name);
}

}  // namespace mailpod::smtp
