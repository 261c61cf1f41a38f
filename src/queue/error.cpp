#include <mailpod/queue/error.hpp>

namespace mailpod::queue {

namespace {

class Category final : public boost::system::error_category {
public:
  const char* name() const noexcept override { return "queue"; }
  std::string message(int value) const override {
    switch (static_cast<Errc>(value)) {
      case Errc::no_such_entry:
        return "there is no such entry in the queue";
      case Errc::damaged:
        return "the queue's file is not what was written, or another server key wrote it";
      case Errc::unknown_version:
        return "the queue's file was written by a later version of Mailpod";
      case Errc::not_suppressed:
        return "this is not suppressed";
      case Errc::too_many_suppressed:
        return "so many addresses and domains are suppressed that there is no room for more";
      case Errc::policy_untrusted:
        return "the policy's server has not shown a certificate for its name";
      case Errc::policy_refused:
        return "the policy's server has answered with something else";
    }
    return "unknown error of the queue";
  }
};

}  // namespace

const boost::system::error_category& queue_category() {
  static const Category category;
  return category;
}

}  // namespace mailpod::queue
