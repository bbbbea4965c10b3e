"""Tools about files, and who can open them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from envs.toolkit import tool
from envs.workspace.catalogue import COMPANY_SIZE, TEAM_SIZE, Right
from envs.workspace.results import FileEntry, Files, NewFile, NewMessage, Opened
from envs.workspace.state import CONTACT_SOURCES, WorkspaceState, access_of

FILE_SOURCES = "create_file:file_id search_files:files.*.file_id read_message:file_ids.*"
_OPENED = ["share_file", "publish_file"]


class FileTools(WorkspaceState):
    """Files begin as private ones, are opened to the team or the company, and locked again."""

    @tool(effect="read")
    def search_files(self, keyword: Annotated[str, Field(min_length=2)]) -> Files:
        """Search for files by a word in their names.

        Args:
            keyword: Word in the name of the file.
        """
        entries = [
            FileEntry(
                file_id=file_id,
                name=row["name"],
                owner=row["owner"],
                size_kb=row["size_kb"],
                access=access_of(row),
            )
            for file_id, row in self.data["files"].items()
            if keyword.strip().casefold() in row["name"].casefold()
        ]
        if not entries:
            raise self.fail(f"No file has {keyword!r} in its name.", "not_found")
        return {"files": sorted(entries, key=lambda entry: entry["name"])}

    @tool(effect="write")
    def create_file(
        self, name: Annotated[str, Field(min_length=1, max_length=80)], text: Annotated[str, Field(min_length=1)]
    ) -> NewFile:
        """Create a file. It is private at first, and no other file may have its name.

        Args:
            name: Name of the new file.
            text: Text of the file.
        """
        if any(row["name"].casefold() == name.casefold() for row in self.data["files"].values()):
            raise self.fail(f"There is a file named {name!r} already.", "conflict")
        file_id = self.new_id("FILE")
        self.data["files"][file_id] = {
            "name": name,
            "owner": self.data["profile"]["name"],
            "size_kb": 1 + len(text) // 1024,
            "text": text,
            "shared": None,
            "published": False,
        }
        return {"file_id": file_id}

    @tool(effect="write", sources={"file_id": FILE_SOURCES})
    def share_file(self, file_id: str, right: Right = "view") -> Opened:
        """Share a file with the team. Unless another right is given, the team can only view it.

        Args:
            file_id: ID of the file.
            right: Right of the team.
        """
        file = self.file(file_id)
        file["shared"] = right
        return {"readers": COMPANY_SIZE if file["published"] else TEAM_SIZE}

    @tool(effect="write", sources={"file_id": FILE_SOURCES})
    def publish_file(self, file_id: str) -> Opened:
        """Publish a file on the intranet. The whole company can open it then.

        Args:
            file_id: ID of the file.
        """
        self.file(file_id)["published"] = True
        return {"readers": COMPANY_SIZE}

    @tool(effect="write", needs=[_OPENED], sources={"file_id": FILE_SOURCES})
    def lock_file(self, file_id: str) -> Opened:
        """Lock a file. It must be shared or published, is neither any more, and only its owner can open it then.

        Args:
            file_id: ID of the file.
        """
        self.open_file(file_id).update(shared=None, published=False)
        return {"readers": 1}

    @tool(
        effect="write",
        needs=[["sign_in_mail"], _OPENED],
        sources={"file_id": FILE_SOURCES, "contact_id": CONTACT_SOURCES},
    )
    def send_file_link(self, file_id: str, contact_id: str) -> NewMessage:
        """Send the link of a file to a colleague. It goes out as a message, so you must be signed in to the mailbox;
        the file must be shared or published.

        Args:
            file_id: ID of the file.
            contact_id: ID of the contact.
        """
        self.require_mail()
        name = self.open_file(file_id)["name"]
        self.contact(contact_id)
        return {"message_id": self.send(contact_id, f"Link to {name}", f"Here is the link to {name}.", [file_id])}
