"""Tools about the mailbox. Signing in sets a state that the others check."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from envs.toolkit import tool
from envs.workspace.catalogue import Folder
from envs.workspace.results import MessageEntry, Messages, MessageText, NewMessage, SignedIn, SignedOut
from envs.workspace.state import CONTACT_SOURCES, WorkspaceState

_SIGNED_IN = [["sign_in_mail"]]
_MESSAGE_SOURCES = "list_messages:messages.*.message_id send_message:message_id send_file_link:message_id"


class MailTools(WorkspaceState):
    """Messages from and to colleagues."""

    @tool(effect="write")
    def sign_in_mail(self, user_name: str, password: str) -> SignedIn:
        """Sign in to the mailbox.

        Args:
            user_name: User name of the account.
            password: Password of the mailbox.
        """
        self.check_account(user_name, password, "password")
        self.data["mail_signed_in"] = True
        waiting = [row for row in self.data["messages"].values() if row["folder"] == "inbox"]
        return {"mailbox": self.data["profile"]["email"], "waiting": len(waiting)}

    @tool(effect="write", needs=_SIGNED_IN)
    def sign_out_mail(self) -> SignedOut:
        """Sign out of the mailbox."""
        self.require_mail()
        self.data["mail_signed_in"] = False
        return {"signed_out": True}

    @tool(effect="read", needs=_SIGNED_IN)
    def list_messages(self, folder: Folder = "inbox") -> Messages:
        """List the messages in the mailbox. You must be signed in to it.

        Args:
            folder: Folder of the mailbox.
        """
        self.require_mail()
        entries = [
            MessageEntry(
                message_id=message_id,
                correspondent=self.contact(row["contact_id"])["name"],
                subject_line=row["subject"],
                sent_on=row["sent_on"],
            )
            for message_id, row in self.data["messages"].items()
            if row["folder"] == folder
        ]
        return {"messages": sorted(entries, key=lambda entry: (entry["sent_on"], entry["message_id"]))}

    @tool(effect="read", needs=_SIGNED_IN, sources={"message_id": _MESSAGE_SOURCES})
    def read_message(self, message_id: str) -> MessageText:
        """Read a message. You must be signed in to the mailbox.

        Args:
            message_id: ID of the message.
        """
        self.require_mail()
        row = self.message(message_id)
        return {
            "correspondent": self.contact(row["contact_id"])["name"],
            "subject_line": row["subject"],
            "text": row["text"],
            "file_ids": list(row["file_ids"]),
        }

    @tool(effect="write", needs=_SIGNED_IN, sources={"contact_id": CONTACT_SOURCES})
    def send_message(
        self,
        contact_id: str,
        subject: Annotated[str, Field(min_length=1, max_length=120)],
        text: Annotated[str, Field(min_length=1)],
    ) -> NewMessage:
        """Send a message to a colleague. You must be signed in to the mailbox.

        Args:
            contact_id: ID of the contact.
            subject: Subject of the message.
            text: Text of the message.
        """
        self.require_mail()
        self.contact(contact_id)
        return {"message_id": self.send(contact_id, subject, text, [])}
