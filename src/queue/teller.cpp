#include "teller.hpp"

#include <system_error>

#include "outcome.hpp"

namespace mailpod::queue {

using boost::asio::awaitable;

News Teller::news_of(const Entry& entry) const {
  News news;
  const base::Time now = ports_.clock.now();
  for (std::size_t place = 0; place < entry.recipients.size(); ++place) {
    const Recipient& recipient = entry.recipients[place];
    if (must_tell_end(entry, recipient)) {
      news.ended(recipient).push_back(place);
    } else if (must_tell_delay(entry, recipient, settings_.timetable, now)) {
      news.delayed.push_back(place);
    }
  }
  return news;
}

awaitable<bool> Teller::tell(const Entry& entry, const News& news) {
  const auto reading = [&] { return read(entry, news); };
  try {
    const Returned returned = co_await ports_.pool.run(reading);
    const Timetable::Record record{entry.arrival, entry.expires, 0};
    const Reporter reporter{settings_.domain, ports_.clock.now(), settings_.timetable.end_of(record),
                            report_boundary(ports_.entropy)};
    const std::string report = write_report(entry, news, returned, reporter);
    const base::MemorySource source(report);
    const Status given = co_await ports_.returns.give_back(entry.submitter.value(), source);
    if (given) {
      ports_.log.info("queue.told id={} failed={} delayed={} relayed={} delivered={} expanded={}", entry.id.str(),
                      news.failed.size(), news.delayed.size(), news.relayed.size(), news.delivered.size(),
                      news.expanded.size());
    } else {
      ports_.log.warning("queue.untold id={} reason=\"{}\"", entry.id.str(), given.error().message());
    }
    co_return true;
  } catch (const std::system_error& error) {
    ports_.log.error("queue.untold id={} reason=\"{}\" again=yes", entry.id.str(), error.code().message());
  }
  co_return false;
}

/// A message that cannot be read keeps nobody from hearing that it did not arrive.
Returned Teller::read(const Entry& entry, const News& news) const {
  try {
    const auto message = ports_.spool.open_message(entry);
    if (message) return read_returned(entry, news, **message, settings_.returned_octets);
    ports_.log.error("queue.damaged id={} reason=\"{}\"", entry.id.str(), message.error().message());
  } catch (const std::system_error& error) {
    ports_.log.error("queue.damaged id={} reason=\"{}\"", entry.id.str(), error.code().message());
  }
  return {};
}

void mark_told(Entry& entry, const News& news) {
  for (const auto* places : {&news.failed, &news.relayed, &news.delivered, &news.expanded}) {
    for (const std::size_t place : *places) entry.recipients.at(place).told = true;
  }
  if (!news.delayed.empty()) entry.delay_told = true;
}

}  // namespace mailpod::queue
