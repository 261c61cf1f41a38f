#include <mailpod/message/scanner.hpp>

#include <array>

#include "line_splitter.hpp"
#include "tree_builder.hpp"

namespace mailpod::message {

class Scanner::State {
public:
  explicit State(const Settings& settings) : tree_(settings) {}

  void feed(std::string_view octets) {
    lines_.feed(octets, [this] { return tree_.line_limit(); }, [this](const Line& line) { tree_.take(line); });
  }

  Structure finish() {
    lines_.finish([this](const Line& line) { tree_.take(line); });
    return tree_.finish(lines_.offset());
  }

  const HeaderFacts& facts() const { return tree_.facts(); }

private:
  LineSplitter lines_;
  TreeBuilder tree_;
};

Scanner::Scanner() : Scanner(Settings{}) {}
Scanner::Scanner(const Settings& settings) : state_(std::make_unique<State>(settings)) {}
Scanner::~Scanner() = default;
Scanner::Scanner(Scanner&&) noexcept = default;
Scanner& Scanner::operator=(Scanner&&) noexcept = default;

void Scanner::feed(std::string_view octets) {
  state_->feed(octets);
}
Structure Scanner::finish() {
  return state_->finish();
}
const HeaderFacts& Scanner::facts() const {
  return state_->facts();
}

Structure scan(std::string_view message, const Scanner::Settings& settings) {
  Scanner scanner(settings);
  scanner.feed(message);
  return scanner.finish();
}

Structure scan(const base::OctetSource& message, const Scanner::Settings& settings) {
  Scanner scanner(settings);
  std::array<char, 32 * 1024> chunk;
  std::uint64_t offset = 0;
  while (const std::size_t count = message.read_at(offset, chunk)) {
    scanner.feed({chunk.data(), count});
    offset += count;
  }
  return scanner.finish();
}

}  // namespace mailpod::message
