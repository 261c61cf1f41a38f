#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// How mail of strangers is met. docs/strangers.md.
namespace mailpod::delivery {

/// A list in DNS of addresses of which somebody thinks ill, or well. RFC 5782.
struct BlockList {
  /// Answers from 127.0.0.0 to 127.255.255.255, by their last three octets; both ends included.
  struct Codes {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    friend bool operator==(const Codes&, const Codes&) = default;
  };
  std::string zone;          ///< lower case
  int weight = 0;            ///< what being listed adds; negative: it speaks for the sender
  std::vector<Codes> codes;  ///< which answers count; empty: all
  friend bool operator==(const BlockList&, const BlockList&) = default;
};
/// `zen.example.org 4`, `list.example.org -2 127.0.10.0-127.0.10.255 127.0.2.1`: zone, weight from -10 to 10, and what
/// answers count. Nothing if it is none.
std::optional<BlockList> parse_block_list(std::string_view text);
/// As parse_block_list() reads it.
std::string write_block_list(const BlockList& list);

/// What is asked of the list's zone about a numeric address: `7.2.0.192.zen.example.org`. Nothing if it is no address.
/// RFC 5782 §2.1, §2.4.
std::optional<std::string> block_list_name(std::string_view zone, std::string_view address);

struct StrangerRules {
  enum class Greylisting {
    off,
    unproved,  ///< who proves no domain at all
    unknown,   ///< whoever is not known
  };
  enum class Reputation { off, junk };

  Greylisting greylisting = Greylisting::off;
  std::chrono::seconds delay{300};              ///< how long the first attempt waits
  std::chrono::seconds window{2 * 24 * 3600};   ///< by when the next one must have come
  std::chrono::seconds memory{36 * 24 * 3600};  ///< how long who has come again is not asked to
  std::vector<BlockList> lists;
  int junk_score = 4;                        ///< of the lists together; 0: never
  int refuse_score = 8;                      ///< likewise
  Reputation reputation = Reputation::junk;  ///< what meets strangers of a network or domain that sends little else
};

}  // namespace mailpod::delivery
