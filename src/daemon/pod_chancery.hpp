#pragma once

#include <mailpod/admin/desk.hpp>
#include <mailpod/delivery/chancery.hpp>
#include <mailpod/delivery/governance_answer.hpp>
#include <mailpod/delivery/post_office.hpp>
#include <mailpod/guard/doorkeeper.hpp>
#include <mailpod/store/vaults.hpp>

namespace mailpod::daemon {

/// Takes signed files that come by mail to the desk, by the operation that `mailpod act submit` asks for.
class PodChancery final : public delivery::Chancery {
public:
  /// Borrowed. The desk may be made later, but before the first message.
  struct Ports {
    admin::Desk& desk;
    const guard::Doorkeeper& doorkeeper;
    const members::Household& house;
    store::Vaults& vaults;
    const delivery::Outbox* outbox;  ///< nullptr: nobody elsewhere is answered
  };
  explicit PodChancery(const Ports& ports);

  bool admits(std::string_view client, const std::optional<MemberId>& member) override;
  void take(const delivery::SignedMail& mail, const std::optional<Correspondent>& from) override;

private:
  delivery::HeardFile hear(const governance::SignedFile& file, const std::vector<std::string>& texts);
  void answer(const std::vector<delivery::HeardFile>& heard, const Correspondent& to);
  void answer_elsewhere(const delivery::MemberNotice& answer, const std::string& address);

  Ports ports_;
  guard::Buckets buckets_;
};

}  // namespace mailpod::daemon
