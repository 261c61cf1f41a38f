#include "threads.hpp"

#include <algorithm>
#include <tuple>

namespace mailpod::imap {
namespace {

using Place = std::uint32_t;
constexpr Place none = ThreadScan::none;

/// A forest that grows. Its first nodes are the messages, in mailbox order; behind them are messages that are not
/// there.
class Growing {
public:
  explicit Growing(const ThreadScan& scan) : messages_(scan.messages()) {
    for (const auto& message : messages_) forest.nodes.push_back({message.number, {}});
  }

  const ThreadedMessage& message(Place at) const { return messages_[at]; }
  bool is_absent(Place at) const { return at >= messages_.size(); }
  std::vector<Place>& children(Place at) { return forest.nodes[at].children; }
  Place add_absent() {
    forest.nodes.emplace_back();
    return static_cast<Place>(forest.nodes.size() - 1);
  }

  /// Whose date and subject a node has: of one that is not there, its first child's.
  const ThreadedMessage& shown(Place at) const {
    return messages_[is_absent(at) ? forest.nodes[at].children.front() : at];
  }
  void sort_by_sent(std::vector<Place>& siblings) const {
    std::ranges::sort(siblings, {}, [this](Place at) { return std::tuple(shown(at).sent, shown(at).number); });
  }
  /// Step 6, and before it step 4: children first, because of those whose first child's date counts.
  void sort_all() {
    for (auto& node : forest.nodes) sort_by_sent(node.children);
    sort_by_sent(forest.roots);
  }

  ThreadForest forest;

private:
  const std::vector<ThreadedMessage>& messages_;
};

/// Of each node the nearest that stays when steps 2 and 3 are done: the message itself; of one that is not there its
/// nearest ancestor that is, or else the topmost. Each way up is walked once.
std::vector<Place> anchors_of(const std::vector<ThreadScan::Node>& nodes) {
  std::vector<Place> anchors(nodes.size(), none);
  std::vector<Place> way;
  for (Place node = 0; node < nodes.size(); ++node) {
    auto at = node;
    while (anchors[at] == none && nodes[at].message == none && nodes[at].parent != none) {
      way.push_back(at);
      at = nodes[at].parent;
    }
    if (anchors[at] == none) anchors[at] = at;
    for (const auto below : way) anchors[below] = anchors[at];
    way.clear();
  }
  return anchors;
}

/// Steps 2 and 3: roots, and no absent messages but those at a root with several children.
void plant(Growing& growing, const ThreadScan& scan) {
  const auto& nodes = scan.nodes();
  const auto anchors = anchors_of(nodes);
  std::vector<Place> absent_for(nodes.size(), none);
  auto& roots = growing.forest.roots;
  for (const auto& node : nodes) {
    if (node.message == none) continue;
    const auto anchor = node.parent == none ? none : anchors[node.parent];
    if (anchor == none) {
      roots.push_back(node.message);
    } else if (nodes[anchor].message != none) {
      growing.children(nodes[anchor].message).push_back(node.message);
    } else {
      if (absent_for[anchor] == none) absent_for[anchor] = growing.add_absent();
      growing.children(absent_for[anchor]).push_back(node.message);
    }
  }
  for (auto at = static_cast<Place>(scan.messages().size()); at < growing.forest.nodes.size(); ++at) {
    auto& children = growing.children(at);
    if (children.size() > 1) {
      roots.push_back(at);
    } else {
      roots.push_back(children.front());
      children.clear();
    }
  }
}

/// Step 5.
class SubjectMerge {
public:
  explicit SubjectMerge(Growing& growing) : growing_(growing) {}

  void run() {
    auto& roots = growing_.forest.roots;
    for (const auto root : roots) enter(root);
    const auto before = roots;
    for (const auto root : before) merge(root);
    std::erase_if(roots, [this](Place root) { return is_merged(root); });
  }

private:
  bool is_reply(Place at) const { return !growing_.is_absent(at) && growing_.message(at).is_reply_or_forward; }
  bool is_merged(Place at) const { return at < merged_.size() && merged_[at]; }
  void set_merged(Place at) {
    if (merged_.size() <= at) merged_.resize(at + 1);
    merged_[at] = true;
  }

  /// B: the subject table.
  void enter(Place current) {
    const auto& subject = growing_.shown(current).subject;
    if (!subject) return;
    const auto [entry, is_new] = table_.try_emplace(*subject, current);
    if (is_new || growing_.is_absent(entry->second)) return;
    if (growing_.is_absent(current) || (is_reply(entry->second) && !is_reply(current))) entry->second = current;
  }

  /// C.
  void merge(Place current) {
    const auto& subject = growing_.shown(current).subject;
    if (!subject || is_merged(current)) return;
    auto& kept = table_.find(*subject)->second;
    if (kept == current) return;
    set_merged(current);
    if (growing_.is_absent(kept) && growing_.is_absent(current)) {
      auto& moved = growing_.children(current);
      auto& into = growing_.children(kept);
      into.insert(into.end(), moved.begin(), moved.end());
    } else if (growing_.is_absent(kept) || (is_reply(current) && !is_reply(kept))) {
      growing_.children(kept).push_back(current);
    } else {
      const auto above = growing_.add_absent();
      growing_.children(above) = {kept, current};
      set_merged(kept);
      growing_.forest.roots.push_back(above);
      kept = above;
    }
  }

  Growing& growing_;
  std::unordered_map<TextMark, Place, TextMarkHash> table_;
  std::vector<bool> merged_;
};

/// When each root's thread got its last message.
std::vector<std::uint32_t> latest_arrivals(const Growing& growing) {
  std::vector<std::uint32_t> latest(growing.forest.nodes.size(), 0);
  std::vector<Place> rest;
  for (const auto root : growing.forest.roots) {
    rest.push_back(root);
    while (!rest.empty()) {
      const auto at = rest.back();
      rest.pop_back();
      if (!growing.is_absent(at)) latest[root] = std::max(latest[root], growing.message(at).received);
      const auto& children = growing.forest.nodes[at].children;
      rest.insert(rest.end(), children.begin(), children.end());
    }
  }
  return latest;
}

}  // namespace

ThreadForest ordered_subject_threads(const ThreadScan& scan) {
  Growing growing(scan);
  std::unordered_map<TextMark, std::size_t, TextMarkHash> places;
  std::vector<std::vector<Place>> threads;
  for (Place at = 0; at < scan.messages().size(); ++at) {
    const auto [place, is_new] = places.try_emplace(growing.message(at).subject.value_or(TextMark{}), threads.size());
    if (is_new) threads.emplace_back();
    threads[place->second].push_back(at);
  }
  for (auto& thread : threads) {
    growing.sort_by_sent(thread);
    growing.forest.roots.push_back(thread.front());
    growing.children(thread.front()).assign(thread.begin() + 1, thread.end());
  }
  growing.sort_by_sent(growing.forest.roots);
  return std::move(growing.forest);
}

ThreadForest references_threads(const ThreadScan& scan) {
  Growing growing(scan);
  plant(growing, scan);
  growing.sort_all();
  SubjectMerge(growing).run();
  growing.sort_all();
  return std::move(growing.forest);
}

ThreadForest refs_threads(const ThreadScan& scan) {
  Growing growing(scan);
  plant(growing, scan);
  growing.sort_all();
  const auto latest = latest_arrivals(growing);
  std::ranges::sort(growing.forest.roots, {}, [&](Place root) {
    return std::tuple(latest[root], growing.shown(root).sent, growing.shown(root).number);
  });
  return std::move(growing.forest);
}

}  // namespace mailpod::imap
