#include <algorithm>

#include "actors.hpp"

// ENABLE, and what CONDSTORE, QRESYNC and UIDONLY make of FETCH, STORE and SELECT. RFC 7162, RFC 9586.
namespace mailpod::model {
namespace {

/// Mod-sequences rise one by one, more or less.
ModSeq a_while_ago(const Mailbox& mailbox, simulation::Dice& dice) {
  return mailbox.told - std::min<ModSeq>(mailbox.told, dice.below(30));
}

}  // namespace

void Actors::enable(Witness& who, simulation::Dice& dice) {
  constexpr const char* names[] = {"CONDSTORE", "QRESYNC", "UIDONLY"};
  const std::string name = names[dice.below(std::size(names))];
  const auto answer = ask(who, "ENABLE " + name);
  expect(answer, "OK");
  const auto told = std::ranges::find(answer.untagged, "ENABLED", &Reply::word);
  require(told != answer.untagged.end(), "ENABLE is not told");
  who.enabled.condstore |= name != "UIDONLY";
  who.enabled.qresync |= name == "QRESYNC";
  who.enabled.uid_only |= name == "UIDONLY";
  take(who, answer);
  who.require_synced();
  if (!who.enabled.uid_only) return;
  // RFC 9586 §3.2.
  send(who, "n" + std::to_string(tags_) + " FETCH 1 FLAGS\r\n");
  const auto refused = hear(who);
  require(refused.size() == 1 && refused.front().word == "BAD", "a message number is taken after UIDONLY");
}

/// RFC 7162 §3.2.5: with what the client wrote down and what it is told now, it knows the mailbox as it is.
void Actors::check_resynchronized(const Witness& who) const {
  const auto& kept = *who.kept;
  for (const auto& [uid, flags] : kept.flags) {
    require(who.mailbox->messages.contains(uid) || who.earlier.contains(uid),
            "QRESYNC did not tell that UID " + std::to_string(uid) + " vanished");
  }
  for (const auto& told : who.view) {
    const auto of = "UID " + std::to_string(told.uid);
    require(kept.flags.contains(told.uid) || told.flags.has_value(), "QRESYNC did not show " + of + ", which is new");
    require(!told.flags || *told.flags == who.mailbox->messages.at(told.uid).flags,
            "QRESYNC did not tell that " + of + " changed");
  }
}

/// RFC 7162 §3.1.4.1, §3.2.6.
void Actors::fetch_changed(Witness& who, simulation::Dice& dice) {
  if (!who.enabled.condstore) return;
  const auto set = choose_set(who, dice);
  const bool asks_vanished = set.by_uid && who.enabled.qresync && dice.coin();
  const auto since = dice.coin() ? who.highest : a_while_ago(*who.mailbox, dice);
  const auto view = who.view;
  const auto answer = ask(who, set.prefix() + "FETCH " + set.text + " (FLAGS) (CHANGEDSINCE " +
                                   std::to_string(std::max(ModSeq{1}, since)) + (asks_vanished ? " VANISHED)" : ")"));
  if (!set.names_ghosts) expect(answer, "OK");
  take(who, answer, {.expunge = set.by_uid, .earlier = asks_vanished, .bare_flags = true});
  for (const auto& before : view) {
    if (!std::ranges::binary_search(set.uids, before.uid)) continue;
    const auto& message = who.mailbox->messages.at(before.uid);
    const auto of = "UID " + std::to_string(before.uid);
    const bool shown = who.shown[before.uid].contains("MODSEQ");
    require(shown || !message.changed_after(since), "FETCH CHANGEDSINCE did not show " + of);
    // What the client was not told yet may be told with it.
    require(!shown || !message.unchanged_since(since) || before.version != message.version,
            "FETCH CHANGEDSINCE showed " + of + ", which did not change");
  }
  if (!asks_vanished || view.empty()) return;
  for (const auto& [uid, after] : who.mailbox->gone_after) {
    const bool is_counted = std::ranges::find(view, uid, &Witness::Told::uid) != view.end();
    // What came and went without its being told is nothing to it.
    const bool was_told = uid <= view.back().uid && !is_counted && set.named.contains(uid);
    require(!was_told || after < since || who.earlier.contains(uid),
            "FETCH CHANGEDSINCE did not tell that UID " + std::to_string(uid) + " vanished");
  }
}

/// RFC 7162 §3.1.3.
void Actors::store_unchanged(Witness& who, simulation::Dice& dice) {
  if (!who.enabled.condstore || who.read_only) return;
  const auto set = choose_set(who, dice);
  const auto flags = choose_flags(dice);
  const std::string how = dice.coin() ? "+" : "-";
  const auto since = dice.coin() ? who.highest : a_while_ago(*who.mailbox, dice);
  const auto view = who.view;
  const auto answer = ask(who, set.prefix() + "STORE " + set.text + " (UNCHANGEDSINCE " + std::to_string(since) + ") " +
                                   how + "FLAGS " + written(flags));
  if (set.named.size() == set.uids.size()) expect(answer, "OK");
  std::set<Uid> modified;
  if (answer.code.size() == 2 && answer.code[0].text == "MODIFIED") {
    for (const auto number : numbers_in(answer.code[1].text)) {
      require(set.by_uid || (number >= 1 && number <= view.size()), "MODIFIED names what there is not");
      modified.insert(set.by_uid ? number : view[number - 1].uid);
    }
  }
  for (const auto uid : set.uids) {
    const auto& message = who.mailbox->messages.at(uid);
    const auto of = " UID " + std::to_string(uid);
    const bool is_modified = modified.contains(uid);
    require(is_modified || !message.changed_after(since), "STORE UNCHANGEDSINCE overwrote" + of);
    require(!is_modified || !message.unchanged_since(since), "MODIFIED names" + of + ", which did not change");
    if (!is_modified) who.mailbox->change(uid, with_change(message.flags, how, flags));
  }
  take(who, answer, {.expunge = set.by_uid});
  for (const auto uid : set.uids) {
    require(who.shown[uid].contains("MODSEQ"), "STORE did not tell the mod-sequence of UID " + std::to_string(uid));
  }
}

}  // namespace mailpod::model
