// Coroutine shapes that g++ 12.2 gets wrong, each once, on a line that says so, and their neighbours that it gets
// right. Built by nobody: coroutines.py must find the former and none of the latter.
//
// Each line was compiled by g++ 12.2 with -O0 and -O2 and its objects were counted.

#include <coroutine>
#include <string>
#include <utility>
#include <vector>

namespace {

struct Task {
  struct promise_type {
    Task get_return_object();
    std::suspend_always initial_suspend();
    std::suspend_always final_suspend() noexcept;
    void return_value(int);
    void unhandled_exception();
  };
  ~Task();
  bool await_ready();
  void await_suspend(std::coroutine_handle<>);
  int await_resume();
};

struct Aggregate {
  std::string octets;
  int number = 0;
  Task asked() const;
};

struct Plain {
  int first, second;
};

struct Written {
  Written(std::string given);
  std::string octets;
};

Task takes(Aggregate);
Task takes_default(int, Aggregate = {});
Task takes_plain(Plain);
Task takes_written(Written);
Task looks_at(const Aggregate&);
Task text(std::string);
Task look(const std::string&);
Task list(std::vector<int>);
Task call_later(auto work);
Task pair(std::pair<std::string, int>);
Aggregate made();

Task closures(std::string word) {
  co_await call_later([word] { return word.size(); });           // bad
  co_await call_later([kept = word + "s"] { return kept; });     // bad
  co_await text([word] { return word; }());                      // bad
  auto named = [word] { return word.size(); };
  co_await call_later(std::move(named));
  co_await call_later([&word] { return word.size(); });
  co_await call_later([] { return 1; });
  auto pending = call_later([word] { return word; });
  co_return co_await std::move(pending);
}

Task aggregates(std::string word) {
  co_await takes(Aggregate{word});                               // bad
  co_await takes({word, 1});                                     // bad
  co_await takes({.octets = word});                              // bad
  co_await takes(Aggregate(word, 1));                            // bad
  co_await looks_at(Aggregate{});                                // bad
  co_await Aggregate{}.asked();                                  // bad
  co_await takes_default(1);                                     // bad
  co_await text(Aggregate{word}.octets);                         // bad
  const Aggregate of_awaited{word, co_await text(word)};         // bad
  const auto copied = Aggregate{word, co_await text(word)};      // bad
  const Aggregate named{word};
  co_await takes(named);
  co_await takes_default(1, named);
  co_await takes(Aggregate());
  co_await takes(made());
  co_await takes_plain(Plain{1, 2});
  co_await takes_written(Written(word));
  co_await takes_written(Written{word});
  co_await takes_written(word + "s");
  co_await pair({word, 1});
  auto pending = takes(Aggregate{word});
  co_await std::move(pending);
  co_return co_await takes({word});                              // bad
}

Task choices(std::string word, bool first) {
  co_await text(first ? word + "s" : std::string("t"));          // bad
  co_await look(first ? word : std::string("t"));                // bad
  co_await (first ? text(word) : look(word));                    // bad
  const std::string other = word + "s";
  co_await look(first ? word : other);
  const std::string chosen = first ? word : std::string("t");
  co_await look(chosen);
  co_return first ? co_await text(word) : 0;
}

Task conditions(std::string word) {
  if (co_await look(word + "s")) co_return 1;                    // bad
  if (!co_await look(word + "s")) co_return 1;                   // bad
  if (co_await look(word + "s") == 3) co_return 1;               // bad
  if (const int found = co_await look(word + "s")) co_return found;  // bad
  switch (co_await look(word + "s")) {                           // bad
    default: break;
  }
  const int found = co_await look(word + "s");
  if (found > 0) co_await look(word);
  if (const int again = co_await look(word); again > 0) co_return again;
  while (co_await look(word + "s")) word += "s";
  for (; co_await look(word + "s");) word += "s";
  co_return (co_await look(word)) + (co_await text(word));
}

Task lists(std::string word) {
  co_await list({1, 2});                                         // bad
  co_await list(std::vector<int>{1, 2});                         // bad
  const std::vector<int> all{co_await text(word), 2};            // bad
  const std::vector<int> named{1, 2};
  co_await list(named);
  co_await list(std::vector<int>(2, 3));
  const int numbers[]{co_await text(word), 2};
  co_return numbers[0];
}

/// What a coroutine written in an expression awaits is its own affair.
Task starts(std::string word) {
  call_later([word]() -> Task { co_return co_await text(word); });
  call_later(
      [](std::string kept) -> Task {
        co_await takes({kept});                                  // bad
        co_return 1;
      });
  co_return 0;
}

}  // namespace
