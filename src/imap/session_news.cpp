#include <algorithm>
#include <utility>

#include "new_messages.hpp"
#include "session.hpp"

// What a session tells its client of what others did, and what it did itself.
namespace mailpod::imap {

void Session::look() {
  if (!selected_) return;
  auto newest = vault().state()->find(selected_->id);
  if (!newest) {
    // Deleted by another session: to this one, all its messages went. RFC 2180 §3.3.
    const auto& last = selected_->view.mailbox();
    auto emptied = std::make_shared<store::MailboxState>();
    emptied->id = last.id;
    emptied->name = last.name;
    emptied->uid_validity = last.uid_validity;
    emptied->uid_next = last.uid_next;
    emptied->keywords = last.keywords;
    emptied->highest_mod_seq = last.highest_mod_seq;
    emptied->expunged_mod_seq = last.highest_mod_seq;
    newest = std::move(emptied);
  }
  selected_->view.advance(std::move(newest));
  selected_->view.announce_keywords(out_.text());
}

awaitable<void> Session::announce_selected(const Telling& telling) {
  if (!selected_) co_return;
  look();
  const bool held_back = selected_->view.holds_expunges_back();
  co_await selected_->searches.before_news(*this, selected_->view);
  bool more = true;
  while (more) {
    more = selected_->view.announce(out_.text(), telling, settings().output);
    co_await out_.flush_if_large();
  }
  co_await selected_->searches.after_news(*this, selected_->view);
  selected_->expunges_told |= held_back && !selected_->view.holds_expunges_back();
}

awaitable<void> Session::announce(Expunges expunges, Shown shown) {
  // Whoever gave NOTIFY has said what of them it wants to be told.
  if (dialect_.enabled.metadata && !watched_) annotation_watch_.announce(out_.text(), vault().state(), dialect_);
  if (!watched_) {
    const Telling all{expunges, shown, dialect_.enabled};
    co_await announce_selected(all);
    co_return;
  }
  const auto* group = watched_->of_selected();
  const auto events = group == nullptr ? 0U : group->events;
  Telling wanted{expunges, Shown::uid_and_flags, dialect_.enabled};
  if ((events & message_expunge) == 0) wanted.expunges = Expunges::held_back;
  wanted.news =
      ((events & message_new) != 0 ? Telling::arrivals : 0U) | ((events & flag_change) != 0 ? Telling::changes : 0U);
  const auto before = selected_ ? selected_->view.told_below() : store::Uid{};
  co_await announce_selected(wanted);
  if (selected_ && selected_->view.told_below() != before) {
    const auto from = std::max(before, selected_->shown_below);
    auto numbers = selected_->view.numbers_of({{from.value, 0xffff'ffff}});
    co_await show_new_messages(*this, group->items, std::move(numbers));
  }
  const bool all_told = watched_->tell(out_.text(), vault().state(), selected_id(), dialect_);
  if (!all_told) {
    out_.line("* OK [NOTIFICATIONOVERFLOW] Too much changed at once; nothing more is told");
    watched_ = std::make_unique<Notifications>(std::vector<EventGroup>(), vault().state());
  }
  co_await out_.flush_if_large();
}

/// Between commands. RFC 5465 §3.1.
awaitable<void> Session::tell_unasked() {
  const auto* group = watched_->of_selected();
  const bool delayed = group != nullptr && group->of == EventGroup::Of::selected_delayed;
  co_await announce(delayed ? Expunges::held_back : Expunges::announced, Shown::uid_and_flags);
  co_await out_.flush();
}

void Session::pass_over(const Notifications::Vault& before, const Notifications::Vault& after) {
  if (!before || !after) return;
  if (watched_) watched_->pass_over(before, after);
  if (!selected_ || (!watched_ && selected_->searches.is_empty())) return;
  const auto was = before->find(selected_->id);
  const auto is = after->find(selected_->id);
  // What the client put into the selected mailbox itself need not be shown, unless others did so before.
  auto& shown_below = selected_->shown_below;
  if (was && is && was->uid_next <= std::max(shown_below, selected_->view.told_below())) shown_below = is->uid_next;
}

}  // namespace mailpod::imap
