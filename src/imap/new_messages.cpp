#include "new_messages.hpp"

#include <algorithm>
#include <utility>

#include "fetch_reading.hpp"

namespace mailpod::imap {

awaitable<void> show_new_messages(Session& session, const std::vector<FetchItem>& items, NumberRanges numbers) {
  if (items.empty() || numbers.empty()) co_return;
  const auto& view = session.selected().view;
  Need need = Need::state;
  for (const auto& item : items) need = std::max(need, item.row->need);
  FetchReading::Budget budget;
  budget.octets = need == Need::octets ? session.settings().read_slice : session.settings().output;
  FetchReading reading({items, need, session.enabled()}, view, std::move(numbers), session.vault(),
                       session.ports().clock, budget);
  const auto open = session.open_vault();
  auto& out = session.out();
  bool more = true;
  while (more) {
    if (session.vault_is_closed()) {
      // As in FETCH: within a literal nothing can be said.
      if (reading.is_within_message()) throw std::system_error(std::make_error_code(std::errc::operation_canceled));
      co_return;
    }
    const auto read = [&] { return reading.next(out.text()); };
    more = co_await open->pool().run(read);
    co_await out.flush_if_large();
  }
}

}  // namespace mailpod::imap
