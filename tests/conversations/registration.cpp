#include <algorithm>
#include <stdexcept>

#include <gtest/gtest.h>

#include "dialogue.hpp"

namespace mailpod::conversations {

namespace {

class Played final : public testing::Test {
public:
  Played(std::filesystem::path file, Tested tested, std::function<std::unique_ptr<Exchange>()> make)
      : file_(std::move(file)), tested_(tested), make_(std::move(make)) {}

  void TestBody() override {
    const Dialogue dialogue = read_dialogue(file_, tested_);
    const auto exchange = make_();
    const auto trouble = play(dialogue, *exchange);
    EXPECT_FALSE(trouble) << dialogue.sentence << "\n" << *trouble;
  }

private:
  std::filesystem::path file_;
  Tested tested_;
  std::function<std::unique_ptr<Exchange>()> make_;
};

}  // namespace

void register_dialogues(const std::string& suite, const std::filesystem::path& folder,
                        const std::function<std::unique_ptr<Exchange>()>& make, Tested tested) {
  const auto files = dialogues_in(folder);
  if (files.empty()) throw std::runtime_error("no dialogues in " + folder.string());
  for (const auto& file : files) {
    std::string name = file.stem().string();
    std::ranges::replace_if(
        name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); }, '_');
    testing::RegisterTest(suite.c_str(), name.c_str(), nullptr, nullptr, file.c_str(), 1,
                          [=]() -> testing::Test* { return new Played(file, tested, make); });
  }
}

}  // namespace mailpod::conversations
