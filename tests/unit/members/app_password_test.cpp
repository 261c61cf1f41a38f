#include "app_password.hpp"

#include <gtest/gtest.h>

#include <set>

#include "simulation/entropy.hpp"

namespace mailpod::members {
namespace {

constexpr std::string_view alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

TEST(AppPassword, IsGroupedForTypingAndRecognisable) {
  simulation::Entropy entropy;
  const std::string password = generate_app_password(entropy);
  EXPECT_EQ(password.size(), 33u) << password;
  EXPECT_TRUE(password.starts_with("mp-"));
  EXPECT_EQ(shape_of(password), SecretShape::app_password);
  EXPECT_EQ(canonical_app_password(password), password);
}

TEST(AppPassword, ForgivesWhatTypingDoes) {
  simulation::Entropy entropy;
  const std::string password = generate_app_password(entropy);
  std::string typed;
  for (const char c : password) {
    if (c == '-') continue;
    typed += c == '1' ? 'l' : c == '0' ? 'O' : static_cast<char>(std::toupper(c));
  }
  EXPECT_EQ(canonical_app_password(typed), password);
  EXPECT_EQ(canonical_app_password(typed.substr(0, 9) + "  " + typed.substr(9)), password);
}

TEST(AppPassword, FindsEveryWrongCharacter) {
  simulation::Entropy entropy;
  const std::string password = generate_app_password(entropy);
  for (std::size_t i = 3; i < password.size(); ++i) {
    if (password[i] == '-') continue;
    for (const char c : alphabet) {
      if (c == password[i]) continue;
      std::string wrong = password;
      wrong[i] = c;
      EXPECT_EQ(shape_of(wrong), SecretShape::mistyped_app_password) << wrong;
    }
  }
}

TEST(AppPassword, IsNotWhatPeopleChoose) {
  for (const char* chosen : {"", "correct horse battery staple", "mp-short", "mp", "MP3 player",
                             "xx-00000-00000-00000-00000-000000", "mp-00000-00000-00000-00000-0000u0"}) {
    EXPECT_EQ(shape_of(chosen), SecretShape::human) << chosen;
  }
  EXPECT_EQ(shape_of(std::string(1 << 20, 'm')), SecretShape::human);
}

TEST(AppPassword, UsesEveryCharacterAndNeverRepeats) {
  simulation::Entropy entropy;
  std::set<std::string> passwords;
  std::set<char> used;
  for (int i = 0; i < 1000; ++i) {
    const auto password = generate_app_password(entropy);
    passwords.insert(password);
    used.insert(password.begin() + 3, password.end());
  }
  EXPECT_EQ(passwords.size(), 1000u);
  EXPECT_EQ(used.size(), alphabet.size() + 1);  // and the hyphen
}

}  // namespace
}  // namespace mailpod::members
