#include "quota_notice.hpp"

#include <fmt/format.h>

#include "pod_mail.hpp"

namespace mailpod::delivery {
namespace {

constexpr std::string_view filling = R"(Your mailbox {0} has reached {1} % of what it may hold.

    {2}

When it is full, you can no longer copy or upload anything into it, and after
a while mail for you will be turned away. Delete what you do not need, and
empty the trash: what lies there counts too.
)";

constexpr std::string_view full = R"(Your mailbox {0} is full.

    {2}

You can no longer copy or upload anything into it. Mail for you is still taken
for {3}, up to {4} % beyond. After that senders are
told to try again later, and in the end that your mailbox is full.

Delete what you do not need, and empty the trash: what lies there counts too.
Mail that senders try again arrives as soon as there is room.
)";

std::string mib(std::uint64_t octets) {
  return fmt::format("{:.1f} MiB", static_cast<double>(octets) / (1024.0 * 1024.0));
}

std::string holds(const QuotaNotice& notice) {
  std::string text = fmt::format("{} of {}", mib(notice.usage.octets), mib(notice.quota.octets));
  const auto messages = notice.usage.messages;
  if (notice.quota.messages == 0) return text + fmt::format(", in {} message{}", messages, messages == 1 ? "" : "s");
  return text + fmt::format(", {} of {} messages", notice.usage.messages, notice.quota.messages);
}

std::string days(std::chrono::seconds duration) {
  const auto days = std::chrono::floor<std::chrono::days>(duration).count();
  if (days > 0) return days == 1 ? "a day" : fmt::format("{} days", days);
  return fmt::format("{} minutes", std::chrono::floor<std::chrono::minutes>(duration).count());
}

}  // namespace

std::string write_quota_notice(const QuotaNotice& notice, base::Entropy& entropy) {
  const bool is_full = notice.percent >= 100;
  const std::string subject =
      is_full ? "Your mailbox is full" : fmt::format("Your mailbox is {} % full", notice.percent);
  const std::string text = fmt::format(fmt::runtime(is_full ? full : filling), notice.member, notice.percent,
                                       holds(notice), days(notice.grace), notice.grace_percent);
  return write_pod_mail({notice.domain, notice.member, subject, notice.time, text}, entropy);
}

}  // namespace mailpod::delivery
