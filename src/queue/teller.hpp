#pragma once

#include <boost/asio/awaitable.hpp>

#include <mailpod/queue/entry.hpp>
#include <mailpod/queue/sender.hpp>

#include "report.hpp"

namespace mailpod::queue {

/// Tells submitters what became of their mail. Borrows both; loop.
class Teller {
public:
  Teller(const Sender::Ports& ports, const Sender::Settings& settings) : ports_(ports), settings_(settings) {}

  /// What is due to be told of this entry now.
  News news_of(const Entry& entry) const;
  /// True once the report is durable in the submitter's vault, or nobody can receive it any more. False: to be tried
  /// again.
  boost::asio::awaitable<bool> tell(const Entry& entry, const News& news);

private:
  Returned read(const Entry& entry, const News& news) const;

  const Sender::Ports& ports_;
  const Sender::Settings& settings_;
};

/// Marks in the entry what was told.
void mark_told(Entry& entry, const News& news);

}  // namespace mailpod::queue
