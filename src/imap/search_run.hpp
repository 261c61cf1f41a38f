#pragma once

#include <chrono>
#include <optional>

#include <boost/asio/awaitable.hpp>

#include "progress.hpp"
#include "search_answer.hpp"
#include "search_program.hpp"
#include "session.hpp"

namespace mailpod::imap {

/// How long a searching command keeps a thread of the pool before it looks whether it is still wanted.
inline constexpr std::chrono::milliseconds search_slice{50};

/// Looks for what the program asks in a view, which must not change meanwhile; in slices on the pool. Nothing if the
/// vault was closed: a message that it no longer read would count as one that is not found.
awaitable<std::optional<Found>> run_search(Session& session, const SearchProgram& program, const View& view,
                                           Progress& progress);

/// Puts the member's filters in their places, and says why no searching command can run this program now; nothing if it
/// can. SAVE then keeps nothing: RFC 5182 §2.1.
std::optional<Answer> why_not_search(Session& session, SearchProgram& program, const SearchReturn& returned);

/// `SEARCH completed`, and how much could not be read.
Answer search_completed(std::string_view command, const Found& found);

/// The limits that an admin set, and what the client enabled.
SearchLimits search_limits(const Dialect& dialect);

/// Calls work.next(time) on the pool until it says that nothing is left, and tells the client how far it is:
/// work.done(). False if the vault was closed meanwhile.
template <class Work>
awaitable<bool> run_in_slices(Session& session, Work& work, Progress& progress);

// ------------------------------------------------------------------------------------------------------------------

template <class Work>
awaitable<bool> run_in_slices(Session& session, Work& work, Progress& progress) {
  const auto open = session.open_vault();
  const auto slice = [&work] { return work.next(search_slice); };
  bool more = true;
  while (more) {
    if (session.vault_is_closed()) co_return false;
    more = co_await open->pool().run(slice);
    if (more) co_await progress.tell(work.done());
  }
  co_return !session.vault_is_closed();
}

}  // namespace mailpod::imap
