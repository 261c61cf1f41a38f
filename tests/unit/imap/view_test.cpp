#include "view.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace mailpod::imap {
namespace {

using store::Flags;
using store::MailboxState;
using store::MessageState;
using store::SeqNum;
using store::Uid;

/// A mailbox whose versions share chunks as the store's do.
class Mailbox {
public:
  explicit Mailbox(std::size_t chunk_size) : chunk_size_(chunk_size) {}

  void add(std::uint32_t count) {
    for (; count > 0; --count) {
      if (chunks_.empty() || chunks_.back().messages.size() == chunk_size_) chunks_.emplace_back();
      MessageState message;
      message.uid = Uid{next_++};
      chunks_.back().messages.push_back(message);
      chunks_.back().published = nullptr;
    }
  }
  void expunge(Uid uid) {
    for (auto& chunk : chunks_) {
      if (std::erase_if(chunk.messages, [&](const auto& one) { return one.uid == uid; }) > 0) chunk.published = nullptr;
    }
    std::erase_if(chunks_, [](const Chunk& chunk) { return chunk.messages.empty(); });
  }
  void flag(Uid uid, std::uint32_t bits) {
    for (auto& chunk : chunks_) {
      for (auto& message : chunk.messages) {
        if (message.uid != uid) continue;
        message.flags.bits = bits;
        message.mod_seq = store::ModSeq{++mod_seq_};
        chunk.published = nullptr;
      }
    }
  }
  /// An expunge, or whatever else has a mod-sequence of its own.
  std::uint64_t change() { return ++mod_seq_; }
  void name_keyword(std::string keyword) { keywords_.push_back(std::move(keyword)); }

  std::shared_ptr<const MailboxState> publish() {
    auto state = std::make_shared<MailboxState>();
    for (auto& chunk : chunks_) {
      if (!chunk.published) chunk.published = std::make_shared<MailboxState::Chunk>(chunk.messages);
      state->chunk_starts.push_back(state->count);
      state->chunks.push_back(chunk.published);
      state->count += static_cast<std::uint32_t>(chunk.messages.size());
    }
    state->uid_next = Uid{next_};
    state->keywords = keywords_;
    state->highest_mod_seq = store::ModSeq{mod_seq_};
    return state;
  }

  std::vector<MessageState> messages() const {
    std::vector<MessageState> all;
    for (const auto& chunk : chunks_) all.insert(all.end(), chunk.messages.begin(), chunk.messages.end());
    return all;
  }

private:
  struct Chunk {
    std::vector<MessageState> messages;
    std::shared_ptr<const MailboxState::Chunk> published;  // nullptr: changed since
  };
  std::size_t chunk_size_;
  std::uint32_t next_ = 1;
  std::uint64_t mod_seq_ = 1;
  std::vector<Chunk> chunks_;
  std::vector<std::string> keywords_;
};

std::string told(View& view, const Telling& telling) {
  std::string out;
  while (view.announce(out, telling, 1'000)) {
  }
  return out;
}

std::string told(View& view, Expunges expunges, Shown shown = Shown::flags) {
  const Enabled nothing;
  const Telling telling{expunges, shown, nothing};
  return told(view, telling);
}

Enabled with_qresync() {
  Enabled enabled;
  enabled.condstore = enabled.qresync = true;
  return enabled;
}

TEST(View, SaysNothingWhenNothingChanged) {
  Mailbox mailbox(4);
  mailbox.add(10);
  View view(mailbox.publish());
  view.advance(mailbox.publish());
  EXPECT_EQ(told(view, Expunges::announced), "");
}

TEST(View, CountsExpungesAsItGoes) {
  Mailbox mailbox(4);
  mailbox.add(11);
  View view(mailbox.publish());
  for (const auto uid : {3U, 4U, 7U, 11U}) mailbox.expunge(Uid{uid});
  view.advance(mailbox.publish());
  EXPECT_EQ(told(view, Expunges::announced), "* 3 EXPUNGE\r\n* 3 EXPUNGE\r\n* 5 EXPUNGE\r\n* 8 EXPUNGE\r\n");
  EXPECT_EQ(view.count(), 7U);
}

TEST(View, CountsExpungesOnFromPieceToPiece) {
  Mailbox mailbox(4);
  mailbox.add(300);
  View whole(mailbox.publish());
  View pieces(mailbox.publish());
  for (std::uint32_t uid = 3; uid <= 300; uid += 3) mailbox.expunge(Uid{uid});
  whole.advance(mailbox.publish());
  pieces.advance(mailbox.publish());
  const Enabled nothing;
  const Telling telling{Expunges::announced, Shown::flags, nothing};
  std::string at_once;
  EXPECT_FALSE(whole.announce(at_once, telling, 1'000'000));
  std::string bit_by_bit;
  while (pieces.announce(bit_by_bit, telling, 50)) {
    ASSERT_TRUE(pieces.find(Uid{300}).has_value() == pieces.holds_expunges_back());
  }
  EXPECT_EQ(bit_by_bit, at_once);
  EXPECT_EQ(pieces.count(), 200U);
}

TEST(View, KeepsWhatIsNotWantedThroughAllPieces) {
  Mailbox mailbox(4);
  mailbox.add(300);
  View view(mailbox.publish());
  std::vector<Uid> asked;
  for (std::uint32_t uid = 1; uid <= 300; ++uid) mailbox.flag(Uid{uid}, Flags::seen);
  view.advance(mailbox.publish());
  for (std::uint32_t uid = 100; uid <= 200; uid += 50) asked.push_back(Uid{uid});
  view.want_told(asked, View::Wanted::flags);
  const Enabled nothing;
  const Telling no_changes{Expunges::announced, Shown::flags, nothing, 0};
  const Telling everything{Expunges::announced, Shown::flags, nothing};
  std::string heard;
  while (view.announce(heard, no_changes, 30)) {
  }
  EXPECT_EQ(heard, "* 100 FETCH (FLAGS (\\Seen))\r\n* 150 FETCH (FLAGS (\\Seen))\r\n* 200 FETCH (FLAGS (\\Seen))\r\n");
  EXPECT_EQ(told(view, no_changes), "");
  const auto others = told(view, everything);
  EXPECT_EQ(std::ranges::count(others, '*'), 297);
  EXPECT_EQ(others.find("* 150 "), std::string::npos);
  EXPECT_EQ(told(view, everything), "");
}

TEST(View, KeepsGhostsCountedWhileExpungesAreHeldBack) {
  Mailbox mailbox(2);
  mailbox.add(5);
  View view(mailbox.publish());
  mailbox.expunge(Uid{2});
  mailbox.add(1);
  mailbox.flag(Uid{5}, Flags::seen);
  view.advance(mailbox.publish());
  EXPECT_EQ(told(view, Expunges::held_back), "* 6 EXISTS\r\n* 5 FETCH (FLAGS (\\Seen))\r\n");
  EXPECT_EQ(view.count(), 6U);
  EXPECT_TRUE(view.is_ghost(SeqNum{2}));
  EXPECT_EQ(view.at(SeqNum{2}).uid, Uid{2});
  EXPECT_EQ(view.at(SeqNum{6}).uid, Uid{6});
  EXPECT_EQ(view.find(Uid{6}), SeqNum{6});
  EXPECT_EQ(told(view, Expunges::announced), "* 2 EXPUNGE\r\n");
  EXPECT_EQ(view.find(Uid{6}), SeqNum{5});
}

TEST(View, PassesGhostsOverInUidSetsOnly) {
  Mailbox mailbox(3);
  mailbox.add(5);
  View view(mailbox.publish());
  mailbox.expunge(Uid{3});
  view.advance(mailbox.publish());
  text::Cursor in("2:4");
  const auto set = parse_sequence_set(in, 10);
  EXPECT_EQ(view.numbers_in(*set, Numbers::uid), (NumberRanges{{2, 2}, {4, 4}}));
  EXPECT_EQ(view.numbers_in(*set, Numbers::sequence), (NumberRanges{{2, 4}}));
  EXPECT_TRUE(view.any_ghost_in({{2, 4}}));
  EXPECT_EQ(view.uids_at({{2, 4}}), (std::vector<Uid>{{2}, {4}}));
}

TEST(View, RefusesSequenceNumbersBeyondTheCount) {
  Mailbox mailbox(3);
  View empty(mailbox.publish());
  const SequenceSet star{{{SequenceSet::star, SequenceSet::star}}};
  EXPECT_FALSE(empty.numbers_in(star, Numbers::sequence).has_value());
  EXPECT_EQ(empty.numbers_in(star, Numbers::uid), NumberRanges{});
  mailbox.add(2);
  View view(mailbox.publish());
  EXPECT_EQ(view.numbers_in(star, Numbers::sequence), (NumberRanges{{2, 2}}));
  EXPECT_FALSE(view.numbers_in(SequenceSet{{{1, 3}}}, Numbers::sequence).has_value());
  EXPECT_EQ(view.numbers_in(SequenceSet{{{1, 4294967295}}}, Numbers::uid), (NumberRanges{{1, 2}}));
}

TEST(View, NeverSpeaksOfWhatCameAndWentUntold) {
  Mailbox mailbox(3);
  mailbox.add(1);
  View view(mailbox.publish());
  mailbox.add(1);
  view.advance(mailbox.publish());
  mailbox.expunge(Uid{2});
  view.advance(mailbox.publish());
  EXPECT_EQ(told(view, Expunges::announced), "");
}

TEST(View, GivesArrivalsNoNumberBeforeTheyAreTold) {
  Mailbox mailbox(3);
  mailbox.add(2);
  View view(mailbox.publish());
  mailbox.add(2);
  view.advance(mailbox.publish());
  EXPECT_EQ(view.count(), 2U);
  EXPECT_EQ(view.highest_uid(), Uid{2});
  EXPECT_EQ(view.numbers_in(SequenceSet{{{1, 4}}}, Numbers::uid), (NumberRanges{{1, 2}}));
  EXPECT_FALSE(view.numbers_in(SequenceSet{{{1, 4}}}, Numbers::sequence).has_value());
  EXPECT_EQ(told(view, Expunges::held_back), "* 4 EXISTS\r\n");
  EXPECT_EQ(view.numbers_in(SequenceSet{{{1, 4}}}, Numbers::uid), (NumberRanges{{1, 4}}));
}

TEST(View, DoesNotTellFlagsThatChangedBack) {
  Mailbox mailbox(3);
  mailbox.add(1);
  View view(mailbox.publish());
  mailbox.flag(Uid{1}, Flags::seen);
  view.advance(mailbox.publish());
  mailbox.flag(Uid{1}, 0);
  view.advance(mailbox.publish());
  EXPECT_EQ(told(view, Expunges::announced), "");
}

TEST(View, TellsWantedFlagsThoughTheyDidNotChange) {
  Mailbox mailbox(3);
  mailbox.add(2);
  View view(mailbox.publish());
  view.want_told(std::vector<Uid>{{2}, {9}}, View::Wanted::flags);
  EXPECT_EQ(told(view, Expunges::announced, Shown::uid_and_flags), "* 2 FETCH (UID 2 FLAGS ())\r\n");
}

TEST(View, SilenceHidesExactlyTheOwnChange) {
  Mailbox mailbox(3);
  mailbox.add(2);
  View view(mailbox.publish());
  mailbox.flag(Uid{1}, Flags::flagged);
  mailbox.flag(Uid{2}, Flags::flagged | Flags::seen);
  view.advance(mailbox.publish());
  store::FlagChange change;
  change.how = store::FlagChange::How::add;
  change.system = Flags::flagged;
  view.silence(std::vector<Uid>{{1}, {2}}, change);
  EXPECT_EQ(told(view, Expunges::announced), "* 2 FETCH (FLAGS (\\Flagged \\Seen))\r\n");
}

TEST(View, TellsNewKeywordsBeforeTheirUse) {
  Mailbox mailbox(3);
  mailbox.add(1);
  View view(mailbox.publish());
  mailbox.name_keyword("$Work");
  mailbox.flag(Uid{1}, 1U << Flags::first_keyword);
  view.advance(mailbox.publish());
  std::string out;
  view.announce_keywords(out);
  EXPECT_EQ(out, "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Work)\r\n");
  EXPECT_EQ(told(view, Expunges::held_back), "* 1 FETCH (FLAGS ($Work))\r\n");
}

TEST(View, TellsVanishedUidsOfWhatTheClientCountsOnly) {
  Mailbox mailbox(3);
  mailbox.add(6);
  View view(mailbox.publish());
  const auto enabled = with_qresync();
  mailbox.add(1);
  for (const auto uid : {2U, 3U, 5U, 7U}) mailbox.expunge(Uid{uid});
  mailbox.add(1);
  view.advance(mailbox.publish());
  EXPECT_EQ(told(view, {Expunges::announced, Shown::flags, enabled}), "* VANISHED 2:3,5\r\n* 4 EXISTS\r\n");
}

TEST(View, TellsModSeqsAndUidsToWhoFollowsThem) {
  Mailbox mailbox(3);
  mailbox.add(2);
  View view(mailbox.publish());
  const auto enabled = with_qresync();
  mailbox.flag(Uid{1}, Flags::seen);
  mailbox.flag(Uid{2}, Flags::seen);
  mailbox.flag(Uid{2}, 0);
  view.advance(mailbox.publish());
  EXPECT_EQ(told(view, {Expunges::announced, Shown::flags, enabled}),
            "* 1 FETCH (UID 1 FLAGS (\\Seen) MODSEQ (2))\r\n* 2 FETCH (UID 2 FLAGS () MODSEQ (4))\r\n");
}

TEST(View, TellsTheModSeqOfASilentChangeAndAllOfALaterOne) {
  Mailbox mailbox(3);
  mailbox.add(2);
  View view(mailbox.publish());
  const auto enabled = with_qresync();
  store::FlagChange change;
  change.how = store::FlagChange::How::add;
  change.system = Flags::flagged;
  mailbox.flag(Uid{1}, Flags::flagged);
  mailbox.flag(Uid{2}, Flags::flagged);
  view.advance(mailbox.publish());
  view.silence(std::vector<Uid>{{1}, {2}}, change);
  mailbox.flag(Uid{2}, Flags::flagged | Flags::seen);
  view.advance(mailbox.publish());
  EXPECT_EQ(told(view, {Expunges::announced, Shown::flags, enabled}),
            "* 1 FETCH (UID 1 MODSEQ (2))\r\n* 2 FETCH (UID 2 FLAGS (\\Flagged \\Seen) MODSEQ (4))\r\n");
}

TEST(View, SettlesNothingBeyondAnExpungeThatIsHeldBack) {
  Mailbox mailbox(3);
  mailbox.add(3);
  View view(mailbox.publish());
  const auto enabled = with_qresync();
  mailbox.expunge(Uid{2});
  mailbox.change();
  view.advance(mailbox.publish());
  mailbox.flag(Uid{1}, Flags::seen);
  view.advance(mailbox.publish());
  told(view, {Expunges::held_back, Shown::flags, enabled});
  EXPECT_EQ(view.settled().value, 1U);
  told(view, {Expunges::announced, Shown::flags, enabled});
  EXPECT_EQ(view.settled().value, 3U);
}

TEST(View, NamesNoMessageByNumberToWhoWantsUidsOnly) {
  Mailbox mailbox(3);
  mailbox.add(3);
  View view(mailbox.publish());
  Enabled enabled;
  enabled.uid_only = true;
  mailbox.expunge(Uid{1});
  mailbox.flag(Uid{3}, Flags::seen);
  view.advance(mailbox.publish());
  EXPECT_EQ(told(view, {Expunges::announced, Shown::uid_and_flags, enabled}),
            "* VANISHED 1\r\n* UIDFETCH 3 (FLAGS (\\Seen))\r\n");
}

TEST(View, KeepsWhatIsNotWantedNow) {
  Mailbox mailbox(3);
  mailbox.add(2);
  View view(mailbox.publish());
  const Enabled nothing;
  mailbox.flag(Uid{1}, Flags::seen);
  mailbox.add(1);
  view.advance(mailbox.publish());
  EXPECT_EQ(told(view, {Expunges::held_back, Shown::flags, nothing, 0}), "");
  EXPECT_EQ(view.count(), 2U);
  EXPECT_EQ(told(view, Expunges::announced), "* 3 EXISTS\r\n* 1 FETCH (FLAGS (\\Seen))\r\n");
}

TEST(View, FindsWhatVanishedAmongKnownUids) {
  Mailbox mailbox(3);
  mailbox.add(9);
  for (const auto uid : {1U, 2U, 5U, 9U}) mailbox.expunge(Uid{uid});
  View view(mailbox.publish());
  EXPECT_EQ(view.vanished_in({{1, 0xffff'ffff}}), (NumberRanges{{1, 2}, {5, 5}, {9, 9}}));
  EXPECT_EQ(view.vanished_in({{2, 4}, {6, 8}}), (NumberRanges{{2, 2}}));
  mailbox.expunge(Uid{4});  // is still to be told
  mailbox.add(1);           // is not told yet
  view.advance(mailbox.publish());
  EXPECT_EQ(view.vanished_in({{3, 20}}), (NumberRanges{{5, 5}, {9, 9}}));
}

TEST(View, FindsWhatChangedSince) {
  Mailbox mailbox(3);
  mailbox.add(5);
  for (const auto uid : {2U, 4U, 5U}) mailbox.flag(Uid{uid}, Flags::seen);
  View view(mailbox.publish());
  EXPECT_EQ(view.changed_since({1}, {{1, 5}}), (NumberRanges{{2, 2}, {4, 5}}));
  EXPECT_EQ(view.changed_since({3}, {{1, 4}}), NumberRanges{});
  EXPECT_EQ(view.changed_since({0}, {{2, 3}}), (NumberRanges{{2, 2}}));
}

/// A client that believes what it is told, by RFC 3501 alone.
class Client {
public:
  explicit Client(const View& view) {
    for (std::uint32_t i = 1; i <= view.count(); ++i) known_.push_back(view.at(SeqNum{i}).uid);
  }
  void hear(std::string_view octets, const View& view) {
    while (!octets.empty()) {
      const auto line = octets.substr(0, octets.find("\r\n"));
      octets.remove_prefix(line.size() + 2);
      const auto number = static_cast<std::size_t>(std::stoul(std::string(line.substr(2))));
      if (line.ends_with("EXPUNGE")) {
        ASSERT_LE(number, known_.size());
        known_.erase(known_.begin() + static_cast<std::ptrdiff_t>(number) - 1);
      } else if (line.ends_with("EXISTS")) {
        ASSERT_GE(number, known_.size());
        while (known_.size() < number)
          known_.push_back(view.at(SeqNum{static_cast<std::uint32_t>(known_.size()) + 1}).uid);
      } else {
        ASSERT_LE(number, known_.size());
        flags_[known_[number - 1].value] = std::string(line.substr(line.find("FLAGS")));
      }
    }
  }
  const std::vector<Uid>& known() const { return known_; }
  std::map<std::uint32_t, std::string> flags_;

private:
  std::vector<Uid> known_;
};

TEST(View, AgreesWithAClientThatBelievesItThroughRandomChanges) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937 dice(seed);
    Mailbox mailbox(1 + dice() % 5);
    mailbox.add(dice() % 20);
    View view(mailbox.publish());
    Client client(view);
    for (int step = 0; step < 50; ++step) {
      const auto messages = mailbox.messages();
      const auto choice = dice() % 4;
      if (choice == 0) mailbox.add(dice() % 4);
      if (choice != 0 && !messages.empty()) {
        const auto uid = messages[dice() % messages.size()].uid;
        if (choice == 1) mailbox.expunge(uid);
        if (choice >= 2) mailbox.flag(uid, dice() % 32);
      }
      if (dice() % 2 == 0) view.advance(mailbox.publish());
      if (dice() % 3 == 0) {
        client.hear(told(view, dice() % 2 == 0 ? Expunges::announced : Expunges::held_back), view);
        ASSERT_EQ(client.known().size(), view.count()) << "seed " << seed;
        for (std::uint32_t i = 1; i <= view.count(); ++i) {
          ASSERT_EQ(client.known()[i - 1], view.at(SeqNum{i}).uid) << "seed " << seed;
        }
      }
    }
    view.advance(mailbox.publish());
    client.hear(told(view, Expunges::announced), view);
    std::vector<Uid> live;
    for (const auto& message : mailbox.messages()) live.push_back(message.uid);
    ASSERT_EQ(client.known(), live) << "seed " << seed;
  }
}

}  // namespace
}  // namespace mailpod::imap
