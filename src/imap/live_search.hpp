#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "fetch_items.hpp"
#include "live_order.hpp"
#include "resolved_search.hpp"
#include "search_answer.hpp"
#include "view.hpp"

namespace mailpod::imap {

class Session;

/// A search of the selected mailbox whose result the client goes on following. RFC 5267 §4.3. Loop.
class LiveSearch {
public:
  /// How the client knows it.
  struct Name {
    std::string tag;
    Numbers by;
    std::optional<std::string> mailbox;  ///< of ESEARCH, RFC 7377 §2.1
    std::vector<FetchItem> shown;        ///< of what arrives, RFC 5465 §7
  };
  /// What `program` found in `view`, sorted or not.
  LiveSearch(Name name, SearchProgram program, const View& view, const Found& found);
  void keep_sorted_by(const SortCriteria& criteria, const View& view, const Found& sorted);

  const Name& name() const { return name_; }

  /// Looks at what changed in the view since, on the pool, and tells REMOVEFROM of what was expunged: before that is
  /// told, which shifts the numbers.
  boost::asio::awaitable<void> before_news(Session& session, const View& view);
  /// Looks at what arrived; tells REMOVEFROM of what changed, after its FETCH (RFC 5465 §5.1), and ADDTO, after EXISTS,
  /// without which the client knows no such numbers.
  boost::asio::awaitable<void> after_news(Session& session, const View& view);

private:
  /// Those that the program finds; ascending. Nothing if the vault was closed meanwhile.
  boost::asio::awaitable<std::optional<std::vector<store::Uid>>> found_among(Session& session, const View& view,
                                                                             const std::vector<store::Uid>& uids) const;
  using Steps = std::vector<LiveOrder::Step>;
  boost::asio::awaitable<void> take_out(Session& session, const View& view, std::vector<store::Uid> uids);
  boost::asio::awaitable<void> put_in(Session& session, const View& view, std::vector<store::Uid> uids);
  boost::asio::awaitable<void> show(Session& session, const View& view, const std::vector<store::Uid>& arrived) const;
  Numbers by(const Session& session) const;
  std::optional<std::uint32_t> number_of(const Session& session, const View& view, store::Uid uid) const;
  void tell(Session& session, const View& view, std::string_view item, const std::vector<store::Uid>& uids) const;
  void tell(Session& session, const View& view, std::string_view item, const Steps& steps) const;

  Name name_;
  std::shared_ptr<const ResolvedSearch> search_;
  std::shared_ptr<const store::MailboxState> looked_at_;
  std::vector<store::Uid> matching_;  // ascending, as the others
  std::optional<LiveOrder> order_;    // of those, if they are sorted
  std::vector<store::Uid> added_;     // to be told
  std::vector<store::Uid> changed_;   // they match no more, which is to be told
  std::vector<store::Uid> arrived_;   // not looked at yet: the client does not know of them
};

/// The searches that a client follows in the mailbox that it has selected.
class LiveSearches {
public:
  /// How many at a time: each keeps four octets for every message that it found.
  static constexpr std::size_t most = 8;

  bool has(std::string_view tag) const;
  bool is_empty() const { return searches_.empty(); }
  bool is_full() const { return searches_.size() >= most; }
  void add(LiveSearch search) { searches_.push_back(std::move(search)); }
  /// False if there is none of this tag.
  bool cancel(std::string_view tag);

  /// What announcing the mailbox's news begins and ends with.
  boost::asio::awaitable<void> before_news(Session& session, const View& view);
  boost::asio::awaitable<void> after_news(Session& session, const View& view);

private:
  std::vector<LiveSearch> searches_;
};

/// Why a command cannot ask for UPDATE at all, whatever it finds; nothing if it can.
std::optional<std::string_view> why_no_update(Session& session, const SearchReturn& returned);
/// From now on the client is told of changes, or is told that it is not: RFC 5267 §4.3.1.
void follow(Session& session, const SearchProgram& program, const Found& found, const SearchAnswer& answer);
/// The same of a command whose results are never followed.
void refuse_to_follow(Session& session, std::string_view reason);

}  // namespace mailpod::imap
