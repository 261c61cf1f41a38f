// Any octets as the sort program, the threads' letters and the subject: sorting and threading give each message back
// once, and a base subject has nothing left to take off.

#include <algorithm>
#include <cstdlib>
#include <optional>

#include <mailpod/message/header_values.hpp>

#include "../../src/imap/base_subject.hpp"
#include "../../src/imap/sort_criteria.hpp"
#include "../../src/imap/sort_scan.hpp"
#include "../../src/imap/threads.hpp"
#include "unit/store/household.hpp"

namespace {

using namespace mailpod;
using store::test::Household;

/// A mailbox whose letters refer to each other in ways that the input says.
struct Mailbox {
  explicit Mailbox(std::string_view references) : vault(house.open()) {
    for (std::size_t i = 0; i < references.size() && i < 24; ++i) {
      const auto octet = static_cast<unsigned char>(references[i]);
      Household::append(*vault, letter(i, octet), "INBOX", {});
    }
  }
  static std::string letter(std::size_t number, unsigned char octet) {
    const auto id = [](std::size_t of) { return "<" + std::string(1, static_cast<char>('a' + of % 16)) + "@x>"; };
    std::string text;
    if (octet % 8 != 7) text += "Message-ID: " + id(number) + "\r\n";
    if (octet % 3 != 0) text += "References: " + id(octet) + " " + id(octet / 16U) + "\r\n";
    if (octet % 5 != 0)
      text += std::string("Subject: ") + (octet % 2 == 0 ? "Re: " : "") + static_cast<char>('a' + octet % 4) + "\r\n";
    return text + "\r\n.\r\n";
  }
  Household house;
  std::unique_ptr<store::Vault> vault;
};

void check_forest(const imap::ThreadForest& forest, std::size_t messages) {
  std::vector<bool> seen(messages + 1);
  std::vector<std::uint32_t> rest = forest.roots;
  std::size_t count = 0;
  while (!rest.empty()) {
    const auto& node = forest.nodes[rest.back()];
    rest.pop_back();
    if (node.message.value == 0 && node.children.size() < 2) std::abort();
    if (node.message.value != 0) {
      if (seen.at(node.message.value)) std::abort();
      seen[node.message.value] = true;
      ++count;
    }
    rest.insert(rest.end(), node.children.begin(), node.children.end());
  }
  if (count != messages) std::abort();
}

void check_subject(std::string_view octets) {
  const auto base = imap::base_subject(message::decode_header_value(octets));
  const auto again = imap::base_subject(base.text);
  if (again.text != base.text || again.is_reply_or_forward) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size < 1 || size > 2'000) return 0;
  std::string_view octets(reinterpret_cast<const char*>(data), size);
  check_subject(octets);
  const auto letters = std::min<std::size_t>(static_cast<unsigned char>(octets.front()) % 25U, size - 1);
  const auto references = octets.substr(1, letters);
  text::Cursor in(octets.substr(1 + letters));
  const auto criteria = imap::parse_sort_criteria(in);
  if (criteria.has_error() && references.empty()) return 0;

  Mailbox mailbox(references);
  const imap::View view(mailbox.vault->state()->find("INBOX"));
  std::vector<store::SeqNum> all;
  for (std::uint32_t number = 1; number <= view.count(); ++number) all.push_back({number});

  if (criteria.has_value()) {
    imap::Found found;
    found.messages = all;
    imap::SortScan sort(*criteria, found, view, *mailbox.vault, mailbox.house.clock);
    while (sort.next(std::chrono::hours(1))) {
    }
    auto sorted = sort.sorted().messages;
    std::ranges::sort(sorted);
    if (sorted != all) std::abort();
  }
  imap::ThreadScan threads(all, view, *mailbox.vault, mailbox.house.clock);
  while (threads.next(std::chrono::hours(1))) {
  }
  using imap::ThreadAlgorithm;
  for (const auto algorithm : {ThreadAlgorithm::ordered_subject, ThreadAlgorithm::references, ThreadAlgorithm::refs}) {
    imap::ThreadBuild build(algorithm, threads, mailbox.house.clock);
    while (build.next(std::chrono::hours(1))) {
    }
    check_forest(build.forest(), all.size());
  }
  return 0;
}
