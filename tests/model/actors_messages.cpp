#include <algorithm>

#include "actors.hpp"

// The commands that concern the messages of the selected mailbox. RFC 3501 §6.4.
namespace mailpod::model {
void Actors::fetch(Witness& who, simulation::Dice& dice) {
  constexpr const char* items[] = {"UID",    "FLAGS",           "RFC822.SIZE",       "INTERNALDATE",
                                   "BODY[]", "BODY.PEEK[TEXT]", "BODY.PEEK[HEADER]", "BODY.PEEK[]"};
  const auto set = choose_set(who, dice);
  std::set<std::string> asked;
  for (auto count = 1 + dice.below(3); count > 0; --count) asked.insert(items[dice.below(std::size(items))]);
  const bool reads = asked.contains("BODY[]");
  std::string list;
  for (const auto& item : asked) list += (list.empty() ? "" : " ") + item;

  const auto answer = ask(who, set.prefix() + "FETCH " + set.text + " (" + list + ")");
  Witness::Rules rules{.expunge = set.by_uid, .bare_flags = true};
  if (reads && !who.read_only) {
    for (const auto uid : set.uids) {
      const auto& message = who.mailbox->messages.at(uid);
      rules.before_seen[uid] = message.flags;
      who.mailbox->change(uid, with_change(message.flags, "+", {"\\Seen"}));
    }
  }
  // RFC 2180 §4.1: where some are gone, NO says that they are, or nothing does.
  if (!set.names_ghosts) expect(answer, "OK");
  take(who, answer, rules);
  if (set.by_uid && !who.enabled.uid_only) asked.insert("UID");
  for (const auto uid : set.uids) {
    for (auto item : asked) {
      if (const auto peek = item.find(".PEEK"); peek != std::string::npos) item.erase(peek, 5);
      require(who.shown[uid].contains(item), "FETCH did not show " + item + " of UID " + std::to_string(uid));
    }
  }
}

void Actors::store(Witness& who, simulation::Dice& dice) {
  constexpr const char* hows[] = {"+", "-", ""};
  const auto set = choose_set(who, dice);
  const std::string how = hows[dice.below(3)];
  const bool silent = dice.below(3) == 0;
  const auto flags = choose_flags(dice);
  const auto answer =
      ask(who, set.prefix() + "STORE " + set.text + ' ' + how + (silent ? "FLAGS.SILENT " : "FLAGS ") + written(flags));
  const Witness::Rules rules{.expunge = set.by_uid};
  if (who.read_only) {
    expect(answer, "NO");
    return take(who, answer, rules);
  }
  if (!set.names_ghosts) expect(answer, "OK");
  for (const auto uid : set.uids) {
    who.mailbox->change(uid, with_change(who.mailbox->messages.at(uid).flags, how, flags));
  }
  if (silent) {
    // RFC 3501 §6.4.6: the client makes the change to what it knows; other changes are still to be told.
    for (auto& told : who.view) {
      if (!std::ranges::binary_search(set.uids, told.uid)) continue;
      if (how.empty() || told.flags) told.flags = with_change(told.flags.value_or(Flags()), how, flags);
    }
  }
  take(who, answer, rules);
  if (silent) return;
  for (const auto& told : who.view) {
    if (!std::ranges::binary_search(set.uids, told.uid)) continue;
    require(told.flags == who.mailbox->messages.at(told.uid).flags,
            "STORE did not tell the flags of UID " + std::to_string(told.uid));
  }
}

void Actors::expunge(Witness& who, simulation::Dice&) {
  const auto answer = ask(who, "EXPUNGE");
  expect(answer, who.read_only ? "NO" : "OK");
  std::vector<Uid> deleted;
  for (const auto& [uid, message] : who.mailbox->messages) {
    if (!who.read_only && message.flags.contains("\\Deleted")) deleted.push_back(uid);
  }
  for (const auto uid : deleted) who.mailbox->expunge(uid);
  take(who, answer);
  who.require_synced();
}

void Actors::uid_expunge(Witness& who, simulation::Dice& dice) {
  const auto first = static_cast<Uid>(1 + dice.below(who.mailbox->next));
  const auto last = first + static_cast<Uid>(dice.below(20));
  const auto answer = ask(who, "UID EXPUNGE " + std::to_string(first) + ':' + std::to_string(last));
  expect(answer, who.read_only ? "NO" : "OK");
  std::vector<Uid> deleted;
  for (const auto& [uid, message] : who.mailbox->messages) {
    if (!who.read_only && uid >= first && uid <= last && message.flags.contains("\\Deleted")) deleted.push_back(uid);
  }
  for (const auto uid : deleted) who.mailbox->expunge(uid);
  take(who, answer);
  who.require_synced();
}

/// What COPYUID says became of `uids`. RFC 4315 §3.
void Actors::copied(const std::string& name, Mailbox& from, const std::vector<Uid>& uids,
                    const std::vector<Value>& code) {
  require(code.size() == 4 && code[0].text == "COPYUID", "there is no COPYUID");
  const auto target = truth_.find(name);
  truth_.see_validity(name, target, number_in(code[1].text));
  require(numbers_in(code[2].text) == uids, "COPYUID names other messages than were copied");
  const auto destinations = numbers_in(code[3].text);
  require(destinations.size() == uids.size(), "COPYUID names as many copies as messages");
  for (std::size_t i = 0; i < uids.size(); ++i) target->add(destinations[i], from.at(uids[i]));
}

void Actors::copy(Witness& who, simulation::Dice& dice) {
  const auto set = choose_set(who, dice);
  const auto name = choose_name(dice);
  const auto answer = ask(who, set.prefix() + "COPY " + set.text + ' ' + name);
  if (truth_.find(name) == nullptr) {
    expect(answer, "NO");
    require(!answer.code.empty() && answer.code[0].text == "TRYCREATE", "no TRYCREATE");
  } else if (set.names_ghosts) {
    // RFC 3501 §6.4.7 and RFC 2180 §4.4: all, or none.
    expect(answer, "NO");
  } else {
    expect(answer, "OK");
    if (!set.uids.empty()) copied(name, *who.mailbox, set.uids, answer.code);
  }
  take(who, answer);
}

void Actors::move(Witness& who, simulation::Dice& dice) {
  const auto set = choose_set(who, dice);
  const auto name = choose_name(dice);
  const auto answer = ask(who, set.prefix() + "MOVE " + set.text + ' ' + name);
  const bool refused = truth_.find(name) == nullptr || set.names_ghosts || (who.read_only && !set.uids.empty());
  // That nothing is to be moved may be noticed before that nothing can be.
  if (refused || !who.read_only) expect(answer, refused ? "NO" : "OK");
  if (answer.word == "NO") return take(who, answer);
  if (!set.uids.empty()) {
    // RFC 6851 §4.3: in an untagged OK, before the messages go.
    const auto has_code = [](const Reply& reply) { return !reply.code.empty() && reply.code[0].text == "COPYUID"; };
    const auto told = std::ranges::find_if(answer.untagged, has_code);
    require(told != answer.untagged.end(), "MOVE did not say COPYUID");
    const auto goes = [](const Reply& reply) { return reply.word == "EXPUNGE" || reply.word == "VANISHED"; };
    const auto first_expunge = std::ranges::find_if(answer.untagged, goes);
    require(told < first_expunge, "MOVE said COPYUID after the messages went");
    copied(name, *who.mailbox, set.uids, told->code);
    for (const auto uid : set.uids) who.mailbox->expunge(uid);
  }
  take(who, answer);
  for (const auto& told : who.view) {
    require(!std::ranges::binary_search(set.uids, told.uid), "MOVE did not tell that a message went");
  }
}

}  // namespace mailpod::model
