#include "threads.hpp"

#include <algorithm>
#include <functional>
#include <unordered_map>
#include <utility>

#include "growing_forest.hpp"
#include "planting.hpp"
#include "subject_merge.hpp"

namespace mailpod::imap {
namespace {

using Place = GrowingForest::Place;

/// One stage of an algorithm: does a little, and says whether more of it is left.
using Stage = std::function<bool()>;

/// Does `work(0)`, `work(1)`, … as long as there are so many, which is asked each time.
Stage each(std::function<std::size_t()> count, std::function<void(std::size_t)> work) {
  return [count = std::move(count), work = std::move(work), next = std::size_t{0}]() mutable {
    if (next == count()) return false;
    work(next++);
    return true;
  };
}

Stage once(std::function<void()> work) {
  return [work = std::move(work)] {
    work();
    return false;
  };
}

/// For ORDEREDSUBJECT: the messages of each subject.
class BySubject {
public:
  explicit BySubject(GrowingForest& forest) : forest_(forest) {}

  void enter(std::size_t at) {
    const auto subject = forest_.message(static_cast<Place>(at)).subject.value_or(TextMark{});
    const auto [place, is_new] = places_.try_emplace(subject, threads.size());
    if (is_new) threads.emplace_back();
    threads[place->second].push_back(static_cast<Place>(at));
  }

  void plant(std::size_t which) {
    const auto thread = std::exchange(threads[which], {});
    forest_.roots().push_back(thread.front());
    forest_.children(thread.front()).assign(thread.begin() + 1, thread.end());
  }

  std::vector<std::vector<Place>> threads;

private:
  GrowingForest& forest_;
  std::unordered_map<TextMark, std::size_t, TextMarkHash> places_;
};

}  // namespace

class ThreadBuild::Work {
public:
  Work(ThreadAlgorithm algorithm, const ThreadScan& scan)
      : forest(scan), planting_(forest, scan.nodes()), merge_(forest), by_subject_(forest) {
    messages_ = [&scan] { return scan.messages().size(); };
    stages_.push_back(each(messages_, [this](std::size_t) { forest.add_message(); }));
    switch (algorithm) {
      case ThreadAlgorithm::ordered_subject:
        join_subjects();
        break;
      case ThreadAlgorithm::references:
        plant();
        merge_subjects();
        sort_all();
        break;
      case ThreadAlgorithm::refs:
        plant();
        sort_by_arrival();
        break;
    }
  }

  /// A little; false if nothing is left.
  bool next() {
    if (stage_ < stages_.size() && !stages_[stage_]()) ++stage_;
    return stage_ < stages_.size();
  }

  GrowingForest forest;

private:
  void join_subjects() {
    const auto threads = [this] { return by_subject_.threads.size(); };
    stages_.push_back(each(messages_, [this](std::size_t at) { by_subject_.enter(at); }));
    sort([this](std::size_t at) { return at < by_subject_.threads.size() ? &by_subject_.threads[at] : nullptr; },
         by_sent());
    stages_.push_back(each(threads, [this](std::size_t which) { by_subject_.plant(which); }));
    sort_roots(by_sent());
  }

  void plant() {
    const auto nodes = [this] { return planting_.nodes(); };
    const auto absent = [this] { return planting_.absent(); };
    stages_.push_back(each(nodes, [this](std::size_t node) { planting_.anchor(node); }));
    stages_.push_back(each(nodes, [this](std::size_t node) { planting_.plant(node); }));
    stages_.push_back(each(absent, [this](std::size_t which) { planting_.root_absent(which); }));
    sort_all();
  }

  void merge_subjects() {
    const auto roots = [this] { return merge_.roots(); };
    stages_.push_back(each(roots, [this](std::size_t root) { merge_.enter(root); }));
    stages_.push_back(each(roots, [this](std::size_t root) { merge_.merge(root); }));
    stages_.push_back(once([this] { merge_.forget_merged(); }));
  }

  void sort_by_arrival() {
    const auto roots = [this] { return forest.roots().size(); };
    stages_.push_back(each(roots, [this](std::size_t root) { find_latest(forest.roots()[root]); }));
    sort_roots([this](Place left, Place right) {
      if (latest_[left] != latest_[right]) return latest_[left] < latest_[right];
      return forest.is_sent_before(left, right);
    });
  }

  /// When a root's thread got its last message.
  void find_latest(Place root) {
    latest_.resize(forest.grown.nodes.size(), 0);
    std::vector<Place> rest = {root};
    while (!rest.empty()) {
      const auto at = rest.back();
      rest.pop_back();
      if (!forest.is_absent(at)) latest_[root] = std::max(latest_[root], forest.message(at).received);
      const auto& children = forest.children(at);
      rest.insert(rest.end(), children.begin(), children.end());
    }
  }

  SiblingSort::Before by_sent() {
    return [this](Place left, Place right) { return forest.is_sent_before(left, right); };
  }
  void sort(SiblingSort::List list, SiblingSort::Before before) {
    const auto work = std::make_shared<SiblingSort>(std::move(list), std::move(before));
    stages_.emplace_back([work] { return work->next(); });
  }
  void sort_roots(SiblingSort::Before before) {
    sort([this](std::size_t at) { return at == 0 ? &forest.roots() : nullptr; }, std::move(before));
  }
  /// Step 6, and before it step 4: children first, because of those whose first child's date counts.
  void sort_all() {
    const auto list = [this](std::size_t at) {
      return at < forest.grown.nodes.size() ? &forest.children(static_cast<Place>(at)) : nullptr;
    };
    sort(list, by_sent());
    sort_roots(by_sent());
  }

  std::function<std::size_t()> messages_;
  Planting planting_;
  SubjectMerge merge_;
  BySubject by_subject_;
  std::vector<std::uint32_t> latest_;  // by root
  std::vector<Stage> stages_;
  std::size_t stage_ = 0;
};

ThreadBuild::ThreadBuild(ThreadAlgorithm algorithm, const ThreadScan& scan, base::Clock& clock)
    : work_(std::make_unique<Work>(algorithm, scan)), clock_(clock) {}

ThreadBuild::~ThreadBuild() = default;

bool ThreadBuild::next(std::chrono::microseconds time) {
  const auto deadline = clock_.monotonic() + time;
  constexpr unsigned between_looks_at_the_clock = 64;
  for (unsigned done = 1; work_->next(); ++done) {
    if (done % between_looks_at_the_clock == 0 && clock_.monotonic() > deadline) return true;
  }
  return false;
}

const ThreadForest& ThreadBuild::forest() const {
  return work_->forest.grown;
}

}  // namespace mailpod::imap
