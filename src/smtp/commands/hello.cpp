#include <algorithm>

#include <mailpod/text/ascii.hpp>
#include <mailpod/text/cursor.hpp>

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

}  // namespace

// RFC 5321 §4.1.1.1; the keywords in the order of their RFCs.
awaitable<Reply> run_ehlo(Session& session, std::string_view arguments) {
  if (!is_acceptable_name(arguments)) co_return refuse_name(session);
  session.greet(arguments, true);

  Reply reply(250, "", session.settings.host_name);
  reply.add("PIPELINING");                                                          // RFC 2920
  reply.add("SIZE " + std::to_string(session.settings.message_size));               // RFC 1870
  reply.add("8BITMIME");                                                            // RFC 6152
  if (session.offers_dsn()) reply.add("DSN");                                       // RFC 3461
  if (session.offers_starttls()) reply.add("STARTTLS");                             // RFC 3207
  if (session.offers_auth() && !session.peer.login) reply.add("AUTH PLAIN LOGIN");  // RFC 4954
  reply.add("ENHANCEDSTATUSCODES");                                                 // RFC 2034
  reply.add("HELP");
  co_return reply;
}

awaitable<Reply> run_helo(Session& session, std::string_view arguments) {
  if (!is_acceptable_name(arguments)) co_return refuse_name(session);
  session.greet(arguments, false);
  co_return Reply(250, "", session.settings.host_name);
}

}  // namespace mailpod::smtp
