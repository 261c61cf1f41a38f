#include <gtest/gtest.h>

#include <mailpod/governance/act_text.hpp>

#include "simulation/frozen.hpp"

namespace mailpod::governance {
namespace {

using simulation::frozen;

const MemberId one{{1}}, two{{2}};

ActText sample() {
  return {"The garden", "Dear all,\n\nthe garden opens in May.\n", {one, two}, {7}};
}

TEST(ActTextTest, IsReadAsItWasWritten) {
  auto text = sample();
  EXPECT_EQ(parse_act_text(write_act_text(text), "t").value(), text);
  text.parties.clear();
  EXPECT_EQ(parse_act_text(write_act_text(text), "t").value(), text);
  text.body.clear();
  EXPECT_EQ(parse_act_text(write_act_text(text), "t").value(), text);
  text.subject = "Gärten";
  EXPECT_EQ(parse_act_text(write_act_text(text), "t").value(), text);
}

TEST(ActTextTest, IsReadForEver) {
  const auto octets = frozen("act-text-1.txt", [] { return write_act_text(sample()); });
  EXPECT_EQ(parse_act_text(octets, "act-text-1.txt").value(), sample());
}

TEST(ActTextTest, HasOneFormAndLimits) {
  const auto with = [](const std::function<void(ActText&)>& change) {
    auto text = sample();
    change(text);
    return parse_act_text(write_act_text(text), "t").has_value();
  };
  EXPECT_TRUE(with([](ActText&) {}));
  EXPECT_FALSE(with([](ActText& t) { t.subject.clear(); }));
  EXPECT_FALSE(with([](ActText& t) { t.subject = std::string(201, 'x'); }));
  EXPECT_FALSE(with([](ActText& t) { t.subject = "a\rBcc: all"; }));
  EXPECT_FALSE(with([](ActText& t) { t.body = "no end"; }));
  EXPECT_FALSE(with([](ActText& t) { t.body = std::string(901, 'x') + "\n"; }));
  EXPECT_TRUE(with([](ActText& t) { t.body = std::string(900, 'x') + "\n"; }));
  EXPECT_FALSE(with([](ActText& t) { t.body = "a\r\n"; }));
  EXPECT_FALSE(with([](ActText& t) { t.body = "\xff\n"; }));
  EXPECT_FALSE(with([](ActText& t) { t.body = std::string(largest_act_text, '\n'); }));
  EXPECT_FALSE(with([](ActText& t) { t.parties = {two, one}; })) << "ascending";
  EXPECT_FALSE(with([](ActText& t) { t.parties = {one, one}; })) << "each once";
  EXPECT_FALSE(with([](ActText& t) {
    t.parties.clear();
    for (unsigned char i = 0; i <= most_parties; ++i) t.parties.push_back(MemberId{{1, i}});
  }));
  auto octets = write_act_text(sample());
  EXPECT_FALSE(parse_act_text(octets + "\n", "t"));
  EXPECT_FALSE(parse_act_text(octets.substr(0, octets.size() - 1), "t"));
  EXPECT_FALSE(parse_act_text("", "t"));
  EXPECT_FALSE(parse_act_text("salt " + std::string(64, '0') + "\n", "t"));
}

}  // namespace
}  // namespace mailpod::governance
