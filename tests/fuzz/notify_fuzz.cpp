// Any octets as what NOTIFY asks: what is accepted keeps the rules of RFC 5465, and nothing is too large.

#include <algorithm>
#include <cstdlib>

#include "../../src/imap/notify_request.hpp"

namespace {

using namespace mailpod;

void check(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  static const imap::Settings settings;
  const imap::Dialect dialect{settings};
  text::Cursor in({reinterpret_cast<const char*>(data), size});
  const auto request = imap::parse_notify(in, dialect);
  if (request.has_error()) return 0;
  check(request->groups.size() <= 100);
  check(std::ranges::count_if(request->groups, &imap::EventGroup::of_selected) <= 1);
  for (const auto& group : request->groups) {
    const bool arrivals = (group.events & imap::message_new) != 0;
    check(arrivals == ((group.events & imap::message_expunge) != 0));
    check(arrivals || (group.events & imap::flag_change) == 0);
    check(group.items.empty() || (group.of_selected() && arrivals));
    check(!group.of_selected() || (group.events & ~imap::message_events) == 0);
    const bool named = group.of == imap::EventGroup::Of::subtree || group.of == imap::EventGroup::Of::mailboxes;
    check(named == !group.names.empty());
  }
  return 0;
}
