#include <mailpod/store/examination.hpp>

namespace mailpod::store {

FaultWords words_for(Fault::Kind kind) {
  using Kind = Fault::Kind;
  switch (kind) {
    case Kind::folder_incomplete:
      return {"folder_incomplete", "a directory of the member's folder is missing", "mail cannot be stored",
              "restore the pod's folder from a backup"};
    case Kind::card_missing:
      return {"card_missing", "the card is missing", "no mail is lost; mail for the member is put off by its senders",
              "mend it with the member's secret: `mailpod vault repair`"};
    case Kind::card_damaged:
      return {"card_damaged", "the card is damaged", "no mail is lost; mail for the member is put off by its senders",
              "mend it with the member's secret: `mailpod vault repair`"};
    case Kind::slot_damaged:
      return {
          "slot_damaged", "a key slot is damaged", "the secret that belongs to it opens nothing any more",
          "the member makes another with one of their other secrets: `mailpod app-password add`; without any, restore "
          "the file from a backup"};
    case Kind::foreign_file:
      return {"foreign_file", "this is no file of Mailpod's", "nothing is lost; it is never shown",
              "find out who put it there; `mailpod vault repair` puts it aside"};
    case Kind::unfinished_file:
      return {"unfinished_file", "a message was being stored when its process ended",
              "nothing that was acknowledged is lost",
              "nothing: it goes when the member's mail is opened next, or at the "
              "next start of the daemon"};
    case Kind::not_a_sealed_file:
      return {"not_a_sealed_file", "this sealed file is broken", "the message in it can be read in part or not at all",
              "restore the file from a backup, under its name; look at the disk's health"};
    case Kind::journal_missing:
      return {"journal_missing", "the journal is missing", "mailboxes and flags, and the keys of merged messages",
              "restore the member's folder from a backup; do not let anybody log in before"};
    case Kind::segment_unreadable:
      return {"segment_unreadable", "a segment of the journal is broken", "what stood in the broken part",
              "`mailpod vault verify --unlock` says which messages that costs; look at the disk's health"};
    case Kind::quarantined:
      return {"quarantined", "a file was put aside that nobody vouches for", "nothing is lost; it is never shown",
              "find out where it came from; `mailpod vault repair --empty-quarantine` deletes it"};
    case Kind::journal_damaged:
      return {"journal_damaged", "records of the journal do not open", "the changes that stood in them",
              "`mailpod vault repair` writes the journal anew without the hole; look at the disk's health"};
    case Kind::record_unreadable:
      return {"record_unreadable", "the record of this message is damaged", "the message cannot be read",
              "restore the pod from a backup, or let it go: `mailpod vault repair --drop-lost`"};
    case Kind::file_missing:
      return {"file_missing", "the file of this message is missing", "the message",
              "restore the file from a backup, under its name, or let it go: `mailpod vault repair --drop-lost`"};
    case Kind::file_damaged:
      return {"file_damaged", "the file of this message is not what was written", "the message, in part or as a whole",
              "restore the file from a backup, under its name, or let it go: `mailpod vault repair --drop-lost`"};
    case Kind::file_of_another_key:
      return {"file_of_another_key", "the file of this message is sealed under another key than the journal says",
              "the message can be read by one of the two at most",
              "restore the file from a backup, or let it go: `mailpod vault repair --drop-lost`"};
    case Kind::file_without_record:
      return {"file_without_record", "a sealed file that the journal does not know", "the message in it is not listed",
              "`mailpod vault repair` lists it again if the pod vouches for it"};
    case Kind::card_disagrees:
      return {"card_disagrees", "the card says something else than the journal",
              "nothing; mail is sealed to an older key, or to another archive recipient, than the member chose",
              "mend it with the member's secret: `mailpod vault repair`"};
  }
  return {"unknown", "something is wrong", "not known", "look at the log"};
}

}  // namespace mailpod::store
