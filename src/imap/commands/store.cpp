#include "../grammar.hpp"
#include "commands.hpp"

// RFC 3501 §6.4.6.
namespace mailpod::imap::commands {
namespace {

using How = store::FlagChange::How;

struct Store {
  enum class Told { answered, silent };
  SequenceSet set;
  Numbers by;
  store::FlagChange change;
  Told told = Told::answered;
};

/// `+FLAGS.SILENT (\Deleted)`
template <Numbers by>
text::Parsed<Store> parse(text::Cursor& in, const Dialect& dialect) {
  if (!in.take_space()) return in.error("SP and a sequence set");
  auto set = parse_sequence_set(in, dialect.settings.set_ranges);
  if (set.has_error()) return set.error();
  Store store{std::move(*set), by, {}, Store::Told::answered};
  if (!in.take_space()) return in.error("SP and FLAGS");
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

awaitable<Answer> run(Session& session, const Store& store) {
  auto& vault = session.vault();
  auto& selected = session.selected();
  const auto numbers = selected.view.numbers_in(store.set, store.by);
  if (!numbers) co_return bad("No such message number");
  if (selected.access == Access::read_only) co_return no("[READ-ONLY] The mailbox was opened with EXAMINE");
  const auto uids = selected.view.uids_at(*numbers);
  const bool some_gone = selected.view.any_ghost_in(*numbers);
  if (!uids.empty()) {
    const auto change = [&] { return vault.change_flags(selected.id, uids, store.change, std::nullopt); };
    const auto changed = co_await session.on_lane(change);
    if (changed.has_error()) co_return session.answer_for(changed.error());
    session.look();
    if (store.told == Store::Told::silent) {
      selected.view.silence(uids, store.change);
    } else {
      selected.view.want_told(uids);
    }
  }
  if (some_gone) co_return no("[EXPUNGEISSUED] Some of the messages no longer exist");
  co_return ok("STORE completed");
}

}  // namespace

awaitable<Answer> store(Session& session, text::Cursor in) {
  return parse_and_run<Store>(session, in, parse<Numbers::sequence>, run);
}

awaitable<Answer> uid_store(Session& session, text::Cursor in) {
  return parse_and_run<Store>(session, in, parse<Numbers::uid>, run);
}

}  // namespace mailpod::imap::commands
