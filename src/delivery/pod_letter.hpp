#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <mailpod/crypto/spool.hpp>
#include <mailpod/delivery/chancery.hpp>
#include <mailpod/delivery/post_office.hpp>
#include <mailpod/mailauth/examination.hpp>
#include <mailpod/message/header_edit.hpp>
#include <mailpod/message/scanner.hpp>
#include <mailpod/queue/entry.hpp>
#include <mailpod/store/letterbox.hpp>

#include "final_copies.hpp"
#include "rules.hpp"
#include "sender_judgement.hpp"
#include "stranger.hpp"

namespace mailpod::delivery {

/// What begin() has decided about a message before its first octet.
struct Envelope {
  Circumstances circumstances;
  std::string reverse_path;          ///< as text; empty for <>
  message::Received received;        ///< all but its date
  std::optional<sasl::Login> login;  ///< whose message it is, under smtp::Role::submission
  std::string id;                    ///< ours, for log, trace and reply
  std::string message_id_domain;
  smtp::MailParameters parameters;
  std::optional<mailauth::SpfQuery> examined;  ///< who claims to send; nothing: nobody is examined
  std::vector<std::string> recipients;         ///< as text
  bool asks_at_border = false;                 ///< whether mail is exchanged with those behind the message
};

/// One message on its way in, for vaults and for other servers: scanned as it comes, kept in a spool, and after the dot
/// judged, given its trace fields and put into all vaults and the queue, or nowhere.
class PodLetter final : public smtp::Letter {
public:
  PodLetter(const PostOffice::Ports& ports, const PostOffice::Settings& settings, Envelope envelope);

  boost::asio::awaitable<Status> write(std::string_view octets) override;
  boost::asio::awaitable<Result<std::string>> accept() override;
  std::string explanation() const override { return explanation_; }

private:
  bool fits_in_memory(std::size_t more) const;
  Status still_allowed() const;
  boost::asio::awaitable<Status> examine();
  boost::asio::awaitable<mailauth::Findings> find_out();
  Status ask_at_border(const mailauth::Findings* findings);
  Introduction introduce(const mailauth::Findings& findings) const;
  boost::asio::awaitable<void> meet(const mailauth::Findings& findings);
  boost::asio::awaitable<Listing> ask_lists() const;
  Status refuse_by_judgement();
  void remember_whom_it_is_to() const;
  boost::asio::awaitable<Status> hear_signed_files();
  Result<std::vector<MemberId>> take_signed_files();
  std::optional<Chancery::Correspondent> correspondent() const;
  bool goes_nowhere() const;
  bool keep_here();
  void be_cautious(const std::string& from);
  Result<FinalCopies> finish_header();
  struct Taken {
    std::vector<store::Arrival>
        arrivals;  ///< in the order of the local destinations, then of those onward, then the report
    std::optional<queue::EntryId> entry;  ///< for the remote ones
  };
  Result<Taken> deliver();
  /// Who gets a copy, and from whom.
  struct Readers {
    const std::vector<Destination>& local;
    const std::string& reverse_path;
  };
  Status prepare(store::Delivery& delivery, FinalCopies& copies, const Readers& readers);
  Status prepare_report(store::Delivery& delivery, const FinalCopies& copies);
  queue::Entry entry_for(const std::vector<Destinations::Remote>& recipients) const;
  Status prepare_onward(store::Delivery& delivery);
  void enqueue_onward();
  void take_out_onward();
  std::size_t announce_onward(std::vector<store::Arrival>& arrivals, std::size_t next);
  queue::EntryId enqueue(const FinalCopies& copies);
  void take_out(const queue::EntryId& entry);
  void announce(Taken taken);
  std::string report(const Taken& taken) const;

  PostOffice::Ports ports_;
  const PostOffice::Settings& settings_;
  Envelope envelope_;
  crypto::Spool spool_;
  message::Scanner scanner_;
  base::Time arrived_{};
  std::optional<mailauth::Examination> examination_;
  std::string examined_;  ///< the fields that say what was found
  Judgement judgement_;   ///< of what was examined
  std::optional<Introduction> introduction_;
  std::string explanation_;
  std::string target_mailbox_;
  std::set<MemberId> cautious_;  ///< whose copies go to Junk, by their own wish
  std::string caution_field_;
  message::HeaderEdit edit_;  ///< of every copy; made at the dot
  struct GoingOn {
    const Onward* onward;  ///< of the destinations
    FinalCopies copies;
    std::optional<queue::EntryId> entry;  ///< for the remote ones, once it is queued
  };
  std::vector<GoingOn> going_on_;
  bool eight_bit_ = false;
  message::Structure structure_;  ///< of what may bring signed files, once it has come
  bool author_shown_ = false;     ///< the domain in From vouches for it
};

}  // namespace mailpod::delivery
