// Every kind of slot, and whatever may happen to it: each has one right outcome.
#include <array>

#include <gtest/gtest.h>

#include <mailpod/text/base32.hpp>
#include <mailpod/text/base64.hpp>

#include "household.hpp"
#include "member_folder.hpp"

namespace mailpod::members {
namespace {

enum class Event {
  none,
  wrong_secret,
  revoked,
  expired,
  put_back,        ///< revoked, and a copy of its file put back
  older_put_back,  ///< written anew, and a copy of the older file put back
  anothers,        ///< the file copied over one of another member's, by its name
  renamed,         ///< its file under the name of another slot of the same member
  bit_flipped,
};
enum class Outcome { opens, refused, reported };  ///< reported: refused, and `vault verify` names the file

struct Row {
  Event event;
  Outcome outcome;
};
constexpr std::array rows{
    Row{Event::none, Outcome::opens},           Row{Event::wrong_secret, Outcome::refused},
    Row{Event::revoked, Outcome::refused},      Row{Event::expired, Outcome::refused},
    Row{Event::put_back, Outcome::refused},     Row{Event::older_put_back, Outcome::reported},
    Row{Event::anothers, Outcome::reported},    Row{Event::renamed, Outcome::reported},
    Row{Event::bit_flipped, Outcome::reported},
};

constexpr std::string_view app = "mp-00000-00000-00000-00000-000000";
constexpr std::string_view another_app = "mp-00000-00000-00000-00000-00001y";
constexpr std::string_view password = "a long password";
constexpr std::string_view channel = "a channel";

/// A pod in which something happens to one slot.
struct Case {
  explicit Case(SlotType its_type) : type(its_type) {
    const auto alice = pod.admit("alice@pod.lab");
    const auto enrolled = pod.enrol(alice, {std::nullopt, "first"});
    own = enrolled.app->password;
    pod.enrol(pod.admit("bob@pod.lab"));
    const auto carol = pod.admit("carol@pod.lab");
    member = type == SlotType::enrolment ? carol.member : alice.member;
    slot = make(pod.community.clock.now() + std::chrono::hours(1), "one");
    pod.adopt(slot);
  }
  std::string secret_of_size(std::size_t size, char fill) const { return std::string(size, fill); }
  Slot make(base::Time expires, const std::string& name) {
    const auto house = pod.household();
    const auto ports = slot_ports(house);
    auto label = new_label(house, member, type, name);
    label.expires = std::chrono::floor<std::chrono::seconds>(expires);
    if (type == SlotType::guest) label.owner = channel;
    if (!name.empty() && name != "one") label.id = slot.label.id;
    const auto login = pod.keys->log_in("alice", own, sasl::Scope::imap).value();
    const auto& key = login.vault_key->secret();
    const auto directory = pod.directory->state();
    switch (type) {
      case SlotType::enrolment:
        return make_enrolment_slot(ports, label, secret_of_size(16, 's'), {1, std::nullopt}, key, nullptr);
      case SlotType::password:
        return make_password_slot(ports, label, password, directory->find(member)->pepper, house.argon2, key);
      case SlotType::app:
        return make_app_slot(ports, label, app, {{}, 4096}, key);
      case SlotType::send_only:
        return make_send_only_slot(label, app);
      case SlotType::recovery:
        return make_token_slot(ports, label, secret_of_size(20, 's'), key);
      case SlotType::session:
        return make_token_slot(ports, label, secret_of_size(32, 's'), key);
      case SlotType::guest:
        return make_token_slot(ports, label, secret_of_size(16, 's'), key);
    }
    return {};
  }
  std::string token(std::size_t size, char fill) const {
    return text::write_base64url(
        base::Encoder().fixed(member.bytes).fixed(slot.label.id).fixed(secret_of_size(size, fill)).take());
  }
  /// Whether its secret, or a wrong one, is let in where such secrets are used.
  bool opens(char fill) {
    const bool right = fill == 's';
    auto& keys = *pod.keys;
    switch (type) {
      case SlotType::enrolment:
        return keys.enrol({"carol@pod.lab", text::write_code(secret_of_size(16, fill)), {std::nullopt, "x"}})
            .has_value();
      case SlotType::password:
        return keys.log_in("alice", right ? password : "a wrong password", sasl::Scope::imap).has_value();
      case SlotType::app:
        return keys.log_in("alice", right ? app : another_app, sasl::Scope::imap).has_value();
      case SlotType::send_only:
        return keys.log_in("alice", right ? app : another_app, sasl::Scope::send).has_value();
      case SlotType::recovery:
        return keys.forget_recovery_codes("alice", text::write_code(secret_of_size(20, fill))).has_value();
      case SlotType::session:
        return keys.open_session(token(32, fill), sasl::Scope::imap).has_value();
      case SlotType::guest:
        return keys.open_guest(token(16, fill), channel).has_value();
    }
    return false;
  }
  void revoke() { change_slots(pod.household(), member, {.go = {slot.label.id}}).value(); }
  void befall(Event event) {
    auto& disk = *pod.disk;
    const auto path = pod.path_of(slot);
    const auto file = base::read_file(disk, path, 1 << 16);
    switch (event) {
      case Event::none:
      case Event::wrong_secret:
        return;
      case Event::revoked:
        return revoke();
      case Event::expired:
        return pod.community.clock.advance(std::chrono::hours(2));
      case Event::put_back:
        revoke();
        return base::replace_file(disk, path, file);
      case Event::older_put_back:
        pod.adopt(make(pod.community.clock.now() + std::chrono::hours(1), "another"));
        return base::replace_file(disk, path, file);
      case Event::anothers: {
        const auto bob = pod.directory->state()->find("bob")->id;
        const auto theirs = slots_of(pod.household(), bob).list(bob).slots.front();
        return base::replace_file(disk, path, base::read_file(disk, pod.path_of(theirs), 1 << 16));
      }
      case Event::renamed:
        return disk.rename(path, "pod/members/" + member.str() + "/slots/" + std::string(32, 'a') + ".slot");
      case Event::bit_flipped: {
        auto flipped = file;
        flipped[flipped.size() / 2] = static_cast<char>(flipped[flipped.size() / 2] ^ 4);
        return base::replace_file(disk, path, flipped);
      }
    }
  }

  Pod pod;
  SlotType type;
  MemberId member;
  std::string own;
  Slot slot;
};

class SlotTable : public testing::TestWithParam<SlotType> {};

TEST_P(SlotTable, HasOneOutcomeForWhateverHappens) {
  for (const auto& row : rows) {
    SCOPED_TRACE(static_cast<int>(row.event));
    Case one(GetParam());
    // An enrolment slot is written anew while it is used: any sound file of its id is it.
    const bool any_age = GetParam() == SlotType::enrolment;
    const bool expires = GetParam() != SlotType::enrolment;
    auto expected = row.outcome;
    if (row.event == Event::older_put_back && any_age) expected = Outcome::opens;
    if (row.event == Event::expired && !expires) continue;
    one.befall(row.event);
    const bool opened = one.opens(row.event == Event::wrong_secret ? 'w' : 's');
    EXPECT_EQ(opened, expected == Outcome::opens);
    EXPECT_EQ(one.pod.keys->damaged_slots(one.member).size(), expected == Outcome::reported ? 1U : 0U);
    EXPECT_TRUE(one.pod.logs_in("alice", one.own)) << "the member's other secret goes on";
  }
}

/// Of a member who has enrolled; enrolment itself clears the folder.
class EnrolledSlotTable : public testing::TestWithParam<SlotType> {};

TEST_P(EnrolledSlotTable, LetsNothingLieThatWasPutBack) {
  Case one(GetParam());
  one.befall(Event::put_back);
  ASSERT_TRUE(one.pod.disk->status(one.pod.path_of(one.slot)));
  EXPECT_TRUE(one.pod.logs_in("alice", one.own));
  EXPECT_FALSE(one.pod.disk->status(one.pod.path_of(one.slot)));
}

INSTANTIATE_TEST_SUITE_P(EveryType, SlotTable,
                         testing::Values(SlotType::enrolment, SlotType::password, SlotType::app, SlotType::recovery,
                                         SlotType::session, SlotType::send_only, SlotType::guest));
INSTANTIATE_TEST_SUITE_P(EveryType, EnrolledSlotTable,
                         testing::Values(SlotType::password, SlotType::app, SlotType::recovery, SlotType::session,
                                         SlotType::send_only, SlotType::guest));

}  // namespace
}  // namespace mailpod::members
