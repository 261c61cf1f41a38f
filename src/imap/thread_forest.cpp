#include "thread_forest.hpp"

#include <utility>

#include "response.hpp"
#include "session.hpp"

namespace mailpod::imap {
namespace {

/// Walks through a forest and writes it, with a stack of its own: a thread may be as deep as the mailbox is large.
class Writer {
public:
  Writer(std::string& out, const View& view, const ThreadForest& forest, Numbers by)
      : out_(out), view_(view), forest_(forest), by_(by) {
    open_.push_back({&forest.roots, 0});
  }

  /// About so many steps; true if more are left.
  bool next(std::size_t steps) {
    for (; steps > 0 && !open_.empty(); --steps) step();
    return !open_.empty();
  }

private:
  /// Siblings, each in parentheses, and how many of them were begun.
  struct Siblings {
    const std::vector<std::uint32_t>* nodes;
    std::size_t begun;
  };

  void step() {
    if (branch_ != nullptr) {
      write_branch();
      return;
    }
    auto& siblings = open_.back();
    if (siblings.begun == siblings.nodes->size()) {
      open_.pop_back();
      if (!open_.empty()) out_ += ')';
      return;
    }
    out_ += '(';
    branch_ = &forest_.nodes[(*siblings.nodes)[siblings.begun++]];
  }

  /// One message of those that follow each other, until they part or end.
  void write_branch() {
    const auto* node = std::exchange(branch_, nullptr);
    if (node->message.value != 0) write(node->message);
    if (node->children.empty()) {
      out_ += ')';
      return;
    }
    if (node->message.value != 0) out_ += ' ';
    if (node->children.size() == 1) {
      branch_ = &forest_.nodes[node->children.front()];
    } else {
      open_.push_back({&node->children, 0});
    }
  }

  void write(store::SeqNum message) {
    write_number(out_, by_ == Numbers::uid ? view_.at(message).uid.value : message.value);
  }

  std::string& out_;
  const View& view_;
  const ThreadForest& forest_;
  const Numbers by_;
  std::vector<Siblings> open_;
  const ThreadForest::Node* branch_ = nullptr;  // to be written next, if any, before the siblings go on
};

}  // namespace

boost::asio::awaitable<void> write_threads(Session& session, const View& view, const ThreadForest& forest, Numbers by) {
  constexpr std::size_t steps_at_once = 1'000;
  auto& out = session.out();
  out.text() += "* THREAD";
  if (!forest.roots.empty()) out.text() += ' ';
  Writer writer(out.text(), view, forest, by);
  while (writer.next(steps_at_once)) co_await out.flush_if_large();
  out.text() += "\r\n";
}

}  // namespace mailpod::imap
