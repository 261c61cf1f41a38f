#include <algorithm>
#include <iterator>
#include <span>

#include "../grammar.hpp"
#include "../response.hpp"
#include "commands.hpp"

// RFC 3501 §6.4.6, with UNCHANGEDSINCE of RFC 7162 §3.1.3. There is one mod-sequence a message, and the store does not
// know which flag it was that changed after UNCHANGEDSINCE: whatever it was, the message is left alone.
namespace mailpod::imap::commands {
namespace {

using How = store::FlagChange::How;

struct Store {
  enum class Told { answered, silent };
  SequenceSet set;
  Numbers by;
  store::FlagChange change;
  Told told = Told::answered;
  std::optional<store::ModSeq> unchanged_since{};  ///< RFC 7162 §3.1.3
};

/// `(UNCHANGEDSINCE 12121230045) `
text::Parsed<store::ModSeq> parse_unchanged_since(text::Cursor& in) {
  if (!in.take_word("UNCHANGEDSINCE") || !in.take_space()) return in.error("UNCHANGEDSINCE and a mod-sequence");
  const auto since = parse_mod_seq(in);
  if (since.has_error()) return since.error();
  if (!in.take(')') || !in.take_space()) return in.error("')', SP and FLAGS");
  return *since;
}

/// `+FLAGS.SILENT (\Deleted)`
template <Numbers by>
text::Parsed<Store> parse(text::Cursor& in, const Dialect& dialect) {
  if (!in.take_space()) return in.error("SP and a sequence set");
  auto set = parse_sequence_set(in, dialect.settings.set_ranges);
  if (set.has_error()) return set.error();
  Store store{std::move(*set), by, {}, Store::Told::answered};
  if (!in.take_space()) return in.error("SP and FLAGS");
  if (in.take('(')) {
    const auto since = parse_unchanged_since(in);
    if (since.has_error()) return since.error();
    store.unchanged_since = *since;
  }
  store.change.how = in.take('+') ? How::add : in.take('-') ? How::remove : How::replace;
  if (!in.take("FLAGS")) return in.error("FLAGS, +FLAGS or -FLAGS");
  if (in.take(".SILENT")) store.told = Store::Told::silent;
  if (!in.take_space()) return in.error("SP and flags");
  auto flags = parse_store_flags(in);
  if (flags.has_error()) return flags.error();
  store.change.system = flags->system;
  store.change.keywords = std::move(flags->keywords);
  return store;
}

/// Tells what became of the messages, beside what others did to them. Those that were changed before are told too, so
/// that the client need not ask.
void tell_changes(View& view, const Store& store, const std::vector<store::Uid>& uids,
                  const std::vector<store::Uid>& modified) {
  std::vector<store::Uid> done;
  std::ranges::set_difference(uids, modified, std::back_inserter(done));
  if (store.told == Store::Told::silent) {
    view.silence(done, store.change);
    if (store.unchanged_since) view.want_told(done, View::Wanted::mod_seq);
  } else {
    view.want_told(done, View::Wanted::flags);
  }
  view.want_told(modified, View::Wanted::flags);
}

/// ` MODIFIED 7,9`, in the numbers that the command used.
std::string modified_code(const View& view, const Store& store, const std::vector<store::Uid>& modified) {
  NumberRanges numbers;
  for (const auto uid : modified) {
    const auto number = store.by == Numbers::uid ? uid.value : view.find(uid)->value;
    numbers.push_back({number, number});
  }
  std::string code = "[MODIFIED ";
  std::string_view separator;
  for (const auto& range : coalesced(std::move(numbers))) {
    code += separator;
    write_range(code, range);
    separator = ",";
  }
  return code + "] ";
}

/// In changes of so many messages that others of the vault get their turn. Those that UNCHANGEDSINCE left alone,
/// ascending.
awaitable<Result<std::vector<store::Uid>>> change_flags(Session& session, const Store& store,
                                                        const std::vector<store::Uid>& uids) {
  constexpr std::size_t at_once = 1'000;
  auto& vault = session.vault();
  const auto mailbox = session.selected().id;
  std::vector<store::Uid> modified;
  Progress progress(session, uids.size());
  for (std::size_t done = 0; done < uids.size();) {
    const auto some = std::span(uids).subspan(done, std::min(at_once, uids.size() - done));
    const auto change = [&] { return vault.change_flags(mailbox, some, store.change, store.unchanged_since); };
    const auto changed = co_await session.on_lane(change, &progress);
    if (changed.has_error()) co_return changed.error();
    modified.insert(modified.end(), changed->modified.begin(), changed->modified.end());
    done += some.size();
    if (done < uids.size()) co_await progress.tell(done);
  }
  co_return modified;
}

awaitable<Answer> run(Session& session, const Store& store) {
  auto& selected = session.selected();
  const auto numbers = selected.view.numbers_in(store.set, store.by);
  if (!numbers) co_return bad("No such message number");
  if (store.unchanged_since) session.enable_condstore();
  if (selected.access == Access::read_only) co_return no("[READ-ONLY] The mailbox was opened with EXAMINE");
  const auto uids = selected.view.uids_at(*numbers);
  const bool some_gone = selected.view.any_ghost_in(*numbers);
  std::string code;
  if (!uids.empty()) {
    auto changing = change_flags(session, store, uids);
    const auto modified = co_await std::move(changing);
    if (modified.has_error()) co_return session.answer_for(modified.error());
    session.look();
    tell_changes(selected.view, store, uids, *modified);
    if (!modified->empty()) code = modified_code(selected.view, store, *modified);
  }
  if (some_gone && !code.empty()) co_return no(code + "Some of the messages no longer exist");
  if (some_gone) co_return no("[EXPUNGEISSUED] Some of the messages no longer exist");
  co_return ok(code + "STORE completed");
}

}  // namespace

awaitable<Answer> store(Session& session, text::Cursor in) {
  return parse_and_run<Store>(session, in, parse<Numbers::sequence>, run);
}

awaitable<Answer> uid_store(Session& session, text::Cursor in) {
  return parse_and_run<Store>(session, in, parse<Numbers::uid>, run);
}

}  // namespace mailpod::imap::commands
